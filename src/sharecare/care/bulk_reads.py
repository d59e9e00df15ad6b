"""A staff member who looks at very many people's records: the area's other staff are told, once a day."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import InsurerRole, Person, RecordAccess
from sharecare.accounts.queries import names_of, staff_ids_of
from sharecare.areas.models import Area
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all

# Two whole pages of the members' list: a busy day at the counter needs some dozens, copying the list needs them all.
MOST_PEOPLE = 100
WITHIN = timedelta(days=1)

log = logging.getLogger(__name__)


async def bulk_readers(session: AsyncSession, *, now: datetime) -> Sequence[tuple[int, int]]:
    """Return area and staff member where more people's records were looked at than is usual, and nobody was told."""
    read = (
        select_columns(col(Area.id), col(Person.id))
        .join(Fact, col(Fact.area_id) == col(Area.id))
        .join(Person, col(Person.id) == col(Fact.actor_id))
        .where(col(Fact.kind) == FactKind.PERSONAL_RECORD_READ, col(Fact.at) > now - WITHIN)
        .where(col(Person.id).not_in(select(InsurerRole.person_id)))  # whose claims are many, and no list of members
        .group_by(col(Area.id), col(Person.id))
        .having(func.sum(col(Fact.data)["records"].as_integer()) > MOST_PEOPLE)
    )
    rows = (await (await session.connection()).execute(read)).all()
    return [(area_id, reader_id) for area_id, reader_id in rows if await _people(session, area_id, reader_id, now)]


async def tell_of_bulk_reads(session: AsyncSession, *, area_id: int, reader_id: int, now: datetime) -> None:
    """Tell the area's other staff, unless another process was faster; where there is none, the operator by the log."""
    await session.exec(select(Person.id).where(Person.id == reader_id).with_for_update(key_share=True))
    people = await _people(session, area_id, reader_id, now)
    if not people:
        return
    record(
        session,
        kind=FactKind.RECORDS_READ_IN_BULK,
        at=now,
        area_id=area_id,
        person_id=reader_id,
        data={"people": people},
    )
    others = set(await staff_ids_of(session, area_id)) - {reader_id}
    if not others:
        log.warning("person %s looked at %s people's records within a day: no other staff to tell", reader_id, people)
    facts = {"name": (await names_of(session, [reader_id]))[reader_id], "people": people}
    await tell_all(session, to=dict.fromkeys(sorted(others), facts), kind=MessageKind.RECORDS_READ_IN_BULK, now=now)


async def _people(session: AsyncSession, area_id: int, reader_id: int, now: datetime) -> int:
    """Return how many people's records were looked at; 0 where that is usual, or was told within the day."""
    told = select(Fact.id).where(
        Fact.person_id == reader_id,
        Fact.kind == FactKind.RECORDS_READ_IN_BULK,
        col(Fact.at) > now - WITHIN,
        Fact.area_id == area_id,
    )
    if (await session.exec(told.limit(1))).first() is not None:
        return 0
    looked_at = select(func.count(col(RecordAccess.person_id).distinct())).where(
        RecordAccess.reader_id == reader_id, col(RecordAccess.at) > now - WITHIN
    )
    people = (await session.exec(looked_at)).one()
    return people if people > MOST_PEOPLE else 0

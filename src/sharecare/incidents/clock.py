"""What time does to serious accidents: the staff are reminded before a report is due, and alarmed once it is overdue.

Each verb looks again whether its step is still to be taken, so several workers may try the same one.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import staff_ids_of
from sharecare.care.models import Booking
from sharecare.incidents.marks import message_facts
from sharecare.incidents.models import Incident, ReportMark
from sharecare.incidents.rules import REPORT_OF, Step
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all

Key = tuple[int, str]


async def reports_near(session: AsyncSession, *, now: datetime) -> Sequence[Key]:
    """Return the marks that come near and whose staff were not reminded yet."""
    return await _keys(session, *_near(now))


async def reports_overdue(session: AsyncSession, *, now: datetime) -> Sequence[Key]:
    """Return the marks that have passed and whose staff were not alarmed yet."""
    return await _keys(session, *_overdue(now))


async def remind_of_report(session: AsyncSession, *, mark: Key, now: datetime) -> None:
    """Remind the staff of a report that comes due, if they still need it."""
    if await _claim(session, mark, *_near(now), warned_at=now):
        await _tell(session, mark, MessageKind.REPORT_NEAR, now=now)


async def alarm_of_report(session: AsyncSession, *, mark: Key, now: datetime) -> None:
    """Alarm the staff about a report that is overdue, if it still is."""
    if await _claim(session, mark, *_overdue(now), overdue_told_at=now):
        await _tell(session, mark, MessageKind.REPORT_OVERDUE, now=now)


def _near(now: datetime) -> tuple[ColumnElement[bool], ...]:
    soon = (col(ReportMark.near_at) <= now) & (col(ReportMark.due_at) > now)
    return col(ReportMark.met_at).is_(None), soon, col(ReportMark.warned_at).is_(None)


def _overdue(now: datetime) -> tuple[ColumnElement[bool], ...]:
    passed = col(ReportMark.due_at) <= now
    return col(ReportMark.met_at).is_(None), passed, col(ReportMark.overdue_told_at).is_(None)


async def _keys(session: AsyncSession, *which: ColumnElement[bool]) -> Sequence[Key]:
    marks = select(ReportMark.incident_id, ReportMark.step).where(*which)
    return (await session.exec(marks.order_by(col(ReportMark.due_at), col(ReportMark.incident_id)))).all()


async def _claim(session: AsyncSession, mark: Key, *due: ColumnElement[bool], **marks: datetime) -> bool:
    one = (col(ReportMark.incident_id) == mark[0]) & (col(ReportMark.step) == mark[1])
    return (await session.exec(update(ReportMark).where(one, *due).values(**marks))).rowcount == 1


async def _tell(session: AsyncSession, mark: Key, kind: MessageKind, *, now: datetime) -> None:
    found = (
        select(Incident, Booking, ReportMark.due_at)
        .join(Booking, col(Booking.id) == col(Incident.booking_id))
        .join(ReportMark, col(ReportMark.incident_id) == col(Incident.id))
        .where(Incident.id == mark[0], ReportMark.step == mark[1])
    )
    incident, booking, due_at = (await session.exec(found)).one()
    report = REPORT_OF[Step(mark[1])].value
    facts = message_facts(incident, booking) | {"due_at": due_at.isoformat(), "report": report}
    await tell_all(session, to=dict.fromkeys(await staff_ids_of(session, incident.area_id), facts), kind=kind, now=now)

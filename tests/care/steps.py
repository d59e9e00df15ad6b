"""The steps of a support, each in a transaction of its own, and what they left behind."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.afterwards import close_never_started, record_care
from sharecare.care.bookings import cancel_booking
from sharecare.care.care_day import finish_care, start_care
from sharecare.care.changes import agree_change, propose_change
from sharecare.care.contacts import set_contacts
from sharecare.care.day_models import PreMeeting
from sharecare.care.day_schemas import ConditionDraft, EmergencyContacts, PreMeetingDraft
from sharecare.care.models import Ask, Booking, BookingChange, BookingChild, CareRequest, Offer
from sharecare.care.offers import accept_offer, decline_ask, make_offer
from sharecare.care.pre_meeting import agree_to_sheet, current_version, is_ready, sheet_of, write_sheet
from sharecare.care.requests import open_request
from sharecare.care.rules import CareEnd, handover_pin
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import make_policy
from sharecare.journal.models import Fact
from sharecare.messages.models import Message
from sharecare.models import metadata
from world import KEY, NOW, TERMS, Family, World, signed_in

EXAMPLE_CONTACTS = {
    "contacts": [
        {"name": "鈴木 和子", "relation": "祖母", "phone": "048-123-4567"},
        {"name": "鈴木 一郎", "relation": "叔父", "phone": "090-1234-5678"},
    ]
}
EXAMPLE_SHEET = {
    "refuge": "美園小学校 校庭",
    "doctor": "みその小児科 048-000-0000",
    "hand_over": [{"name": "Alice", "relation": "母"}],
    "rides": ["foot", "bicycle"],
}
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


async def cover_several_families(world: World) -> None:
    """Let the area's policy cover several families at one time."""
    await insure_anew(world, several_families=True)


async def insure_anew(world: World, *, number: str = "SK-2", **terms: object) -> None:
    """Give the area another policy in place of its first, with other terms."""
    draft = PolicyDraft(
        insurer="さくら損害保険",
        number=number,
        valid_from=NOW - 24 * HOUR,
        valid_until=NOW + 300 * 24 * HOUR,
        liability_yen=50_000_000,
        property_yen=50_000_000,
        terms=TERMS.model_copy(update=terms),
    )
    area_id = world.area_id
    await world.do(lambda s: make_policy(s, by_person_id=None, area_id=area_id, draft=draft, now=NOW))


async def ask(world: World, family: Family, **changes: object) -> CareRequest:
    """Open a request."""
    need = family.need(**changes)
    return await world.do(lambda s: open_request(s, world.index, by=family.actor, need=need, now=world.now))


async def offer(world: World, helper: Actor, request: CareRequest) -> Offer:
    """Offer to take a request."""
    return await world.do(lambda s: make_offer(s, by=helper, request_id=request.id, note="", now=world.now))


async def accept(world: World, family: Family, offered: Offer) -> Booking:
    """Choose an offer."""
    return await world.do(lambda s: accept_offer(s, by=family.actor, offer_id=offered.id, now=world.now))


async def book(world: World, family: Family, helper: Actor, **changes: object) -> Booking:
    """Go from the request to the booking."""
    request = await ask(world, family, **changes)
    return await accept(world, family, await offer(world, helper, request))


def pin_of(booking: Booking, end: CareEnd) -> str:
    """Return the digits on the parent's screen."""
    return handover_pin(KEY, booking.id, end, booking.supporter_id)


async def parent_of(world: World, booking: Booking) -> Actor:
    """Sign the requester of a booking in."""
    return await world.do(lambda s: signed_in(s, booking.requester_id, now=world.now))


async def give_contacts(world: World, by: Actor) -> None:
    """Put down two emergency contacts."""
    draft = EmergencyContacts.model_validate(EXAMPLE_CONTACTS)
    await world.do(lambda s: set_contacts(s, by=by, contacts=draft.contacts, now=world.now))


async def write(world: World, by: Actor, booking: Booking, **changes: object) -> PreMeeting:
    """Write the pre-meeting sheet of a booking's pair, for its children and every ride that is covered."""
    draft = PreMeetingDraft.model_validate({**EXAMPLE_SHEET, "children": await children_of(world, booking), **changes})
    return await world.do(lambda s: write_sheet(s, by=by, booking_id=booking.id, draft=draft, now=world.now))


async def agree_on_sheet(world: World, by: Actor, booking: Booking) -> None:
    """Agree to the sheet as it is."""

    async def work(session: AsyncSession) -> None:
        sheet = await sheet_of(session, booking)
        assert sheet is not None
        version = await current_version(session, sheet)
        await agree_to_sheet(session, by=by, booking_id=booking.id, version=version, now=world.now)

    await world.do(work)


async def get_ready(world: World, helper: Actor, booking: Booking) -> None:
    """Hold the pre-meeting, if the pair has not."""
    async with world.database.read() as session:
        if await is_ready(session, booking):
            return
    parent = await parent_of(world, booking)
    await give_contacts(world, parent)
    await write(world, parent, booking)
    await agree_on_sheet(world, helper, booking)


async def children_of(world: World, booking: Booking) -> list[int]:
    """Return the children of a booking."""
    async with world.database.read() as session:
        found = select(BookingChild.child_id).where(BookingChild.booking_id == booking.id)
        return sorted(await session.exec(found))


async def well(world: World, booking: Booking, *, temperature_c: float = 36.6) -> list[ConditionDraft]:
    """Find every child well."""
    return [ConditionDraft(child_id=one, temperature_c=temperature_c) for one in await children_of(world, booking)]


async def start(
    world: World, helper: Actor, booking: Booking, *, pin: str | None = None, digits: bool = True
) -> Booking:
    """Take over the child, after the pre-meeting and well; by the right digits unless others or none are given."""
    shown = (pin_of(booking, CareEnd.START) if pin is None else pin) if digits else None
    await get_ready(world, helper, booking)
    checks = await well(world, booking)
    return await world.do(
        lambda s: start_care(s, by=helper, booking_id=booking.id, pin=shown, checks=checks, key=KEY, now=world.now)
    )


async def begin(world: World, family: Family, helper: Actor, **changes: object) -> Booking:
    """Book, and take over the child when the time comes."""
    booking = await book(world, family, helper, **changes)
    world.now = booking.start_at
    return await start(world, helper, booking)


async def finish(world: World, helper: Actor, booking: Booking) -> Booking:
    """Give the child back by the right digits."""
    shown = pin_of(booking, CareEnd.FINISH)
    return await world.do(lambda s: finish_care(s, by=helper, booking_id=booking.id, pin=shown, key=KEY, now=world.now))


async def record_afterwards(
    world: World, booking: Booking, ended_at: datetime, *, started_at: datetime | None = None
) -> Booking:
    """Put a care down as staff; from its agreed start on, unless told otherwise."""
    started_at = started_at or booking.start_at
    return await world.do(
        lambda s: record_care(
            s,
            by=world.staff,
            booking_id=booking.id,
            started_at=started_at,
            ended_at=ended_at,
            reason="電波なし",
            now=world.now,
        )
    )


async def close_unstarted(world: World, booking_id: int) -> Booking:
    """Close a booking that never took place, as staff."""
    return await world.do(
        lambda s: close_never_started(s, by=world.staff, booking_id=booking_id, reason="双方に確認", now=world.now)
    )


async def cancel(world: World, by: Actor, booking: Booking) -> Booking:
    """Cancel, or say that one can't come."""
    return await world.do(
        lambda s: cancel_booking(s, world.index, by=by, booking_id=booking.id, reason="熱", now=world.now)
    )


async def propose(world: World, by: Actor, booking: Booking, new_end_at: datetime) -> BookingChange:
    """Propose another end."""
    return await world.do(
        lambda s: propose_change(s, by=by, booking_id=booking.id, new_end_at=new_end_at, now=world.now)
    )


async def agree(world: World, by: Actor, change: BookingChange) -> Booking:
    """Agree to a proposed end."""
    return await world.do(lambda s: agree_change(s, by=by, change_id=change.id, now=world.now))


async def row(world: World, table: type[Any], row_id: int | tuple[int | str, ...]) -> Any:  # noqa: ANN401  -- any table
    """Return one row as it stands."""
    async with world.database.read() as session:
        return await session.get(table, row_id)


async def asks_of(world: World, request: CareRequest) -> list[tuple[int, str, bool]]:
    """Return who was asked: person, state, delivered."""
    async with world.database.read() as session:
        asks = await session.exec(select(Ask).where(Ask.request_id == request.id).order_by(col(Ask.id)))
        return [(one.supporter_id, one.state, one.delivered) for one in asks]


async def decline(world: World, helper: Actor, request: CareRequest) -> None:
    """Say "can't this time"."""
    async with world.database.read() as session:
        asked = select(Ask.id).where(Ask.request_id == request.id, Ask.supporter_id == helper.person_id)
        ask_id = (await session.exec(asked)).one()
    await world.do(lambda s: decline_ask(s, by=helper, ask_id=ask_id, now=world.now))


async def facts_after(world: World, fact_id: int) -> list[str]:
    """Return the kinds of the facts written after one."""
    async with world.database.read() as session:
        return list(await session.exec(select(Fact.kind).where(col(Fact.id) > fact_id).order_by(col(Fact.id))))


async def messages_after(world: World, message_id: int) -> Counter[tuple[int, str]]:
    """Return who was told what after one message."""
    async with world.database.read() as session:
        told = await session.exec(select(Message.person_id, Message.kind).where(col(Message.id) > message_id))
        return Counter(told.all())


async def last_ids(world: World) -> tuple[int, int]:
    """Return the ids of the last fact and the last message."""
    async with world.database.read() as session:
        fact = (await session.exec(select(func.max(Fact.id)))).one()
        message = (await session.exec(select(func.max(Message.id)))).one()
    return int(fact), int(message)


async def row_counts(world: World) -> dict[str, int]:
    """Return how many rows each table holds."""
    async with world.database.read() as session:
        connection = await session.connection()
        return {
            name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for name, table in metadata.tables.items()
        }


async def snapshot(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    async with world.database.read() as session:
        connection = await session.connection()
        return {
            name: sorted((tuple(row) for row in await connection.execute(table.select())), key=repr)
            for name, table in metadata.tables.items()
        }

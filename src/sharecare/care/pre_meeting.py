"""The pre-meeting sheet (事前打合せ票): the family writes it, the supporter agrees; no care starts without."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child
from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import CareKind, Means
from sharecare.areas.words import MEANS
from sharecare.canonical import content_hash
from sharecare.care.access import require_details
from sharecare.care.bookings import booking_by_id, record_booking, window_facts
from sharecare.care.contacts import contacts_of
from sharecare.care.day_models import PreMeeting
from sharecare.care.day_schemas import ChildOnSheet, PreMeetingDraft, PreMeetingView
from sharecare.care.models import Booking, BookingChild, CareRequest
from sharecare.care.people import own_children
from sharecare.care.rules import BookingState, NotNow
from sharecare.errors import Refusal
from sharecare.insurance.queries import policy_for
from sharecare.insurance.rules import Terms
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell

SHEET_AHEAD = timedelta(hours=24)
CONTENT = {"refuge", "doctor", "hand_over", "costs", "rides", "notes"}


class PreMeetingNeeded(Refusal):
    """The two have not agreed on a sheet that covers this care, or its content has changed since."""

    ja = "事前打合せ票に両方の同意がないため、開始できません。予約のページで内容を確かめ、同意してください。"
    en = "You have not both agreed to the pre-meeting sheet as it is now. Read it on the booking's page and agree."


class ContactsNeeded(Refusal):
    """Two emergency contacts must be on file before a first care."""

    ja = "先に緊急連絡先を2人分、登録してください。"
    en = "Please add your two emergency contacts first."


class RideNotCovered(Refusal):
    """The policy covers no such ride, so it can't be agreed on."""

    ja = "保険では、{ja}での送り迎えは補償されません。"
    en = "The insurance doesn't cover a ride {en}."


class SheetChanged(Refusal):
    """The sheet is not what was read."""

    ja = "事前打合せ票の内容が変わりました。もう一度読んでから同意してください。"
    en = "The sheet has changed. Please read it again before you agree."


async def write_sheet(
    session: AsyncSession, *, by: Actor, booking_id: int, draft: PreMeetingDraft, now: datetime
) -> PreMeeting:
    """Write or rewrite the sheet of a booking's pair; the supporter is told where the content changed.

    Raises:
        NotNow: the booking was cancelled.
        NotFound: a child is not the family's.
        ContactsNeeded: the family has not given two emergency contacts.
        RideNotCovered: a ride lies outside the policy's terms.

    """
    booking = await booking_by_id(session, booking_id)
    if booking.state == BookingState.CANCELLED:
        raise NotNow(state=booking.state)
    await own_children(session, by.household_id, draft.children)
    if not await contacts_of(session, booking.household_id):
        raise ContactsNeeded
    await _require_rides_covered(session, booking, draft.rides, now=now)
    sheet = await sheet_of(session, booking) or PreMeeting(
        household_id=booking.household_id,
        supporter_id=booking.supporter_id,
        refuge="",
        doctor="",
        written_by=by.person_id,
        written_at=now,
    )
    was_agreed = sheet.agreed_version == await current_version(session, sheet)
    sheet.sqlmodel_update(draft.model_dump(mode="json") | {"written_by": by.person_id, "written_at": now})
    session.add(sheet)
    record_booking(session, FactKind.PRE_MEETING_WRITTEN, booking, by=by.person_id, now=now)
    if sheet.agreed_version != await current_version(session, sheet):
        if was_agreed:
            await note_told(session, *_still_to_start(sheet), now=now)
        facts = window_facts(booking) | {"name": (await person_by_id(session, by.person_id)).name}
        kind = MessageKind.PRE_MEETING_WRITTEN
        await tell(session, person_id=booking.supporter_id, kind=kind, facts=facts, now=now)
    return sheet


async def agree_to_sheet(session: AsyncSession, *, by: Actor, booking_id: int, version: str, now: datetime) -> None:
    """Agree to a sheet as one has read it.

    Raises:
        NotFound: the booking's details are closed to this person.
        SheetChanged: there is no sheet, or it was rewritten, or a child's own notes were, since it was read.

    """
    booking = await booking_by_id(session, booking_id)
    require_details(booking, by, now)
    sheet = await sheet_of(session, booking, hold=True)
    if sheet is None or version != await current_version(session, sheet):
        raise SheetChanged
    if sheet.agreed_version == version:
        return
    sheet.agreed_version, sheet.agreed_at = version, now
    session.add(sheet)
    # Should it change once more, they are reminded once more.
    await session.exec(update(Booking).where(*_still_to_start(sheet)).values(sheet_told_at=None))
    record_booking(session, FactKind.PRE_MEETING_AGREED, booking, by=by.person_id, now=now)
    facts = window_facts(booking) | {"name": (await person_by_id(session, by.person_id)).name}
    kind = MessageKind.PRE_MEETING_AGREED
    await tell(session, person_id=booking.requester_id, kind=kind, facts=facts, now=now)


async def is_ready(session: AsyncSession, booking: Booking) -> bool:
    """Say whether both agreed to the sheet as it is, and it covers this care: its children and its ride."""
    return not await not_ready(session, col(Booking.id) == booking.id)


async def not_ready(session: AsyncSession, *which: ColumnElement[bool]) -> list[int]:
    """Return which bookings can't start for want of an agreed sheet that covers them; however many, in a few reads."""
    pair = (col(PreMeeting.household_id) == Booking.household_id, col(PreMeeting.supporter_id) == Booking.supporter_id)
    found = (
        select(Booking.id, Booking.area_id, CareRequest.means, PreMeeting)
        .join(CareRequest, col(CareRequest.id) == Booking.request_id)
        .outerjoin(PreMeeting, and_(*pair))
        .where(*which)
        .order_by(col(Booking.id))
    )
    rows = [
        row for row in await session.exec(found) if settings_of(await area_by_id(session, row[1])).pre_meeting_required
    ]
    if not any(sheet and sheet.agreed_version for *_, sheet in rows):
        return [booking_id for booking_id, *_ in rows]
    families = select(Booking.household_id).where(*which)
    known = select(Child).where(col(Child.household_id).in_(families), col(Child.removed_at).is_(None))
    children = (await session.exec(known.order_by(col(Child.id)))).all()
    cared_for: defaultdict[int, set[int]] = defaultdict(set)
    beside = select(BookingChild.booking_id, BookingChild.child_id).join(Booking, _OF_BOOKING).where(*which)
    for booking_id, child_id in await session.exec(beside):
        cared_for[booking_id].add(child_id)
    return [
        booking_id
        for booking_id, _, means, sheet in rows
        if not (
            sheet
            and sheet.agreed_version == _version(sheet, children)
            and cared_for[booking_id] <= set(sheet.children)
            and (means is None or means in sheet.rides)
        )
    ]


_OF_BOOKING = col(Booking.id) == col(BookingChild.booking_id)


async def note_told(session: AsyncSession, *which: ColumnElement[bool], now: datetime) -> None:
    """Note that the two sides of some bookings know just now that they must agree: no reminder says it over again.

    Of those further ahead they are reminded when the time comes.
    """
    soon = col(Booking.start_at) <= now + SHEET_AHEAD
    await session.exec(update(Booking).where(*which, soon).values(sheet_told_at=now))


async def sheet_of(session: AsyncSession, booking: Booking, *, hold: bool = False) -> PreMeeting | None:
    """Return the sheet of a booking's pair; with `hold`, nobody else rewrites it meanwhile."""
    found = select(PreMeeting).where(
        PreMeeting.household_id == booking.household_id, PreMeeting.supporter_id == booking.supporter_id
    )
    return (await session.exec(found.with_for_update(key_share=True) if hold else found)).first()


async def current_version(session: AsyncSession, sheet: PreMeeting) -> str:
    """Return what the sheet's content is known by, together with what its children must not eat."""
    return _version(sheet, await _children(session, sheet))


async def sheet_view(session: AsyncSession, sheet: PreMeeting) -> PreMeetingView:
    """Return a sheet as its two sides see it."""
    version = await current_version(session, sheet)
    return PreMeetingView(
        **sheet.model_dump(include=CONTENT | {"supporter_id", "written_at"}),
        supporter=(await person_by_id(session, sheet.supporter_id)).name,
        children=[
            ChildOnSheet(**child.model_dump(include=set(ChildOnSheet.model_fields)))
            for child in await _children(session, sheet)
        ],
        version=version,
        agreed=sheet.agreed_version == version,
    )


async def _children(session: AsyncSession, sheet: PreMeeting) -> Sequence[Child]:
    on_sheet = select(Child).where(col(Child.id).in_(sheet.children), col(Child.removed_at).is_(None))
    return (await session.exec(on_sheet.order_by(col(Child.id)))).all()


def _still_to_start(sheet: PreMeeting) -> tuple[ColumnElement[bool], ...]:
    confirmed = col(Booking.state) == BookingState.CONFIRMED
    return col(Booking.household_id) == sheet.household_id, col(Booking.supporter_id) == sheet.supporter_id, confirmed


def _version(sheet: PreMeeting, children: Sequence[Child]) -> str:
    told = [child.model_dump(include={"id", "allergies", "notes"}) for child in children if child.id in sheet.children]
    return content_hash({"children": told, **sheet.model_dump(include=CONTENT)})


async def rides_to_agree_on(session: AsyncSession, booking: Booking, *, now: datetime) -> list[Means]:
    """Return the rides that a sheet can hold: for a 送迎 what the policy covers, else what of that it holds already."""
    covered = await _rides_covered(session, booking, now=now)
    if booking.kind == CareKind.PICKUP:
        return covered
    sheet = await sheet_of(session, booking)
    return [ride for ride in covered if sheet and ride in sheet.rides]


async def _rides_covered(session: AsyncSession, booking: Booking, *, now: datetime) -> list[Means]:
    soon = max(now, booking.start_at)
    policy = await policy_for(session, area_id=booking.area_id, start_at=soon, end_at=soon + timedelta(minutes=1))
    covered = Terms.model_validate(policy.terms).means if policy else ()
    return [ride for ride in Means if ride in covered]


async def _require_rides_covered(
    session: AsyncSession, booking: Booking, rides: Sequence[Means], *, now: datetime
) -> None:
    covered = await _rides_covered(session, booking, now=now)
    for ride in rides:
        if ride not in covered:
            ja, en = MEANS[ride]
            raise RideNotCovered(ja=ja, en=en)

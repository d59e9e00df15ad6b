"""What is told of a care: notes meanwhile, the activity report and the thank-you afterwards."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.care.access import require_details
from sharecare.care.bookings import booking_by_id, record_booking, window_facts
from sharecare.care.day_models import ActivityReport, CareNote, ThankYou
from sharecare.care.models import Booking
from sharecare.care.rules import BookingState, NotNow
from sharecare.errors import Refusal
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell


class AlreadyReported(Refusal):
    """One care, one report."""

    constraints = ("pk_activity_report", "activity_report.booking_id")
    ja = "活動報告はすでに提出されています。書き足すことはメモに残してください。"
    en = "The activity report has been written already. Add anything more as a note."


class AlreadyThanked(Refusal):
    """One care, one thank-you."""

    constraints = ("pk_thank_you", "thank_you.booking_id")
    ja = "お礼はすでに送られています。"
    en = "A thank-you has been sent already."


async def take_note(session: AsyncSession, *, by: Actor, booking_id: int, text: str, now: datetime) -> CareNote:
    """Write a note about a care, from its start for as long as its details are open; the other side is told.

    Raises:
        NotNow: the care has not begun.
        NotFound: its details are closed to this person.

    """
    booking = await booking_by_id(session, booking_id)
    if booking.state not in (BookingState.IN_CARE, BookingState.COMPLETED):
        raise NotNow(state=booking.state)
    require_details(booking, by, now)
    note = CareNote(booking_id=booking_id, author_id=by.person_id, text=text, written_at=now)
    session.add(note)
    await session.flush()  # the answer names the note
    record_booking(session, FactKind.NOTE_TAKEN, booking, by=by.person_id, now=now)
    await _tell_other(session, booking, by, MessageKind.NOTE_TAKEN, now=now)
    return note


async def write_report(session: AsyncSession, *, by: Actor, booking_id: int, text: str, now: datetime) -> None:
    """Report on a care that is done, once.

    Raises:
        NotNow: the care is not completed.
        NotFound: its details are closed.
        AlreadyReported: there is a report.

    """
    booking = await _completed(session, booking_id)
    require_details(booking, by, now)
    session.add(ActivityReport(booking_id=booking_id, text=text, written_at=now))
    await session.flush()  # a second report is refused here
    record_booking(session, FactKind.REPORT_WRITTEN, booking, by=by.person_id, now=now)
    await _tell_other(session, booking, by, MessageKind.REPORT_WRITTEN, now=now)


async def send_thanks(session: AsyncSession, *, by: Actor, booking_id: int, text: str, now: datetime) -> None:
    """Send a kind word for a care, once.

    Raises:
        NotNow: the care is not completed.
        AlreadyThanked: one was sent.

    """
    booking = await _completed(session, booking_id)
    session.add(ThankYou(booking_id=booking_id, author_id=by.person_id, text=text, written_at=now))
    await session.flush()  # a second one is refused here
    record_booking(session, FactKind.THANKED, booking, by=by.person_id, now=now)
    await _tell_other(session, booking, by, MessageKind.THANKED, now=now)


async def _completed(session: AsyncSession, booking_id: int) -> Booking:
    booking = await booking_by_id(session, booking_id)
    if booking.state != BookingState.COMPLETED:
        raise NotNow(state=booking.state)
    return booking


async def _tell_other(session: AsyncSession, booking: Booking, by: Actor, kind: MessageKind, *, now: datetime) -> None:
    other = booking.requester_id if by.person_id == booking.supporter_id else booking.supporter_id
    facts = window_facts(booking) | {"name": (await person_by_id(session, by.person_id)).name}
    await tell(session, person_id=other, kind=kind, facts=facts, now=now)

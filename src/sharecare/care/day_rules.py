"""The care day's words and decisions: conditions, alarms, the digits of a card, the dates of a series. Pure."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sharecare.care.rules import BookingState, CareEnd

WEEK = timedelta(weeks=1)
QUIET = timedelta(minutes=15)  # that an answer gives to an overdue handover
MAX_SERIES_DATES = 60
TURNED_AWAY_AGAIN = timedelta(minutes=15)
SAME_TIME = timedelta(minutes=5)  # "about" so much longer: the least that the page offers
HOW_LONG_MESSAGES = 5  # that one late handover brings from one person; by then staff have long been told of it


class Condition(StrEnum):
    """How a child seems when the care should begin."""

    WELL = "well"
    TIRED = "tired"
    UNWELL = "unwell"


class AlarmKind(StrEnum):
    """What somebody must look into now."""

    START_OVERDUE = "start_overdue"
    FINISH_OVERDUE = "finish_overdue"
    CALL = "call"  # the supporter can't reach the family


class Saying(StrEnum):
    """What comes of saying how long one still needs."""

    TOLD = "told"
    SHOWN = "shown"  # where both sides and staff look, but no message more
    KNOWN = "known"  # it was said before


class Reached(StrEnum):
    """Whom a step of an alarm reaches; each comes after the one before has not answered."""

    PARENT = "parent"  # and, where nobody has begun, the supporter
    CONTACTS = "contacts"
    STAFF = "staff"
    ALL = "all"  # the staff once more, and the family


STEPS = (Reached.PARENT, Reached.CONTACTS, Reached.STAFF)
# Where a child is may be unknown: staff who overlooked one message get the next while it can still matter. After
# three hours somebody has most likely called; after a day it is a record that is missing, no child. By time waited.
REMINDED_EVERY = ((timedelta(hours=3), timedelta(minutes=30)), (timedelta(days=1), timedelta(hours=1)))
REMINDED_LATER = timedelta(days=1)


def reached_at(step: int) -> Reached:
    """Return whom the step after so many reaches; then the staff are reminded, every other time the family too."""
    if not is_reminder(step):
        return STEPS[step]
    return Reached.STAFF if (step - len(STEPS)) % 2 == 0 else Reached.ALL


def is_reminder(step: int) -> bool:
    """Say whether the step after so many only repeats what all were told."""
    return step >= len(STEPS)


def next_step_at(step: int, *, raised_at: datetime, now: datetime, minutes: int) -> datetime:
    """Return when the step after so many is due: `minutes` apart up to the staff, then by how long it has waited."""
    if not is_reminder(step):
        return now + timedelta(minutes=minutes)
    waited = now - raised_at
    return now + next((every for until, every in REMINDED_EVERY if waited < until), REMINDED_LATER)


def takes_in(temperature_c: float, condition: Condition, *, max_temperature_c: float) -> bool:
    """Say whether the policy's illness rule lets a child be taken into care."""
    return temperature_c <= max_temperature_c and condition is not Condition.UNWELL


def tells_again(turned_away: Sequence[datetime], now: datetime) -> bool:
    """Say whether a family is told that its child is turned away once more; of findings close together, the first."""
    told_at: datetime | None = None
    for at in turned_away:
        if told_at is None or at - told_at >= TURNED_AWAY_AGAIN:
            told_at = at
    return told_at is None or now - told_at >= TURNED_AWAY_AGAIN


def saying(before: Sequence[datetime], expected_at: datetime) -> Saying:
    """Return what comes of expecting to be there at a time, after the times that one has said so far."""
    if before and abs(expected_at - before[-1]) < SAME_TIME:
        return Saying.KNOWN
    return Saying.TOLD if len(before) < HOW_LONG_MESSAGES else Saying.SHOWN


def end_ahead(state: str) -> CareEnd:
    """Return which handover of a live booking comes next."""
    return CareEnd.START if state == BookingState.CONFIRMED else CareEnd.FINISH


def card_code(key: bytes, booking_id: int, supporter_id: int) -> str:
    """Return the four digits that the family tells the nursery and the supporter's card shows."""
    digest = hmac.new(key, f"pick-up:{booking_id}:{supporter_id}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10_000:04d}"


def handover_link(public_url: str, booking_id: int, end: CareEnd, pin: str) -> str:
    """Return what a handover's QR code says: the booking's page, the digits where no server's log can see them."""
    return f"{public_url.rstrip('/')}/bookings/{booking_id}#{end}-{pin}"


def pin_in(link: str, booking_id: int, end: CareEnd) -> str:
    """Return the digits in a scanned code; empty where it is of another booking or end."""
    page, _, said = link.partition("#")
    ours = page.endswith(f"/bookings/{booking_id}") and said.startswith(f"{end}-")
    return said.removeprefix(f"{end}-") if ours else ""


def dates_of(first_day: date, until: date, every_weeks: int) -> Iterator[date]:
    """Yield the days of a series, the last one included."""
    day = first_day
    while day <= until:
        yield day
        day += every_weeks * WEEK


def window_on(day: date, start: time, end: time, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Return a day's window by the clock on the wall; None where the clock skips one of its ends."""
    moments = [datetime.combine(day, wall, zone) for wall in (start, end)]
    utc = [moment.astimezone(UTC) for moment in moments]
    skipped = any(
        there.astimezone(zone).replace(tzinfo=None) != here.replace(tzinfo=None)
        for there, here in zip(utc, moments, strict=True)
    )
    return None if skipped else (utc[0], utc[1])

"""Who may see what opens with a booking: exact place, contacts, and everything told of a child."""

from datetime import datetime, timedelta

from sharecare.accounts.rules import Actor
from sharecare.care.models import Booking
from sharecare.care.rules import BookingState
from sharecare.errors import NotFound

DETAILS_STAY = timedelta(hours=24)
UNENDED_STAY = timedelta(days=7)  # of a care whose end nobody recorded; from then on the staff know whom to call


def details_open(booking: Booking, by: Actor, now: datetime) -> bool:
    """Say whether a person is one of a booking's two sides and its details are open: until 24 hours after the care.

    A block closes none: that would tell of it. Who blocks before the care is led to cancel, which does.
    """
    if booking.supporter_id != by.person_id and booking.household_id != by.household_id:
        return False
    if booking.state == BookingState.CANCELLED:
        return False
    if booking.state == BookingState.IN_CARE:
        return now < booking.end_at + UNENDED_STAY
    over_at = booking.finished_at or booking.end_at  # a care that never began is over when its window is
    return now < over_at + DETAILS_STAY


def require_details(booking: Booking, by: Actor, now: datetime) -> None:
    """Let a family see what is told of its child; a supporter only while the details are open.

    Raises:
        NotFound: they are closed, or never were this person's.

    """
    if booking.household_id != by.household_id and not details_open(booking, by, now):
        raise NotFound

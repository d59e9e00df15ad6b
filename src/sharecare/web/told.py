"""What a booking's page tells each of its two sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import segno
from markupsafe import Markup
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import names_of
from sharecare.care.booking_schemas import BookingView, ChangeView
from sharecare.care.bookings import booking_by_id, side_of
from sharecare.care.day_rules import card_code, end_ahead, handover_link
from sharecare.care.day_schemas import CareRecord, GapView
from sharecare.care.gaps import gap_of
from sharecare.care.group import bookings_beside
from sharecare.care.handovers import is_passed
from sharecare.care.models import Booking
from sharecare.care.no_show import may_be_contested, no_show_from
from sharecare.care.overviews import BookingCard
from sharecare.care.queries import booking_view, handover_pins
from sharecare.care.record import care_record
from sharecare.care.rules import LIVE, MAX_PIN_FAILURES, BookingState, CareEnd, ChangeState, HandoverBy, Side
from sharecare.insurance.queries import cover_view
from sharecare.insurance.schemas import CoverView
from sharecare.web.page import View

LATER = (15, 30, 60)  # minutes, on buttons


@dataclass(frozen=True, slots=True)
class Told:
    """A booking as one of its sides sees it."""

    view: BookingView
    side: Side
    other: str  # the name of whoever stands on the other side
    cover: CoverView
    settled: bool
    pin: str | None  # the digits a parent shows next; None for a supporter, and where none are asked for
    passed: bool  # staff let the next handover pass without digits
    locked: bool  # wrong digits were entered too often
    card: str | None  # the number a family tells the nursery, where one hands over or receives
    change: ChangeView | None  # the proposal that waits
    beside: Sequence[BookingCard]  # what else the supporter has with them at that time; empty for a family
    no_show_at: datetime  # from when on the other side counts as not having come
    may_contest: bool  # if that was said of one's own side
    gap: GapView | None  # time after the care's insured end
    record: CareRecord | None  # what is told of the care; a supporter's as long as the details are open

    @property
    def end(self) -> CareEnd:
        """Return which handover comes next."""
        return end_ahead(self.view.state)

    @property
    def names(self) -> dict[int, str]:
        """Return the names of the children, as far as this side may see them."""
        sheet = self.record.pre_meeting if self.record else None
        details = self.view.details
        seen = [*(sheet.children if sheet else ()), *(details.children if details else ())]
        return {child.id: child.name for child in seen}

    @property
    def asks_digits(self) -> bool:
        """Say whether the supporter needs a parent's digits for the next handover."""
        by = self.view.handover_start if self.end is CareEnd.START else self.view.handover_finish
        return by is HandoverBy.PARENT and not self.passed

    @property
    def stuck(self) -> bool:
        """Say whether the next handover waits for the staff: its digits are locked."""
        return self.locked and self.asks_digits


async def booking_facts(look: View, booking_id: int) -> dict[str, Any]:
    """Return what the templates of a booking's page need."""
    by, session = look.actor, look.session
    booking = await booking_by_id(session, booking_id)
    view = await booking_view(session, booking_id, by=by, now=look.now)
    side = side_of(booking, by)
    other_id = booking.requester_id if side is Side.SUPPORTER else booking.supporter_id
    family = side is Side.FAMILY
    passed = view.state in LIVE and await is_passed(session, booking_id, end_ahead(view.state))
    told = Told(
        view=view,
        side=side,
        other=(await names_of(session, [other_id]))[other_id],
        cover=await cover_view(session, cover_id=booking.cover_id),
        settled=booking.settled_at is not None,
        pin=await _pin(look, view) if family and not passed else None,
        passed=passed,
        locked=view.state in LIVE and booking.pin_failures >= MAX_PIN_FAILURES,
        card=_card(look, view) if family and view.state in LIVE else None,
        record=await care_record(session, booking_id, by=by, now=look.now) if family or view.details else None,
        gap=await gap_of(session, booking_id) if view.uncovered_minutes else None,
        beside=[] if family else await _beside(session, booking),
        no_show_at=await no_show_from(session, booking),
        may_contest=booking.cancelled_by == side and may_be_contested(booking, now=look.now) and view.contest is None,
        change=next((one for one in view.changes if _waits(view, one)), None),
    )
    delays = [one for one in LATER if look.now <= booking.start_at + timedelta(minutes=one) < booking.end_at]
    qr = _drawn(look, told.view.id, told.end, told.pin) if told.pin else None
    return {"told": told, "qr": qr, "later": LATER, "delays": delays}


async def _pin(look: View, view: BookingView) -> str | None:
    pins = await handover_pins(look.session, view.id, key=look.here.settings.signing_key)
    return pins.start if end_ahead(view.state) is CareEnd.START else pins.finish


def _card(look: View, view: BookingView) -> str | None:
    if HandoverBy.INSTITUTION not in (view.handover_start, view.handover_finish):
        return None
    return card_code(look.here.settings.signing_key, view.id, view.supporter_id)


async def _beside(session: AsyncSession, booking: Booking) -> list[BookingCard]:
    held = [one.booking for one in await bookings_beside(session, booking)]
    names = await names_of(session, [one.requester_id for one in held])
    return [BookingCard(one, Side.SUPPORTER, names[one.requester_id]) for one in held]


def _waits(view: BookingView, change: ChangeView) -> bool:
    """Say whether a proposal can still be agreed to."""
    movable = (BookingState.CONFIRMED,) if change.new_start_at else LIVE
    return change.state == ChangeState.OPEN and view.state in movable


def _drawn(look: View, booking_id: int, end: CareEnd, pin: str) -> Markup:
    """Draw the QR code of a handover as an inline SVG: plain paths, which no policy of ours forbids."""
    link = handover_link(look.here.settings.public_url, booking_id, end, pin)
    drawn = segno.make(link, error="m", micro=False).svg_inline(svgclass="qr", lineclass=None, omitsize=True, border=2)
    return Markup(drawn)  # noqa: S704  -- segno's own drawing

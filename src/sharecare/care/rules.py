"""The life of a support: its states, every legal move, and the checks before each."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sharecare.areas.rules import CIRCLES, AreaSettings, Circle
from sharecare.errors import Refusal

MAX_PIN_FAILURES = 5
MAX_WINDOW = timedelta(hours=24)
LONGEST_AHEAD = timedelta(days=180)
URGENT_WITHIN = timedelta(hours=3)


class RequestState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    BOOKED = "booked"
    DONE = "done"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class AskState(StrEnum):
    """Where an ask stands."""

    OPEN = "open"
    OFFERED = "offered"
    DECLINED = "declined"
    CLOSED = "closed"


class OfferState(StrEnum):
    """Where an offer stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class BookingState(StrEnum):
    """Where a booking stands; the first two are live."""

    CONFIRMED = "confirmed"
    IN_CARE = "in_care"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


LIVE = (BookingState.CONFIRMED, BookingState.IN_CARE)


class ChangeState(StrEnum):
    """Where a proposed change of the end stands."""

    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"


class Side(StrEnum):
    """Who acts: one of the two families, the area's staff, or time itself."""

    FAMILY = "family"
    SUPPORTER = "supporter"
    STAFF = "staff"
    TIME = "time"


class HandoverBy(StrEnum):
    """Who hands over or receives: a parent (by PIN), or a nursery, school or lesson (the supporter confirms).

    Staff stand in for a parent's digits where a person had to make sure.
    """

    PARENT = "parent"
    INSTITUTION = "institution"
    STAFF = "staff"


class CareEnd(StrEnum):
    """One end of a care."""

    START = "start"
    FINISH = "finish"


class CostKind(StrEnum):
    """What is paid between the families; a ride has no price (道路運送法), only what it cost."""

    THANKS = "thanks"
    FOOD = "food"
    FARE = "fare"
    FUEL = "fuel"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Move:
    """A verb that changes state: from where, to where, by whom."""

    frm: str
    to: str
    by: frozenset[Side]


FAMILY, SUPPORTER, TIME = frozenset({Side.FAMILY}), frozenset({Side.SUPPORTER}), frozenset({Side.TIME})
EITHER = FAMILY | SUPPORTER
STAFF = frozenset({Side.STAFF})
ANYONE = EITHER | STAFF | TIME

REQUEST_MOVES: Mapping[str, tuple[Move, ...]] = {
    "accept_offer": (Move(RequestState.OPEN, RequestState.BOOKED, FAMILY | SUPPORTER),),
    "withdraw_request": (Move(RequestState.OPEN, RequestState.WITHDRAWN, FAMILY),),
    "expire_request": (Move(RequestState.OPEN, RequestState.EXPIRED, TIME),),
    "reopen_request": (Move(RequestState.BOOKED, RequestState.OPEN, SUPPORTER),),
    "close_request": (Move(RequestState.BOOKED, RequestState.CANCELLED, ANYONE),),
    "finish_request": (Move(RequestState.BOOKED, RequestState.DONE, SUPPORTER | STAFF),),
    "reinstate": (Move(RequestState.CANCELLED, RequestState.BOOKED, EITHER | STAFF),),
}
BOOKING_MOVES: Mapping[str, tuple[Move, ...]] = {
    "start_care": (Move(BookingState.CONFIRMED, BookingState.IN_CARE, SUPPORTER | STAFF),),
    "finish_care": (Move(BookingState.IN_CARE, BookingState.COMPLETED, SUPPORTER | STAFF),),
    "cancel_booking": (Move(BookingState.CONFIRMED, BookingState.CANCELLED, EITHER),),
    "report_no_show": (Move(BookingState.CONFIRMED, BookingState.CANCELLED, EITHER),),
    "close_never_started": (Move(BookingState.CONFIRMED, BookingState.CANCELLED, STAFF | TIME),),
    "lose_cover": (Move(BookingState.CONFIRMED, BookingState.CANCELLED, STAFF),),
    "reinstate": (Move(BookingState.CANCELLED, BookingState.CONFIRMED, EITHER | STAFF),),  # a no-show that was none
}
OFFER_MOVES: Mapping[str, tuple[Move, ...]] = {
    "accept_offer": (Move(OfferState.OPEN, OfferState.ACCEPTED, FAMILY | SUPPORTER),),
    "withdraw_offer": (Move(OfferState.OPEN, OfferState.WITHDRAWN, SUPPORTER),),
    "end_offer": (Move(OfferState.ACCEPTED, OfferState.ENDED, ANYONE),),
    "reinstate": (Move(OfferState.ENDED, OfferState.ACCEPTED, EITHER | STAFF),),
}
STANDING_ASKS = (AskState.OPEN, AskState.OFFERED)  # unanswered, or answered with an offer
ASK_MOVES: Mapping[str, tuple[Move, ...]] = {
    "make_offer": (
        Move(AskState.OPEN, AskState.OFFERED, SUPPORTER),
        Move(AskState.DECLINED, AskState.OFFERED, SUPPORTER),
    ),
    "decline_ask": (Move(AskState.OPEN, AskState.DECLINED, SUPPORTER),),
    "withdraw_offer": (Move(AskState.OFFERED, AskState.DECLINED, SUPPORTER),),
}
CHANGE_MOVES: Mapping[str, tuple[Move, ...]] = {
    "agree_change": (Move(ChangeState.OPEN, ChangeState.AGREED, EITHER),),
    "refuse_change": (Move(ChangeState.OPEN, ChangeState.REFUSED, EITHER),),
}


class NotNow(Refusal):
    """The move is not legal in the present state."""

    ja = "いまの状態({state})では、この操作はできません。"
    en = "This can't be done now (state: {state})."


class EndsBeforeItStarts(Refusal):
    """The window is empty."""

    status = 400
    ja = "終わりの時刻は、始まりの時刻より後にしてください。"
    en = "The end must come after the start."


class TooLong(Refusal):
    """Longer than one day."""

    status = 400
    ja = "一度のお願いは{hours}時間までです。"
    en = "One request can last up to {hours} hours."


class NotWholeMinutes(Refusal):
    """Moments are kept to the minute."""

    status = 400
    ja = "時刻は分単位で入力してください。"
    en = "Give times in whole minutes."


class TooFarAhead(Refusal):
    """Nobody knows their hours that far ahead."""

    status = 400
    ja = "お願いできるのは{days}日先までです。"
    en = "Requests can be opened up to {days} days ahead."


class AlreadyBegun(Refusal):
    """The window has begun."""

    ja = "開始時刻を過ぎています。"
    en = "The start time has passed."


class TooEarly(Refusal):
    """A care can't begin before its cover does."""

    ja = "保険の補償が始まる前には開始できません。予定の時刻になってから開始してください。"
    en = "Care can't start before its insurance does. Start it at the agreed time."


class OutsideHours(Refusal):
    """The area's hours don't allow it."""

    ja = "この地区で支援をお願いできるのは{frm}から{until}までです。"
    en = "In this area support can be asked for between {frm} and {until}."


class WrongAge(Refusal):
    """A child is too young or too old for the area's rules."""

    ja = "お預かりできるのは{youngest}か月から{oldest}か月までのお子さんです。"
    en = "Children from {youngest} to {oldest} months of age can be looked after."


def legal(move: Mapping[str, tuple[Move, ...]], verb: str, state: str, by: Side) -> str:
    """Return the state that a verb leads to.

    Raises:
        NotNow: the table has no such move.

    """
    for row in move[verb]:
        if row.frm == state and by in row.by:
            return row.to
    raise NotNow(state=state)


def check_window(start_at: datetime, end_at: datetime, *, now: datetime) -> None:
    """Hold a window to whole minutes, forwards, at most a day long, not begun.

    Raises:
        NotWholeMinutes, EndsBeforeItStarts, TooLong, AlreadyBegun: it is not.

    """
    if any(moment.second or moment.microsecond for moment in (start_at, end_at)):
        raise NotWholeMinutes
    if end_at <= start_at:
        raise EndsBeforeItStarts
    if end_at - start_at > MAX_WINDOW:
        raise TooLong(hours=MAX_WINDOW // timedelta(hours=1))
    if start_at <= now:
        raise AlreadyBegun
    if start_at - now > LONGEST_AHEAD:
        raise TooFarAhead(days=LONGEST_AHEAD.days)


def check_area_hours(start_at: datetime, end_at: datetime, settings: AreaSettings, zone: ZoneInfo) -> None:
    """Hold a window to the area's hours of one local day.

    Raises:
        OutsideHours: it reaches beyond them.

    """
    start, end = start_at.astimezone(zone), end_at.astimezone(zone)
    if start.date() != end.date() or start.time() < settings.care_from or end.time() > settings.care_until:
        raise OutsideHours(frm=f"{settings.care_from:%H:%M}", until=f"{settings.care_until:%H:%M}")


def check_ages(ages_months: tuple[int, ...], settings: AreaSettings) -> None:
    """Hold the children's ages to the area's range.

    Raises:
        WrongAge: one lies outside.

    """
    if min(ages_months) < settings.child_min_months or max(ages_months) > settings.child_max_months:
        raise WrongAge(youngest=settings.child_min_months, oldest=settings.child_max_months)


def is_urgent(start_at: datetime, *, now: datetime) -> bool:
    """Say whether there is no time for waves."""
    return start_at - now <= URGENT_WITHIN


def first_circle(reach: Circle, *, urgent: bool) -> Circle:
    """Return the circle that is asked first."""
    return reach if urgent else Circle.FRIENDS


def next_wave(
    circle: Circle, reach: Circle, settings: AreaSettings, *, opened_at: datetime
) -> tuple[Circle, datetime] | None:
    """Return the circle after this one and when it opens, or None when the request has reached its limit."""
    wider = CIRCLES[CIRCLES.index(circle) + 1 :]
    if circle == reach or not wider:
        return None
    minutes = {
        Circle.FRIENDS_OF_FRIENDS: settings.friends_of_friends_after_minutes,
        Circle.OPEN: settings.open_after_minutes,
    }[wider[0]]
    return wider[0], opened_at + timedelta(minutes=minutes)


def handover_pin(key: bytes, booking_id: int, end: CareEnd, supporter_id: int) -> str:
    """Return the six digits that a parent shows at one end of a care: an HMAC, so nothing is stored to steal."""
    digest = hmac.new(key, f"handover:{booking_id}:{supporter_id}:{end}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


def suggested_thanks_yen(minutes: int, settings: AreaSettings, *, certified: bool) -> int:
    """Return the area's suggestion for a support of some minutes, to the ten yen."""
    hourly = settings.thanks.base_yen + (settings.thanks.certified_yen if certified else 0)
    return round(hourly * minutes / 600) * 10

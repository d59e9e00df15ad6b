"""A booking as both sides use it: before, on the day, and after; and one's agenda."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import zone_of_area
from sharecare.care.booking_schemas import ChangeDraft, CostLineDraft, Handing, Settlement
from sharecare.care.bookings import booking_by_id, cancel_booking
from sharecare.care.care_day import finish_care, record_thanks, start_care
from sharecare.care.changes import agree_change, propose_change, propose_late_start, refuse_change
from sharecare.care.day_schemas import ConditionDraft, Finishing
from sharecare.care.models import Booking
from sharecare.care.overviews import past_bookings, planned_bookings
from sharecare.care.rules import CostKind
from sharecare.care.schemas import MaybeWhy, Why
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import moment_typed
from sharecare.web.offline import with_ahead
from sharecare.web.page import Index, Looking, View
from sharecare.web.told import LATER, booking_facts

router = page_router()
TEMPERATURE = "temperature-"  # before a child's id: a field of the form
A_PAGE = 20


@router.get("/supports", operation_id="list_my_bookings")
async def agenda(look: Looking, cursor: str | None = None) -> Response:
    """Show what is ahead, then what has been."""
    ahead = await planned_bookings(look.session, by=look.actor, now=look.now) if cursor is None else []
    past = await past_bookings(look.session, by=look.actor, cursor=cursor, limit=A_PAGE, now=look.now)
    response = await look.show("supports.html", ahead=ahead, past=past, cursor=cursor)
    return with_ahead(response, ahead) if cursor is None else response


@router.get("/bookings/{booking_id}", operation_id="read_booking")
async def show_booking(look: Looking, booking_id: int) -> Response:
    """Show a booking."""
    return await look.show("booking.html", **await booking_facts(look, booking_id))


@router.get("/bookings/{booking_id}/live", operation_id="read_booking")
async def show_booking_now(look: Looking, booking_id: int) -> Response:
    """Show how a booking stands now, for the page that is open."""
    return await look.fragment("booking_live.html", **await booking_facts(look, booking_id))


@router.post("/bookings/{booking_id}/start", operation_id="start_care")
async def start(look: Looking, booking_id: int) -> Response:
    """Take over the child."""

    async def work(session: AsyncSession) -> str:
        handing = look.form.read(Handing, pin=_digits(look))
        await start_care(
            session,
            by=look.actor,
            booking_id=booking_id,
            pin=handing.pin,
            checks=_conditions(look),
            key=look.here.settings.signing_key,
            now=look.now,
        )
        return f"/bookings/{booking_id}?done=started"

    return await at_booking(look, booking_id, work)


@router.post("/bookings/{booking_id}/finish", operation_id="finish_care")
async def finish(look: Looking, booking_id: int) -> Response:
    """Give the child back."""

    async def work(session: AsyncSession) -> str:
        zone = await zone_of_area(session, (await booking_by_id(session, booking_id)).area_id)
        ended = moment_typed(look.form.text("ended"), zone) or look.form.maybe("ended")
        handing = look.form.read(Finishing, names={"ended_at": "ended"}, pin=_digits(look), ended_at=ended)
        await finish_care(
            session,
            by=look.actor,
            booking_id=booking_id,
            pin=handing.pin,
            key=look.here.settings.signing_key,
            now=look.now,
            ended_at=handing.ended_at,
        )
        return f"/bookings/{booking_id}?done=finished"

    return await at_booking(look, booking_id, work)


@router.post("/bookings/{booking_id}/changes", operation_id="propose_change")
async def propose(look: Looking, booking_id: int) -> Response:
    """Propose another end or a later start: so many minutes later, or at a time."""

    async def work(session: AsyncSession) -> str:
        booking = await booking_by_id(session, booking_id)
        draft = await _proposal(session, look, booking)
        by, start, now = look.actor, draft.new_start_at, look.now
        if start is not None:
            await propose_late_start(session, by=by, booking_id=booking_id, new_start_at=start, now=now)
        else:
            await propose_change(session, by=by, booking_id=booking_id, new_end_at=draft.end(), now=now)
        return f"/bookings/{booking_id}?done=proposed"

    return await at_booking(look, booking_id, work)


@router.post("/changes/{change_id}/agree", operation_id="agree_change")
async def agree(look: Looking, change_id: int) -> Response:
    """Agree to a proposed start or end."""

    async def work(session: AsyncSession) -> str:
        booking = await agree_change(session, by=look.actor, change_id=change_id, now=look.now)
        return f"/bookings/{booking.id}?done=agreed"

    return await look.do(work)


@router.post("/changes/{change_id}/refuse", operation_id="refuse_change")
async def refuse(look: Looking, change_id: int) -> Response:
    """Leave the times as they are."""

    async def work(session: AsyncSession) -> str:
        change = await refuse_change(session, by=look.actor, change_id=change_id, now=look.now)
        return f"/bookings/{change.booking_id}?done=refused"

    return await look.do(work)


@router.post("/bookings/{booking_id}/cancel", operation_id="cancel_booking")
async def cancel(look: Looking, index: Index, booking_id: int) -> Response:
    """Cancel, with a reason told to the other side."""
    return await _cancelled(look, index, booking_id, Why)


@router.post("/bookings/{booking_id}/cannot-come", operation_id="say_cannot_come")
async def cannot_come(look: Looking, index: Index, booking_id: int) -> Response:
    """Say "I can't be there": the family hears at once, and others are asked."""
    return await _cancelled(look, index, booking_id, MaybeWhy)


@router.post("/bookings/{booking_id}/thanks", operation_id="record_thanks")
async def thank(look: Looking, booking_id: int) -> Response:
    """Put down what was paid between the two families."""

    async def work(session: AsyncSession) -> str:
        settlement = Settlement(lines=[line for kind in CostKind if (line := _line(look, kind))])
        await record_thanks(session, by=look.actor, booking_id=booking_id, settlement=settlement, now=look.now)
        return f"/bookings/{booking_id}?done=thanked"

    return await at_booking(look, booking_id, work)


async def _cancelled(look: View, index: Index, booking_id: int, shape: type[Why] | type[MaybeWhy]) -> Response:
    async def work(session: AsyncSession) -> str:
        reason = look.form.read(shape, reason=look.form.maybe("reason")).reason
        await cancel_booking(session, index, by=look.actor, booking_id=booking_id, reason=reason, now=look.now)
        return f"/bookings/{booking_id}?done=cancelled"

    return await at_booking(look, booking_id, work)


async def at_booking(look: View, booking_id: int, work: Callable[[AsyncSession], Awaitable[str]]) -> Response:
    """Run a verb; refused, the booking's page is shown as it is now, with what was typed."""

    async def again(code: int) -> Response:
        return await look.show("booking.html", code=code, **await booking_facts(look, booking_id))

    return await or_again(look, lambda: look.do(work), again)


def _digits(look: View) -> str | None:
    """Return the six digits, however they were spaced."""
    return look.form.text("pin").replace(" ", "") or None


def _conditions(look: View) -> list[ConditionDraft]:
    """Return how each child is, as far as it was filled in."""
    temperatures = {name.removeprefix(TEMPERATURE): name for name in look.form.values if name.startswith(TEMPERATURE)}
    return [
        look.form.read(
            ConditionDraft,
            names={"child_id": field, "temperature_c": field},
            child_id=child_id,
            temperature_c=look.form.text(field),
            condition=look.form.maybe(f"condition-{child_id}"),
        )
        for child_id, field in temperatures.items()
    ]


async def _proposal(session: AsyncSession, look: View, booking: Booking) -> ChangeDraft:
    zone = await zone_of_area(session, booking.area_id)
    day = booking.start_at.astimezone(zone)
    if look.form.text("about") == "start":
        start = _minutes_after(look, booking.start_at) or _at_clock(look, "start", day)
        return look.form.read(ChangeDraft, names={"": "start"}, new_start_at=start)
    end = _minutes_after(look, booking.end_at) or _at_clock(look, "at", day)
    return look.form.read(ChangeDraft, names={"": "at"}, new_end_at=end)


def _minutes_after(look: View, agreed: datetime) -> datetime | None:
    minutes = look.form.text("later")
    return agreed + timedelta(minutes=int(minutes)) if minutes in map(str, LATER) else None


def _at_clock(look: View, field: str, day: datetime) -> datetime | None:
    try:
        at = datetime.strptime(look.form.text(field), "%H:%M").time()  # noqa: DTZ007  -- a time of the wall clock
    except ValueError:
        return None
    return datetime.combine(day.date(), at, day.tzinfo)


def _line(look: View, kind: CostKind) -> CostLineDraft | None:
    """Read one line of what was paid; an empty one is left out."""
    typed = look.form.maybe(kind)
    note = look.form.text("note") if kind is CostKind.OTHER else ""
    return look.form.read(CostLineDraft, names={"yen": kind}, kind=kind, yen=typed, note=note) if typed else None

"""The other side did not come: what follows from saying so, then one press; taken back, or contested."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import names_of
from sharecare.accounts.schemas import Reason
from sharecare.care.bookings import booking_by_id, side_of
from sharecare.care.no_show import contest_no_show, no_show_from, report_no_show, take_back_no_show
from sharecare.care.queries import booking_view
from sharecare.care.rules import BookingState, Side
from sharecare.web.again import or_again
from sharecare.web.bookings import at_booking
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View, go

router = page_router()


@router.get("/bookings/{booking_id}/no-show", operation_id="report_no_show")
async def no_show_page(look: Looking, booking_id: int) -> Response:
    """Say what follows, before anything is done."""
    return await _asked(look, booking_id)


@router.post("/bookings/{booking_id}/no-show", operation_id="report_no_show")
async def no_show(look: Looking, booking_id: int) -> Response:
    """Say that the other side did not come."""

    async def work(session: AsyncSession) -> str:
        await report_no_show(session, by=look.actor, booking_id=booking_id, now=look.now)
        return f"/bookings/{booking_id}?done=absence_told"

    return await or_again(look, lambda: look.do(work), lambda code: _asked(look, booking_id, code=code))


@router.post("/bookings/{booking_id}/no-show/take-back", operation_id="take_back_no_show")
async def take_back(look: Looking, booking_id: int) -> Response:
    """Say that they came after all."""

    async def work(session: AsyncSession) -> str:
        await take_back_no_show(session, by=look.actor, booking_id=booking_id, now=look.now)
        return f"/bookings/{booking_id}?done=taken_back"

    return await at_booking(look, booking_id, work)


@router.post("/bookings/{booking_id}/no-show/contest", operation_id="contest_no_show")
async def contest(look: Looking, booking_id: int) -> Response:
    """Say that it was otherwise."""

    async def work(session: AsyncSession) -> str:
        why = look.form.read(Reason, reason=look.form.maybe("reason"))
        await contest_no_show(session, by=look.actor, booking_id=booking_id, because=why.reason, now=look.now)
        return f"/bookings/{booking_id}?done=contested"

    return await at_booking(look, booking_id, work)


async def _asked(look: View, booking_id: int, *, code: int = 200) -> Response:
    session = look.session
    booking = await booking_by_id(session, booking_id)
    if booking.state != BookingState.CONFIRMED:
        return go(f"/bookings/{booking_id}")
    side = side_of(booking, look.actor)
    other_id = booking.requester_id if side is Side.SUPPORTER else booking.supporter_id
    return await look.show(
        "no_show.html",
        code=code,
        view=await booking_view(session, booking_id, by=look.actor, now=look.now),
        side=side,
        other=(await names_of(session, [other_id]))[other_id],
        no_show_at=await no_show_from(session, booking),
    )

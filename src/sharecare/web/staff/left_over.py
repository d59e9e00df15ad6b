"""A booking whose agreed time is over: what really happened, as staff found out by asking both sides."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.schemas import Reason
from sharecare.areas.queries import zone_of_area
from sharecare.areas.words import KINDS
from sharecare.care.afterwards import close_never_started, record_care
from sharecare.care.booking_schemas import NoShowDecision
from sharecare.care.bookings import booking_by_id
from sharecare.care.day_schemas import CareToRecord
from sharecare.care.no_show import against_it, contests_of, decide_no_show
from sharecare.care.rules import LIVE
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import as_typed, moment_typed
from sharecare.web.page import Looking, View, go

router = page_router()


@router.get("/staff/{slug}/bookings/{booking_id}/record", operation_id="record_care")
async def left_over(slug: str, booking_id: int, look: Looking) -> Response:
    """Ask what really happened; nobody is named here."""
    return await _asked(look, slug, booking_id)


@router.post("/staff/{slug}/bookings/{booking_id}/record", operation_id="record_care")
async def record(slug: str, booking_id: int, look: Looking) -> Response:
    """Put down when a care really was."""

    async def work(session: AsyncSession) -> str:
        zone = await zone_of_area(session, (await booking_by_id(session, booking_id)).area_id)
        start, end = (moment_typed(look.form.text(name), zone) for name in ("started_at", "ended_at"))
        draft = look.form.read(CareToRecord, started_at=start, ended_at=end, reason=look.form.maybe("reason"))
        await record_care(session, by=look.actor, booking_id=booking_id, now=look.now, **draft.model_dump())
        return f"/staff/{slug}/to-do?done=care_recorded"

    return await or_again(look, lambda: look.do(work), lambda code: _asked(look, slug, booking_id, code=code))


@router.post("/staff/{slug}/bookings/{booking_id}/close", operation_id="close_never_started")
async def close(slug: str, booking_id: int, look: Looking) -> Response:
    """Close a booking that never took place."""

    async def work(session: AsyncSession) -> str:
        why = look.form.read(Reason, names={"reason": "why"}, reason=look.form.maybe("why"))
        await close_never_started(session, by=look.actor, booking_id=booking_id, reason=why.reason, now=look.now)
        return f"/staff/{slug}/to-do?done=never_started"

    return await or_again(look, lambda: look.do(work), lambda code: _asked(look, slug, booking_id, code=code))


@router.post("/staff/{slug}/bookings/{booking_id}/no-show", operation_id="decide_no_show")
async def decide(slug: str, booking_id: int, look: Looking) -> Response:
    """Let a contested no-show stand, or strike it."""

    async def work(session: AsyncSession) -> str:
        decision = look.form.read(
            NoShowDecision, names={"reason": "why"}, stands=look.form.maybe("stands"), reason=look.form.maybe("why")
        )
        await decide_no_show(session, by=look.actor, booking_id=booking_id, now=look.now, **decision.model_dump())
        return f"/staff/{slug}/to-do?done=no_show_decided"

    return await or_again(look, lambda: look.do(work), lambda code: _asked(look, slug, booking_id, code=code))


async def _asked(look: View, slug: str, booking_id: int, *, code: int = 200) -> Response:
    booking = await booking_by_id(look.session, booking_id)
    contests = await contests_of(look.session, booking)
    open_still = booking.state in LIVE or booking.no_show
    if not (open_still or contests):
        return go(f"/staff/{slug}/to-do")
    zone = await zone_of_area(look.session, booking.area_id)
    return await look.show(
        "staff/left_over.html",
        code=code,
        slug=slug,
        kinds=KINDS,
        booking=booking,
        open_still=open_still,
        contest=against_it(booking, contests),
        contests=contests,
        began=as_typed(booking.start_at, zone),
        ended=as_typed(min(booking.end_at, look.now), zone),
    )

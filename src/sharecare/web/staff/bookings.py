"""One booking as staff see it: found by the number that somebody reads out, with what can be done about it."""

from functools import partial
from unicodedata import normalize

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug, zone_of_area
from sharecare.areas.words import KINDS
from sharecare.care.bookings import booking_by_id
from sharecare.care.day_schemas import People
from sharecare.care.handovers import digits_asked
from sharecare.care.no_show import contests_of
from sharecare.care.people import ages_at, children_in
from sharecare.care.queries import booking_view
from sharecare.care.record import count_of_booking
from sharecare.columns import id_in
from sharecare.errors import Refusal
from sharecare.incidents.queries import glimpses_of_booking
from sharecare.insurance.queries import cover_view
from sharecare.policy import Relation, Thing
from sharecare.relations import relations_to
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import Form
from sharecare.web.incident_forms import STAFF_CHOICES, take_down
from sharecare.web.page import Looking, View, go
from sharecare.web.staff.calling import let_pass, show_people

router = page_router()
MONTHS_A_YEAR = 12


class NoSuchBooking(Refusal):
    """Nothing that this member of staff may open has the number; it is not said why."""

    status = 404
    ja = "この番号の予約は開けません。番号を確かめてください。ほかの地区やご自身のご家族の予約は開けません。"
    en = "No booking opens under this number. Check it; bookings of other areas and of your own family don't open here."


@router.get("/staff/{slug}/bookings", operation_id="look_up_booking")
async def look_up(slug: str, look: Looking, number: str = "") -> Response:
    """Ask for a booking's number, and lead to its page."""
    booking_id = id_in(normalize("NFKC", number).strip())

    async def found() -> Response:
        if not number:
            return await look.show("staff/look_up.html", slug=slug)
        if not await _opens(look, slug, booking_id):
            raise NoSuchBooking
        return go(f"/staff/{slug}/bookings/{booking_id}")

    look.form = Form({"number": [number]}, language=look.language)
    return await or_again(look, found, lambda code: look.show("staff/look_up.html", code=code, slug=slug))


@router.get("/staff/{slug}/bookings/{booking_id}", operation_id="look_at_booking")
async def show_booking(slug: str, booking_id: int, look: Looking) -> Response:
    """Show a booking by codes and moments; nobody is named here."""
    return await _shown(look, slug, booking_id)


@router.post("/staff/{slug}/bookings/{booking_id}/people", operation_id="read_people_to_call")
async def people(slug: str, booking_id: int, look: Looking) -> Response:
    """Show whom to call about a care, and log the look with its reason."""
    return await show_people(look, booking_id, partial(_shown, look, slug, booking_id))


@router.post("/staff/{slug}/bookings/{booking_id}/pass", operation_id="pass_handover")
async def pass_end(slug: str, booking_id: int, look: Looking) -> Response:
    """Let one end pass without digits, and say how one made sure."""
    here = f"/staff/{slug}/bookings/{booking_id}"
    return await let_pass(look, booking_id, here, partial(_shown, look, slug, booking_id))


@router.get("/staff/{slug}/bookings/{booking_id}/incidents", operation_id="report_incident")
async def to_take_in(slug: str, booking_id: int, look: Looking) -> Response:
    """Ask what happened, as somebody tells it by phone; the children are told apart by their ages."""
    return await _taking_in(look, slug, booking_id)


@router.post("/staff/{slug}/bookings/{booking_id}/incidents", operation_id="report_incident")
async def take_in(slug: str, booking_id: int, look: Looking) -> Response:
    """Take down what was told; of an accident both sides hear at once."""

    async def work(session: AsyncSession) -> str:
        await take_down(session, look, booking_id)
        return f"/staff/{slug}/bookings/{booking_id}?done=taken_in"

    return await or_again(look, lambda: look.do(work), lambda code: _taking_in(look, slug, booking_id, code=code))


async def _opens(look: View, slug: str, booking_id: int) -> bool:
    """Say whether a booking is one of the area, and none of the family of whoever looks."""
    held = await relations_to(look.session, Thing.BOOKING, str(booking_id), look.actor)
    area = await area_by_slug(look.session, slug)
    return Relation.AREA_STAFF in held and (await booking_by_id(look.session, booking_id)).area_id == area.id


async def _shown(
    look: View, slug: str, booking_id: int, *, code: int = 200, people: People | None = None, reason: str = ""
) -> Response:
    session, booking = look.session, await booking_by_id(look.session, booking_id)
    return await look.show(
        "staff/booking.html",
        code=code,
        slug=slug,
        view=await booking_view(session, booking_id, by=look.actor, now=look.now),
        cover=await cover_view(session, cover_id=booking.cover_id),
        digits_at=(await digits_asked(session, [booking_id])).get(booking_id),
        desk=await count_of_booking(session, booking_id),
        incidents=await glimpses_of_booking(session, booking_id),
        contested=bool(await contests_of(session, booking)),
        kinds=KINDS,
        at=look.form.text("item"),
        people=people,
        reason=reason,
    )


async def _taking_in(look: View, slug: str, booking_id: int, *, code: int = 200) -> Response:
    booking = await booking_by_id(look.session, booking_id)
    children = await children_in(look.session, booking.request_id)
    ages = ages_at(children, booking.start_at, await zone_of_area(look.session, booking.area_id))
    return await look.show(
        "staff/take_in.html",
        code=code,
        slug=slug,
        booking=booking,
        children=[
            {"id": child.id, "name": look.t("staff_bookings.child", n=count, years=months // MONTHS_A_YEAR)}
            for count, (child, months) in enumerate(zip(children, ages, strict=True), 1)
        ],
        at=min(look.now, booking.finished_at or booking.end_at),
        **STAFF_CHOICES,
    )

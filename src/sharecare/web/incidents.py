"""If something happened: facts, taken down from a booking by either side; photos; what was reported so far."""

import asyncio
from typing import Any

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.bookings import booking_by_id
from sharecare.care.people import children_in
from sharecare.care.queries import booking_view
from sharecare.incidents.queries import incident_view, incidents_of_booking, photo_of
from sharecare.incidents.schemas import IncidentView
from sharecare.incidents.service import add_photo
from sharecare.insurance.certificate import certificate, gather
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.incident_forms import CHOICES, as_known, brought_up_to_date, complete, photo_sent, take_down
from sharecare.web.page import Looking, View, go

router = page_router()
JPEG, PDF = "image/jpeg", "application/pdf"


@router.get("/bookings/{booking_id}/incidents", operation_id="list_booking_incidents")
async def show_incidents(look: Looking, booking_id: int) -> Response:
    """Show what was reported of a booking, and take down what happened."""
    return await _shown(look, booking_id)


@router.post("/bookings/{booking_id}/incidents", operation_id="report_incident")
async def report(look: Looking, booking_id: int) -> Response:
    """Take down what happened; the staff hear of it at once."""

    async def work(session: AsyncSession) -> str:
        await take_down(session, look, booking_id)
        return f"/bookings/{booking_id}/incidents?done=reported"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, booking_id, code=code))


@router.get("/incidents/{incident_id}", operation_id="read_incident")
async def to_incident(look: Looking, incident_id: int) -> Response:
    """Lead from a message to the booking's page that tells of it."""
    return go(f"/bookings/{(await incident_view(look.session, incident_id)).booking_id}/incidents")


@router.get("/incidents/{incident_id}/change", operation_id="read_incident")
async def to_complete(look: Looking, incident_id: int) -> Response:
    """Show a report of one's own care, to complete or correct it."""
    one = await incident_view(look.session, incident_id)
    look.form = as_known(one)
    return await _completing(look, one)


@router.post("/incidents/{incident_id}/change", operation_id="change_incident")
async def save_change(look: Looking, incident_id: int) -> Response:
    """Take over what came to be known; what was said before is kept."""

    async def work(session: AsyncSession) -> str:
        return f"/bookings/{await complete(session, look, incident_id)}/incidents?done=completed"

    async def again(code: int) -> Response:
        return await _completing(look, await incident_view(look.session, incident_id), code=code)

    return await or_again(look, lambda: look.do(work), again)


@router.post("/incidents/{incident_id}/photos", operation_id="add_incident_photo")
async def photograph(look: Looking, incident_id: int) -> Response:
    """Add a photo; place, time and camera are taken out of it."""
    photo = await photo_sent(look, incident_id)

    async def work(session: AsyncSession) -> str:
        await add_photo(session, by=look.actor, incident_id=incident_id, photo=photo, now=look.now)
        return f"/bookings/{(await incident_view(session, incident_id)).booking_id}/incidents?done=photo_added"

    return await look.do(work)


@router.get("/incidents/{incident_id}/photos/{photo_id}", operation_id="read_incident_photo")
async def show_photo(look: Looking, incident_id: int, photo_id: int) -> Response:
    """Show a photo of an incident of one's own care."""
    data = await photo_of(look.session, incident_id=incident_id, photo_id=photo_id)
    return Response(data, media_type=JPEG, headers={"Cache-Control": "no-store"})


@router.get("/bookings/{booking_id}/certificate", operation_id="read_certificate")
async def show_certificate(look: Looking, booking_id: int) -> Response:
    """Set the certificate of cover as a PDF; it names nobody."""
    made_of = await gather(look.session, cover_id=(await booking_by_id(look.session, booking_id)).cover_id)
    await look.session.close()  # nobody should wait for a connection while type is set
    address = look.here.settings.public_url
    pdf = await asyncio.to_thread(certificate, made_of, language=look.language, public_url=address, now=look.now)
    named = f'inline; filename="certificate-{made_of.cover.number}.pdf"'
    return Response(pdf, media_type=PDF, headers={"Content-Disposition": named, "Cache-Control": "no-store"})


async def _shown(look: View, booking_id: int, *, code: int = 200) -> Response:
    view = await booking_view(look.session, booking_id, by=look.actor, now=look.now)
    booking = await booking_by_id(look.session, booking_id)
    facts: dict[str, Any] = {
        "view": view,
        "reported": await incidents_of_booking(look.session, by=look.actor, booking_id=booking_id),
        # What a child is called is seen as long as the booking's details are.
        "children": await children_in(look.session, booking.request_id) if view.details else [],
        "names": {child.id: child.name for child in view.details.children} if view.details else {},
        "at": min(look.now, view.finished_at or view.end_at),
    }
    return await look.show("incidents.html", code=code, **facts, **CHOICES)


async def _completing(look: View, one: IncidentView, *, code: int = 200) -> Response:
    view = await booking_view(look.session, one.booking_id, by=look.actor, now=look.now)
    children = view.details.children if view.details else []
    booking = await booking_by_id(look.session, one.booking_id)
    mine = look.actor.person_id == booking.supporter_id or look.actor.household_id == booking.household_id
    facts = {
        "one": one,
        "known": one if mine else None,  # staff read a report elsewhere, and with a reason
        "children": children,
        "names": {child.id: child.name for child in children},
        "corrected": mine and brought_up_to_date(look.form, one),
    }
    return await look.show("incident_change.html", code=code, **facts, **CHOICES)

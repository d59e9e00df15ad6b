"""If something happened: facts, taken down from a booking by either side; photos; what was reported so far."""

import asyncio
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child
from sharecare.areas.queries import zone_of_area
from sharecare.care.bookings import booking_by_id
from sharecare.care.people import children_in
from sharecare.care.queries import booking_view
from sharecare.incidents.queries import incident_view, incidents_of_booking, photo_of
from sharecare.incidents.rules import IncidentKind, Injured, Treatment, Whom
from sharecare.incidents.schemas import IncidentChange, IncidentDraft, IncidentView
from sharecare.incidents.service import add_photo, change_incident, report_incident
from sharecare.insurance.certificate import certificate, gather
from sharecare.photographs import photo_for
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import Form, moment_typed
from sharecare.web.page import Looking, View, go

router = page_router()
JPEG, PDF = "image/jpeg", "application/pdf"
TOLD = (Whom.FAMILY, Whom.AMBULANCE, Whom.DOCTOR, Whom.SCHOOL, Whom.POLICE)
CHOICES: dict[str, Any] = {"injured": list(Injured), "treatments": list(Treatment), "whom": TOLD}
FIELDS = {"occurred_at": "at", "child_id": "child", "witnesses": "witness", "": "kind"}


@router.get("/bookings/{booking_id}/incidents", operation_id="list_booking_incidents")
async def show_incidents(look: Looking, booking_id: int) -> Response:
    """Show what was reported of a booking, and take down what happened."""
    return await _shown(look, booking_id)


@router.post("/bookings/{booking_id}/incidents", operation_id="report_incident")
async def report(look: Looking, booking_id: int) -> Response:
    """Take down what happened; the staff hear of it at once."""
    booking = await booking_by_id(look.session, booking_id)
    zone = await zone_of_area(look.session, booking.area_id)
    children = await children_in(look.session, booking.request_id)

    async def work(session: AsyncSession) -> str:
        draft = _draft(look, zone, children)
        await report_incident(session, by=look.actor, booking_id=booking_id, draft=draft, now=look.now)
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
    known = one.model_dump(mode="json", include={"place", "what", "injured", "injury", "treatment", "treatment_days"})
    ticked = {name: "1" for name in ("unconscious", "death") if getattr(one, name)}
    texts = one.model_dump(include={"damage", "third_party"})
    look.form = Form.of(child=one.child_id, **known, **ticked, **texts)
    return await _completing(look, one)


@router.post("/incidents/{incident_id}/change", operation_id="change_incident")
async def complete(look: Looking, incident_id: int) -> Response:
    """Take over what came to be known; what was said before is kept."""
    one = await incident_view(look.session, incident_id)
    booking = await booking_by_id(look.session, one.booking_id)
    zone = await zone_of_area(look.session, booking.area_id)
    children = await children_in(look.session, booking.request_id)

    async def work(session: AsyncSession) -> str:
        change = _change(look, one, zone, children)
        await change_incident(session, by=look.actor, incident_id=incident_id, change=change, now=look.now)
        return f"/bookings/{one.booking_id}/incidents?done=completed"

    return await or_again(look, lambda: look.do(work), lambda code: _completing(look, one, code=code))


@router.post("/incidents/{incident_id}/photos", operation_id="add_incident_photo")
async def photograph(look: Looking, incident_id: int) -> Response:
    """Add a photo; place, time and camera are taken out of it."""
    photo = await photo_for(look.session, incident_id, await _uploaded(look.form, "photo"), do=look.do)

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
        "kinds": list(IncidentKind),
        "at": min(look.now, view.finished_at or view.end_at),
    }
    return await look.show("incidents.html", code=code, **facts, **CHOICES)


async def _completing(look: View, one: IncidentView, *, code: int = 200) -> Response:
    view = await booking_view(look.session, one.booking_id, by=look.actor, now=look.now)
    children = view.details.children if view.details else []
    booking = await booking_by_id(look.session, one.booking_id)
    mine = look.actor.person_id == booking.supporter_id or look.actor.household_id == booking.household_id
    known = one if mine else None  # staff read a report elsewhere, and with a reason
    return await look.show("incident_change.html", code=code, one=one, known=known, children=children, **CHOICES)


def _draft(look: View, zone: ZoneInfo, children: Sequence[Child]) -> IncidentDraft:
    form = look.form
    return form.read(
        IncidentDraft,
        names=FIELDS,
        kind=form.maybe("kind"),
        occurred_at=moment_typed(form.text("at"), zone),
        place=form.maybe("place"),
        what=form.maybe("what"),
        treatment_days=form.maybe("treatment_days"),
        witnesses=_seen_by(form),
        told=_told(form, zone),
        third_party=form.text("third_party"),
        **_harm(form, children),
    )


def _change(look: View, one: IncidentView, zone: ZoneInfo, children: Sequence[Child]) -> IncidentChange:
    """Read a whole report; who was told and who saw it are added to those known before."""
    form, near_miss = look.form, one.kind is IncidentKind.NEAR_MISS
    known = one.model_dump(mode="json", include={"witnesses", "told"})
    change = form.read(
        IncidentChange,
        names=FIELDS,
        note=form.maybe("note"),
        place=form.maybe("place"),
        what=form.maybe("what"),
        treatment_days=form.maybe("treatment_days"),
        witnesses=known["witnesses"] + _seen_by(form),
        told=known["told"] + _told(form, zone),
        third_party=form.text("third_party"),
        **({} if near_miss else _harm(form, children, known=one.child_id)),
    )
    if near_miss or form.text("treatment_days"):
        return change
    return change.model_copy(update={"treatment_days": None})  # an emptied field takes it back


def _harm(form: Form, children: Sequence[Child], *, known: int | None = None) -> dict[str, Any]:
    hurt = form.text("injured") or Injured.NOBODY
    alone = children[0].id if len(children) == 1 else known
    return {
        "injured": hurt,
        "child_id": form.maybe("child") or alone if hurt == Injured.CHILD else None,
        "injury": form.text("injury"),
        "treatment": form.maybe("treatment") or Treatment.NONE,
        "unconscious": form.ticked("unconscious"),
        "death": form.ticked("death"),
        "damage": form.text("damage"),
    }


def _seen_by(form: Form) -> list[dict[str, str]]:
    name, contact = form.text("witness"), form.text("witness_contact")
    return [{"name": name, "contact": contact}] if name or contact else []


def _told(form: Form, zone: ZoneInfo) -> list[dict[str, Any]]:
    at = {whom: moment_typed(form.text(f"told_{whom}"), zone) for whom in TOLD if form.text(f"told_{whom}")}
    return [{"whom": whom, "at": told_at} for whom, told_at in at.items()]


async def _uploaded(form: Form, name: str) -> bytes:
    if (sent := form.files.get(name)) is None:
        return b""
    try:
        return await sent.read()
    finally:
        await sent.close()

"""Near misses and incidents: codes and moments in the list; a file is opened with a reason that both sides see."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated

from fastapi import Query, status
from fastapi.responses import Response
from pydantic import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child
from sharecare.accounts.schemas import Reason
from sharecare.areas.queries import area_by_slug
from sharecare.care.bookings import booking_by_id
from sharecare.care.people import children_in
from sharecare.drafts import Draft
from sharecare.incidents import service
from sharecare.incidents.claim_schemas import ClaimDraft
from sharecare.incidents.claims import file_claim
from sharecare.incidents.photos import Photo
from sharecare.incidents.queries import incident_file, incidents_of_area, photo_of
from sharecare.incidents.rules import Claimant, Report
from sharecare.incidents.schemas import Conclusion, IncidentView, ReportDraft
from sharecare.insurance.words import EXCLUSIONS, PERILS
from sharecare.mynumber import PlainText
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import BadForm, Form
from sharecare.web.incident_forms import STAFF_CHOICES, as_known, brought_up_to_date, complete, photo_sent
from sharecare.web.page import Looking, View

router = page_router()
AT_ONCE = 20
Why = Annotated[PlainText, Query(min_length=4, max_length=200)]


class FileReason(Draft):
    """Why staff open an incident's file."""

    reason: PlainText = Field(min_length=4, max_length=200)


@router.get("/staff/{slug}/incidents", operation_id="list_area_incidents")
async def incidents(slug: str, look: Looking) -> Response:
    """List what was reported, newest first."""
    return await _listed(look, slug)


@router.post("/staff/{slug}/incidents/{incident_id}", operation_id="read_incident_file")
async def file(slug: str, incident_id: int, look: Looking) -> Response:
    """Open a file, and log the look with its reason."""
    try:
        return await _opened(look, slug, incident_id)
    except BadForm:
        return await _listed(look, slug, code=422, at=incident_id)


@router.get("/staff/{slug}/incidents/{incident_id}/photos/{photo_id}", operation_id="read_incident_file_photo")
async def photo(slug: str, incident_id: int, photo_id: int, look: Looking, reason: Why) -> Response:  # noqa: ARG001  -- held to its area by the door
    """Show a photo of a file that was opened; this look is logged too."""
    by = look.actor

    async def work(session: AsyncSession) -> bytes:
        await incident_file(session, by=by, incident_id=incident_id, reason=reason, now=look.now)
        return await photo_of(session, incident_id=incident_id, photo_id=photo_id)

    await look.session.close()
    data = await look.here.database.write(work)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.post("/staff/{slug}/incidents/{incident_id}/completing", operation_id="read_incident_file")
async def to_complete(slug: str, incident_id: int, look: Looking) -> Response:
    """Show a report to complete or correct it, and log the look with its reason."""
    return await _completing(look, slug, incident_id)


@router.post("/staff/{slug}/incidents/{incident_id}/change", operation_id="change_incident")
async def save_change(slug: str, incident_id: int, look: Looking) -> Response:
    """Take over what came to be known; both sides see who wrote it and what stood there before."""

    async def work(session: AsyncSession) -> str:
        _why(look)
        return f"/staff/{slug}/bookings/{await complete(session, look, incident_id)}?done=completed"

    return await or_again(look, lambda: look.do(work), lambda code: _completing(look, slug, incident_id, code=code))


@router.post("/staff/{slug}/incidents/{incident_id}/photos", operation_id="add_incident_photo")
async def photograph(slug: str, incident_id: int, look: Looking) -> Response:
    """Add a photo and show the file again: several may have come."""

    async def added() -> Response:
        photo = await photo_sent(look, incident_id)
        _why(look)
        await look.do(partial(keep, photo))
        return await _opened(look, slug, incident_id, done="done.photo_added")

    async def keep(photo: Photo, session: AsyncSession) -> str:
        await service.add_photo(session, by=look.actor, incident_id=incident_id, photo=photo, now=look.now)
        return f"/staff/{slug}/incidents"

    return await or_again(look, added, lambda code: _opened(look, slug, incident_id, code=code))


@router.post("/staff/{slug}/incidents/{incident_id}/reports", operation_id="record_accident_report")
async def record_report(slug: str, incident_id: int, look: Looking) -> Response:
    """Record that the authority was told."""

    async def work(session: AsyncSession) -> str:
        draft = look.form.read(ReportDraft, report=look.form.maybe("report"), note=look.form.maybe("note"))
        await service.record_report(session, by=look.actor, incident_id=incident_id, draft=draft, now=look.now)
        return f"/staff/{slug}/incidents?done=report_recorded"

    return await _done(look, slug, incident_id, work)


@router.post("/staff/{slug}/incidents/{incident_id}/close", operation_id="close_incident")
async def close(slug: str, incident_id: int, look: Looking) -> Response:
    """Close an incident with what was learned."""

    async def work(session: AsyncSession) -> str:
        draft = look.form.read(Conclusion, conclusion=look.form.maybe("conclusion"))
        await service.close_incident(session, by=look.actor, incident_id=incident_id, draft=draft, now=look.now)
        return f"/staff/{slug}/incidents?done=incident_closed"

    return await _done(look, slug, incident_id, work)


@router.post("/staff/{slug}/incidents/{incident_id}/reopen", operation_id="reopen_incident")
async def reopen(slug: str, incident_id: int, look: Looking) -> Response:
    """Open it again, because more came to be known."""

    async def work(session: AsyncSession) -> str:
        why = look.form.read(Reason, names={"reason": "why"}, reason=look.form.maybe("why"))
        await service.reopen_incident(session, by=look.actor, incident_id=incident_id, draft=why, now=look.now)
        return f"/staff/{slug}/incidents?done=incident_reopened"

    return await _done(look, slug, incident_id, work)


@router.post("/staff/{slug}/incidents/{incident_id}/claims", operation_id="file_claim")
async def claim(slug: str, incident_id: int, look: Looking) -> Response:
    """File a claim with the insurer, and lead to it."""
    form = look.form

    async def work(session: AsyncSession) -> str:
        draft = form.read(
            ClaimDraft,
            peril=form.maybe("peril"),
            claimant=form.maybe("claimant"),
            circumstances=form.all("circumstances"),
            claimed_yen=form.plain("claimed_yen"),
            reserve_yen=form.plain("reserve_yen"),
        )
        filed = await file_claim(session, by=look.actor, incident_id=incident_id, draft=draft, now=look.now)
        return f"/claims/{filed.id}?done=claim_filed"

    return await _done(look, slug, incident_id, work)


async def _done(look: View, slug: str, incident_id: int, work: Callable[[AsyncSession], Awaitable[str]]) -> Response:
    return await or_again(look, lambda: look.do(work), lambda code: _opened(look, slug, incident_id, code=code))


async def _opened(
    look: View, slug: str, incident_id: int, *, code: int = status.HTTP_200_OK, **facts: object
) -> Response:
    one, children, reason = await _read(look, incident_id)
    if code == status.HTTP_200_OK:
        look.form = Form(language=look.language)  # what was typed so far asked for this page
    return await look.show(
        "staff/incident.html",
        code=code,
        slug=slug,
        one=one,
        names={child.id: child.name for child in children},
        reason=reason,
        reports=list(Report),
        perils=PERILS,
        claimants=list(Claimant),
        exclusions=EXCLUSIONS,
        **facts,
    )


async def _completing(look: View, slug: str, incident_id: int, *, code: int = status.HTTP_200_OK) -> Response:
    one, children, reason = await _read(look, incident_id)
    if code == status.HTTP_200_OK:
        look.form = as_known(one)
    facts = {
        "slug": slug,
        "one": one,
        "children": children,
        "names": {child.id: child.name for child in children},
        "reason": reason,
        "corrected": brought_up_to_date(look.form, one),
    }
    return await look.show("staff/incident_change.html", code=code, **facts, **STAFF_CHOICES)


async def _read(look: View, incident_id: int) -> tuple[IncidentView, Sequence[Child], str]:
    """Read a file with the children's names; log the look with the reason that the form gives, and return that too."""
    by, reason = look.actor, _why(look)

    async def work(session: AsyncSession) -> tuple[IncidentView, Sequence[Child]]:
        view = await incident_file(session, by=by, incident_id=incident_id, reason=reason, now=look.now)
        request_id = (await booking_by_id(session, view.booking_id)).request_id
        return view, await children_in(session, request_id)

    await look.session.close()
    return *(await look.here.database.write(work)), reason


def _why(look: View) -> str:
    return look.form.read(FileReason, reason=look.form.maybe("reason")).reason


async def _listed(look: View, slug: str, *, code: int = 200, at: int = 0) -> Response:
    area = await area_by_slug(look.session, slug)
    cursor = look.request.query_params.get("cursor")
    page = await incidents_of_area(look.session, area_id=area.id, cursor=cursor, limit=AT_ONCE)
    return await look.show("staff/incidents.html", code=code, slug=slug, page=page, at=at)

"""Near misses, incidents and claims."""

from typing import Annotated, Any

from fastapi import Query, Request, Response, status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.schemas import Reason
from sharecare.api.door import api_router
from sharecare.api.parameters import Id, Limit
from sharecare.areas.queries import area_by_slug
from sharecare.deps import Do, Now, Reader, Who
from sharecare.incidents import claims, letters, queries, service
from sharecare.incidents.claim_schemas import (
    AttachmentView,
    ClaimChange,
    ClaimDraft,
    ClaimRow,
    ClaimView,
    LetterDraft,
)
from sharecare.incidents.rules import MediaType
from sharecare.incidents.schemas import (
    Conclusion,
    IncidentChange,
    IncidentDraft,
    IncidentGlimpse,
    IncidentView,
    PhotoView,
    ReportDraft,
)
from sharecare.paging import Page
from sharecare.uploads import paper_for, photo_for

router = api_router("incidents")

JPEG = "image/jpeg"
Why = Annotated[str, Query(min_length=4, max_length=200, description="Why; logged, and shown to those concerned.")]
PICTURES = (JPEG, "image/png", "image/webp")
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_SHOWN: dict[int | str, dict[str, Any]] = {200: {"content": {JPEG: _BYTES}}}
_GIVEN: dict[int | str, dict[str, Any]] = {200: {"content": dict.fromkeys(MediaType, _BYTES)}}


def _upload(*media_types: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": dict.fromkeys(media_types, _BYTES)}}


@router.post("/bookings/{booking_id}/incidents", status_code=status.HTTP_201_CREATED, operation_id="report_incident")
async def report_incident(booking_id: Id, draft: IncidentDraft, actor: Who, do: Do, now: Now) -> IncidentView:
    """Report a near miss or an incident; the staff hear of it at once. No payment is promised by it."""

    async def work(session: AsyncSession) -> IncidentView:
        made = await service.report_incident(session, by=actor, booking_id=booking_id, draft=draft, now=now)
        return await queries.incident_view(session, made.id)

    return await do(work)


@router.get("/bookings/{booking_id}/incidents", operation_id="list_booking_incidents")
async def list_booking_incidents(booking_id: Id, actor: Who, session: Reader) -> list[IncidentView]:
    """List what was reported of a booking; near misses only to the side that reported them."""
    return await queries.incidents_of_booking(session, by=actor, booking_id=booking_id)


@router.get("/areas/{slug}/incidents", operation_id="list_area_incidents")
async def list_area_incidents(
    slug: str, session: Reader, cursor: str | None = None, limit: Limit = 50
) -> Page[IncidentGlimpse]:
    """List an area's incidents, newest first: codes and moments, no texts and no names."""
    area = await area_by_slug(session, slug)
    return await queries.incidents_of_area(session, area_id=area.id, cursor=cursor, limit=limit)


@router.get("/incidents/{incident_id}", operation_id="read_incident")
async def read_incident(incident_id: Id, session: Reader) -> IncidentView:
    """Read an incident of one's own care."""
    return await queries.incident_view(session, incident_id)


@router.get("/incidents/{incident_id}/file", operation_id="read_incident_file")
async def read_incident_file(incident_id: Id, reason: Why, actor: Who, do: Do, now: Now) -> IncidentView:
    """Read an incident as staff; the look is logged with its reason, and the two sides can see it."""

    async def work(session: AsyncSession) -> IncidentView:
        return await queries.incident_file(session, by=actor, incident_id=incident_id, reason=reason, now=now)

    return await do(work)


@router.patch("/incidents/{incident_id}", operation_id="change_incident")
async def change_incident(incident_id: Id, change: IncidentChange, actor: Who, do: Do, now: Now) -> IncidentView:
    """Add what came to be known later; what was said before stays in the notes."""

    async def work(session: AsyncSession) -> IncidentView:
        await service.change_incident(session, by=actor, incident_id=incident_id, change=change, now=now)
        return await queries.incident_view(session, incident_id)

    return await do(work)


@router.post(
    "/incidents/{incident_id}/photos",
    status_code=status.HTTP_201_CREATED,
    operation_id="add_incident_photo",
    openapi_extra=_upload(*PICTURES),
)
async def add_photo(incident_id: Id, request: Request, actor: Who, session: Reader, do: Do, now: Now) -> PhotoView:
    """Add a photo of up to 5 MB and 25 megapixels as the body; it is encoded anew, without place, time or camera."""
    photo = await photo_for(session, incident_id, await request.body(), do=do)

    async def work(session: AsyncSession) -> PhotoView:
        kept = await service.add_photo(session, by=actor, incident_id=incident_id, photo=photo, now=now)
        return PhotoView.model_validate(kept)

    return await do(work)


@router.get(
    "/incidents/{incident_id}/photos/{photo_id}",
    operation_id="read_incident_photo",
    response_class=Response,
    responses=_SHOWN,
)
async def read_photo(incident_id: Id, photo_id: Id, session: Reader) -> Response:
    """Read a photo of an incident of one's own care."""
    return Response(await queries.photo_of(session, incident_id=incident_id, photo_id=photo_id), media_type=JPEG)


@router.get(
    "/incidents/{incident_id}/file/photos/{photo_id}",
    operation_id="read_incident_file_photo",
    response_class=Response,
    responses=_SHOWN,
)
async def read_file_photo(incident_id: Id, photo_id: Id, reason: Why, actor: Who, do: Do, now: Now) -> Response:
    """Read a photo as staff; the look is logged with its reason."""

    async def work(session: AsyncSession) -> bytes:
        await queries.incident_file(session, by=actor, incident_id=incident_id, reason=reason, now=now)
        return await queries.photo_of(session, incident_id=incident_id, photo_id=photo_id)

    return Response(await do(work), media_type=JPEG)


@router.post("/incidents/{incident_id}/reports", operation_id="record_accident_report")
async def record_report(incident_id: Id, draft: ReportDraft, actor: Who, do: Do, now: Now) -> IncidentView:
    """Record that a report on a serious accident went to the authority."""

    async def work(session: AsyncSession) -> IncidentView:
        await service.record_report(session, by=actor, incident_id=incident_id, draft=draft, now=now)
        return await queries.incident_view(session, incident_id)

    return await do(work)


@router.post("/incidents/{incident_id}/close", operation_id="close_incident")
async def close_incident(incident_id: Id, draft: Conclusion, actor: Who, do: Do, now: Now) -> IncidentView:
    """Close an incident with what was learned."""

    async def work(session: AsyncSession) -> IncidentView:
        await service.close_incident(session, by=actor, incident_id=incident_id, draft=draft, now=now)
        return await queries.incident_view(session, incident_id)

    return await do(work)


@router.post("/incidents/{incident_id}/reopen", operation_id="reopen_incident")
async def reopen_incident(incident_id: Id, why: Reason, actor: Who, do: Do, now: Now) -> IncidentView:
    """Open a closed incident again, because more came to be known."""

    async def work(session: AsyncSession) -> IncidentView:
        await service.reopen_incident(session, by=actor, incident_id=incident_id, draft=why, now=now)
        return await queries.incident_view(session, incident_id)

    return await do(work)


@router.post("/incidents/{incident_id}/claims", status_code=status.HTTP_201_CREATED, operation_id="file_claim")
async def file_claim(incident_id: Id, draft: ClaimDraft, actor: Who, do: Do, now: Now) -> ClaimView:
    """File a claim with the insurer because of an incident."""

    async def work(session: AsyncSession) -> ClaimView:
        claim = await claims.file_claim(session, by=actor, incident_id=incident_id, draft=draft, now=now)
        return await queries.claim_view(session, claim.id, by=actor)

    return await do(work)


@router.get("/policies/{policy_id}/claims", operation_id="list_claims")
async def list_claims(policy_id: Id, session: Reader, cursor: str | None = None, limit: Limit = 50) -> Page[ClaimRow]:
    """List a policy's claims, newest first."""
    return await queries.claims_of_policy(session, policy_id, cursor=cursor, limit=limit)


@router.get("/claims/{claim_id}", operation_id="read_claim")
async def read_claim(claim_id: Id, actor: Who, session: Reader) -> ClaimView:
    """Read a claim with its facts, its history and what was written about it."""
    return await queries.claim_view(session, claim_id, by=actor)


@router.get(
    "/claims/{claim_id}/photos/{photo_id}",
    operation_id="read_claim_photo",
    response_class=Response,
    responses=_SHOWN,
)
async def read_claim_photo(claim_id: Id, photo_id: Id, actor: Who, do: Do, now: Now) -> Response:
    """Read a photo of what a claim is about; the look is logged, and the two sides can see it."""
    jpeg = await do(
        lambda session: queries.claim_photo(session, by=actor, claim_id=claim_id, photo_id=photo_id, now=now)
    )
    return Response(jpeg, media_type=JPEG)


@router.post("/claims/{claim_id}/changes", operation_id="change_claim")
async def change_claim(claim_id: Id, change: ClaimChange, actor: Who, do: Do, now: Now) -> ClaimView:
    """Move a claim or its figures, as the insurer decided."""

    async def work(session: AsyncSession) -> ClaimView:
        await claims.change_claim(session, by=actor, claim_id=claim_id, change=change, now=now)
        return await queries.claim_view(session, claim_id, by=actor)

    return await do(work)


@router.post("/claims/{claim_id}/letters", status_code=status.HTTP_201_CREATED, operation_id="keep_claim_letter")
async def keep_letter(claim_id: Id, draft: LetterDraft, actor: Who, do: Do, now: Now) -> ClaimView:
    """Keep what was exchanged about a claim."""

    async def work(session: AsyncSession) -> ClaimView:
        await letters.keep_letter(session, by=actor, claim_id=claim_id, draft=draft, now=now)
        return await queries.claim_view(session, claim_id, by=actor)

    return await do(work)


@router.post(
    "/claims/{claim_id}/letters/{letter_id}/attachments",
    status_code=status.HTTP_201_CREATED,
    operation_id="attach_to_claim_letter",
    openapi_extra=_upload(MediaType.PDF, *PICTURES),
)
async def attach(
    claim_id: Id, letter_id: Id, request: Request, actor: Who, session: Reader, do: Do, now: Now
) -> AttachmentView:
    """Attach a paper of up to 5 MB as the body: a PDF stays as it is, a photo is encoded anew."""
    paper = await paper_for(session, claim_id, letter_id, await request.body(), do=do)

    async def work(session: AsyncSession) -> AttachmentView:
        kept = await letters.attach(session, by=actor, claim_id=claim_id, letter_id=letter_id, paper=paper, now=now)
        return AttachmentView.model_validate(kept)

    return await do(work)


@router.get(
    "/claims/{claim_id}/attachments/{attachment_id}",
    operation_id="read_claim_attachment",
    response_class=Response,
    responses=_GIVEN,
)
async def read_attachment(claim_id: Id, attachment_id: Id, actor: Who, do: Do, now: Now) -> Response:
    """Read a paper that is with a letter of a claim; the look is logged, and the two sides can see it."""
    paper = await do(
        lambda session: queries.claim_attachment(
            session, by=actor, claim_id=claim_id, attachment_id=attachment_id, now=now
        )
    )
    # To be saved, never shown: a PDF is as it came.
    return Response(paper.content, media_type=paper.media_type, headers={"Content-Disposition": "attachment"})

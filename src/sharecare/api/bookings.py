"""Bookings and the care day."""

import asyncio

from fastapi import Request, Response, status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.schemas import Reason
from sharecare.api.door import api_router
from sharecare.api.parameters import PDF, Id, Language, Limit
from sharecare.care import bookings, care_day, changes, no_show, queries
from sharecare.care.booking_schemas import BookingView, ChangeDraft, ChangeView, HandoverPins, Settlement
from sharecare.care.day_schemas import Finishing, Starting
from sharecare.care.rules import CareEnd
from sharecare.care.schemas import MaybeWhy, Why
from sharecare.deps import Do, Here, Index, Now, Reader, Who, language_of
from sharecare.insurance.certificate import certificate, gather
from sharecare.insurance.queries import cover_view
from sharecare.insurance.schemas import CoverView
from sharecare.paging import Page

router = api_router("bookings")


@router.get("/bookings", operation_id="list_my_bookings")
async def list_bookings(
    actor: Who,
    session: Reader,
    now: Now,
    cursor: str | None = None,
    limit: Limit = 20,
) -> Page[BookingView]:
    """List the bookings one has a part in, newest first."""
    return await queries.my_bookings(session, by=actor, cursor=cursor, limit=limit, now=now)


@router.get("/bookings/{booking_id}", operation_id="read_booking")
async def read_booking(booking_id: Id, actor: Who, session: Reader, now: Now) -> BookingView:
    """Read a booking; place, contacts and children only for its two sides, until 24 hours after the care."""
    return await queries.booking_view(session, booking_id, by=actor, now=now)


@router.get("/bookings/{booking_id}/cover", operation_id="read_cover")
async def read_cover(booking_id: Id, session: Reader) -> CoverView:
    """Read the insurance of a booking."""
    booking = await bookings.booking_by_id(session, booking_id)
    return await cover_view(session, cover_id=booking.cover_id)


@router.get(
    "/bookings/{booking_id}/certificate",
    operation_id="read_certificate",
    response_class=Response,
    responses={200: {"content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def read_certificate(
    booking_id: Id, request: Request, here: Here, now: Now, language: Language | None = None
) -> Response:
    """Read the certificate of cover as a PDF: it names nobody, and its code opens a page that says if it is valid."""
    async with here.database.read() as session:
        booking = await bookings.booking_by_id(session, booking_id)
        made_of = await gather(session, cover_id=booking.cover_id)
    # Set in a thread: it takes the better part of a tenth of a second.
    pdf = await asyncio.to_thread(
        certificate,
        made_of,
        language=language or language_of(request),
        public_url=here.settings.public_url,
        now=now,
    )
    name = f'inline; filename="certificate-{made_of.cover.number}.pdf"'
    return Response(pdf, media_type=PDF, headers={"Content-Disposition": name})


@router.get("/bookings/{booking_id}/pins", operation_id="read_handover_pins")
async def read_pins(booking_id: Id, session: Reader, here: Here) -> HandoverPins:
    """Read the digits that a parent shows when handing over and receiving."""
    return await queries.handover_pins(session, booking_id, key=here.settings.signing_key)


@router.post("/bookings/{booking_id}/start", operation_id="start_care")
async def start(booking_id: Id, starting: Starting, actor: Who, do: Do, here: Here, now: Now) -> BookingView:
    """Take over the child; the family is told at once."""

    async def work(session: AsyncSession) -> BookingView:
        await care_day.start_care(
            session,
            by=actor,
            booking_id=booking_id,
            pin=starting.digits(booking_id, CareEnd.START),
            checks=starting.children,
            key=here.settings.signing_key,
            now=now,
        )
        return await queries.booking_view(session, booking_id, by=actor, now=now)

    return await do(work)


@router.post("/bookings/{booking_id}/finish", operation_id="finish_care")
async def finish(booking_id: Id, handing: Finishing, actor: Who, do: Do, here: Here, now: Now) -> BookingView:
    """Give the child back; cover ends with what really happened."""

    async def work(session: AsyncSession) -> BookingView:
        pin = handing.digits(booking_id, CareEnd.FINISH)
        await care_day.finish_care(
            session,
            by=actor,
            booking_id=booking_id,
            pin=pin,
            key=here.settings.signing_key,
            now=now,
            ended_at=handing.ended_at,
        )
        return await queries.booking_view(session, booking_id, by=actor, now=now)

    return await do(work)


@router.post("/bookings/{booking_id}/changes", status_code=status.HTTP_201_CREATED, operation_id="propose_change")
async def propose_change(booking_id: Id, draft: ChangeDraft, actor: Who, do: Do, now: Now) -> ChangeView:
    """Propose a later start or another end; the other side decides."""

    async def work(session: AsyncSession) -> ChangeView:
        if draft.new_start_at is not None:
            change = await changes.propose_late_start(
                session, by=actor, booking_id=booking_id, new_start_at=draft.new_start_at, now=now
            )
        else:
            change = await changes.propose_change(
                session, by=actor, booking_id=booking_id, new_end_at=draft.end(), now=now
            )
        return ChangeView.model_validate(change)

    return await do(work)


@router.post("/changes/{change_id}/agree", operation_id="agree_change")
async def agree_change(change_id: Id, actor: Who, do: Do, now: Now) -> BookingView:
    """Agree to a proposed start or end; cover follows it."""

    async def work(session: AsyncSession) -> BookingView:
        booking = await changes.agree_change(session, by=actor, change_id=change_id, now=now)
        return await queries.booking_view(session, booking.id, by=actor, now=now)

    return await do(work)


@router.post("/changes/{change_id}/refuse", operation_id="refuse_change")
async def refuse_change(change_id: Id, actor: Who, do: Do, now: Now) -> ChangeView:
    """Say no to a proposed start or end."""

    async def work(session: AsyncSession) -> ChangeView:
        return ChangeView.model_validate(await changes.refuse_change(session, by=actor, change_id=change_id, now=now))

    return await do(work)


@router.post("/bookings/{booking_id}/thanks", operation_id="record_thanks")
async def record_thanks(booking_id: Id, settlement: Settlement, actor: Who, do: Do, now: Now) -> BookingView:
    """Record once what was paid between the two families."""

    async def work(session: AsyncSession) -> BookingView:
        await care_day.record_thanks(session, by=actor, booking_id=booking_id, settlement=settlement, now=now)
        return await queries.booking_view(session, booking_id, by=actor, now=now)

    return await do(work)


@router.post("/bookings/{booking_id}/cancel", operation_id="cancel_booking")
async def cancel(booking_id: Id, why: Why, actor: Who, do: Do, index: Index, now: Now) -> BookingView:
    """Cancel before the care begins; when the supporter does, the request opens again."""

    async def work(session: AsyncSession) -> BookingView:
        await bookings.cancel_booking(session, index, by=actor, booking_id=booking_id, reason=why.reason, now=now)
        return await queries.booking_view(session, booking_id, by=actor, now=now)

    return await do(work)


@router.post("/bookings/{booking_id}/no-show", operation_id="report_no_show")
async def report_no_show(booking_id: Id, actor: Who, do: Do, now: Now) -> BookingView:
    """Say that the other side did not come, some minutes after the agreed start."""

    async def work(session: AsyncSession) -> BookingView:
        await no_show.report_no_show(session, by=actor, booking_id=booking_id, now=now)
        return await queries.booking_view(session, booking_id, by=actor, now=now)

    return await do(work)


@router.post("/bookings/{booking_id}/no-show/take-back", operation_id="take_back_no_show")
async def take_back_no_show(booking_id: Id, actor: Who, do: Do, now: Now) -> BookingView:
    """Say that they came after all, as who reported them: until the agreed end booking and cover stand again."""

    async def work(session: AsyncSession) -> BookingView:
        await no_show.take_back_no_show(session, by=actor, booking_id=booking_id, now=now)
        return await queries.booking_view(session, booking_id, by=actor, now=now)

    return await do(work)


@router.post("/bookings/{booking_id}/no-show/contest", operation_id="contest_no_show")
async def contest_no_show(booking_id: Id, why: Reason, actor: Who, do: Do, now: Now) -> BookingView:
    """Say how it was, as who is said not to have come: the other side and the staff read it, and staff decide."""

    async def work(session: AsyncSession) -> BookingView:
        await no_show.contest_no_show(session, by=actor, booking_id=booking_id, because=why.reason, now=now)
        return await queries.booking_view(session, booking_id, by=actor, now=now)

    return await do(work)


@router.post("/bookings/{booking_id}/cannot-come", operation_id="say_cannot_come")
async def cannot_come(booking_id: Id, why: MaybeWhy, actor: Who, do: Do, index: Index, now: Now) -> BookingView:
    """Say "I can't be there": the family is told and the request opens to the next wave."""

    async def work(session: AsyncSession) -> BookingView:
        await bookings.cancel_booking(session, index, by=actor, booking_id=booking_id, reason=why.reason, now=now)
        return await queries.booking_view(session, booking_id, by=actor, now=now)

    return await do(work)

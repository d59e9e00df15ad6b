"""Requests, asks and offers."""

from fastapi import Request, status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.api.door import api_router
from sharecare.api.parameters import Id, Limit
from sharecare.care import asked, candidates, offers, queries, requests
from sharecare.care.booking_schemas import BookingView
from sharecare.care.schemas import (
    AskView,
    Candidate,
    MaybeWhy,
    Need,
    OfferDraft,
    OfferView,
    RequestGlimpse,
    RequestView,
)
from sharecare.deps import Do, Index, Now, Reader, Who, language_of
from sharecare.paging import Page

router = api_router("care")


@router.post("/requests/preview", operation_id="preview_candidates")
async def preview(need: Need, actor: Who, do: Do, index: Index, request: Request, now: Now) -> list[Candidate]:
    """See who could help without asking anyone; 20 times a day."""

    async def work(session: AsyncSession) -> list[Candidate]:
        found = await requests.preview_candidates(session, index, by=actor, need=need, now=now)
        return await candidates.candidate_views(session, found, language=language_of(request))

    return await do(work)


@router.post("/requests", status_code=status.HTTP_201_CREATED, operation_id="open_request")
async def open_request(need: Need, actor: Who, do: Do, index: Index, now: Now) -> RequestView:
    """Open a request; the first circle is asked at once."""

    async def work(session: AsyncSession) -> RequestView:
        opened = await requests.open_request(session, index, by=actor, need=need, now=now)
        return await queries.request_view(session, opened.id)

    return await do(work)


@router.get("/requests", operation_id="list_my_requests")
async def list_requests(actor: Who, session: Reader, cursor: str | None = None, limit: Limit = 20) -> Page[RequestView]:
    """List the family's requests, newest first."""
    return await queries.my_requests(session, by=actor, cursor=cursor, limit=limit)


@router.get("/requests/{request_id}", operation_id="read_request")
async def read_request(request_id: Id, actor: Who, session: Reader) -> RequestView | RequestGlimpse:
    """Read a request: the family sees all of it, those asked a glimpse."""
    request = await requests.request_by_id(session, request_id)
    if request.household_id == actor.household_id:
        return await queries.request_view(session, request_id)
    return await queries.request_glimpse(session, request_id, by=actor)


@router.get("/requests/{request_id}/candidates", operation_id="list_candidates")
async def list_candidates(request_id: Id, session: Reader, index: Index, request: Request, now: Now) -> list[Candidate]:
    """List who could help in the circle reached, best first; those free for a part of the time come last."""
    language = language_of(request)
    return await candidates.candidates_for(session, index, request_id=request_id, language=language, now=now)


@router.post("/requests/{request_id}/widen", operation_id="widen_request")
async def widen_request(request_id: Id, actor: Who, do: Do, index: Index, now: Now) -> RequestView:
    """Ask others too, where one person was asked by name."""

    async def work(session: AsyncSession) -> RequestView:
        await requests.widen_request(session, index, by=actor, request_id=request_id, now=now)
        return await queries.request_view(session, request_id)

    return await do(work)


@router.post("/requests/{request_id}/withdraw", operation_id="withdraw_request")
async def withdraw_request(request_id: Id, why: MaybeWhy, actor: Who, do: Do, now: Now) -> RequestView:
    """Take back a request that is not booked."""

    async def work(session: AsyncSession) -> RequestView:
        await requests.withdraw_request(session, by=actor, request_id=request_id, reason=why.reason, now=now)
        return await queries.request_view(session, request_id)

    return await do(work)


@router.get("/requests/{request_id}/offers", operation_id="list_offers")
async def list_offers(request_id: Id, session: Reader) -> list[OfferView]:
    """List the offers for a request, first come first."""
    return await queries.offers_for(session, request_id)


@router.post("/requests/{request_id}/offers", status_code=status.HTTP_201_CREATED, operation_id="make_offer")
async def make_offer(request_id: Id, draft: OfferDraft, actor: Who, do: Do, now: Now) -> OfferView:
    """Offer to take a request; a direct ask, or where the first acceptance decides, is booked at once."""

    async def work(session: AsyncSession) -> OfferView:
        offer = await offers.make_offer(session, by=actor, request_id=request_id, note=draft.note, now=now)
        return await queries.offer_view(session, offer.id)

    return await do(work)


@router.post("/offers/{offer_id}/withdraw", operation_id="withdraw_offer")
async def withdraw_offer(offer_id: Id, actor: Who, do: Do, now: Now) -> OfferView:
    """Take back an offer that was not accepted yet."""

    async def work(session: AsyncSession) -> OfferView:
        await offers.withdraw_offer(session, by=actor, offer_id=offer_id, now=now)
        return await queries.offer_view(session, offer_id)

    return await do(work)


@router.post("/offers/{offer_id}/accept", status_code=status.HTTP_201_CREATED, operation_id="accept_offer")
async def accept_offer(offer_id: Id, actor: Who, do: Do, now: Now) -> BookingView:
    """Choose an offer: it becomes an insured booking, or nothing changes."""

    async def work(session: AsyncSession) -> BookingView:
        booking = await offers.accept_offer(session, by=actor, offer_id=offer_id, now=now)
        return await queries.booking_view(session, booking.id, by=actor, now=now)

    return await do(work)


@router.get("/me/asks", operation_id="list_my_asks")
async def list_asks(actor: Who, session: Reader, cursor: str | None = None, limit: Limit = 20) -> Page[AskView]:
    """List what one was asked, newest first."""
    return await asked.my_asks(session, by=actor, cursor=cursor, limit=limit)


@router.post("/asks/{ask_id}/decline", status_code=status.HTTP_204_NO_CONTENT, operation_id="decline_ask")
async def decline_ask(ask_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Say "can't this time"; no reason is asked."""
    await do(lambda session: offers.decline_ask(session, by=actor, ask_id=ask_id, now=now))

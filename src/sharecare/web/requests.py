"""One's requests, and one request as each sees it: its family live, those asked at a glimpse."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import children_of
from sharecare.areas.rules import CIRCLES
from sharecare.care.asked import my_ask
from sharecare.care.candidates import candidates_for
from sharecare.care.offers import accept_offer, make_offer, withdraw_offer
from sharecare.care.overviews import past_requests, requests_ahead
from sharecare.care.queries import offer_view, offers_for, request_view
from sharecare.care.requests import request_by_id, widen_request, withdraw_request
from sharecare.care.rules import OfferState, RequestState
from sharecare.care.schemas import AskProgress, Candidate, MaybeWhy, OfferDraft, OfferView, RequestView
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.page import Index, Looking, View, local_path

router = page_router()
A_PAGE = 20
STANDING = (RequestState.OPEN, RequestState.BOOKED)


@dataclass(frozen=True, slots=True)
class Wave:
    """One circle that was asked, and who is in it; nameless where one person was asked by name."""

    circle: str | None
    at: datetime
    asked: Sequence[AskProgress]


@dataclass(frozen=True, slots=True)
class Gone:
    """Someone who was booked and then could not come."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """A request as its family follows it."""

    view: RequestView
    waves: Sequence[Wave]
    gone: Sequence[Gone]
    next_circle: str | None
    offers: Sequence[OfferView]
    why: dict[int, Candidate]  # by supporter

    @property
    def story(self) -> list[Wave | Gone]:
        """Return what happened, latest first; at one moment someone goes before others are asked."""
        return sorted([*self.waves, *self.gone], key=lambda step: step.at, reverse=True)


@router.get("/requests", operation_id="list_my_requests")
async def list_requests(look: Looking, cursor: str | None = None) -> Response:
    """List the family's requests: the open ones, those that are settled and ahead, then the history."""
    ahead = await requests_ahead(look.session, by=look.actor, now=look.now) if cursor is None else []
    past = await past_requests(look.session, by=look.actor, cursor=cursor, limit=A_PAGE, now=look.now)
    now_open, booked = ([one for one in ahead if one.request.state == state] for state in STANDING)
    return await look.show("requests.html", now_open=now_open, booked=booked, past=past, cursor=cursor)


@router.get("/requests/{request_id}", operation_id="read_request")
async def show_request(look: Looking, index: Index, request_id: int) -> Response:
    """Show a request."""
    return await _shown(look, index, request_id)


@router.get("/requests/{request_id}/live", operation_id="read_request")
async def show_progress(look: Looking, index: Index, request_id: int) -> Response:
    """Show how a request stands now, for the page that is open."""
    request = await request_by_id(look.session, request_id)
    if request.household_id == look.actor.household_id:
        return await look.fragment("request_live.html", progress=await _progress(look, index, request_id))
    return await look.fragment("asked_live.html", **await _asked(look, request_id))


@router.post("/requests/{request_id}/withdraw", operation_id="withdraw_request")
async def withdraw(look: Looking, index: Index, request_id: int) -> Response:
    """Take a request back."""
    form = look.form

    async def work(session: AsyncSession) -> str:
        why = form.read(MaybeWhy, reason=form.maybe("reason"))
        await withdraw_request(session, by=look.actor, request_id=request_id, reason=why.reason, now=look.now)
        return f"{_back(look, request_id)}?done=withdrawn"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, index, request_id, code=code))


@router.post("/requests/{request_id}/widen", operation_id="widen_request")
async def widen(look: Looking, index: Index, request_id: int) -> Response:
    """Ask others too, where one person was asked by name."""

    async def work(session: AsyncSession) -> str:
        await widen_request(session, index, by=look.actor, request_id=request_id, now=look.now)
        return f"{_back(look, request_id)}?done=widened"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, index, request_id, code=code))


@router.post("/requests/{request_id}/offers", operation_id="make_offer")
async def offer(look: Looking, index: Index, request_id: int) -> Response:
    """Offer to take a request; where that decides, the booking is there at once."""
    form = look.form

    async def work(session: AsyncSession) -> str:
        draft = form.read(OfferDraft, note=form.maybe("note"))
        made = await make_offer(session, by=look.actor, request_id=request_id, note=draft.note, now=look.now)
        booking_id = (await offer_view(session, made.id)).booking_id
        return f"/bookings/{booking_id}?done=booked" if booking_id else f"{_back(look, request_id)}?done=offered"

    return await or_again(look, lambda: look.do(work), lambda code: _shown(look, index, request_id, code=code))


@router.post("/offers/{offer_id}/accept", operation_id="accept_offer")
async def accept(look: Looking, offer_id: int) -> Response:
    """Choose an offer: a booking with its cover, or nothing."""

    async def work(session: AsyncSession) -> str:
        booking = await accept_offer(session, by=look.actor, offer_id=offer_id, now=look.now)
        return f"/bookings/{booking.id}?done=booked"

    return await look.do(work)


@router.post("/offers/{offer_id}/withdraw", operation_id="withdraw_offer")
async def take_back(look: Looking, offer_id: int) -> Response:
    """Take an offer back."""

    async def work(session: AsyncSession) -> str:
        await withdraw_offer(session, by=look.actor, offer_id=offer_id, now=look.now)
        request_id = (await offer_view(session, offer_id)).request_id
        return f"{_back(look, request_id)}?done=offer_withdrawn"

    return await look.do(work)


def _back(look: View, request_id: int) -> str:
    """Return the page that the form stood on; a series shows its requests, too."""
    return local_path(look.form.text("back"), f"/requests/{request_id}")


async def _shown(look: View, index: Index, request_id: int, *, code: int = 200) -> Response:
    request = await request_by_id(look.session, request_id)
    if request.household_id == look.actor.household_id:
        progress = await _progress(look, index, request_id)
        children = await children_of(look.session, look.actor.household_id)
        named = [child.name for child in children if child.id in progress.view.children]
        return await look.show("request.html", code=code, progress=progress, children=named)
    return await look.show("asked.html", code=code, **await _asked(look, request_id))


async def _asked(look: View, request_id: int) -> dict[str, object]:
    asked = await my_ask(look.session, request_id, by=look.actor)
    mine = await offer_view(look.session, asked.offer_id) if asked.offer_id else None
    return {"asked": asked, "booking_id": mine.booking_id if mine else None}


async def _progress(look: View, index: Index, request_id: int) -> Progress:
    view = await request_view(look.session, request_id)
    offers: list[OfferView] = []
    why: dict[int, Candidate] = {}
    if view.state == RequestState.OPEN:
        offers = [one for one in await offers_for(look.session, request_id) if one.state == OfferState.OPEN]
    if offers:
        found = await candidates_for(look.session, index, request_id=request_id, language=look.language, now=look.now)
        why = {one.supporter_id: one for one in found}
    return Progress(view, _waves(view), _gone(view), _next_circle(view), offers, why)


def _waves(view: RequestView) -> list[Wave]:
    """Put those asked into the waves they were asked in."""
    circles = dict.fromkeys(one.circle for one in view.asked)
    return [
        Wave(circle, asked[0].asked_at, asked)
        for circle, asked in ((circle, [one for one in view.asked if one.circle == circle]) for circle in circles)
    ]


def _gone(view: RequestView) -> list[Gone]:
    return [Gone(one.name, one.cannot_come_at) for one in view.asked if one.cannot_come_at]


def _next_circle(view: RequestView) -> str | None:
    """Return the circle that will be asked next, if the request still widens."""
    if view.state != RequestState.OPEN or view.next_wave_at is None or view.circle == view.reach:
        return None
    return CIRCLES[CIRCLES.index(view.circle) + 1]

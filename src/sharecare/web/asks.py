"""What a supporter is asked: why it fits, how far, when; yes, or "can't this time" without a reason."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care import offers
from sharecare.care.asked import Asked, asks_besides, asks_waiting
from sharecare.care.rules import AskState, RequestState
from sharecare.care.schemas import AskView
from sharecare.web.browser import page_router
from sharecare.web.page import Index, Looking, View

router = page_router()
REMEMBERED = 10  # earlier asks on the page
MOST_READ = 60  # to find them behind what lies ahead
Other = tuple[AskView, str]


@router.get("/asks", operation_id="list_my_asks")
async def asks_page(look: Looking, index: Index) -> Response:
    """Show what waits for an answer, what waits for the family, and what was before."""
    waiting = await _waiting(look, index)
    settled, earlier = await _others(look, waiting)
    unanswered, offered = _at(waiting, "open"), _at(waiting, "offered")
    return await look.show("asks.html", unanswered=unanswered, offered=offered, settled=settled, earlier=earlier)


@router.get("/asks/live", operation_id="list_my_asks")
async def asks_live(look: Looking, index: Index) -> Response:
    """Draw the part that changes while one looks."""
    waiting = await _waiting(look, index)
    return await look.fragment("asks_live.html", unanswered=_at(waiting, "open"), offered=_at(waiting, "offered"))


@router.post("/asks/{ask_id}/decline", operation_id="decline_ask")
async def decline(look: Looking, ask_id: int) -> Response:
    """Say "can't this time"; no reason is asked."""
    by = look.actor

    async def work(session: AsyncSession) -> str:
        await offers.decline_ask(session, by=by, ask_id=ask_id, now=look.now)
        return "/asks?done=ask_declined"

    return await look.do(work)


async def _waiting(look: View, index: Index) -> list[Asked]:
    return await asks_waiting(look.session, index, by=look.actor, language=look.language, now=look.now)


def _at(waiting: list[Asked], state: str) -> list[Asked]:
    return [one for one in waiting if one.view.state == state]


async def _others(look: View, waiting: list[Asked]) -> tuple[list[Other], list[Other]]:
    """Return what is booked and ahead, and what was before, each with what became of it."""
    shown = [one.view.ask_id for one in waiting]
    others = await asks_besides(look.session, by=look.actor, besides=shown, limit=MOST_READ)
    booked = [one for one in others if one.request.state == RequestState.BOOKED and one.request.end_at > look.now]
    earlier = [one for one in others if one not in booked][:REMEMBERED]
    settled, past = ([(one, _outcome(look, one)) for one in some] for some in (booked, earlier))
    return settled, past


def _outcome(look: View, view: AskView) -> str:
    """Name what became of an ask, as the page says it."""
    request = view.request
    if view.offer_id is not None and request.state in {"booked", "done"}:
        return "yours"
    if view.state == AskState.DECLINED:
        return "again" if request.state == "open" and request.start_at > look.now else "declined"
    return request.state if request.state in {"booked", "done"} else "over"

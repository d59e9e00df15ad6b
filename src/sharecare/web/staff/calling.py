"""What staff do about one care wherever it stands: see whom to call, and let a handover pass without digits."""

from collections.abc import Awaitable, Callable

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.schemas import LookReason
from sharecare.care.day_schemas import PassingHandover, People
from sharecare.care.handovers import pass_handover
from sharecare.care.record import people_to_call
from sharecare.web.again import or_again
from sharecare.web.forms import Form
from sharecare.web.page import View

Shown = Callable[..., Awaitable[Response]]
"""Shows the page that a form stood on, with its `code`, or with the `people` to call and the `reason` for it."""


async def show_people(look: View, booking_id: int, shown: Shown) -> Response:
    """Show whom to call, and log the look with its reason."""

    async def work(session: AsyncSession, reason: str) -> People | None:
        found = await people_to_call(session, by=look.actor, booking_id=booking_id, reason=reason, now=look.now)
        return found.details

    async def looked_up() -> Response:
        item, reason = look.form.text("item"), look.form.read(LookReason, reason=look.form.maybe("reason")).reason
        await look.session.close()
        found = await look.here.database.write(lambda session: work(session, reason))
        look.form = Form.of(item=item)  # what was typed has asked for this page
        return await shown(people=found, reason=reason)

    return await or_again(look, looked_up, lambda code: shown(code=code))


async def let_pass(look: View, booking_id: int, page: str, shown: Shown) -> Response:
    """Let one end pass without digits, with a word on how one made sure, and go on to a page."""
    form = look.form

    async def work(session: AsyncSession) -> str:
        draft = form.read(PassingHandover, names={"reason": "why"}, reason=form.maybe("why"), end=form.maybe("end"))
        end, reason = draft.end, draft.reason
        await pass_handover(session, by=look.actor, booking_id=booking_id, end=end, reason=reason, now=look.now)
        return f"{page}?done=handover_passed"

    return await or_again(look, lambda: look.do(work), lambda code: shown(code=code))

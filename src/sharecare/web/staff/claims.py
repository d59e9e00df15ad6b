"""Moving a claim on as the insurer decides, and keeping what was exchanged about it."""

from typing import Any

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.incidents.claim_schemas import ClaimChange, LetterDraft
from sharecare.incidents.claims import change_claim
from sharecare.incidents.letters import LetterFromTheFuture, attach, keep_letter
from sharecare.incidents.queries import claim_view
from sharecare.uploads import paper_for
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import BadForm, moment_typed
from sharecare.web.insured import CHANGES, LETTERS, STAYS, show_claim, zone_of
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id

router = page_router()


@router.post("/claims/{claim_id}/changes", operation_id="change_claim")
async def change(claim_id: Id, look: Looking) -> Response:
    """Move a claim or its figures; what is left empty stays."""

    async def work(session: AsyncSession) -> str:
        draft = _change(look)
        await change_claim(session, by=look.actor, claim_id=claim_id, change=draft, now=look.now)
        return f"/claims/{claim_id}?done=claim_changed"

    return await or_again(look, lambda: look.do(work), lambda code: show_claim(look, claim_id, code=code, sent=CHANGES))


@router.post("/claims/{claim_id}/letters", operation_id="keep_claim_letter")
async def keep(claim_id: Id, look: Looking) -> Response:
    """Keep what was exchanged about a claim."""
    form, one = look.form, await claim_view(look.session, claim_id, by=look.actor)
    at = moment_typed(form.text("at"), await zone_of(look.session, one.policy_id))

    async def work(session: AsyncSession) -> str:
        told: dict[str, Any] = {name: form.maybe(name) for name in ("correspondent", "outgoing", "subject", "body")}
        draft = form.read(LetterDraft, at=at, **told)
        try:
            await keep_letter(session, by=look.actor, claim_id=claim_id, draft=draft, now=look.now)
        except LetterFromTheFuture as refusal:
            form.problems["at"] = refusal.text(look.language)
            raise BadForm from refusal
        return f"/claims/{claim_id}?done=letter_kept"

    return await or_again(look, lambda: look.do(work), lambda code: show_claim(look, claim_id, code=code, sent=LETTERS))


@router.post("/claims/{claim_id}/letters/{letter_id}/attachments", operation_id="attach_to_claim_letter")
async def attach_paper(claim_id: Id, letter_id: Id, look: Looking) -> Response:
    """Attach a PDF or a photo to a letter; several may follow one another."""

    async def work() -> Response:
        data = await look.form.uploaded("paper")
        paper = await paper_for(look.session, claim_id, letter_id, data, do=look.do)

        async def keep_it(session: AsyncSession) -> str:
            await attach(session, by=look.actor, claim_id=claim_id, letter_id=letter_id, paper=paper, now=look.now)
            return f"/claims/{claim_id}?done=paper_attached"

        return await look.do(keep_it)

    return await or_again(look, work, lambda code: show_claim(look, claim_id, code=code))


def _change(look: View) -> ClaimChange:
    """Read how a claim moves.

    Raises:
        BadForm: something can't be read, or nothing would change.

    """
    form = look.form
    figures: dict[str, Any] = {name: form.plain(name) for name in ("claimed_yen", "reserve_yen", "paid_yen")}
    state = None if form.text("state") == STAYS else form.maybe("state")
    change = form.read(ClaimChange, state=state, **figures)
    if not change.model_fields_set:
        form.problem = look.t("insured.nothing_changes")
        raise BadForm
    return change

"""What waits for the staff: papers to check, bookings at risk, requests that nobody has answered."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import count_of_area
from sharecare.accounts.rules import PersonState
from sharecare.areas.queries import area_by_slug
from sharecare.areas.words import KINDS
from sharecare.care.at_risk import ContactAtRisk, bookings_in_question, look_up_contacts, unanswered_requests
from sharecare.care.record import count_at_desk
from sharecare.certification.queries import count_to_decide
from sharecare.certification.registrations import count_unidentified
from sharecare.certification.rules import CredentialKind
from sharecare.certification.schemas import Confirmation, Decision, SubmittedView
from sharecare.certification.service import confirm_credential, read_submitted, refuse_credential
from sharecare.columns import id_in
from sharecare.incidents.months import months_of_area
from sharecare.incidents.queries import count_open_claims, count_open_incidents, reports_waiting
from sharecare.insurance.queries import policies_nobody_hears_of
from sharecare.metrics.days import day_of
from sharecare.paging import Page, beginning_with
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.credentials import name_of_credential
from sharecare.web.page import Looking, View

router = page_router()
AT_ONCE = 20  # of a list; those that are dealt with make room for the next


@router.get("/staff/{slug}/to-do", operation_id="see_what_waits")
async def to_do(slug: str, look: Looking) -> Response:
    """Show what waits; nobody is named here."""
    return await _waiting(look, slug)


@router.post("/staff/{slug}/to-do/contacts", operation_id="look_up_contacts")
async def contacts(slug: str, look: Looking) -> Response:
    """Show whom to call about one booking, and log the look."""
    by, booking_id = look.actor, id_in(look.form.text("booking"))

    async def work(session: AsyncSession) -> list[ContactAtRisk]:
        area = await area_by_slug(session, slug)
        return await look_up_contacts(session, by=by, area=area, booking_id=booking_id, now=look.now)

    await look.session.close()
    found = await look.here.database.write(work)
    return await _waiting(look, slug, looked_up=booking_id, contacts=found)


@router.get("/staff/{slug}/papers", operation_id="list_submitted_credentials")
async def papers(slug: str, look: Looking) -> Response:
    """Show the papers to check, from one of them on where the address names it; that they were looked at is logged."""
    return await _papers(look, slug, first=id_in(look.request.query_params.get("paper", "")))


@router.post("/staff/{slug}/papers/{credential_id}/confirm", operation_id="confirm_credential")
async def confirm(slug: str, credential_id: int, look: Looking) -> Response:
    """Confirm a paper that was seen."""

    async def work(session: AsyncSession) -> str:
        last_day: date | None = look.form.read(Confirmation, last_day=look.form.maybe("last_day")).last_day
        await confirm_credential(session, by=look.actor, credential_id=credential_id, last_day=last_day, now=look.now)
        return f"/staff/{slug}/papers?done=paper_confirmed"

    return await _decided(look, slug, credential_id, work)


@router.post("/staff/{slug}/papers/{credential_id}/refuse", operation_id="refuse_credential")
async def refuse(slug: str, credential_id: int, look: Looking) -> Response:
    """Turn a paper down, and say why."""

    async def work(session: AsyncSession) -> str:
        reason = look.form.read(Decision, reason=look.form.maybe("reason")).reason
        await refuse_credential(session, by=look.actor, credential_id=credential_id, reason=reason, now=look.now)
        return f"/staff/{slug}/papers?done=paper_refused"

    return await _decided(look, slug, credential_id, work)


async def _decided(
    look: View, slug: str, credential_id: int, work: Callable[[AsyncSession], Awaitable[str]]
) -> Response:
    return await or_again(look, lambda: look.do(work), lambda code: _papers(look, slug, code=code, first=credential_id))


async def _papers(look: View, slug: str, *, code: int = 200, first: int = 0) -> Response:
    cursor = beginning_with(first) if first else None

    async def work(session: AsyncSession) -> Page[SubmittedView]:
        return await read_submitted(session, by=look.actor, slug=slug, cursor=cursor, limit=AT_ONCE, now=look.now)

    await look.session.close()
    waiting = await look.here.database.write(work)
    area = await area_by_slug(look.session, slug)
    today = day_of(look.now, ZoneInfo(area.timezone))
    wordless = CredentialKind.CRIMINAL_RECORD_CHECK
    return await look.show(
        "staff/papers.html",
        code=code,
        slug=slug,
        papers=waiting.items,
        names={one.id: name_of_credential(one.kind, one.unit, look.language) for one in waiting.items},
        more=waiting.next_cursor is not None,
        at=first,
        today=today,
        wordless=wordless,
    )


async def _waiting(look: View, slug: str, *, looked_up: int = 0, contacts: Sequence[ContactAtRisk] = ()) -> Response:
    session, area = look.session, await area_by_slug(look.session, slug)
    in_question = await bookings_in_question(session, area=area, now=look.now)
    months = await months_of_area(session, area_id=area.id, drafts=look.here.drafts, now=look.now)
    return await look.show(
        "staff/to_do.html",
        slug=slug,
        kinds=KINDS,
        desk=await count_at_desk(session, area_id=area.id),
        registrations=await count_unidentified(session, area_id=area.id, now=look.now),
        papers=await count_to_decide(session, area_id=area.id),
        suspended=await count_of_area(session, area_id=area.id, state=PersonState.SUSPENDED),
        incidents=await count_open_incidents(session, area_id=area.id),
        reports=await reports_waiting(session, area_id=area.id),
        claims=await count_open_claims(session, area_id=area.id),
        unsent=sum(not one.is_told for one in months),
        untold=await policies_nobody_hears_of(session, area_id=area.id, now=look.now),
        to_adjust=[(one, kind) for one in months for kind in one.to_adjust],
        bookings=in_question.at_risk,
        missed=in_question.missed,
        requests=await unanswered_requests(session, area_id=area.id, now=look.now),
        shown=AT_ONCE,
        looked_up=looked_up,
        contacts=contacts,
    )

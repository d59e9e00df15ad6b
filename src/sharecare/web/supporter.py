"""How one helps: what one offers, a pause, and the ladder of certification with what is missing and what lapses."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import SupporterProfile
from sharecare.accounts.queries import supporter_profile
from sharecare.accounts.schemas import SupporterDraft, SupporterView
from sharecare.accounts.service import offer_support
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import CareKind, Level, Means
from sharecare.certification.queries import my_ladder
from sharecare.certification.rules import CredentialKind, CredentialState, Ladder, Needed
from sharecare.certification.schemas import CredentialDraft, CredentialView, LadderView
from sharecare.certification.service import submit_credential
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.credentials import name_of_credential
from sharecare.web.forms import Form
from sharecare.web.page import Looking, View, go

router = page_router()
INSTANT = timedelta.resolution
SOON = timedelta(days=60)  # as long before a lapse the page begins to say so
RADII_M = (500, 1000, 1500, 2000, 3000, 5000, 10_000)
YOUNGEST_MONTHS = (0, 6, 12, 18, *range(24, 12 * 13, 12))
OLDEST_MONTHS = tuple(range(23, 12 * 13, 12))
FRESH = SupporterDraft(kinds=[CareKind.PICKUP], means=[Means.FOOT], capacity=1, travel_radius_m=2000)


@dataclass(frozen=True, slots=True)
class Paper:
    """Something a step rests on, and where it stands."""

    value: str
    name: str
    state: str  # `held`, `waiting` or `missing`


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder as it is drawn."""

    level: int
    reached: bool
    next: bool
    until: datetime | None
    last: datetime | None  # a moment of the last day it holds
    soon: bool
    papers: list[Paper]


@router.get("/supporter", operation_id="read_supporter_profile")
async def supporter_page(look: Looking) -> Response:
    """Show how one helps; without a profile, ask for it first."""
    profile = await supporter_profile(look.session, look.actor.person_id)
    if profile is None:
        return go("/supporter/profile")
    steps, shown = await _ladder(look)
    papers = [(_name_of(look, one), one, one.expires_at and one.expires_at - INSTANT) for one in shown.credentials]
    notified = shown.notification_until and shown.notification_until - INSTANT
    return await look.show("supporter.html", profile=profile, steps=steps, notified=notified, papers=papers)


@router.get("/supporter/profile", operation_id="read_supporter_profile")
async def profile_page(look: Looking) -> Response:
    """Ask for what one offers."""
    profile = await supporter_profile(look.session, look.actor.person_id)
    return await _profile_form(look, profile)


@router.post("/supporter/profile", operation_id="offer_support")
async def save_profile(look: Looking) -> Response:
    """Take over what one offers."""
    profile = await supporter_profile(look.session, look.actor.person_id)

    async def deed() -> Response:
        return await _offer(look, await _draft(look, profile), "/supporter?done=offer_saved")

    return await or_again(look, deed, lambda code: _profile_form(look, profile, code=code))


@router.post("/supporter/pause", operation_id="offer_support")
async def pause(look: Looking) -> Response:
    """Take a rest: nothing is asked until one is back."""
    return await _paused(look, paused=True, done="paused")


@router.post("/supporter/resume", operation_id="offer_support")
async def resume(look: Looking) -> Response:
    """Be back."""
    return await _paused(look, paused=False, done="resumed")


@router.get("/supporter/credentials", operation_id="submit_credential")
async def credential_page(look: Looking, what: str = "") -> Response:
    """Ask for evidence."""
    return await _credential_form(look, chosen=what)


@router.post("/supporter/credentials", operation_id="submit_credential")
async def submit(look: Looking) -> Response:
    """Hand evidence in; the area's staff confirm it when they have seen the document."""
    form, by = look.form, look.actor
    kind, _, unit = form.text("what").partition(":")
    evidence = None if kind == CredentialKind.CRIMINAL_RECORD_CHECK else form.maybe("evidence")
    names = {"kind": "what", "unit": "what", "": "what"}

    async def work(session: AsyncSession) -> str:
        issued = form.maybe("issued_on")
        draft = form.read(
            CredentialDraft, names=names, kind=kind or None, unit=unit or None, evidence=evidence, issued_on=issued
        )
        await submit_credential(session, by=by, draft=draft, now=look.now)
        return "/supporter?done=credential_submitted"

    return await or_again(look, lambda: look.do(work), lambda code: _credential_form(look, code=code))


async def _draft(look: View, profile: SupporterProfile | None) -> SupporterDraft:
    form = look.form
    zone = profile.timezone if profile else (await area_by_id(look.session, look.actor.area_id)).timezone
    return form.read(
        SupporterDraft,
        names={"": "offer"},
        kinds=form.all("kinds"),
        means=form.all("means"),
        capacity=form.maybe("capacity"),
        min_age_months=form.maybe("youngest"),
        max_age_months=form.maybe("oldest"),
        travel_radius_m=form.maybe("radius"),
        introduction=form.text("introduction"),
        timezone=zone,
        paused=profile is not None and profile.paused_at is not None,
    )


async def _paused(look: View, *, paused: bool, done: str) -> Response:
    profile = await supporter_profile(look.session, look.actor.person_id)
    if profile is None:
        return go("/supporter/profile")
    offered = SupporterView.model_validate(profile).model_dump() | {"paused": paused}
    return await _offer(look, SupporterDraft.model_validate(offered), f"/supporter?done={done}")


async def _offer(look: View, draft: SupporterDraft, then: str) -> Response:
    by = look.actor

    async def work(session: AsyncSession) -> str:
        await offer_support(session, by=by, draft=draft, now=look.now)
        return then

    return await look.do(work)


async def _profile_form(look: View, profile: SupporterProfile | None, *, code: int = 200) -> Response:
    known = SupporterView.model_validate(profile) if profile else FRESH
    return await look.show(
        "supporter_profile.html",
        code=code,
        known=known,
        first=profile is None,
        kinds=list(CareKind),
        means=list(Means),
        radii=sorted({*RADII_M, known.travel_radius_m}),
        youngest=sorted({*YOUNGEST_MONTHS, known.min_age_months}),
        oldest=sorted({*OLDEST_MONTHS, known.max_age_months}),
    )


async def _credential_form(look: View, *, chosen: str = "", code: int = 200) -> Response:
    if chosen:
        look.form = Form.of(what=chosen)
    steps, _ = await _ladder(look)
    notification = Needed(CredentialKind.NOTIFICATION)
    offered = [paper for step in steps for paper in step.papers if paper.state != "waiting"]
    offered.append(Paper(_value(notification), _name_of(look, notification), "missing"))
    return await look.show("supporter_credential.html", code=code, papers=offered, today=look.now.date())


async def _ladder(look: View) -> tuple[list[Step], LadderView]:
    shown = await my_ladder(look.session, by=look.actor, now=look.now)
    ladder = Ladder.of(settings_of(await area_by_id(look.session, look.actor.area_id)))
    waiting = {Needed(c.kind, c.unit) for c in shown.credentials if c.state is CredentialState.SUBMITTED}
    held = {
        Needed(c.kind, c.unit)
        for c in shown.credentials
        if c.state is CredentialState.CONFIRMED and (c.expires_at is None or look.now < c.expires_at)
    }

    def paper(needed: Needed) -> Paper:
        state = "held" if needed in held else "waiting" if needed in waiting else "missing"
        return Paper(_value(needed), _name_of(look, needed), state)

    steps = [
        Step(
            level=step.level,
            reached=step.reached,
            next=step.level == shown.level + 1,
            until=step.until,
            last=step.until and step.until - INSTANT,
            soon=step.until is not None and step.until - look.now < SOON,
            papers=[paper(needed) for needed in ladder.needed_for(step.level)],
        )
        for step in shown.steps
    ]
    return [
        Step(Level.REGISTERED, reached=True, next=False, until=None, last=None, soon=False, papers=[]),
        *steps,
    ], shown


def _value(needed: Needed) -> str:
    return f"{needed.kind}:{needed.unit}" if needed.unit else str(needed.kind)


def _name_of(look: View, needed: Needed | CredentialView) -> str:
    return name_of_credential(needed.kind, needed.unit, look.language)

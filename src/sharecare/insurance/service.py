"""Making policies, and moving covers through their life; every move is a line in the policy's ledger."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.clock import minutes_between
from sharecare.errors import NotFound, Refusal
from sharecare.insurance.ledger import line_and_usage, next_line, opening_line, write_line
from sharecare.insurance.models import Cover, Policy, PolicyUsage
from sharecare.insurance.queries import policy_for
from sharecare.insurance.rules import (
    MOVES,
    Coverage,
    CoverState,
    LedgerKind,
    Support,
    Terms,
    VoidReason,
    cover_number,
    coverage,
    covered_until,
    objections,
    state_after,
    terms_hash,
)
from sharecare.insurance.schedule import Schedule
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.usage import require_room, usage_of, use
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record

CODE_BYTES = 16  # 128 bits: nobody comes upon a certificate by trying


class PolicyNumberTaken(Refusal):
    """Covers are numbered after their policy, so two areas can't share a number either."""

    constraints = ("uq_insurance_policy_number", "insurance_policy.number")
    ja = "この証券番号はすでに登録されています。同じ証券をほかの地域でも使うときは、枝番を付けてください。"
    en = "This policy number is already registered. If areas share one policy, add a branch number."


class NoPolicy(Refusal):
    """No policy of the area is valid for the whole window."""

    ja = "この時間帯を通して有効な保険契約が、この地域にありません。保険のない支援は成立できません。"
    en = "No insurance policy of this area is valid for all of this time, and no support goes uninsured."


class OutsideTerms(Refusal):
    """The policy would not cover this support."""

    ja = "保険の条件に合いません。{in_japanese}"
    en = "This is outside the insurance. {in_english}"


class CoverRanOut(Refusal):
    """An extension is agreed while cover lasts; afterwards it would be back-dated."""

    ja = "保険の時間が終わっているため、延長できません。終了を記録して、相談窓口へご連絡ください。"
    en = "Cover has already run out, so it can't be extended. Record the end and tell the staff."


class EndsBeforeItStarts(Refusal):
    """The end given lies before the start."""

    ja = "終了の時刻が開始より前になっています。時刻を確かめてください。"
    en = "The end lies before the start. Please check the time."


class IllegalCoverMove(Refusal):
    """The cover is not in a state in which this can happen."""

    ja = "この保険は、いまの状態ではその操作ができません。画面を読み込み直してください。"
    en = "The cover's present state doesn't allow this. Please reload."


async def make_policy(
    session: AsyncSession, *, by_person_id: int | None, area_id: int, draft: PolicyDraft, now: datetime
) -> Policy:
    """Register an area's policy; one that begins later replaces it from then on.

    Raises:
        PolicyNumberTaken: some area has registered this number.

    """
    if (await session.exec(select(Policy.id).where(Policy.number == draft.number))).first() is not None:
        raise PolicyNumberTaken
    before = (await session.exec(select(func.max(Policy.version)).where(Policy.area_id == area_id))).one()
    policy = Policy(
        area_id=area_id,
        version=(before or 0) + 1,
        created_at=now,
        terms=draft.terms.model_dump(mode="json"),
        schedule=draft.schedule.model_dump(mode="json"),
        **draft.model_dump(exclude={"terms", "schedule"}),
    )
    session.add(policy)
    await session.flush()  # the fact and the usage name the policy
    session.add(PolicyUsage(policy_id=policy.id))
    record(
        session,
        kind=FactKind.POLICY_MADE,
        at=now,
        area_id=area_id,
        actor_id=by_person_id,
        start_at=policy.valid_from,
        end_at=policy.valid_until,
        data={"policy_id": policy.id},
    )
    return policy


def require_covered(terms: Terms, support: Support) -> None:
    """Hold a support to a policy's terms.

    Raises:
        OutsideTerms: the policy would not cover it; says the first failing term in words.

    """
    failed = objections(terms, support)
    if failed:
        raise OutsideTerms(term=failed[0].term.value, in_japanese=failed[0].text("ja"), in_english=failed[0].text("en"))


async def bind_cover(
    session: AsyncSession, *, area_id: int, supporter_id: int, support: Support, now: datetime
) -> Cover:
    """Insure a support for its whole window, on the terms of today: quoted, and bound as quoted.

    Call it as late as possible: until the transaction ends, the policy's other covers wait.

    Raises:
        NoPolicy: no policy of the area is valid for the whole window.
        OutsideTerms: the policy would not cover the support.
        AggregateReached: the policy has no room for one more.

    """
    policy = await policy_for(session, area_id=area_id, start_at=support.start_at, end_at=support.end_at, hold=True)
    if policy is None:
        raise NoPolicy
    require_covered(Terms.model_validate(policy.terms), support)
    place, usage = await line_and_usage(session, policy.id)
    premium_yen = _premium(policy, support.start_at, support.end_at)
    require_room(policy, usage, premium_yen=premium_yen)
    cover = Cover(
        policy_id=policy.id,
        number=cover_number(policy.number, place[0]),
        code=secrets.token_urlsafe(CODE_BYTES),
        state=CoverState.BOUND,
        supporter_id=supporter_id,
        start_at=support.start_at,
        end_at=support.end_at,
        terms=policy.terms,
        bound_at=now,
    )
    session.add(cover)
    await session.flush()  # the ledger lines name the cover
    data = support.as_facts() | {"terms_hash": terms_hash(cover.terms), "premium_yen": premium_yen}
    place = write_line(session, cover, LedgerKind.QUOTED, place=place, at=now, data=data)
    write_line(session, cover, LedgerKind.BOUND, place=place, at=now, data=data)
    await use(session, policy, usage, supports=1, premium_yen=premium_yen, now=now)
    return cover


async def put_in_force(session: AsyncSession, *, cover_id: int, now: datetime) -> Cover:
    """Note that the support has begun.

    Raises:
        IllegalCoverMove: the cover is not bound.

    """
    cover = await _held(session, cover_id, LedgerKind.IN_FORCE)
    await _move(session, cover, LedgerKind.IN_FORCE, at=now, data={})
    return cover


async def amend_cover(
    session: AsyncSession, *, cover_id: int, new_start_at: datetime | None = None, new_end_at: datetime, now: datetime
) -> Cover:
    """Let cover follow an agreed late start (None leaves it), extension or early end.

    Raises:
        IllegalCoverMove: the cover has ended or was voided.
        EndsBeforeItStarts: the new end leaves no window.
        CoverRanOut: the extension was agreed only after cover had run out.
        NoPolicy: the policy ends before the new end.
        OutsideTerms: the cover's terms don't allow the new window.
        AggregateReached: the support has not begun, and the policy has no room for what is added.

    """
    cover = await _held(session, cover_id, LedgerKind.AMENDED)
    end_before = cover.end_at
    policy, terms = await _policy(session, cover), Terms.model_validate(cover.terms)
    start_at = new_start_at or cover.start_at
    if new_end_at <= start_at:
        raise EndsBeforeItStarts
    if new_end_at > cover.end_at and now > covered_until(terms, cover.end_at, policy.valid_until):
        raise CoverRanOut
    if new_end_at > policy.valid_until:
        raise NoPolicy
    bound = await opening_line(session, cover.id)
    require_covered(terms, Support.from_facts(bound.data, start_at=start_at, end_at=new_end_at))
    premium_yen = _premium(policy, start_at, new_end_at)
    more_yen = premium_yen - _premium(policy, cover.start_at, end_before)
    usage = await usage_of(session, policy.id)
    # A child that is being cared for must not lose cover over a premium.
    if cover.state == CoverState.BOUND and more_yen > 0:
        require_room(policy, usage, premium_yen=more_yen, supports=0)
    data = {"end_before": _iso(end_before), "premium_yen": premium_yen}
    if start_at != cover.start_at:
        data["start_before"] = _iso(cover.start_at)
    cover.start_at, cover.end_at = start_at, new_end_at
    await _move(session, cover, LedgerKind.AMENDED, at=now, data=data)
    await use(session, policy, usage, premium_yen=more_yen, now=now)
    return cover


async def end_cover(
    session: AsyncSession, *, cover_id: int, actual_start_at: datetime, actual_end_at: datetime, now: datetime
) -> Coverage:
    """Close a cover with what really happened, and tell how far it covered that.

    Raises:
        IllegalCoverMove: the cover is not in force.
        EndsBeforeItStarts: the actual end lies before the actual start.

    """
    cover = await _held(session, cover_id, LedgerKind.ENDED)
    policy, terms = await _policy(session, cover), Terms.model_validate(cover.terms)
    if actual_end_at < actual_start_at:
        raise EndsBeforeItStarts
    reached = coverage(
        (cover.start_at, cover.end_at),
        (actual_start_at, actual_end_at),
        runs_out_at=covered_until(terms, cover.end_at, policy.valid_until),
    )
    data = {"actual_start_at": _iso(actual_start_at), "actual_end_at": _iso(actual_end_at), **reached.as_facts()}
    await _move(session, cover, LedgerKind.ENDED, at=now, data=data)
    return reached


async def void_cover(session: AsyncSession, *, cover_id: int, reason: VoidReason, now: datetime) -> Cover:
    """Take back a cover whose support never began.

    Raises:
        IllegalCoverMove: it began, or was voided before.

    """
    cover = await _held(session, cover_id, LedgerKind.VOIDED)
    await _move(session, cover, LedgerKind.VOIDED, at=now, data={"reason": reason.value, "premium_yen": 0})
    policy = await _policy(session, cover)
    given_back_yen = _premium(policy, cover.start_at, cover.end_at)
    await use(session, policy, await usage_of(session, policy.id), supports=-1, premium_yen=-given_back_yen, now=now)
    return cover


async def reinstate_cover(session: AsyncSession, *, cover_id: int, has_begun: bool, now: datetime) -> Cover:
    """Let a cover stand as it was before it was voided over something that was not so.

    Raises:
        IllegalCoverMove: it was not voided.
        NoPolicy: its policy was ended early meanwhile.
        AggregateReached: the support has not begun, and its place in the policy is taken.

    """
    cover = await _held(session, cover_id, LedgerKind.REINSTATED)
    policy = await _policy(session, cover)
    if cover.end_at > policy.valid_until:
        raise NoPolicy
    premium_yen = _premium(policy, cover.start_at, cover.end_at)
    usage = await usage_of(session, policy.id)
    if not has_begun:
        require_room(policy, usage, premium_yen=premium_yen)
    await _move(session, cover, LedgerKind.REINSTATED, at=now, data={"premium_yen": premium_yen})
    await use(session, policy, usage, supports=1, premium_yen=premium_yen, now=now)
    return cover


async def _held(session: AsyncSession, cover_id: int, kind: LedgerKind) -> Cover:
    """Return a cover that may make this move, held so that no other transaction moves it before this one ends."""
    held = select(Cover).where(Cover.id == cover_id).with_for_update(key_share=True)
    cover = (await session.exec(held, execution_options={"populate_existing": True})).first()
    if cover is None:
        raise NotFound
    if state_after(CoverState(cover.state), kind) is None:
        raise IllegalCoverMove
    return cover


async def _move(session: AsyncSession, cover: Cover, kind: LedgerKind, *, at: datetime, data: dict[str, Any]) -> None:
    cover.state = MOVES[CoverState(cover.state), kind]
    session.add(cover)
    write_line(session, cover, kind, place=await next_line(session, cover.policy_id), at=at, data=data)


def _premium(policy: Policy, start_at: datetime, end_at: datetime) -> int:
    return Schedule.model_validate(policy.schedule).tariff.premium_yen(minutes_between(start_at, end_at))


async def _policy(session: AsyncSession, cover: Cover) -> Policy:
    """Return a cover's policy, held: its usage is read next, and nobody adds to that meanwhile."""
    held = select(Policy).where(Policy.id == cover.policy_id).with_for_update(key_share=True)
    return (await session.exec(held)).one()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()

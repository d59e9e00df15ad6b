"""Making policies, and moving covers through their life; every move is a line in the policy's ledger."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.errors import NotFound, Refusal
from sharecare.insurance.ledger import next_line, write_line
from sharecare.insurance.models import Cover, CoverEntry, Policy
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
from sharecare.insurance.schemas import PolicyDraft
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record


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

    ja = "保険の時間が終わっているため、延長できません。終了を記録して、事務局にご連絡ください。"
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
    policy = Policy(
        area_id=area_id,
        created_at=now,
        terms=draft.terms.model_dump(mode="json"),
        **draft.model_dump(exclude={"terms"}),
    )
    session.add(policy)
    await session.flush()  # the fact names the policy
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
    """Insure a support for its whole window, on the terms of today.

    Call it as late as possible: until the transaction ends, the policy's other covers wait.

    Raises:
        NoPolicy: no policy of the area is valid for the whole window.
        OutsideTerms: the policy would not cover the support.

    """
    policy = await policy_for(session, area_id=area_id, start_at=support.start_at, end_at=support.end_at)
    if policy is None:
        raise NoPolicy
    terms = Terms.model_validate(policy.terms)
    require_covered(terms, support)
    place = await next_line(session, policy.id)
    cover = Cover(
        policy_id=policy.id,
        number=cover_number(policy.number, place[0]),
        state=CoverState.BOUND,
        supporter_id=supporter_id,
        start_at=support.start_at,
        end_at=support.end_at,
        terms=policy.terms,
        bound_at=now,
    )
    session.add(cover)
    await session.flush()  # the ledger line names the cover
    data = support.as_facts() | {"terms_hash": terms_hash(cover.terms)}
    write_line(session, cover, LedgerKind.BOUND, place=place, at=now, data=data)
    return cover


async def put_in_force(session: AsyncSession, *, cover_id: int, now: datetime) -> Cover:
    """Note that the support has begun.

    Raises:
        IllegalCoverMove: the cover is not bound.

    """
    cover = await _held(session, cover_id, LedgerKind.IN_FORCE)
    await _move(session, cover, LedgerKind.IN_FORCE, at=now, data={})
    return cover


async def amend_cover(session: AsyncSession, *, cover_id: int, new_end_at: datetime, now: datetime) -> Cover:
    """Let cover follow an agreed extension or early end.

    Raises:
        IllegalCoverMove: the cover has ended or was voided.
        EndsBeforeItStarts: the new end leaves no window.
        CoverRanOut: the extension was agreed only after cover had run out.
        NoPolicy: the policy ends before the new end.
        OutsideTerms: the cover's terms don't allow the new window.

    """
    cover = await _held(session, cover_id, LedgerKind.AMENDED)
    policy, terms = await _policy(session, cover), Terms.model_validate(cover.terms)
    if new_end_at <= cover.start_at:
        raise EndsBeforeItStarts
    if new_end_at > cover.end_at and now > covered_until(terms, cover.end_at, policy.valid_until):
        raise CoverRanOut
    if new_end_at > policy.valid_until:
        raise NoPolicy
    bound = await _bound_line(session, cover.id)
    require_covered(terms, Support.from_facts(bound.data, start_at=cover.start_at, end_at=new_end_at))
    data = {"end_before": _iso(cover.end_at)}
    cover.end_at = new_end_at
    await _move(session, cover, LedgerKind.AMENDED, at=now, data=data)
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
    await _move(session, cover, LedgerKind.VOIDED, at=now, data={"reason": reason.value})
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


async def _policy(session: AsyncSession, cover: Cover) -> Policy:
    return (await session.exec(select(Policy).where(Policy.id == cover.policy_id))).one()


async def _bound_line(session: AsyncSession, cover_id: int) -> CoverEntry:
    line = select(CoverEntry).where(CoverEntry.cover_id == cover_id, CoverEntry.kind == LedgerKind.BOUND)
    return (await session.exec(line)).one()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()

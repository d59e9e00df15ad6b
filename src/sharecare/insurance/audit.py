"""What in this room breaks an invariant: lines that were altered, covers that say other than their lines."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.insurance.ledger import line_hash
from sharecare.insurance.models import Cover, CoverEntry, Policy
from sharecare.insurance.rules import (
    CoverState,
    LedgerKind,
    Support,
    Terms,
    cover_number,
    objections,
    state_after,
    terms_hash,
)
from sharecare.journal.rules import GENESIS

BATCH = 1000


class Fault(StrEnum):
    """How a cover can break what the ledger promises."""

    NO_LINE = "no_line"
    ILLEGAL_MOVE = "illegal_move"
    STATE = "state"
    WINDOW = "window"
    NUMBER = "number"
    TERMS = "terms"
    BEYOND_POLICY = "beyond_policy"
    OUTSIDE_TERMS = "outside_terms"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that does not follow the one before it, or was altered."""

    policy_id: int
    seq: int
    cover_id: int


@dataclass(frozen=True, slots=True)
class BrokenCover:
    """A cover at odds with its lines, its terms or its policy."""

    cover_id: int
    number: str
    fault: Fault


async def broken_chains(session: AsyncSession) -> list[BrokenLine]:
    """Return the lines whose number, predecessor or hash doesn't fit."""
    lines = select(CoverEntry).order_by(col(CoverEntry.policy_id), col(CoverEntry.seq))
    broken = []
    before: CoverEntry | None = None
    async for line in await session.stream_scalars(lines, execution_options={"yield_per": BATCH}):
        follows = before is not None and before.policy_id == line.policy_id
        seq, chained = (before.seq + 1, before.hash) if before and follows else (1, GENESIS)
        if (line.seq, line.before, line.hash) != (seq, chained, line_hash(line)):
            broken.append(BrokenLine(line.policy_id, line.seq, line.cover_id))
        before = line
    return broken


async def broken_covers(session: AsyncSession) -> list[BrokenCover]:
    """Return every fault of every cover; a ledger cut off at its end shows here."""
    return [
        BrokenCover(cover.id, cover.number, fault)
        async for cover, policy, lines in _with_lines(session)
        for fault in _faults(cover, policy, lines)
    ]


async def _with_lines(session: AsyncSession) -> AsyncIterator[tuple[Cover, Policy, list[CoverEntry]]]:
    # One statement, and so one snapshot: read apart, a cover that moves in between would look broken.
    covers = (
        select(Cover, Policy, CoverEntry)
        .join(Policy, col(Policy.id) == col(Cover.policy_id))
        .join(CoverEntry, col(CoverEntry.cover_id) == col(Cover.id), isouter=True)
        .order_by(col(Cover.id), col(CoverEntry.seq))
    )
    held: tuple[Cover, Policy, list[CoverEntry]] | None = None
    async for cover, policy, line in await session.stream(covers, execution_options={"yield_per": BATCH}):
        if held is None or held[0].id != cover.id:
            if held is not None:
                yield held
            held = (cover, policy, [])
        if line is not None:
            held[2].append(line)
    if held is not None:
        yield held


def _faults(cover: Cover, policy: Policy, lines: Sequence[CoverEntry]) -> list[Fault]:
    if not lines:
        return [Fault.NO_LINE]
    try:
        state = _state_by(lines)
        if state is None:
            return [Fault.ILLEGAL_MOVE]
        return _disagreements(cover, policy, first=lines[0], last=lines[-1], state=state)
    except (KeyError, TypeError, ValueError):  # an altered line need not make sense
        return [Fault.UNREADABLE]


def _disagreements(
    cover: Cover, policy: Policy, *, first: CoverEntry, last: CoverEntry, state: CoverState
) -> list[Fault]:
    support = Support.from_facts(first.data, start_at=last.start_at, end_at=last.end_at)
    holds = {
        Fault.STATE: cover.state == state,
        Fault.WINDOW: (cover.start_at, cover.end_at) == (last.start_at, last.end_at),
        Fault.NUMBER: cover.number == cover_number(policy.number, first.seq),
        Fault.TERMS: terms_hash(cover.terms) == first.data["terms_hash"],
        Fault.BEYOND_POLICY: state == CoverState.VOIDED  # the policy may have ended early
        or (policy.valid_from <= last.start_at and last.end_at <= policy.valid_until),
        Fault.OUTSIDE_TERMS: not objections(Terms.model_validate(cover.terms), support),
    }
    return [fault for fault, held in holds.items() if not held]


def _state_by(lines: Sequence[CoverEntry]) -> CoverState | None:
    """Replay a cover's lines; None where one of them was an illegal move."""
    state: CoverState | None = None
    for line in lines:
        state = state_after(state, LedgerKind(line.kind))
        if state is None:
            return None
    return state

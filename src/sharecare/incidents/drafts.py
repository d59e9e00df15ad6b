"""Months as they would be sent now: drawn up once for as long as their ledger has no line more."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import case
from sqlalchemy import select as select_columns
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.incidents.bordereau_schemas import DraftBordereau, SentRow
from sharecare.incidents.bordereaux import last_line, month_of, zone_of
from sharecare.insurance.bordereau import month_bounds
from sharecare.insurance.models import CoverEntry, Policy, SentBordereau
from sharecare.insurance.sent import BordereauKind, NothingToCorrect, content_of, sent_before

MOST_DRAFTS = 24
ROWS_SHOWN = 50
LINES_AT_ONCE = 50_000  # so that no statement takes longer than a moment, however long nobody looked
Period = tuple[datetime, datetime]


@dataclass(slots=True)
class _Looked:
    """How far a policy's ledger of supports was looked through, and the last line of each month found there."""

    through: int
    last: dict[str, int] = field(default_factory=dict)


class Drafts:
    """What `send_bordereau` would send now.

    A ledger only grows, so a month of supports stays as it is until it has a line more: the ten thousands of lines of
    a large town are summed once, not at every look.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], dict[str, Any]] = {}
        self._looked: dict[int, _Looked] = {}
        self._corrected: dict[tuple[object, ...], tuple[tuple[int, int], bool]] = {}

    async def draft_of(
        self, session: AsyncSession, *, policy: Policy, kind: BordereauKind, month: date, now: datetime
    ) -> DraftBordereau:
        """Return a draft; where nothing would be sent, the month as the insurer knows it."""
        first, after = month_bounds(month, await zone_of(session, policy))
        draw_up = partial(_draft, session, policy, kind, month)
        told = await (
            draw_up() if kind is BordereauKind.CLAIMS else self._supports(session, policy, first, after, draw_up)
        )
        return DraftBordereau(kind=kind, month=f"{first:%Y-%m}", is_over=now >= after, **told)

    async def corrects(
        self, session: AsyncSession, *, policy: Policy, sent: SentRow, last_line_here: int, now: datetime
    ) -> bool:
        """Say whether a month that was sent would be sent corrected, given the last line that the ledger has of it."""
        if last_line_here <= sent.ledger_seq:
            return False
        key, stand = (policy.id, sent.kind, sent.month), (last_line_here, sent.number)
        known, is_new = self._corrected.get(key, (None, False))
        if known != stand:
            month = date.fromisoformat(f"{sent.month}-01")
            draft = await self.draft_of(session, policy=policy, kind=sent.kind, month=month, now=now)
            is_new = draft.is_new
            if await last_line(session, policy.id, sent.kind) >= last_line_here:  # else another session sees more
                self._corrected[key] = stand, is_new
        return is_new

    async def last_lines(
        self, session: AsyncSession, *, policy_id: int, months: Mapping[str, Period], since: int
    ) -> Mapping[str, int]:
        """Return the last line of supports in each of some months, where it comes after a line of the ledger.

        Only what came since the last look is looked through: a large town writes a million lines a year. `months` hold
        the one that still runs, so that none is sent whose lines were passed over.
        """
        looked = self._looked.setdefault(policy_id, _Looked(since))
        while await _look_on(session, policy_id, months, looked):
            pass
        return dict(looked.last)

    async def _supports(
        self,
        session: AsyncSession,
        policy: Policy,
        first: datetime,
        after: datetime,
        draw_up: Callable[[], Awaitable[dict[str, Any]]],
    ) -> dict[str, Any]:
        times = select(func.count()).where(
            SentBordereau.policy_id == policy.id,
            SentBordereau.kind == BordereauKind.SUPPORTS,
            SentBordereau.month == f"{first:%Y-%m}",
        )
        lines = select(CoverEntry.seq).where(
            CoverEntry.policy_id == policy.id, col(CoverEntry.start_at) >= first, col(CoverEntry.start_at) < after
        )
        # Read before the lines are: a line that comes in between is in this draft, and the next look draws up another.
        last_line_here = (await session.exec(lines.order_by(col(CoverEntry.seq).desc()).limit(1))).first()
        key = (policy.id, first, after, last_line_here, (await session.exec(times)).one())
        told = self._kept.pop(key, None) or await draw_up()
        self._kept[key] = told
        while len(self._kept) > MOST_DRAFTS:
            del self._kept[next(iter(self._kept))]
        return told


async def _look_on(session: AsyncSession, policy_id: int, months: Mapping[str, Period], looked: _Looked) -> bool:
    """Look at the lines that follow, and say whether there may be more."""
    seq, start_at, until = col(CoverEntry.seq), col(CoverEntry.start_at), looked.through + LINES_AT_ONCE
    last = [func.max(case(((start_at >= first) & (start_at < after), seq))) for first, after in months.values()]
    found = select_columns(func.max(seq), *last).where(
        col(CoverEntry.policy_id) == policy_id, seq > looked.through, seq <= until
    )
    through, *lines = (await (await session.connection()).execute(found)).one()
    # Another session may have looked further meanwhile.
    for month, line in zip(months, lines, strict=True):
        if line is not None:
            looked.last[month] = max(line, looked.last.get(month, 0))
    looked.through = max(through or 0, looked.through)
    return bool(through == until)


async def _draft(session: AsyncSession, policy: Policy, kind: BordereauKind, month: date) -> dict[str, Any]:
    """Return the fields of a draft that don't depend on the time."""
    told = await month_of(session, policy, kind, month=month, through=await last_line(session, policy.id, kind))
    before = await sent_before(session, policy_id=policy.id, kind=kind, month=f"{month:%Y-%m}")
    try:
        content, is_new = content_of([one.content for one in before], told), True
    except NothingToCorrect:
        content, is_new = {"rows": told.rows, "totals": told.totals}, False
    rows = content.pop("rows")
    return content | {"number": len(before), "is_new": is_new, "rows": rows[:ROWS_SHOWN], "count": len(rows)}

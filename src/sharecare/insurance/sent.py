"""What the insurer was told, frozen: a month once, and whatever changed in it since as adjustments that follow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.canonical import content_hash
from sharecare.errors import Refusal
from sharecare.insurance.models import Policy, SentBordereau
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record

Row = Mapping[str, Any]
KEY, CHANGE = "number", "change"


class BordereauKind(StrEnum):
    """What a bordereau lists."""

    SUPPORTS = "supports"
    CLAIMS = "claims"


class Change(StrEnum):
    """How an adjustment's row differs from what was told before."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class MonthStillRuns(Refusal):
    """A month is told once it is over."""

    ja = "この月はまだ終わっていません。月が終わってから送ってください。"
    en = "This month isn't over yet. Send it once it is."


class NothingToCorrect(Refusal):
    """The insurer knows everything already."""

    ja = "この月はすでに送ってあり、その後の変更はありません。"
    en = "This month was sent, and nothing has changed since."


@dataclass(frozen=True, slots=True)
class Month:
    """A month as the ledger tells it now."""

    rows: Sequence[Row]
    totals: Mapping[str, int]
    ledger_seq: int


async def freeze(
    session: AsyncSession,
    *,
    by_person_id: int,
    policy: Policy,
    kind: BordereauKind,
    month: str,
    told: Month,
    now: datetime,
) -> SentBordereau:
    """Keep a month as it is sent; the second time only what has changed since.

    Raises:
        NothingToCorrect: it was sent, and nothing has changed.

    """
    before = await sent_before(session, policy_id=policy.id, kind=kind, month=month)
    content = content_of([one.content for one in before], told)
    sent = SentBordereau(
        policy_id=policy.id,
        kind=kind,
        month=month,
        number=len(before),
        ledger_seq=told.ledger_seq,
        content=content,
        content_hash=content_hash(content),
        sent_by=by_person_id,
        sent_at=now,
    )
    session.add(sent)
    await session.flush()  # the fact names it
    data = {"bordereau_id": sent.id, "policy_id": policy.id, "kind": kind.value, "month": month, "number": sent.number}
    record(session, kind=FactKind.BORDEREAU_SENT, at=now, area_id=policy.area_id, actor_id=by_person_id, data=data)
    return sent


async def sent_before(
    session: AsyncSession, *, policy_id: int, kind: BordereauKind, month: str
) -> Sequence[SentBordereau]:
    """Return a month and its adjustments, in the order they were sent."""
    sent = select(SentBordereau).where(
        SentBordereau.policy_id == policy_id, SentBordereau.kind == kind, SentBordereau.month == month
    )
    return (await session.exec(sent.order_by(col(SentBordereau.number)))).all()


def content_of(before: Sequence[Mapping[str, Any]], told: Month) -> dict[str, Any]:
    """Return what is sent: the whole month first, then the rows that differ, each with how.

    Raises:
        NothingToCorrect: nothing differs.

    """
    if not before:
        return {"rows": [dict(row) for row in told.rows], "totals": dict(told.totals)}
    known, now = folded(before), {row[KEY]: dict(row) for row in told.rows}
    changes = [
        *({CHANGE: Change.ADDED.value, **row} for key, row in now.items() if key not in known),
        *({CHANGE: Change.CHANGED.value, **row} for key, row in now.items() if key in known and known[key] != row),
        *({CHANGE: Change.REMOVED.value, **row} for key, row in known.items() if key not in now),
    ]
    if not changes:
        raise NothingToCorrect
    last = before[-1]["totals"]
    difference = {name: figure - last[name] for name, figure in told.totals.items()}
    return {"rows": sorted(changes, key=lambda row: row[KEY]), "totals": dict(told.totals), "difference": difference}


def folded(contents: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the rows that the insurer knows after a month and its adjustments, by number."""
    known: dict[str, dict[str, Any]] = {}
    for content in contents:
        for row in content["rows"]:
            bare = {name: value for name, value in row.items() if name != CHANGE}
            if row.get(CHANGE) == Change.REMOVED:
                known.pop(row[KEY], None)
            else:
                known[row[KEY]] = bare
    return known

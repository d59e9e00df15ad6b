"""The monthly bordereau of supports: every cover that bore a risk, read from the ledger alone."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from itertools import groupby, starmap
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy import select as select_columns
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.clock import minutes_between
from sharecare.insurance.models import Cover, CoverEntry, Policy
from sharecare.insurance.rules import CoverState, LedgerKind, minutes_up, state_after
from sharecare.insurance.schemas import Bordereau, BordereauRow, BordereauTotals
from sharecare.spreadsheet import as_csv as table_as_csv
from sharecare.spreadsheet import as_xlsx

DECEMBER = 12


class _Line(NamedTuple):
    """What a row takes of a line of the ledger."""

    number: str
    policy_number: str
    insurer: str
    cover_id: int
    kind: str
    start_at: datetime
    end_at: datetime
    data: dict[str, Any]


async def bordereau(session: AsyncSession, *, area_id: int, month: date, zone: ZoneInfo) -> Bordereau:
    """Return the covers whose agreed start lies in the month that holds a day, voided ones left out.

    An agreed start moves within its day, so each cover stands in one month for ever.
    """
    rows = await _rows(session, col(Policy.area_id) == area_id, month=month, zone=zone)
    first, _ = month_bounds(month, zone)
    return Bordereau(month=f"{first:%Y-%m}", timezone=zone.key, rows=rows, totals=totals_of(rows))


async def rows_of_policy(
    session: AsyncSession, *, policy_id: int, month: date, zone: ZoneInfo, through: int
) -> list[BordereauRow]:
    """Return a policy's rows of a month as its ledger told them with the line of a number."""
    which = (col(Policy.id) == policy_id) & (col(CoverEntry.seq) <= through)
    return await _rows(session, which, month=month, zone=zone)


def as_csv(report: Bordereau) -> str:
    """Return the rows as CSV with a header line."""
    return table_as_csv([row.model_dump(mode="json") for row in report.rows], columns=list(BordereauRow.model_fields))


def as_workbook(report: Bordereau) -> bytes:
    """Return the rows and the totals as a workbook."""
    rows = [row.model_dump(mode="json") for row in report.rows]
    totals = [{"total": name, "value": value} for name, value in report.totals.model_dump().items()]
    return as_xlsx({"supports": (list(BordereauRow.model_fields), rows), "totals": (("total", "value"), totals)})


def month_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the local month that holds a day, as a period."""
    first = day.replace(day=1)
    after = date(first.year + first.month // DECEMBER, first.month % DECEMBER + 1, 1)
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)


def totals_of(rows: Sequence[BordereauRow]) -> BordereauTotals:
    """Return the sums over some rows."""
    return BordereauTotals(
        covers=len(rows),
        ended=sum(row.state is CoverState.ENDED for row in rows),
        children=sum(row.children for row in rows),
        agreed_minutes=sum(row.agreed_minutes for row in rows),
        actual_minutes=sum(row.actual_minutes or 0 for row in rows),
        grace_used_minutes=sum(row.grace_used_minutes or 0 for row in rows),
        open_gap_minutes=sum(row.open_gap_minutes or 0 for row in rows),
        premium_yen=sum(row.premium_yen for row in rows),
    )


async def _rows(
    session: AsyncSession, which: ColumnElement[bool], *, month: date, zone: ZoneInfo
) -> list[BordereauRow]:
    first, after = month_bounds(month, zone)
    # Columns, not rows of tables: a town has ten thousands of lines a month.
    found = (
        select_columns(
            col(Cover.number),
            col(Policy.number),
            col(Policy.insurer),
            col(CoverEntry.cover_id),
            col(CoverEntry.kind),
            col(CoverEntry.start_at),
            col(CoverEntry.end_at),
            col(CoverEntry.data),
        )
        .join(Cover, col(Cover.id) == col(CoverEntry.cover_id))
        .join(Policy, col(Policy.id) == col(CoverEntry.policy_id))
        .where(which, col(CoverEntry.start_at) >= first, col(CoverEntry.start_at) < after)
        .order_by(col(CoverEntry.cover_id), col(CoverEntry.seq))
    )
    lines = (await (await session.connection()).execute(found)).all()
    return await asyncio.to_thread(_rows_of, lines, zone)  # half a second for a large town: others go on meanwhile


def _rows_of(lines: Iterable[Sequence[Any]], zone: ZoneInfo) -> list[BordereauRow]:
    of_covers = groupby(starmap(_Line, lines), key=lambda line: line.cover_id)
    rows = [_row(list(of_cover), zone) for _, of_cover in of_covers]
    return sorted((row for row in rows if row is not None), key=lambda row: (row.agreed_start_at, row.number))


def _row(lines: Sequence[_Line], zone: ZoneInfo) -> BordereauRow | None:
    """Return a cover as its lines tell it; None where it bore no risk."""
    opened, last = lines[0], lines[-1]
    state = _state(lines)
    if state is CoverState.VOIDED or state is None:
        return None
    ended = last.data if last.kind == LedgerKind.ENDED else {}
    start, end = (_moment(ended, name, zone) for name in ("actual_start_at", "actual_end_at"))
    told = [line.data["premium_yen"] for line in lines if "premium_yen" in line.data]
    return BordereauRow(
        number=opened.number,
        policy_number=opened.policy_number,
        insurer=opened.insurer,
        kind=opened.data["kind"],
        state=state,
        agreed_start_at=last.start_at.astimezone(zone),
        agreed_end_at=last.end_at.astimezone(zone),
        agreed_minutes=minutes_between(last.start_at, last.end_at),
        actual_start_at=start,
        actual_end_at=end,
        actual_minutes=_minutes_touched(start, end) if start and end else None,
        grace_used_minutes=ended.get("grace_used_minutes"),
        open_gap_minutes=ended.get("open_gap_minutes"),
        children=len(opened.data["child_ages_months"]),
        child_ages_months=opened.data["child_ages_months"],
        level=opened.data["level"],
        premium_yen=told[-1] if told else 0,
    )


def _minutes_touched(start: datetime, end: datetime) -> int:
    """Return the minutes of the clock that a time touches: grace and gaps are counted so, and all add up."""
    return minutes_up(end - start.replace(second=0, microsecond=0))


def _state(lines: Iterable[_Line]) -> CoverState | None:
    state: CoverState | None = None
    for line in lines:
        state = state_after(state, LedgerKind(line.kind))
    return state


def _moment(data: dict[str, Any], name: str, zone: ZoneInfo) -> datetime | None:
    return datetime.fromisoformat(data[name]).astimezone(zone) if data else None

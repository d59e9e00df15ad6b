"""The monthly bordereau: every cover that bore a risk, as the insurer needs it."""

import csv
import io
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.clock import minutes_between
from sharecare.insurance.models import Cover, CoverEntry, Policy
from sharecare.insurance.rules import CoverState, LedgerKind
from sharecare.insurance.schemas import Bordereau, BordereauRow, BordereauTotals
from sharecare.spreadsheet import plain_cell

DECEMBER = 12
# A spreadsheet runs a cell that begins with one of these.


async def bordereau(session: AsyncSession, *, area_id: int, month: date, zone: ZoneInfo) -> Bordereau:
    """Return the covers whose agreed start lies in the month that holds a day, voided ones left out.

    An agreed start never changes, so each cover stands in one month for ever.
    """
    first, after = _month(month, zone)
    bound, ended = aliased(CoverEntry), aliased(CoverEntry)
    covers = (
        select(Cover, Policy, bound, ended)
        .join(Policy, col(Policy.id) == col(Cover.policy_id))
        .join(bound, (col(bound.cover_id) == col(Cover.id)) & (col(bound.kind) == LedgerKind.BOUND))
        .join(ended, (col(ended.cover_id) == col(Cover.id)) & (col(ended.kind) == LedgerKind.ENDED), isouter=True)
        .where(Policy.area_id == area_id, col(Cover.start_at) >= first, col(Cover.start_at) < after)
        .where(Cover.state != CoverState.VOIDED)
        .order_by(col(Cover.start_at), col(Cover.id))
    )
    found = (await session.exec(covers)).all()
    rows = [
        _row(cover, policy, bound=opening.data, ended=closing.data if closing else {}, zone=zone)
        for cover, policy, opening, closing in found
    ]
    return Bordereau(month=f"{first.astimezone(zone):%Y-%m}", timezone=zone.key, rows=rows, totals=_totals(rows))


def as_csv(report: Bordereau) -> str:
    """Return the rows as CSV with a header line."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, fieldnames=list(BordereauRow.model_fields))
    writer.writeheader()
    for row in report.rows:
        writer.writerow({name: _cell(value) for name, value in row.model_dump(mode="json").items()})
    return lines.getvalue()


def _month(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    first = day.replace(day=1)
    after = date(first.year + first.month // DECEMBER, first.month % DECEMBER + 1, 1)
    return datetime.combine(first, time(), zone), datetime.combine(after, time(), zone)


def _row(cover: Cover, policy: Policy, *, bound: dict[str, Any], ended: dict[str, Any], zone: ZoneInfo) -> BordereauRow:
    start, end = (
        datetime.fromisoformat(ended[name]).astimezone(zone) if ended else None
        for name in ("actual_start_at", "actual_end_at")
    )
    return BordereauRow(
        number=cover.number,
        policy_number=policy.number,
        insurer=policy.insurer,
        kind=bound["kind"],
        state=CoverState(cover.state),
        agreed_start_at=cover.start_at.astimezone(zone),
        agreed_end_at=cover.end_at.astimezone(zone),
        agreed_minutes=minutes_between(cover.start_at, cover.end_at),
        actual_start_at=start,
        actual_end_at=end,
        actual_minutes=minutes_between(start, end) if start and end else None,
        grace_used_minutes=ended.get("grace_used_minutes"),
        open_gap_minutes=ended.get("open_gap_minutes"),
        children=len(bound["child_ages_months"]),
        child_ages_months=bound["child_ages_months"],
        level=bound["level"],
    )


def _totals(rows: list[BordereauRow]) -> BordereauTotals:
    return BordereauTotals(
        covers=len(rows),
        ended=sum(row.state is CoverState.ENDED for row in rows),
        children=sum(row.children for row in rows),
        agreed_minutes=sum(row.agreed_minutes for row in rows),
        actual_minutes=sum(row.actual_minutes or 0 for row in rows),
        grace_used_minutes=sum(row.grace_used_minutes or 0 for row in rows),
        open_gap_minutes=sum(row.open_gap_minutes or 0 for row in rows),
    )


def _cell(value: object) -> object:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return plain_cell(value)

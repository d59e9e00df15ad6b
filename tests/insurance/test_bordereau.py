"""The monthly bordereau, and that it reconciles with the ledger."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from insurance.desk import END, HOUR, MINUTE, START, SUPPORT, Desk
from sharecare.areas.models import Area
from sharecare.insurance.bordereau import as_csv, bordereau
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.schemas import Bordereau, BordereauTotals

NOVEMBER = date(2026, 11, 15)
EMPTY = BordereauTotals(
    covers=0,
    ended=0,
    children=0,
    agreed_minutes=0,
    actual_minutes=0,
    grace_used_minutes=0,
    open_gap_minutes=0,
    premium_yen=0,
)


async def read(desk: Desk, *, area: Area | None = None, month: date = NOVEMBER) -> Bordereau:
    async with desk.database.read() as session:
        area_id = (area or desk.area).id
        return await bordereau(session, area_id=area_id, month=month, zone=ZoneInfo("Asia/Tokyo"))


@pytest.fixture
async def covers(desk: Desk) -> list[Cover]:
    """One ended late, one under way with a shorter end, one bound, one voided."""
    ended, under_way, bound, voided = [
        await desk.bind(replace(SUPPORT, child_ages_months=(24,) * children)) for children in (1, 2, 1, 2)
    ]
    await desk.start(ended)
    await desk.end(ended, END + 40 * MINUTE)
    await desk.start(under_way)
    await desk.amend(under_way, END - 30 * MINUTE, now=START)
    await desk.void(voided)
    return [ended, under_way, bound, voided]


async def test_a_row_says_what_the_insurer_needs_and_names_nobody(desk: Desk, covers: list[Cover]) -> None:
    report = await read(desk)

    assert (report.month, report.timezone) == ("2026-11", "Asia/Tokyo")
    assert report.rows[0].model_dump(mode="json") == {
        "number": covers[0].number,
        "policy_number": "SK-2026",
        "insurer": "さくら損害保険",
        "kind": "pickup",
        "state": "ended",
        "agreed_start_at": "2026-11-21T17:30:00+09:00",
        "agreed_end_at": "2026-11-21T19:00:00+09:00",
        "agreed_minutes": 90,
        "actual_start_at": "2026-11-21T17:30:00+09:00",
        "actual_end_at": "2026-11-21T19:40:00+09:00",
        "actual_minutes": 130,
        "grace_used_minutes": 30,
        "open_gap_minutes": 10,
        "children": 1,
        "child_ages_months": [24],
        "level": 1,
        "premium_yen": 0,
    }


async def test_voided_covers_are_left_out_and_the_rest_is_summed(desk: Desk, covers: list[Cover]) -> None:
    report = await read(desk)

    assert [row.number for row in report.rows] == [cover.number for cover in covers[:3]]
    assert report.totals == BordereauTotals(
        covers=3,
        ended=1,
        children=4,
        agreed_minutes=90 + 60 + 90,
        actual_minutes=130,
        grace_used_minutes=30,
        open_gap_minutes=10,
        premium_yen=0,
    )


async def test_minutes_add_up_whatever_the_seconds(desk: Desk) -> None:
    # Rounded down beside a gap rounded up, a support lasted a minute less than its parts.
    cover = await desk.bind()
    await desk.start(cover)
    await desk.end(cover, END + 50 * MINUTE + timedelta(seconds=3), start_at=START + timedelta(seconds=8))

    (row,) = (await read(desk)).rows

    assert (row.grace_used_minutes, row.open_gap_minutes) == (30, 21)
    assert row.actual_minutes == row.agreed_minutes + 30 + 21


@pytest.mark.usefixtures("covers")
async def test_bordereau_reconciles_with_the_ledger_to_the_row_and_the_minute(desk: Desk) -> None:
    report = await read(desk)

    lines = await desk.lines()
    voided = {line.cover_id for line in lines if line.kind == "voided"}
    last = {line.cover_id: line for line in lines if line.cover_id not in voided}
    ended = [line.data for line in lines if line.kind == "ended"]
    assert report.totals.covers == len(last)
    assert report.totals.agreed_minutes * MINUTE == sum(
        (line.end_at - line.start_at for line in last.values()), timedelta()
    )
    assert report.totals.actual_minutes * MINUTE == sum(
        (
            datetime.fromisoformat(data["actual_end_at"]) - datetime.fromisoformat(data["actual_start_at"])
            for data in ended
        ),
        timedelta(),
    )
    assert report.totals.open_gap_minutes == sum(data["open_gap_minutes"] for data in ended)


async def test_a_start_put_off_beyond_anothers_leaves_one_row_that_tells_it_all(desk: Desk) -> None:
    # Lines were read by their start: what followed a late start was a cover of its own, and the first stood as bound.
    put_off, between = [
        await desk.bind(replace(SUPPORT, start_at=START + minutes * MINUTE, end_at=END)) for minutes in (0, 15)
    ]
    await desk.put_off(put_off, START + 30 * MINUTE)
    await desk.start(put_off, now=START + 30 * MINUTE)
    await desk.end(put_off)

    told = [(row.number, row.state, row.agreed_minutes) for row in (await read(desk)).rows]

    assert told == [
        (between.number, "bound", (END - START) / MINUTE - 15),
        (put_off.number, "ended", (END - START) / MINUTE - 30),
    ]


@pytest.mark.usefixtures("covers")
async def test_another_areas_bordereau_is_empty(desk: Desk) -> None:
    report = await read(desk, area=desk.other_area)

    assert (report.rows, report.totals) == ([], EMPTY)


async def test_months_are_those_of_the_area(desk: Desk) -> None:
    all_of_it = [
        await desk.bind(replace(SUPPORT, start_at=start_at, end_at=start_at + HOUR))
        for start_at in map(datetime.fromisoformat, ("2026-12-01T06:00:00+09:00", "2026-12-31T19:00:00+09:00"))
    ]

    assert (await read(desk)).rows == []
    december = await read(desk, month=date(2026, 12, 31))
    assert [row.number for row in december.rows] == [cover.number for cover in all_of_it]
    assert (await read(desk, month=date(2027, 1, 1))).rows == []


async def test_csv_holds_the_rows_and_no_cell_that_a_spreadsheet_would_run(desk: Desk, covers: list[Cover]) -> None:
    async def rename(session: AsyncSession) -> None:
        kept = await session.get_one(Policy, desk.policy.id)
        kept.insurer = "=HYPERLINK(1)"

    await desk.database.write(rename)

    rows = list(csv.DictReader(io.StringIO(as_csv(await read(desk)))))

    assert [row["number"] for row in rows] == [cover.number for cover in covers[:3]]
    assert {row["insurer"] for row in rows} == {"'=HYPERLINK(1)"}
    assert (rows[1]["child_ages_months"], rows[1]["actual_end_at"]) == ("24 24", "")

import csv
import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from sharecare.geo import cell_of
from sharecare.matching import ALL_KINDS, Kind, Level, MatchingIndex, Period, Query, Supporter, WeeklyHours, Weights
from sharecare.matching.assign import assign
from sharecare.matching.assign_files import Assigned, assign_files
from sharecare.matching.assign_problem import problem_from
from sharecare.matching.files import Files
from sharecare.matching.tables import BadRowsError

DAY = 1440
MONDAY = 20_606  # 1 June 2026
HOME = (35.87, 139.72)
JST = 540


def supporter(person_id: int, *, end_min: int = DAY, busy: tuple[Period, ...] = ()) -> Supporter:
    return Supporter(
        person_id=person_id,
        household_id=person_id,
        cell=cell_of(*HOME),
        travel_radius_m=3000,
        capacity=2,
        min_age_months=0,
        max_age_months=144,
        timezone="Asia/Tokyo",
        kinds=ALL_KINDS,
        level=Level.CERTIFIED,
        weekly=[WeeklyHours(weekday, 0, end_min) for weekday in range(7)],
        busy=busy,
    )


def query(wall_start: int, minutes: int = 60, buffer_min: int = 15) -> Query:
    """Ask for care so many wall minutes after Monday began in Tokyo."""
    start = MONDAY * DAY + wall_start - JST
    return Query(
        requester_id=1,
        household_id=1,
        cell=cell_of(*HOME),
        start=start,
        end=start + minutes,
        kind=Kind.PICKUP,
        youngest_months=36,
        oldest_months=36,
        buffer_min=buffer_min,
    )


def index_of(*supporters: Supporter) -> MatchingIndex:
    index = MatchingIndex()
    for one in supporters:
        index.put(one)
    return index


def test_problem_holds_every_ask_and_no_suggestion() -> None:
    free, half = [supporter(person) for person in range(10, 60)], supporter(60, end_min=630)
    problem = problem_from(index_of(*free, half), [query(600)])
    assert problem.person_ids.tolist() == list(range(10, 60))
    assert problem.supporter.tolist() == list(range(50))
    assert problem.request.tolist() == [0] * 50


def test_problem_counts_bookings_on_the_local_day_they_start_on() -> None:
    late, next_day = query(23 * 60 + 30), query(DAY)
    busy = ((late.start - 300, late.start - 240), (late.start - 260, late.start - 200), (next_day.start - 1500, 10**8))
    problem = problem_from(index_of(supporter(10)), [late, next_day], booked={10: busy[:2], 11: busy})
    assert problem.day.tolist() == [MONDAY, MONDAY + 1]
    # The two overlap, as a group care's do; they counted as one, and as two where a booking is accepted.
    assert problem.taken == {(0, MONDAY): 2}


def test_problem_refuses_queries_with_different_buffers() -> None:
    with pytest.raises(ValueError, match="the same buffer"):
        problem_from(index_of(), [query(600), query(700, buffer_min=30)])


def test_problem_without_requests_has_an_empty_plan() -> None:
    plan = assign(problem_from(index_of(supporter(10)), []))
    assert (plan.filled, plan.gap, plan.proven_optimal) == (0, 0, True)


def test_assign_keeps_one_child_in_one_place() -> None:
    index, queries = index_of(supporter(10), supporter(11)), [query(600), query(630)]
    alone = assign(problem_from(index, queries))
    same = assign(problem_from(index, queries, children=[{5, 6}, {6}]))
    assert (alone.filled, same.filled) == (2, 1)


SUPPORTERS = """supporter_id,lat,lon,travel_radius_m,capacity,min_age_months,max_age_months,kinds,level,timezone,\
booked_minutes_28d
sato,35.870,139.720,3000,2,0,144,pickup,certified,Asia/Tokyo,0
abe,35.880,139.720,3000,2,0,144,pickup,certified,Asia/Tokyo,
"""
AVAILABILITY = """supporter_id,weekday,start,end,from_date,until_date
sato,0,09:00,18:00,,
abe,0,09:00,12:00,,
"""
REQUESTS = """request_id,requester_id,lat,lon,start_at,end_at,kind,children,youngest_months,oldest_months,\
max_distance_m,min_level,circle
noon,mori,35.870,139.720,2026-06-01T11:00+09:00,2026-06-01T12:00+09:00,pickup,1,36,36,3000,registered,open
same,ono,35.870,139.720,2026-06-01T11:00+09:00,2026-06-01T12:00+09:00,pickup,1,36,36,3000,registered,open
late,ono,35.870,139.720,2026-06-01T16:00+09:00,2026-06-01T17:00+09:00,pickup,1,36,36,3000,registered,open
night,ono,35.870,139.720,2026-06-01T22:00+09:00,2026-06-01T23:00+09:00,pickup,1,36,36,3000,registered,open
"""
BOOKINGS = """supporter_id,start_at,end_at
sato,2026-06-01T13:00+09:00,2026-06-01T14:00+09:00
"""


def files(folder: Path, **more: str) -> Files:
    texts = {"supporters": SUPPORTERS, "availability": AVAILABILITY, "links": "a,b,strength\n", "requests": REQUESTS}
    texts |= more
    paths = {name: folder / f"{name}.csv" for name in texts}
    for name, text in texts.items():
        paths[name].write_text(text, encoding="utf-8")
    return Files(**paths)


def planned(found: Files, bookings_a_day: int) -> tuple[Assigned, list[tuple[str, str]]]:
    out = StringIO()
    assigned = assign_files(found, out, daily_limit=bookings_a_day)
    rows = csv.DictReader(StringIO(out.getvalue()))
    return assigned, [(row["request_id"], row["supporter_id"]) for row in rows]


def test_assign_files_writes_a_row_for_every_request(tmp_path: Path) -> None:
    out = StringIO()
    assigned = assign_files(files(tmp_path), out, output="json")
    rows = json.loads(out.getvalue())
    assert [list(row) for row in rows] == [["request_id", "supporter_id", "score"]] * 4
    assert [row["request_id"] for row in rows] == ["noon", "same", "late", "night"]
    assert {rows[0]["supporter_id"], rows[1]["supporter_id"]} == {"abe", "sato"}
    assert (rows[2]["supporter_id"], rows[3]["supporter_id"], rows[3]["score"]) == ("sato", None, None)
    assert sum(row["score"] for row in rows[:3]) == pytest.approx(assigned.plan.total_score, abs=1e-8)
    assert (assigned.supporters, assigned.requests, assigned.edges, assigned.plan.filled) == (2, 4, 5, 3)
    assert assigned.plan.proven_optimal


def test_assign_files_counts_bookings_towards_the_daily_limit(tmp_path: Path) -> None:
    found = files(tmp_path, bookings=BOOKINGS)
    wide, _ = planned(found, 3)
    narrow, rows = planned(found, 2)
    assert (wide.plan.filled, narrow.plan.filled) == (3, 2)
    assert dict(rows)["night"] == ""
    assert [supporter for _, supporter in rows].count("sato") == 1


def test_the_days_of_the_limit_are_those_of_the_supporters(tmp_path: Path) -> None:
    # In Halifax morning and evening are one day; they were two, for the days counted were Japan's.
    def moved(text: str) -> str:
        return text.replace("Asia/Tokyo", "America/Halifax").replace("+09:00", "-03:00")

    found = files(
        tmp_path, **{name: moved(text) for name, text in (("supporters", SUPPORTERS), ("requests", REQUESTS))}
    )
    _, rows = planned(found, 1)
    assert [supporter for _, supporter in rows].count("sato") == 1


def test_assign_files_leaves_out_bad_rows_when_told_to(tmp_path: Path) -> None:
    found = files(tmp_path, bookings=BOOKINGS + "sato,2026-06-01T12:00+09:00,2026-06-01T11:00+09:00\n")
    out = StringIO()
    with pytest.raises(BadRowsError, match="end_at"):
        assign_files(found, out)
    assert out.getvalue() == ""
    assigned = assign_files(found, out, skip_bad=True)
    assert [row.column for row in assigned.skipped] == ["end_at"]


def test_assign_files_refuses_weights_that_are_no_shares(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        assign_files(files(tmp_path), StringIO(), weights=Weights(1, 1, 1))


def test_scores_of_a_plan_are_those_of_the_ranking() -> None:
    index, asked = index_of(supporter(10)), query(600)
    plan = assign(problem_from(index, [asked]))
    assert plan.score.tolist() == index.rank(asked).score.tolist()
    assert np.array_equal(plan.supporter, [0])

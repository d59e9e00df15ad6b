import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from matching.reference import World, rank
from matching.worlds import Scene, scenes
from sharecare.errors import BadFieldError
from sharecare.geo import MeshLevel
from sharecare.matching import ALL_MEANS, ALWAYS, NEVER, Circle, Kind, Level, Query, Supporter, Weights
from sharecare.matching.fields import instant
from sharecare.matching.files import COLUMNS, Files, match_files
from sharecare.matching.tables import BadRowsError

HEADERS = {
    "supporters": "supporter_id,lat,lon,travel_radius_m,capacity,min_age_months,max_age_months,kinds,level,timezone,"
    "booked_minutes_28d",
    "availability": "supporter_id,weekday,start,end,from_date,until_date",
    "exceptions": "supporter_id,date,start,end,kind",
    "bookings": "supporter_id,start_at,end_at",
    "links": "a,b,strength",
    "communities": "person_id,community_id,weight",
    "blocks": "blocker,blocked",
    "requests": "request_id,requester_id,lat,lon,start_at,end_at,kind,children,youngest_months,oldest_months,"
    "max_distance_m,min_level,circle",
}
ANNA = "anna,35.870,139.720,3000,2,0,144,pickup;own_home,certified,Asia/Tokyo,60"
MONDAY = "anna,0,09:00,12:00,,"
ASKED = "r1,zoe,35.868,139.720,2026-06-01T09:00:00+09:00,2026-06-01T11:00:00+09:00,pickup,1,36,36,3000,registered,open"
SMALL = {"supporters": [ANNA], "availability": [MONDAY], "links": [], "requests": [ASKED]}


def write(folder: Path, tables: Mapping[str, Iterable[str]]) -> Files:
    for name, rows in tables.items():
        (folder / f"{name}.csv").write_text("\n".join([HEADERS[name], *rows]) + "\n", encoding="utf-8")
    return Files(**{name: folder / f"{name}.csv" for name in tables})


def faults(folder: Path, tables: Mapping[str, Iterable[str]]) -> list[tuple[str, int, str]]:
    out = io.StringIO()
    with pytest.raises(BadRowsError) as refusal:
        match_files(write(folder, tables), out)
    assert out.getvalue() == ""
    for row in refusal.value.rows:
        assert not re.search("[ぁ-ん]", str(row))
        assert re.search("[ぁ-ん]", row.text("ja"))
    return [(Path(row.file).stem, row.line, row.column) for row in refusal.value.rows]


def test_writes_the_promised_columns(tmp_path: Path) -> None:
    out = io.StringIO()
    summary = match_files(write(tmp_path, SMALL), out)
    (row,) = csv.DictReader(io.StringIO(out.getvalue()))
    assert tuple(row) == COLUMNS
    assert (row["request_id"], row["rank"], row["supporter_id"], row["suggestion"]) == ("r1", "1", "anna", "0")
    assert (row["distance_m"], row["trust"], row["availability"], row["free_minutes"]) == ("250.0", "0.0", "1.0", "120")
    assert (summary.supporters, summary.requests, summary.asks, summary.suggestions) == (1, 1, 1, 0)


def test_json_holds_the_same_rows(tmp_path: Path) -> None:
    files, out, rows = write(tmp_path, SMALL), io.StringIO(), io.StringIO()
    match_files(files, out, output="json")
    match_files(files, rows)
    (found,), (expected,) = json.loads(out.getvalue()), csv.DictReader(io.StringIO(rows.getvalue()))
    assert {name: str(value) for name, value in found.items()} == expected


def test_no_result_is_still_a_document(tmp_path: Path) -> None:
    files = write(tmp_path, {**SMALL, "supporters": [], "availability": []})
    out, rows = io.StringIO(), io.StringIO()
    match_files(files, out, output="json")
    match_files(files, rows)
    assert json.loads(out.getvalue()) == []
    assert rows.getvalue() == ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("2026-06-01T09:00+09:00", "2026-06-01T00:00Z"),
        ("2026-06-01t00:00:00.000z", "2026-06-01T00:00Z"),
        ("2026-06-01 09:00:00,0000000+0900", "2026-06-01T00:00Z"),
        ("20260601T0900+09", "2026-06-01T00:00Z"),
        ("2026-W23-1T00:00Z", "2026-06-01T00:00Z"),
        ("2026-06-01T24:00:00+02:00", "2026-06-01T22:00Z"),
        ("20260601T2400Z", "2026-06-02T00:00Z"),
        # What follows was read, as another minute or as no minute that anybody writes.
        ("2026-06-01あ23:00+02:00", "is not ISO 8601"),
        ("2026-06-01x22:00+02", "is not ISO 8601"),
        ("2026-06-01T22:00:00+02:00:00", "is not ISO 8601"),
        ("2026-06-01T22:00+02:99", "is not ISO 8601"),
        ("2026-06-01T22:00:00.0000001Z", "is not a whole minute"),
        ("2026-06-01T24:01Z", "is not ISO 8601"),
        ("2026-06-01T24:00:01Z", "is not ISO 8601"),
        ("9999-12-31T24:00Z", "is not ISO 8601"),
        ("2026-06-01T25:00Z", "is not ISO 8601"),
        ("2026-02-30T22:00Z", "is not ISO 8601"),
        ("2026-06-01T22Z", "is not ISO 8601"),
        ("2026-06-01T24:00", "has no offset"),
        ("", "is not ISO 8601"),
    ],
)
def test_an_instant_is_iso_8601_with_an_offset_to_the_minute(field: str, expected: str) -> None:
    if expected.startswith("2"):
        minutes = datetime.fromisoformat(expected).timestamp() / 60
        assert instant(field) == minutes
    else:
        with pytest.raises(BadFieldError, match=expected):
            instant(field)


def test_ties_are_broken_by_code_point_of_the_id(tmp_path: Path) -> None:
    names = ["b", "B", "あ", "10", "9", "é"]
    tables = {
        **SMALL,
        "supporters": [ANNA.replace("anna", name) for name in names],
        "availability": [MONDAY.replace("anna", name) for name in names],
    }
    out = io.StringIO()
    match_files(write(tmp_path, tables), out)
    assert [row["supporter_id"] for row in csv.DictReader(io.StringIO(out.getvalue()))] == sorted(names)


@pytest.mark.parametrize(
    ("table", "good", "old", "new", "column"),
    [
        ("supporters", ANNA, "anna,", ",", "supporter_id"),
        ("supporters", ANNA, "35.870", "89.91", "lat"),
        ("supporters", ANNA, "35.870", "nan", "lat"),
        ("supporters", ANNA, "139.720", "-180.1", "lon"),
        ("supporters", ANNA, ",3000,", ",-1,", "travel_radius_m"),
        ("supporters", ANNA, ",2,", ",two,", "capacity"),
        ("supporters", ANNA, ",144,", ",1_4,", "max_age_months"),
        ("supporters", ANNA, ",0,144,", ",1201,144,", "min_age_months"),  # 40,000 months were taken for 32,767
        ("supporters", ANNA, "own_home", "home", "kinds"),
        ("supporters", ANNA, "certified", "Certified", "level"),
        ("supporters", ANNA, "Asia/Tokyo", "Asia/Edo", "timezone"),
        ("supporters", ANNA, "Asia/Tokyo", "../etc/passwd", "timezone"),
        ("supporters", ANNA, ",60", ",60,more", ""),
        ("availability", MONDAY, "anna", "bert", "supporter_id"),
        ("availability", MONDAY, ",0,", ",7,", "weekday"),
        ("availability", MONDAY, "09:00", "9:00", "start"),
        ("availability", MONDAY, "12:00", "24:01", "end"),
        ("availability", MONDAY, ",,", ",2026-02-30,", "from_date"),
        ("exceptions", "anna,2026-06-01,09:00,10:00,add", "add", "plus", "kind"),
        ("exceptions", "anna,2026-06-01,09:00,10:00,add", "anna", "bert", "supporter_id"),
        ("bookings", "anna,2026-06-01T09:00:00Z,2026-06-01T10:00:00Z", "T09:00:00Z", "T09:00:00", "start_at"),
        ("bookings", "anna,2026-06-01T09:00:00Z,2026-06-01T10:00:00Z", "T10:00:00Z", "T09:00:00Z", "end_at"),
        ("bookings", "anna,2026-06-01T09:00:00Z,2026-06-01T10:00:00Z", "T10:00:00Z", "T10:00:01Z", "end_at"),
        ("links", "anna,zoe,0.6", "0.6", "0", "strength"),
        ("links", "anna,zoe,0.6", "0.6", "1.01", "strength"),
        ("links", "anna,zoe,0.6", "zoe", "anna", "b"),
        ("communities", "anna,nursery,0.2", "0.2", "", "weight"),
        ("blocks", "anna,zoe", "zoe", "", "blocked"),
        ("requests", ASKED, "T11:00:00", "T09:00:00", "end_at"),
        ("requests", ASKED, "T11:00:00", "T11:00:30", "end_at"),
        ("requests", ASKED, "pickup", "pickup;event", "kind"),
        ("requests", ASKED, ",1,36,36", ",0,36,36", "children"),
        ("requests", ASKED, ",1,36,36", ",1,36,35", "oldest_months"),
        ("requests", ASKED, "open", "anyone", "circle"),
        ("requests", ASKED, "2026-06-01T11", "6026-06-01T11", "end_at"),
        ("requests", ASKED, "2026-06-01T11", "2926-06-01T11", "end_at"),  # half a minute was spent on such a window
    ],
)
def test_refuses_a_bad_row_by_line_and_column(
    tmp_path: Path, table: str, good: str, old: str, new: str, column: str
) -> None:
    spare = {"requests": good.replace("r1", "r0"), "supporters": good.replace("anna", "a0")}.get(table)
    rows = [spare or good.replace("zoe", "zac"), good.replace(old, new, 1)]
    assert (table, 3, column) in faults(tmp_path, {**SMALL, table: rows})


@pytest.mark.parametrize(
    ("table", "rows", "expected"),
    [
        ("supporters", [ANNA, ANNA], ("supporters", 3, "supporter_id")),
        ("requests", [ASKED, ASKED], ("requests", 3, "request_id")),
        ("links", ["anna,zoe,0.6", "zoe,anna,0.6"], ("links", 3, "b")),
        ("communities", ["anna,n,0.2", "zoe,n,0.2", "zac,n,0.05"], ("communities", 4, "weight")),
        ("links", ['anna,"zo\ne",0.6', "anna,zac,2"], ("links", 4, "strength")),
    ],
)
def test_refuses_rows_that_contradict_another(
    tmp_path: Path, table: str, rows: list[str], expected: tuple[str, int, str]
) -> None:
    assert faults(tmp_path, {**SMALL, table: rows}) == [expected]


def test_hours_of_a_supporter_refused_are_not_told_of_and_those_of_nobody_are(tmp_path: Path) -> None:
    hours = [MONDAY, MONDAY.replace("anna", "bert"), MONDAY.replace("09:00", "9")]
    tables = {**SMALL, "supporters": [ANNA.replace("Tokyo", "Edo")], "availability": hours}
    assert faults(tmp_path, tables) == [
        ("supporters", 2, "timezone"),
        ("availability", 3, "supporter_id"),
        ("availability", 4, "start"),
    ]


def test_a_supporter_who_stands_twice_keeps_their_hours(tmp_path: Path) -> None:
    files = write(tmp_path, {**SMALL, "supporters": [ANNA.replace("3000", "far"), ANNA, ANNA]})
    summary = match_files(files, io.StringIO(), skip_bad=True)
    assert [row.column for row in summary.skipped] == ["travel_radius_m", "supporter_id"]
    assert summary.asks == 1


def test_refuses_a_missing_column_and_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    files = write(tmp_path, SMALL)
    files.links.write_text("a,b\n")
    with pytest.raises(BadRowsError, match=r"links\.csv:1: strength: the column is missing"):
        match_files(files, io.StringIO(), skip_bad=True)
    files.links.write_bytes(b"a,b,strength\nx\xff,y,0.5\n")
    with pytest.raises(BadRowsError, match=r"links\.csv:2: a: is not UTF-8"):
        match_files(files, io.StringIO())


def test_says_what_else_a_file_may_be(tmp_path: Path) -> None:
    # Of a file as a spreadsheet's "Unicode text" every column was missing.
    files = write(tmp_path, SMALL)
    for encoding in ("utf-16-le", "utf-16-be"):
        files.links.write_bytes("\ufeffa,b,strength\n".encode(encoding))
        with pytest.raises(BadRowsError, match=r"^[^\n]*links\.csv:1: is not UTF-8[^\n]*$"):
            match_files(files, io.StringIO())
    files.links.write_text("")
    with pytest.raises(BadRowsError, match=r"^[^\n]*links\.csv:1: the file is empty$"):
        match_files(files, io.StringIO())


def test_skipping_bad_rows_lists_them_and_goes_on(tmp_path: Path) -> None:
    bad = ANNA.replace("anna", "bad").replace("3000", "far")
    files = write(
        tmp_path, {**SMALL, "supporters": [bad, ANNA], "availability": [MONDAY.replace("anna", "bad"), MONDAY]}
    )
    summary = match_files(files, io.StringIO(), skip_bad=True)
    # That these hours' supporter is not among the supporters misled, and each of their hours and bookings said it.
    assert [(row.line, row.column) for row in summary.skipped] == [(2, "travel_radius_m")]
    assert (summary.supporters, summary.asks) == (1, 1)


def test_reads_what_spreadsheets_write(tmp_path: Path) -> None:
    files = write(tmp_path, SMALL)
    text = files.supporters.read_text(encoding="utf-8").replace("\n", "\r\n")
    files.supporters.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n")
    assert match_files(files, io.StringIO()).asks == 1


def test_refuses_weights_that_do_not_sum_to_one(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        match_files(write(tmp_path, SMALL), io.StringIO(), weights=(0.5, 0.5, 0.5))  # type: ignore[arg-type]  # a tuple


@pytest.mark.parametrize("weights", [(0.5, 0.5, math.nan), (math.inf, -math.inf, 1), (math.nan,) * 3])
def test_refuses_weights_that_are_no_numbers(tmp_path: Path, weights: tuple[float, ...]) -> None:
    # No comparison with nan holds: it passed for a sum of 1, and every score was nan.
    with pytest.raises(ValueError, match="sum to 1"):
        match_files(write(tmp_path, SMALL), io.StringIO(), weights=Weights(*weights))


def test_a_good_row_outlives_a_bad_one_of_the_same_id(tmp_path: Path) -> None:
    # The second of two was refused for the first, which was refused itself.
    bad = ASKED.replace("T11:00:00", "T08:00:00")
    summary = match_files(write(tmp_path, {**SMALL, "requests": [bad, ASKED]}), io.StringIO(), skip_bad=True)
    assert [(row.line, row.column) for row in summary.skipped] == [(2, "end_at")]
    assert (summary.requests, summary.asks) == (1, 1)


@pytest.mark.parametrize("buffer_min", [-1, 1441, 10**12])
def test_refuses_a_buffer_that_can_not_be_before_anything_is_written(tmp_path: Path, buffer_min: int) -> None:
    # A buffer of a million days overflowed after the header went out.
    out = io.StringIO()
    with pytest.raises(ValueError, match="buffer must be from 0 to 1440"):
        match_files(write(tmp_path, SMALL), out, buffer_min=buffer_min)
    assert out.getvalue() == ""


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenes)
def test_files_agree_with_the_book(tmp_path: Path, scene: Scene) -> None:
    scene.mesh, (lat, lon) = [MeshLevel.HALF], scene.place
    scene.place = max(-89.8, min(89.8, lat)), lon  # some rows of cells further: files end at 89.9
    world = plain(scene.world())
    queries = [plain_query(scene.query()) for _ in range(4)]
    out = io.StringIO()
    match_files(write(tmp_path, tables_of(world, queries)), out, top=2)
    found = list(csv.DictReader(io.StringIO(out.getvalue())))
    expected = [
        (f"r{at}", str(place), str(c.person_id), c)
        for at, query in enumerate(queries)
        for place, c in enumerate(rank(world, query), start=1)
    ]
    assert [(row["request_id"], row["rank"], row["supporter_id"]) for row in found] == [row[:3] for row in expected]
    for row, (*_, c) in zip(found, expected, strict=True):
        figures = c.score, c.distance_m, c.distance, c.trust, c.availability, c.free_minutes, float(c.availability < 1)
        assert [float(row[name]) for name in COLUMNS[3:]] == pytest.approx(figures, rel=1e-9, abs=1e-9)


def plain(world: World) -> World:
    """Leave what files can say: no steps that expire, no vouches, no suspended accounts, strengths both ways alike."""
    world.supporters = {
        id_: replace(
            s,
            household_id=id_,
            means=ALL_MEANS,
            level_valid_until=(NEVER, NEVER, NEVER),
            birth_day=ALWAYS,
            notified_until=NEVER,
            booked_minutes=max(s.booked_minutes, 0),
            unavailable=(),
            dated=[hours for hours in s.dated if hours.start_min < 1440],
            weekly=[hours for hours in s.weekly if hours.start_min < 1440],
        )
        for id_, s in world.supporters.items()
    }
    friends = {(a, b): w for (a, b), (w, friend) in world.links.items() if friend and a < b and w > 0}
    world.links = {pair: (w, True) for (a, b), w in friends.items() for pair in ((a, b), (b, a))}
    world.suspended = set()
    return world


def plain_query(query: Query) -> Query:
    registered = (Level.REGISTERED,) * 3
    return replace(
        query, household_id=query.requester_id, means=None, circle=min(query.circle, Circle.OPEN), named_id=None,
        circle_levels=registered, needs_notification=False, born_by_day=None, top=2, buffer_min=15,
        weights=Weights(),
    )  # fmt: skip


def tables_of(world: World, queries: list[Query]) -> dict[str, list[str]]:
    supporters = world.supporters.values()
    return {
        "supporters": [supporter_row(s) for s in supporters],
        "availability": [
            f"{s.person_id},{h.weekday},{clock(h.start_min)},{clock(h.end_min)},{day(h.from_day)},{day(h.until_day)}"
            for s in supporters
            for h in s.weekly
        ],
        "exceptions": [
            f"{s.person_id},{day(h.day)},{clock(h.start_min)},{clock(h.end_min)},{'add' if h.adds else 'remove'}"
            for s in supporters
            for h in s.dated
        ],
        "bookings": [f"{s.person_id},{moment(start)},{moment(end)}" for s in supporters for start, end in s.busy],
        "links": [f"{a},{b},{w!r}" for (a, b), (w, _) in world.links.items() if a < b],
        "communities": [f"{p},{id_},{world.weights[id_]}" for p, ids in world.communities.items() for id_ in ids],
        "blocks": [f"{a},{b}" for a, others in world.blocks.items() for b in others],
        "requests": [request_row(f"r{at}", query) for at, query in enumerate(queries)],
    }


def supporter_row(s: Supporter) -> str:
    lat, lon = s.cell.centre
    kinds = ";".join(kind.name.lower() for kind in Kind if kind in s.kinds and kind.name)
    return (
        f"{s.person_id},{lat!r},{lon!r},{s.travel_radius_m},{s.capacity},{s.min_age_months},{s.max_age_months},"
        f"{kinds},{s.level.name.lower()},{s.timezone},{s.booked_minutes}"
    )


def request_row(id_: str, q: Query) -> str:
    lat, lon = q.cell.centre
    return (
        f"{id_},{q.requester_id},{lat!r},{lon!r},{moment(q.start)},{moment(q.end)},{str(q.kind.name).lower()},"
        f"{q.children},{q.youngest_months},{q.oldest_months},{q.max_distance_m},{q.min_level.name.lower()},"
        f"{q.circle.name.lower()}"
    )


def clock(minute: int) -> str:
    minute = minute if minute <= 1440 else minute - 1440
    return f"{minute // 60:02d}:{minute % 60:02d}"


def day(days: int) -> str:
    return "" if days in {ALWAYS, NEVER} else (date(1970, 1, 1) + timedelta(days=days)).isoformat()


def moment(minute: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).isoformat()

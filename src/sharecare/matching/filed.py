"""From CSV tables to an index and its queries: what each table must hold, and how they hang together."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sharecare.errors import Reason
from sharecare.geo import MAX_LATITUDE, MAX_LONGITUDE, Cell, MeshLevel, cells_of
from sharecare.matching import fields
from sharecare.matching.fields import Reader, choice, decimal, whole
from sharecare.matching.index import MatchingIndex
from sharecare.matching.model import EARLIEST, LARGEST_COUNT, LATEST, Query, SupporterTable
from sharecare.matching.tables import BadRow, BadRowsError, Progress, Table, read_table
from sharecare.matching.words import ALL_MEANS, ALWAYS, NEVER, Circle, Kind, Level

Ints = npt.NDArray[np.int64]

_FAR_M = 1e9
_JAPAN = "Asia/Tokyo"
_OLDEST_MONTHS = 1200  # nobody cares only for those above a hundred
_MOST_WINDOW_MIN = 31 * 1440  # a mistyped year would be a window of centuries: half a minute of ranking
_POINT: dict[str, Reader] = {
    "lat": decimal(-MAX_LATITUDE, MAX_LATITUDE),
    "lon": decimal(-MAX_LONGITUDE, MAX_LONGITUDE),
}
_HOURS: dict[str, Reader] = {"start": fields.clock, "end": fields.clock}
_MOMENTS: dict[str, Reader] = {"start_at": fields.instant, "end_at": fields.instant}

TABLES: dict[str, dict[str, Reader]] = {
    "supporters": {
        "supporter_id": fields.text,
        **_POINT,
        "travel_radius_m": decimal(0, _FAR_M),
        "capacity": whole(0),
        "min_age_months": whole(0, _OLDEST_MONTHS),
        "max_age_months": whole(0),
        "kinds": fields.kinds,
        "level": choice(fields.LEVELS),
        "timezone": fields.timezone,
        "booked_minutes_28d": whole(0, empty=0),
    },
    "availability": {
        "supporter_id": fields.text,
        "weekday": whole(0, 6),
        **_HOURS,
        "from_date": fields.first_day,
        "until_date": fields.last_day,
    },
    "exceptions": {"supporter_id": fields.text, "date": fields.day, **_HOURS, "kind": choice(fields.ADDS)},
    "bookings": {"supporter_id": fields.text, **_MOMENTS},
    "links": {"a": fields.text, "b": fields.text, "strength": decimal(0, 1, above=True)},
    "communities": {"person_id": fields.text, "community_id": fields.text, "weight": decimal(0, 1)},
    "blocks": {"blocker": fields.text, "blocked": fields.text},
    "requests": {
        "request_id": fields.text,
        "requester_id": fields.text,
        **_POINT,
        **_MOMENTS,
        "kind": choice(fields.KINDS),
        "children": whole(1, LARGEST_COUNT),
        "youngest_months": whole(0, LARGEST_COUNT),
        "oldest_months": whole(0, LARGEST_COUNT),
        "max_distance_m": decimal(0, _FAR_M),
        "min_level": choice(fields.LEVELS),
        "circle": choice(fields.CIRCLES),
    },
}
PEOPLE = ("supporter_id", "requester_id", "person_id", "a", "b", "blocker", "blocked")


@dataclass(frozen=True, slots=True)
class FileTables:
    """Tables as they were read and checked, people by their number in `names`: the files' ids in code-point order."""

    tables: Mapping[str, Table]
    names: list[str]
    bad: list[BadRow]


@dataclass(slots=True)
class FileWorld:
    """An index and the requests to rank in it; `names` are the files' ids by their number."""

    index: MatchingIndex
    request_ids: list[str]
    queries: list[Query]
    names: list[str]
    bad: list[BadRow]


def read_world(
    files: Mapping[str, Path],
    *,
    cell: MeshLevel = MeshLevel.HALF,
    skip_bad: bool = False,
    progress: Progress = lambda _doing, _rows: None,
) -> FileWorld:
    """Read tables by name and build the index.

    Raises:
        BadRowsError: a column is missing, or rows are bad and not to be skipped.

    """
    return world_of(read_tables(files, skip_bad=skip_bad, progress=progress), cell=cell, progress=progress)


def read_tables(
    files: Mapping[str, Path], *, skip_bad: bool = False, progress: Progress = lambda _doing, _rows: None
) -> FileTables:
    """Read tables by name, each once: it may be a pipe.

    Raises:
        BadRowsError: a column is missing, or rows are bad and not to be skipped.

    """
    tables = {name: read_table(path, TABLES[name], progress) for name, path in files.items()}
    names = sorted({person for table in tables.values() for person in _people_of(table)})
    number = {name: at for at, name in enumerate(names)}
    for table in tables.values():
        _number_people(table, number)
    refused = [number[name] for name in tables["supporters"].refused if name in number]
    _check(tables, np.array(refused, np.int64))
    bad = [row for table in tables.values() for row in sorted(table.bad, key=lambda row: row.line)]
    if bad and not skip_bad:
        raise BadRowsError(bad)
    return FileTables(tables, names, bad)


def world_of(
    filed: FileTables, *, cell: MeshLevel = MeshLevel.HALF, progress: Progress = lambda _doing, _rows: None
) -> FileWorld:
    """Build the index and the queries of some tables."""
    progress("index", 0)
    index, requests = _index(filed.tables, cell), filed.tables["requests"]
    queries = list(_queries(requests, cell))
    return FileWorld(index, requests["request_id"].tolist(), queries, filed.names, filed.bad)


def zone_of(supporters: Table) -> str:
    """Give the zone whose days are counted: most supporters', the first in the file of equally many; else Japan's."""
    return Counter(supporters["timezone"].tolist()).most_common(1)[0][0] if len(supporters) else _JAPAN


def _people_of(table: Table) -> set[str]:
    return {person for column in PEOPLE if column in table.columns for person in table[column].tolist()}


def _number_people(table: Table, number: Mapping[str, int]) -> None:
    """Put numbers for people, in the code-point order of their ids."""
    for column in PEOPLE:
        if column in table.columns:
            values = table[column].tolist()
            table.columns[column] = np.fromiter(map(number.__getitem__, values), np.int64, len(values))


def _check(tables: Mapping[str, Table], refused: Ints) -> None:
    """Refuse what only shows between fields, rows and tables; `refused` are supporters told of already."""
    supporters, requests = tables["supporters"], tables["requests"]
    supporters.refuse(_repeated(supporters["supporter_id"]), "supporter_id", Reason("stands twice", "二度出てきます"))
    requests.refuse(
        requests["youngest_months"] > requests["oldest_months"],
        "oldest_months",
        Reason("is below the youngest", "いちばん下の子より小さくなっています"),
    )
    requests.refuse(
        requests["start_at"] < EARLIEST, "start_at", Reason("is before the year 100", "西暦100年より前です")
    )
    requests.refuse(requests["end_at"] > LATEST, "end_at", Reason("is after the year 5998", "西暦5998年より後です"))
    for name in ("availability", "exceptions"):
        if name in tables:
            _check_hours(tables[name])
    for name in ("requests", "bookings"):
        if name in tables:
            tables[name].refuse(
                tables[name]["end_at"] <= tables[name]["start_at"],
                "end_at",
                Reason("is not after start_at", "start_at より後ではありません"),
            )
    too_long = requests["end_at"] - requests["start_at"] > _MOST_WINDOW_MIN
    requests.refuse(
        too_long, "end_at", Reason("is more than 31 days after start_at", "start_at から31日を超えています")
    )
    requests.refuse(
        _repeated(requests["request_id"]), "request_id", Reason("stands twice", "二度出てきます")
    )  # of the rows that are good
    for name in ("availability", "exceptions", "bookings"):
        if name in tables:
            known = np.isin(tables[name]["supporter_id"], supporters["supporter_id"])
            told = ~known & np.isin(tables[name]["supporter_id"], refused)
            tables[name].leave_out(told)
            known = known[~told]
            tables[name].refuse(
                ~known, "supporter_id", Reason("is not among the supporters", "supporters の表にいません")
            )
    _check_links(tables["links"])
    if "communities" in tables:
        _check_communities(tables["communities"])


def _check_hours(table: Table) -> None:
    start, end = table["start"], table["end"]
    table.columns["end"] = np.where(end <= start, end + 1440, end)
    table.refuse(table["end"] <= table["start"], "end", Reason("is the very start", "start と同じです"))


def _check_links(links: Table) -> None:
    links.refuse(links["a"] == links["b"], "b", Reason("is the same person", "同じ人です"))
    low, high = np.minimum(links["a"], links["b"]), np.maximum(links["a"], links["b"])
    links.refuse(
        _repeated(low << 32 | high), "b", Reason("is linked to a already", "a とのつながりはもう書かれています")
    )


def _check_communities(table: Table) -> None:
    _, first, community = np.unique(table["community_id"], return_index=True, return_inverse=True)
    table.columns["community_id"] = community.astype(np.int64)
    table.refuse(
        table["weight"] != table["weight"][first[community]],
        "weight",
        Reason("differs from the community's first", "このコミュニティの最初の行と違います"),
    )


def _repeated(values: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Mark all but the first of equal values."""
    repeated = np.ones(len(values), np.bool_)
    repeated[np.unique(values, return_index=True)[1]] = False
    return repeated


def _index(tables: Mapping[str, Table], cell: MeshLevel) -> MatchingIndex:
    index = MatchingIndex()
    index.load_supporters(_supporters(tables["supporters"], cell))
    hours = tables["availability"]
    index.load_weekly(hours["supporter_id"], [hours[c] for c in ("weekday", "start", "end", "from_date", "until_date")])
    if dated := tables.get("exceptions"):
        index.load_dated(dated["supporter_id"], [dated[column] for column in ("date", "start", "end", "kind")])
    if busy := tables.get("bookings"):
        index.load_busy(busy["supporter_id"], busy["start_at"], busy["end_at"])
    links = tables["links"]
    strength = links["strength"]
    index.load_links(links["a"], links["b"], a_to_b=strength, b_to_a=strength, friend=np.ones(len(links), np.bool_))
    if members := tables.get("communities"):
        once = ~_repeated(members["person_id"] << 32 | members["community_id"])
        index.load_communities(*(members[column][once] for column in ("person_id", "community_id", "weight")))
    if blocks := tables.get("blocks"):
        index.load_blocks(blocks["blocker"], blocks["blocked"])
    return index


def _supporters(table: Table, cell: MeshLevel) -> SupporterTable:
    count = len(table)
    rows, columns = cells_of(table["lat"], table["lon"], cell)
    zones, zone = np.unique(table["timezone"], return_inverse=True)
    never = np.full(count, NEVER)
    return SupporterTable(
        timezones=zones.tolist(),
        timezone=zone,
        person_id=table["supporter_id"],
        household_id=table["supporter_id"],
        cell_level=np.full(count, cell),
        cell_row=rows,
        cell_column=columns,
        travel_radius_m=table["travel_radius_m"],
        capacity=table["capacity"],
        min_age_months=table["min_age_months"],
        max_age_months=table["max_age_months"],
        kinds=table["kinds"],
        means=np.full(count, ALL_MEANS.value),
        level=table["level"],
        identified_until=never,
        trained_until=never,
        certified_until=never,
        notified_until=never,
        birth_day=np.full(count, ALWAYS),
        booked_minutes=table["booked_minutes_28d"],
    )


def _queries(table: Table, cell: MeshLevel) -> Iterator[Query]:
    rows, columns = cells_of(table["lat"], table["lon"], cell)
    figures = ("requester_id", "start_at", "end_at", "kind", "youngest_months", "oldest_months", "children")
    lists = [table[column].tolist() for column in (*figures, "max_distance_m", "circle", "min_level")]
    for row, column, person, start, end, kind, youngest, oldest, children, limit, circle, level in zip(
        rows.tolist(), columns.tolist(), *lists, strict=True
    ):
        yield Query(
            requester_id=person,
            household_id=person,
            cell=Cell(cell, row, column),
            start=start,
            end=end,
            kind=Kind(kind),
            youngest_months=youngest,
            oldest_months=oldest,
            children=children,
            max_distance_m=limit,
            circle=Circle(circle),
            min_level=Level(level),
        )

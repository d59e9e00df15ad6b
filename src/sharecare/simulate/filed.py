"""A town described by the files of `sharecare match`: its people as they are, its requests as they came."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sharecare.geo import Cell, MeshLevel, cells_of
from sharecare.matching import Link, Period
from sharecare.matching.filed import TABLES, FileWorld, read_world
from sharecare.matching.files import Files
from sharecare.matching.tables import Table, read_table
from sharecare.matching.zones import DAY, pieces
from sharecare.simulate.model import Need, Place, World
from sharecare.simulate.people import Behaviour
from sharecare.simulate.shape import asked_by, lead_min

_URGENT_SHARE = 0.15  # as in generated towns


class FiledTown:
    """A town on files. They don't say when a request was made: that is drawn, and so are people's answers.

    Requests that start within the simulated days, counted from the first one's day, are lived through. The files have
    no area, so levels by circle are not asked for; `min_level` and `circle` hold as written.

    Raises:
        BadRowsError: see `match_files`.

    """

    def __init__(
        self, files: Files, *, name: str = "town", cell: MeshLevel = MeshLevel.HALF, places: Sequence[Place] = ()
    ) -> None:
        self.name = name
        self.places = tuple(places)
        given = files.given()
        self._filed = read_world(given, cell=cell, progress=_silent)
        tables = {table: read_table(path, TABLES[table], _silent) for table, path in given.items()}
        number = {id_: at for at, id_ in enumerate(self._filed.names)}
        supporters = tables["supporters"]
        self._zone = Counter(supporters["timezone"].tolist()).most_common(1)[0][0] if len(supporters) else "Asia/Tokyo"
        self._supporters = tuple(number[id_] for id_ in supporters["supporter_id"].tolist())
        homes = zip(*(axis.tolist() for axis in cells_of(supporters["lat"], supporters["lon"], cell)), strict=True)
        self._cells = tuple(sorted({Cell(cell, *home) for home in homes}))
        self._busy = _busy(tables.get("bookings"), number)
        self._links = _links(tables["links"], number)
        self._memberships = _memberships(tables.get("communities"), number)

    def world(self, seed: int, days: int) -> World:
        rng = np.random.default_rng([seed, 2])
        first = min((query.start for query in self._filed.queries), default=0)
        offset = pieces(self._zone, first, first + 1)[0].offset
        until = ((first + offset) // DAY + days) * DAY - offset
        return World(
            seed=seed,
            zone=self._zone,
            index=self._filed.index,
            supporters=self._supporters,
            needs=tuple(self._needs(rng, self._filed, until)),
            busy=self._busy,
            links=self._links,
            memberships=self._memberships,
            cells=self._cells,
            days=days,
        )

    def _needs(self, rng: np.random.Generator, filed: FileWorld, until: int) -> list[Need]:
        needs: list[Need] = []
        for query in filed.queries:
            offset = pieces(self._zone, query.start, query.start + 1)[0].offset
            wall = query.start + offset - lead_min(rng, _URGENT_SHARE)
            if query.start < until:
                needs.append(Need(0, query, asked_by(rng, Behaviour(), wall) - offset))
        needs.sort(key=lambda need: (need.opened_at, need.query.start))
        return [replace(need, number=number) for number, need in enumerate(needs)]


def _busy(table: Table | None, number: Mapping[str, int]) -> dict[int, tuple[Period, ...]]:
    busy: dict[int, list[Period]] = defaultdict(list)
    for person, start, end in _rows(table, "supporter_id", "start_at", "end_at"):
        busy[number[person]].append((start, end))
    return {person: tuple(periods) for person, periods in busy.items()}


def _links(table: Table, number: Mapping[str, int]) -> dict[int, tuple[Link, ...]]:
    links: dict[int, list[Link]] = defaultdict(list)
    for one, other, strength in _rows(table, "a", "b", "strength"):
        links[number[one]].append(Link(number[other], strength, strength))
        links[number[other]].append(Link(number[one], strength, strength))
    return {person: tuple(some) for person, some in links.items()}


def _memberships(table: Table | None, number: Mapping[str, int]) -> dict[int, tuple[tuple[int, float], ...]]:
    """Group memberships by person; communities are numbered as in the index, by the order of their ids."""
    order: dict[str, int] = {}
    if table is not None:
        order = {id_: at for at, id_ in enumerate(sorted(set(table["community_id"].tolist())))}
    found: dict[int, set[tuple[int, float]]] = defaultdict(set)
    for person, community, weight in _rows(table, "person_id", "community_id", "weight"):
        found[number[person]].add((order[community], weight))
    return {person: tuple(sorted(some)) for person, some in found.items()}


def _rows(table: Table | None, *columns: str) -> list[tuple[Any, ...]]:
    if table is None or not len(table):
        return []
    return list(zip(*(table[column].tolist() for column in columns), strict=True))


def _silent(_doing: str, _rows_read: int) -> None:
    pass

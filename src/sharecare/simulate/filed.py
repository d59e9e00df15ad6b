"""A town described by the files of `sharecare match`: its people as they are, its requests as they came."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sharecare.geo import Cell, MeshLevel, cells_of
from sharecare.matching import Link, Period
from sharecare.matching.filed import FileWorld, read_tables, world_of, zone_of
from sharecare.matching.files import Files
from sharecare.matching.tables import Table
from sharecare.matching.zones import DAY, pieces
from sharecare.simulate.model import Need, Place, World
from sharecare.simulate.people import AS_ASSUMED, Behaviour
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
        filed = read_tables(files.given())
        self._filed, tables = world_of(filed, cell=cell), filed.tables
        supporters = tables["supporters"]
        self._zone = zone_of(supporters)
        self._supporters = tuple(supporters["supporter_id"].tolist())
        homes = zip(*(axis.tolist() for axis in cells_of(supporters["lat"], supporters["lon"], cell)), strict=True)
        self._cells = tuple(sorted({Cell(cell, *home) for home in homes}))
        self._busy = _busy(tables.get("bookings"))
        self._links = _links(tables["links"])
        self._memberships = _memberships(tables.get("communities"))

    def world(self, seed: int, days: int, behaviour: Behaviour = AS_ASSUMED) -> World:
        rng = np.random.default_rng([seed, 2])
        first = min((query.start for query in self._filed.queries), default=0)
        offset = pieces(self._zone, first, first + 1)[0].offset
        until = ((first + offset) // DAY + days) * DAY - offset
        return World(
            seed=seed,
            zone=self._zone,
            index=self._filed.index,
            supporters=self._supporters,
            needs=tuple(self._needs(rng, self._filed, until, behaviour)),
            busy=self._busy,
            links=self._links,
            memberships=self._memberships,
            cells=self._cells,
            days=days,
        )

    def _needs(self, rng: np.random.Generator, filed: FileWorld, until: int, behaviour: Behaviour) -> list[Need]:
        needs: list[Need] = []
        for query in filed.queries:
            offset = pieces(self._zone, query.start, query.start + 1)[0].offset
            wall = query.start + offset - lead_min(rng, _URGENT_SHARE)
            if query.start < until:
                needs.append(Need(0, query, asked_by(rng, behaviour, wall) - offset))
        needs.sort(key=lambda need: (need.opened_at, need.query.start))
        return [replace(need, number=number) for number, need in enumerate(needs)]


def _busy(table: Table | None) -> dict[int, tuple[Period, ...]]:
    busy: dict[int, list[Period]] = defaultdict(list)
    for person, start, end in _rows(table, "supporter_id", "start_at", "end_at"):
        busy[person].append((start, end))
    return {person: tuple(periods) for person, periods in busy.items()}


def _links(table: Table) -> dict[int, tuple[Link, ...]]:
    links: dict[int, list[Link]] = defaultdict(list)
    for one, other, strength in _rows(table, "a", "b", "strength"):
        links[one].append(Link(other, strength, strength))
        links[other].append(Link(one, strength, strength))
    return {person: tuple(some) for person, some in links.items()}


def _memberships(table: Table | None) -> dict[int, tuple[tuple[int, float], ...]]:
    """Group memberships by person; communities are numbered as in the index."""
    found: dict[int, set[tuple[int, float]]] = defaultdict(set)
    for person, community, weight in _rows(table, "person_id", "community_id", "weight"):
        found[person].add((community, weight))
    return {person: tuple(sorted(some)) for person, some in found.items()}


def _rows(table: Table | None, *columns: str) -> list[tuple[Any, ...]]:
    if table is None or not len(table):
        return []
    return list(zip(*(table[column].tolist() for column in columns), strict=True))

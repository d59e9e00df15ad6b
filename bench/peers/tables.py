"""The benchmark's country as flat tables, for peers that load it into something else."""

from collections.abc import Sequence
from dataclasses import dataclass
from unittest import mock

import numpy as np
import numpy.typing as npt

from sharecare.matching.index import MatchingIndex
from sharecare.matching.model import Column, SupporterTable
from sharecare.matching.world import BenchmarkWorld

Ints = npt.NDArray[np.int64]


@dataclass
class Tables:
    """Parallel columns, as the engine is given them; links stand once and hold both ways."""

    supporters: SupporterTable
    links: tuple[Column, Column, Column]
    communities: tuple[Column, Column, Column]
    weekly: tuple[Column, ...]
    busy: tuple[Column, Column, Column]

    def by_place(self) -> Ints:
        """Order people by cell, row by row from the south-west: neighbours on the map are neighbours in a table."""
        return np.lexsort((self.supporters.cell_column, self.supporters.cell_row))


class _Tap(MatchingIndex):
    """An index that keeps nothing but what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[str, tuple[Column, ...]] = {}
        self.table: SupporterTable | None = None

    def load_supporters(self, table: SupporterTable) -> None:
        self.table = table

    def load_weekly(self, person_ids: Column, hours: Sequence[Column]) -> None:
        self.given["weekly"] = (person_ids, *hours)

    def load_busy(self, person_ids: Column, start: Column, end: Column) -> None:
        self.given["busy"] = (person_ids, start, end)

    def load_links(self, a: Column, b: Column, *, a_to_b: Column, b_to_a: Column, friend: Column) -> None:
        if a_to_b is not b_to_a or not friend.all():
            raise ValueError("the peers know only friendships that are as strong both ways")
        self.given["links"] = (a, b, a_to_b)

    def load_communities(self, person_ids: Column, community_ids: Column, weights: Column) -> None:
        self.given["communities"] = (person_ids, community_ids, weights)


def tables_of(world: BenchmarkWorld) -> Tables:
    """Draw a world's tables in the order in which its index would, so that its queries come out the same."""
    with mock.patch("sharecare.matching.world.MatchingIndex", _Tap):
        tap = world.index()
    if not isinstance(tap, _Tap) or tap.table is None:
        raise TypeError("the world built its index some other way")
    return Tables(
        tap.table,
        _three(tap.given["links"]),
        _three(tap.given["communities"]),
        tap.given["weekly"],
        _three(tap.given["busy"]),
    )


def _three(columns: tuple[Column, ...]) -> tuple[Column, Column, Column]:
    first, second, third = columns
    return first, second, third

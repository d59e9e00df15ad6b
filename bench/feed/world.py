"""The tables of the made-up country: the people of `BenchmarkWorld` with all that a database holds of them.

Ten links, five windows, five bookings in the next 28 days for each; a fifth certified, the others anywhere below, all
with the credentials their level rests on; communities of a hundred, areas of ten thousand.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from sharecare.areas.rules import AreaSettings
from sharecare.geo import centres_of, codes_of
from sharecare.matching.world import FIRST_DAY, BenchmarkWorld

Ints = npt.NDArray[np.int64]
Columns = Sequence[Sequence[object]]
Chunk = tuple[Ints, np.random.Generator]

NOW = datetime(2026, 6, 1, 0, 0, tzinfo=UTC)
SEED = 1
PEOPLE_AT_ONCE = 20_000
PER_AREA = 10_000
COMMUNITY = 100
EACH = 5  # windows, bookings, and ties to somebody further on
CREDENTIALS = (
    ("identity", None, 1),
    *(("course_unit", unit, 2) for unit in AreaSettings().course_units),
    ("training_session", None, 3),
    ("first_aid", None, 3),
    ("interview", None, 3),
    ("notification", None, 3),
)
_STAMP = "2026-06-01 00:00:00.000000"
_KINDS = [
    "["
    + ", ".join(f'"{name}"' for bit, name in enumerate(("pickup", "own_home", "child_home", "event")) if n >> bit & 1)
    + "]"
    for n in range(16)
]
_MEANS = '["foot", "bicycle", "transit", "car"]'
_DAYS = [(date(1970, 1, 1) + timedelta(days=FIRST_DAY + n)).isoformat() for n in range(29)]
_CLOCKS = [f"{minute // 60:02d}:{minute % 60:02d}:00.000000" for minute in range(24 * 60)]


@dataclass(frozen=True, slots=True)
class Table:
    """One table's rows to come, in chunks of parallel columns."""

    name: str
    columns: str
    chunks: Iterator[Columns]


def tables(people: int) -> Iterator[Table]:
    """Give every table's rows, parents first; ids count from 1."""
    world = BenchmarkWorld(people, SEED)
    areas = range(1, max(1, people // PER_AREA) + 1)
    settings = AreaSettings().model_dump_json()
    slugs = [f"area-{n}" for n in areas]
    yield Table(
        "area",
        "id, slug, name_ja, name_en, timezone, settings, created_at",
        iter([_same(areas, slugs, slugs, slugs, "Asia/Tokyo", settings, _STAMP)]),
    )
    yield Table(
        "household", "id, area_id, created_at", (_same(p, _area(p, people), _STAMP) for p, _ in _people(people, SEED))
    )
    yield Table("home", "household_id, lat, lon, cell, set_at", (_homes(world, p) for p, _ in _people(people, SEED)))
    yield Table(
        "person",
        "id, area_id, household_id, email, password_hash, name, birth_date, language, is_requester, is_supporter, "
        "state, created_at, confirmed_at",
        (_accounts(p, people) for p, _ in _people(people, SEED)),
    )
    yield Table(
        "supporter_profile",
        "person_id, kinds, means, capacity, min_age_months, max_age_months, travel_radius_m, timezone, introduction, "
        "changed_at",
        (_profiles(*chunk) for chunk in _people(people, SEED)),
    )
    yield Table(
        "weekly_hours",
        "id, person_id, weekday, start_minute, end_minute, until_date",
        (_weekly(*chunk) for chunk in _people(people, SEED + 1)),
    )
    yield Table(
        "tie",
        "low_id, high_id, met_at, low_approved_at, high_approved_at, supports, changed_at",
        (_ties(*chunk, people) for chunk in _people(people, SEED + 2)),
    )
    yield Table("community", "id, area_id, name, kind, steward_id, created_at", iter([_communities(people)]))
    yield Table(
        "community_membership",
        "community_id, person_id, asked_at, approved_at",
        (_same(1 + (p - 1) // COMMUNITY, p, _STAMP, _STAMP) for p, _ in _people(people, SEED)),
    )
    yield Table(
        "credential",
        "person_id, kind, unit, evidence, state, issued_on, expires_at, submitted_at, reason",
        (_credentials(*chunk) for chunk in _people(people, SEED + 3)),
    )
    yield Table(
        "booking",
        "id, area_id, request_id, offer_id, household_id, requester_id, supporter_id, cover_id, kind, start_at, "
        "end_at, state, required_level, needs_notification, confirmed_at, pin_failures, close_reason",
        (_bookings(*chunk, people) for chunk in _people(people, SEED + 4)),
    )


def _people(count: int, seed: int) -> Iterator[Chunk]:
    """Cut ids into chunks, each with dice of its own."""
    for first in range(1, count + 1, PEOPLE_AT_ONCE):
        yield np.arange(first, min(first + PEOPLE_AT_ONCE, count + 1)), np.random.default_rng((seed, first))


def _same(*columns: object) -> Columns:
    """Lay out columns; what is given once holds for every row."""
    lists = [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]
    rows = len(next(column for column in lists if isinstance(column, list | range)))
    return [column if isinstance(column, list | range) else [column] * rows for column in lists]


def _area(people: Ints, count: int) -> Ints:
    return 1 + (people - 1) % max(1, count // PER_AREA)


def _homes(world: BenchmarkWorld, people: Ints) -> Columns:
    rows, columns = (side[people - 1].astype(np.int64) for side in (world.rows, world.columns))
    return _same(people, *centres_of(rows, columns), codes_of(rows, columns), _STAMP)


def _accounts(people: Ints, count: int) -> Columns:
    names = [f"p{n}" for n in people.tolist()]
    emails = [f"{name}@example.jp" for name in names]
    rest = ("1988-04-12", "ja", True, True, "active", _STAMP, _STAMP)
    return _same(people, _area(people, count), people, emails, "-", names, *rest)


def _profiles(people: Ints, rng: np.random.Generator) -> Columns:
    count = len(people)
    kinds = [_KINDS[n] for n in rng.integers(1, 16, count).tolist()]
    capacity, least, most = rng.integers(1, 4, count), rng.integers(0, 13, count), rng.integers(60, 145, count)
    return _same(people, kinds, _MEANS, capacity, least, most, 3000, "Asia/Tokyo", "", _STAMP)


def _weekly(people: Ints, rng: np.random.Generator) -> Columns:
    owner = people.repeat(EACH)
    turn = np.tile(np.arange(EACH), len(people))
    start = rng.integers(14, 37, len(owner)) * 30
    end = start + rng.integers(4, 13, len(owner)) * 30
    until = [_DAYS[20] if one else None for one in (rng.random(len(owner)) < 0.1).tolist()]
    return _same((owner - 1) * EACH + turn + 1, owner, (turn + owner) % 7, start, end, until)


def _ties(people: Ints, rng: np.random.Generator, count: int) -> Columns:
    low = people.repeat(EACH)
    high = low + np.tile(np.arange(EACH) * 40 + 1, len(people)) + rng.integers(0, 40, len(low))
    low, high = low[high <= count], high[high <= count]
    return _same(low, high, _STAMP, _STAMP, _STAMP, rng.integers(0, 4, len(low)), _STAMP)


def _communities(people: int) -> Columns:
    ids = np.arange(1, (people - 1) // COMMUNITY + 2)
    return _same(ids, 1, "c", "nursery", (ids - 1) * COMMUNITY + 1, _STAMP)


def _credentials(people: Ints, rng: np.random.Generator) -> Columns:
    certified = rng.random(len(people)) < 0.2
    level = np.where(certified, 3, rng.integers(0, 3, len(people)))
    rows: list[tuple[object, ...]] = []
    for person, reached in zip(people.tolist(), level.tolist(), strict=True):
        rows += [
            (person, kind, unit, "2027-07-31 15:00:00.000000" if kind == "first_aid" else None)
            for kind, unit, step in CREDENTIALS
            if step <= reached
        ]
    who, kind, unit, until = (list(column) for column in zip(*rows, strict=True))
    return _same(who, kind, unit, "", "confirmed", "2026-01-10", until, _STAMP, "")


def _bookings(people: Ints, rng: np.random.Generator, count: int) -> Columns:
    owner = people.repeat(EACH)
    turn = np.tile(np.arange(EACH), len(people))
    ids = (owner - 1) * EACH + turn + 1
    day = turn * 5 + rng.integers(0, 5, len(owner))
    start = rng.integers(16, 39, len(owner)) * 30 - 9 * 60
    end = start + rng.integers(2, 7, len(owner)) * 30
    day, start, end = day + (start < 0), start % 1440, end + np.where(start < 0, 1440, 0)
    other = 1 + owner % count
    moments = (
        [f"{_DAYS[d + m // 1440]} {_CLOCKS[m % 1440]}" for d, m in zip(day.tolist(), minutes.tolist(), strict=True)]
        for minutes in (start, end)
    )
    begins, ends = moments
    rest = ("confirmed", 3, False, _STAMP, 0, "")
    return _same(ids, _area(owner, count), ids, ids, other, other, owner, ids, "child_home", begins, ends, *rest)

"""The week as a ring of minutes: hours without dates are painted on it and wiped off it."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from sharecare.availability.rules import DAY_MINUTES, Weekly

WEEK_MINUTES = 7 * DAY_MINUTES
CELL_MINUTES = 30  # what one cell of the painted week stands for
CELLS_A_DAY = DAY_MINUTES // CELL_MINUTES

_OFF, _ON = b"\0", b"\1"


def has_dates(row: Weekly) -> bool:
    """Say whether hours begin or end on some date, rather than holding every week."""
    return row.from_date is not None or row.until_date is not None


def changed_week(weekly: Sequence[Weekly], *, add: Sequence[Weekly], remove: Sequence[Weekly]) -> list[Weekly]:
    """Return weekly hours with some added and then some taken away, in as few rows as say the same.

    Hours without dates come and go by the minute, whatever rows they were in; hours with dates only as whole rows.
    """
    ring = _ring([*weekly, *add])
    for row in remove:
        if not has_dates(row):
            _paint(ring, row, _OFF)
    dated = [row for row in dict.fromkeys([*weekly, *add]) if has_dates(row) and row not in remove]
    return [*_rows(ring), *dated]


def tidy_week(weekly: Sequence[Weekly]) -> list[Weekly]:
    """Return the same hours in as few rows as can be: those of every week first, then those with dates."""
    return changed_week(weekly, add=(), remove=())


def minutes_in_cells(weekly: Iterable[Weekly]) -> list[list[int]]:
    """Return for each weekday how many minutes of each half hour are offered every week."""
    ring = _ring(weekly)
    minutes = [sum(ring[at : at + CELL_MINUTES]) for at in range(0, WEEK_MINUTES, CELL_MINUTES)]
    return [minutes[day * CELLS_A_DAY : (day + 1) * CELLS_A_DAY] for day in range(7)]


def cell(weekday: int, place: int) -> Weekly:
    """Return the hours that one cell stands for; places count from midnight."""
    return Weekly(weekday, place * CELL_MINUTES, (place + 1) * CELL_MINUTES)


def _ring(weekly: Iterable[Weekly]) -> bytearray:
    ring = bytearray(WEEK_MINUTES)
    for row in weekly:
        if not has_dates(row):
            _paint(ring, row, _ON)
    return ring


def _paint(ring: bytearray, row: Weekly, how: bytes) -> None:
    start, end = (row.weekday * DAY_MINUTES + minute for minute in (row.start_minute, row.end_minute))
    over = max(0, end - WEEK_MINUTES)  # Sunday's night runs into Monday
    ring[start : end - over] = how * (end - over - start)
    ring[:over] = how * over


def _rows(ring: bytearray) -> list[Weekly]:
    if not ring.count(_OFF):
        return [Weekly(day, 0, DAY_MINUTES) for day in range(7)]
    first = ring.index(_OFF)
    turned = ring[first:] + ring[:first]  # so that no run crosses the end
    rows: list[Weekly] = []
    start = turned.find(_ON)
    while start >= 0:
        end = turned.find(_OFF, start) if _OFF in turned[start:] else WEEK_MINUTES
        rows += _split(first + start, first + end)
        start = turned.find(_ON, end)
    return sorted(rows, key=lambda row: (row.weekday, row.start_minute))


def _split(start: int, end: int) -> list[Weekly]:
    """Return a run as one row, a night included; what is longer than a day is cut at each midnight."""
    if end - start <= DAY_MINUTES:
        cuts = [start, end]
    else:
        cuts = [start, *range(start - start % DAY_MINUTES + DAY_MINUTES, end, DAY_MINUTES), end]
    return [
        Weekly(low // DAY_MINUTES % 7, low % DAY_MINUTES, low % DAY_MINUTES + high - low)
        for low, high in pairwise(cuts)
    ]

"""What a broken invariant is reported as."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """One broken invariant: its number, what is wrong, and the rows that show it."""

    invariant: int
    what: str
    table: str
    rows: tuple[int | str, ...]

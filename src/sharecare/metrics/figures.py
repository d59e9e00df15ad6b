"""What one area-day holds: a line for each request and use, so that days merge exactly, and the members at its end.

Lines name nobody: families and people stand as ids, so that a report can count the distinct ones behind a figure.
"""

from pydantic import BaseModel, ConfigDict

from sharecare.areas.rules import Level

UNKNOWN_CELL = 0  # of a family that has not said where it lives
UNKNOWN_FAMILY = 0  # facts that don't tell a family share one, so that too few are counted rather than too many


class _Lines(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RequestLine(_Lines):
    """A request, kept on the day it was opened, as far as its facts go."""

    family: int
    cell: int | None
    withdrawn_early: bool
    filled: bool
    offered_by: list[int]
    minutes_to_offer: int | None
    minutes_to_booking: int | None  # to the booking that fills it
    unmet_minutes: dict[int, int]  # by hour of the week; empty where filled or withdrawn early


class UseLine(_Lines):
    """A completed support, kept on the day it was completed."""

    family: int
    supporter: int
    pickup: bool
    minutes: int
    covered: bool
    gap_minutes: int
    from_elsewhere: bool  # the supporter lives in another area


class SafetyLine(_Lines):
    """A near miss, an incident or a claim, kept on the day it was written down."""

    kind: str
    family: int
    supporter: int


class Offered(_Lines):
    """Hours offered on a day that is over, frozen when it was closed."""

    minutes: int
    booked_minutes: int
    supporters: int


class Flow(_Lines):
    """What happened on a day."""

    requests: list[RequestLine] = []
    uses: list[UseLine] = []
    safety: list[SafetyLine] = []
    active: dict[int, int] = {}  # members with a request, offer or use anywhere, and their families
    offered: Offered | None = None


class Size(_Lines):
    """How many people, of how many families."""

    people: int = 0
    families: int = 0


class SupporterGroup(_Lines):
    """Supporters of one level, or who live in one cell."""

    people: int = 0
    families: list[int] = []


class Stock(_Lines):
    """Who belongs to the area at a day's end."""

    members: Size = Size()
    requesters: Size = Size()
    non_requesters: Size = Size()
    supporters: Size = Size()
    non_supporters: Size = Size()
    levels: dict[Level, SupporterGroup] = {}  # supporters by level
    homes: dict[int, SupporterGroup] = {}  # supporters by the cell they live in
    friendships: int = 0  # each member's friends, added up
    well_tied: Size = Size()  # members with enough friends
    less_tied: Size = Size()
    gone: list[int] = []  # joined once, and suspended or left since


class DayFigures(_Lines):
    """All figures of one area and local day."""

    flow: Flow = Flow()
    stock: Stock = Stock()

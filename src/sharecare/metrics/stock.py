"""Who belongs to an area at the end of each day: a pure fold over the journal's facts."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from sharecare.areas.rules import AreaSettings, Level
from sharecare.certification.rules import CredentialKind, Held, Ladder
from sharecare.journal.rules import FactKind, RecordedFact
from sharecare.metrics.days import bounds
from sharecare.metrics.figures import UNKNOWN_CELL, UNKNOWN_FAMILY, Size, Stock, SupporterGroup
from sharecare.metrics.rules import in_order, settings_in
from sharecare.trust.rules import TIES_THAT_SUFFICE

K = TypeVar("K", Level, int)


def stocks_of(
    facts: Iterable[RecordedFact], *, area_id: int, days: Collection[date], zone: ZoneInfo
) -> dict[date, Stock]:
    """Return an area's members at the end of some local days; more facts than needed, in any order, do no harm."""
    register, told = _Register(area_id), iter(in_order(facts))
    fact = next(told, None)
    stocks: dict[date, Stock] = {}
    for day in sorted(days):
        end = bounds(day, zone)[1]
        while fact is not None and fact.at < end:
            register.apply(fact)
            fact = next(told, None)
        stocks[day] = register.stock(until=end)
    return stocks


@dataclass(slots=True)
class _Member:
    family: int
    requester: bool
    supporter: bool
    active: bool = True
    held: dict[int, Held] = field(default_factory=dict)


class _Register:
    """The members of one area as far as the facts were read."""

    def __init__(self, area_id: int) -> None:
        self._area_id = area_id
        self._rules = AreaSettings()
        self._members: dict[int, _Member] = {}
        self._friends: set[frozenset[int]] = set()
        self._cells: dict[int, int] = {}  # of families

    def apply(self, fact: RecordedFact) -> None:
        """Read one more fact."""
        if fact.kind == FactKind.FRIENDS_MADE:
            self._friends.add(_pair(fact))
        elif fact.kind == FactKind.FRIENDS_PARTED:
            self._friends.discard(_pair(fact))
        elif fact.kind == FactKind.AREA_CHANGED and fact.area_id == self._area_id and fact.data:
            self._rules = settings_in(fact)
        elif fact.kind == FactKind.PERSON_JOINED and fact.area_id == self._area_id and fact.person_id is not None:
            self._members[fact.person_id] = _Member(
                family=fact.data.get("household_id", UNKNOWN_FAMILY),
                requester=fact.data["requester"],
                supporter=fact.data["supporter"],
            )
        elif fact.kind == FactKind.HOME_MOVED and fact.cell is not None:
            self._cells[fact.data["household_id"]] = fact.cell
        elif (member := self._members.get(fact.person_id or 0)) is not None:
            _change(member, fact)

    def stock(self, *, until: datetime) -> Stock:
        """Return the figures, with the levels held until a moment that closes the day."""
        there = {who: member for who, member in self._members.items() if member.active}
        friends = Counter(who for pair in self._friends for who in pair if who in there)
        people = there.values()
        supporters = [member for member in people if member.supporter]
        return Stock(
            members=_size(people),
            requesters=_size(member for member in people if member.requester),
            non_requesters=_size(member for member in people if not member.requester),
            supporters=_size(supporters),
            non_supporters=_size(member for member in people if not member.supporter),
            levels=self._levels(supporters, until),
            homes=self._homes(supporters),
            friendships=friends.total(),
            well_tied=_size(member for who, member in there.items() if friends[who] >= TIES_THAT_SUFFICE),
            less_tied=_size(member for who, member in there.items() if friends[who] < TIES_THAT_SUFFICE),
            gone=sorted(who for who, member in self._members.items() if not member.active),
        )

    def _levels(self, supporters: list[_Member], until: datetime) -> dict[Level, SupporterGroup]:
        ladder = Ladder.of(self._rules)
        families: defaultdict[Level, list[int]] = defaultdict(list, {level: [] for level in Level})
        for member in supporters:
            families[ladder.level_through(member.held.values(), until)].append(member.family)
        return _groups(families)

    def _homes(self, supporters: list[_Member]) -> dict[int, SupporterGroup]:
        families: defaultdict[int, list[int]] = defaultdict(list)
        for member in supporters:
            families[self._cells.get(member.family, UNKNOWN_CELL)].append(member.family)
        return _groups(families)


def _groups(families: Mapping[K, list[int]]) -> dict[K, SupporterGroup]:
    return {key: SupporterGroup(people=len(of), families=sorted(set(of))) for key, of in sorted(families.items())}


def _pair(fact: RecordedFact) -> frozenset[int]:
    return frozenset({fact.person_id or 0, fact.other_id or 0})


def _size(members: Iterable[_Member]) -> Size:
    families = [member.family for member in members]
    return Size(people=len(families), families=len(set(families)))


def _change(member: _Member, fact: RecordedFact) -> None:
    match fact.kind:
        case FactKind.PERSON_CHANGED:
            member.requester = fact.data.get("requester", member.requester)
            member.supporter = fact.data.get("supporter", member.supporter)
        case FactKind.GUARDIAN_JOINED:
            member.family = fact.data["household_id"]
        case FactKind.PERSON_SUSPENDED | FactKind.PERSON_LEFT:
            member.active = False
        case FactKind.PERSON_RESTORED:
            member.active = True
        case FactKind.CREDENTIAL_CONFIRMED:
            member.held[fact.data["credential_id"]] = held_in(fact)
        case FactKind.CREDENTIAL_REVOKED:
            member.held.pop(fact.data["credential_id"], None)


def held_in(confirmed: RecordedFact) -> Held:
    """Return the credential that a confirmation was about."""
    lapse = confirmed.data["expires_at"]
    return Held(
        kind=CredentialKind(confirmed.data["kind"]),
        unit=confirmed.data["unit"],
        expires_at=datetime.fromisoformat(lapse) if lapse else None,
    )

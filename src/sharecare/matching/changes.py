"""What has to be read again of whom, by the kinds of facts that tell of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sharecare.journal.rules import FactKind, RecordedFact

OF_AREAS = frozenset({FactKind.AREA_CHANGED, FactKind.POLICY_MADE, FactKind.POLICY_ENDED})
OF_HOUSEHOLDS = frozenset({FactKind.HOME_MOVED, FactKind.GUARDIAN_JOINED})
OF_BOOKINGS = frozenset(
    {
        FactKind.BOOKING_CONFIRMED,
        FactKind.BOOKING_CHANGED,
        FactKind.BOOKING_CANCELLED,
        FactKind.BOOKING_REINSTATED,
    }
)
OF_HOURS = frozenset({FactKind.HOURS_CHANGED})
OF_PROFILES = frozenset(
    {
        FactKind.SUPPORTER_CHANGED,
        FactKind.PERSON_CHANGED,
        FactKind.PERSON_SUSPENDED,
        FactKind.PERSON_RESTORED,
    }
)
OF_COMMUNITIES = frozenset({FactKind.COMMUNITY_MADE, FactKind.COMMUNITY_JOINED, FactKind.COMMUNITY_LEFT})
OF_PEOPLE = frozenset(
    {
        FactKind.PERSON_JOINED,
        FactKind.PERSON_LEFT,
        FactKind.TIE_CHANGED,
        FactKind.FRIENDS_MADE,
        FactKind.FRIENDS_PARTED,
        FactKind.BLOCK_CHANGED,
        FactKind.CREDENTIAL_CONFIRMED,
        FactKind.CREDENTIAL_REVOKED,
        FactKind.CARE_COMPLETED,
        FactKind.INCIDENT_REPORTED,
        *OF_COMMUNITIES,
        *OF_HOUSEHOLDS,
    }
)


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids, by what may have changed of them; of `people` everything."""

    people: set[int] = field(default_factory=set)
    profiles: set[int] = field(default_factory=set)
    hours: set[int] = field(default_factory=set)
    bookings: set[int] = field(default_factory=set)
    households: set[int] = field(default_factory=set)
    communities: set[int] = field(default_factory=set)  # whose size may have changed, and with it what they weigh
    areas: set[int] = field(default_factory=set)
    ladders: set[int] = field(default_factory=set)  # areas in which every level may have changed

    @classmethod
    def told_by(cls, facts: Iterable[RecordedFact]) -> "Changes":
        """Sort out what some facts tell."""
        told = cls()
        for fact in facts:
            told._add(fact)
        return told

    def _add(self, fact: RecordedFact) -> None:
        if fact.kind in OF_AREAS and fact.area_id is not None:
            self.areas.add(fact.area_id)
            if fact.kind == FactKind.AREA_CHANGED:
                self.ladders.add(fact.area_id)
        if fact.kind in OF_HOUSEHOLDS:
            self.households.add(fact.data["household_id"])
        if fact.kind in OF_COMMUNITIES:
            self.communities.add(fact.data["community_id"])
        for kinds, ids in ((OF_PROFILES, self.profiles), (OF_HOURS, self.hours), (OF_BOOKINGS, self.bookings)):
            if fact.kind in kinds and fact.person_id is not None:
                ids.add(fact.person_id)
        if fact.kind in OF_PEOPLE:
            self.people.update(who for who in (fact.person_id, fact.other_id) if who is not None)

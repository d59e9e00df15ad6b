"""Which facts figures rest on, and the rules that an area had set."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from sharecare.areas.rules import AreaSettings, kept_settings
from sharecare.journal.rules import FactKind, RecordedFact

F = TypeVar("F", bound=RecordedFact)
# Their persons are active: requester, supporter, or both.
ACTIVITY = frozenset({FactKind.REQUEST_OPENED, FactKind.OFFER_MADE, FactKind.CARE_COMPLETED})
# What becomes of a request; each changes the line of the day it was opened.
REQUEST_LIFE = ACTIVITY | {
    FactKind.REQUEST_WITHDRAWN,
    FactKind.BOOKING_CONFIRMED,
    FactKind.BOOKING_CANCELLED,
    FactKind.BOOKING_REINSTATED,
    FactKind.NO_SHOW_DECIDED,
}
# What went wrong, or nearly; each counts on the day it was written down.
SAFETY = frozenset({FactKind.NEAR_MISS_REPORTED, FactKind.INCIDENT_REPORTED, FactKind.CLAIM_FILED})
FAMILY = frozenset({FactKind.PERSON_JOINED, FactKind.GUARDIAN_JOINED})
FRIENDS = frozenset({FactKind.FRIENDS_MADE, FactKind.FRIENDS_PARTED})
# Who belongs to an area and what they are, from this fact's day on.
MEMBERSHIP = FAMILY | {
    FactKind.PERSON_CHANGED,
    FactKind.PERSON_SUSPENDED,
    FactKind.PERSON_RESTORED,
    FactKind.PERSON_LEFT,
    FactKind.CREDENTIAL_CONFIRMED,
    FactKind.CREDENTIAL_REVOKED,
    FactKind.AREA_CHANGED,
    FactKind.HOME_MOVED,
}


def in_order(facts: Iterable[F]) -> list[F]:
    """Return facts as they happened; of one moment, as they were written."""
    return sorted(facts, key=lambda fact: (fact.at, fact.id))


def rules_at(facts: Iterable[RecordedFact], *, area_id: int, before: datetime) -> AreaSettings:
    """Return the rules that an area had set before a moment; the defaults where no fact tells."""
    told = [
        fact
        for fact in facts
        if fact.kind == FactKind.AREA_CHANGED and fact.area_id == area_id and fact.at < before and fact.data
    ]
    return settings_in(in_order(told)[-1]) if told else AreaSettings()


def settings_in(fact: RecordedFact) -> AreaSettings:
    """Return the settings that a change of an area brought; a setting that has since been dropped is passed over."""
    told = fact.data["settings"]
    known = AreaSettings.model_fields
    return kept_settings({name: value for name, value in told.items() if name in known}).settings

"""Who belongs to an area at a day's end, from facts alone."""

from datetime import date

import pytest

from metrics.chronicle import CELL, DAY, HOUR, MONDAY, TOKYO, Chronicle
from sharecare.areas.rules import AreaSettings, Level
from sharecare.journal.rules import FactKind
from sharecare.metrics.figures import UNKNOWN_CELL, Size, Stock, SupporterGroup
from sharecare.metrics.stock import stocks_of

FIRST = date(2026, 6, 1)


@pytest.fixture
def told() -> Chronicle:
    return Chronicle()


def stock(told: Chronicle, day: date = FIRST) -> Stock:
    return stocks_of(told.facts, area_id=1, days=[day], zone=TOKYO)[day]


def test_members_are_counted_once_with_their_families(told: Chronicle) -> None:
    told.joined(1, family=10)
    told.joined(2, family=10)
    told.joined(3, supporter=True)
    told.joined(4, area=2)

    found = stock(told)
    assert found.members == Size(people=3, families=2)
    assert (found.requesters, found.supporters) == (Size(people=2, families=1), Size(people=1, families=1))
    assert (found.non_requesters, found.non_supporters) == (Size(people=1, families=1), Size(people=2, families=1))


def test_who_is_suspended_or_has_left_is_gone_until_restored(told: Chronicle) -> None:
    for person in (1, 2, 3):
        told.joined(person)
    told.add(FactKind.PERSON_SUSPENDED, MONDAY + HOUR, person_id=1)
    told.add(FactKind.PERSON_LEFT, MONDAY + HOUR, person_id=2)
    told.add(FactKind.PERSON_RESTORED, MONDAY + DAY, person_id=1)

    assert (stock(told).members.people, stock(told).gone) == (1, [1, 2])
    assert (stock(told, date(2026, 6, 2)).members.people, stock(told, date(2026, 6, 2)).gone) == (2, [2])


def test_roles_change_and_other_changes_leave_them(told: Chronicle) -> None:
    told.joined(1)
    told.add(FactKind.PERSON_CHANGED, MONDAY + HOUR, person_id=1, data={"requester": True, "supporter": True})
    told.add(FactKind.PERSON_CHANGED, MONDAY + 2 * HOUR, person_id=1, data={"password": True})

    found = stock(told)
    assert (found.members.people, found.requesters.people, found.supporters.people) == (1, 1, 1)


def test_who_joins_a_family_counts_with_it(told: Chronicle) -> None:
    told.joined(1, family=10)
    told.joined(2, family=11)
    told.add(FactKind.GUARDIAN_JOINED, MONDAY + HOUR, person_id=2, other_id=1, data={"household_id": 10})

    assert stock(told).members == Size(people=2, families=1)


def test_levels_rest_on_what_is_confirmed_and_lapse_at_the_days_end(told: Chronicle) -> None:
    told.joined(20, supporter=True)
    told.confirmed(20, 1, "identity")
    for number, unit in enumerate(AreaSettings().course_units, start=2):
        told.confirmed(20, number, "course_unit", unit=unit, until=MONDAY.replace(hour=0) + 2 * DAY)

    assert _levels(stock(told)) == {Level.TRAINED: 1}
    assert _levels(stock(told, date(2026, 6, 2))) == {Level.TRAINED: 1}
    assert _levels(stock(told, date(2026, 6, 3))) == {Level.IDENTIFIED: 1}

    told.add(FactKind.CREDENTIAL_REVOKED, MONDAY + DAY, person_id=20, data={"credential_id": 1})
    assert _levels(stock(told, date(2026, 6, 2))) == {Level.REGISTERED: 1}


def test_an_areas_own_ladder_counts(told: Chronicle) -> None:
    settings = AreaSettings(course_units=("care",)).model_dump(mode="json")
    told.add(FactKind.AREA_CHANGED, MONDAY, data={"settings": settings})
    told.joined(20, supporter=True)
    told.confirmed(20, 1, "identity")
    told.confirmed(20, 2, "course_unit", unit="care")

    assert stock(told).levels[Level.TRAINED] == SupporterGroup(people=1, families=[20])


def test_friends_count_for_both_wherever_they_live(told: Chronicle) -> None:
    for person in (1, 2, 3, 4):
        told.joined(person)
    told.joined(9, area=2)
    for other in (2, 3, 9):
        told.befriended(1, other)
    told.befriended(2, 3)
    told.add(FactKind.FRIENDS_PARTED, MONDAY + DAY, person_id=3, other_id=2)

    found = stock(told)
    assert (found.friendships, found.well_tied.people, found.less_tied.people) == (7, 1, 3)
    assert stock(told, date(2026, 6, 2)).friendships == 5


def test_several_days_are_those_each_alone_would_be(told: Chronicle) -> None:
    for day in range(5):
        told.joined(day + 1, at=MONDAY + day * DAY)
    days = [date(2026, 6, day) for day in range(1, 6)]

    together = stocks_of(told.facts, area_id=1, days=days, zone=TOKYO)
    assert together == {day: stock(told, day) for day in days}


def _levels(found: Stock) -> dict[Level, int]:
    return {level: group.people for level, group in found.levels.items() if group.people}


def test_supporters_live_where_their_family_last_said(told: Chronicle) -> None:
    told.joined(1, family=10, supporter=True)
    told.joined(2, family=11, supporter=True)
    told.joined(3, family=12)
    for family, cell, at in ((10, CELL, MONDAY), (12, CELL, MONDAY), (10, CELL + 1, MONDAY + DAY)):
        told.add(FactKind.HOME_MOVED, at, person_id=1, cell=cell, data={"household_id": family})

    unknown = SupporterGroup(people=1, families=[11])
    assert stock(told).homes == {UNKNOWN_CELL: unknown, CELL: SupporterGroup(people=1, families=[10])}
    moved = stock(told, date(2026, 6, 2)).homes
    assert moved == {UNKNOWN_CELL: unknown, CELL + 1: SupporterGroup(people=1, families=[10])}

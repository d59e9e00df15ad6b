"""The ladder: what each step rests on, and when it lapses."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from sharecare.areas.rules import AreaSettings, Level
from sharecare.certification.rules import (
    MOVES,
    OPEN,
    CredentialKind,
    CredentialState,
    Held,
    Ladder,
    Needed,
    lapses_at,
    notification_until,
)

AT = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
LADDER = Ladder(("care", "safety"))
DAY = timedelta(days=1)

IDENTITY = Held(CredentialKind.IDENTITY, None, None)
CARE = Held(CredentialKind.COURSE_UNIT, "care", None)
SAFETY = Held(CredentialKind.COURSE_UNIT, "safety", None)
SESSION = Held(CredentialKind.TRAINING_SESSION, None, None)
FIRST_AID = Held(CredentialKind.FIRST_AID, None, AT + 30 * DAY)
INTERVIEW = Held(CredentialKind.INTERVIEW, None, None)
RECORD_CHECK = Held(CredentialKind.CRIMINAL_RECORD_CHECK, None, AT + 10 * DAY)
ALL = (IDENTITY, CARE, SAFETY, SESSION, FIRST_AID, INTERVIEW)


@pytest.mark.parametrize(
    ("held", "level"),
    [
        ((), Level.REGISTERED),
        ((IDENTITY,), Level.IDENTIFIED),
        ((IDENTITY, CARE), Level.IDENTIFIED),
        ((IDENTITY, CARE, SAFETY), Level.TRAINED),
        ((CARE, SAFETY, SESSION, FIRST_AID, INTERVIEW), Level.REGISTERED),
        ((IDENTITY, SESSION, FIRST_AID, INTERVIEW), Level.IDENTIFIED),
        (ALL, Level.CERTIFIED),
    ],
)
def test_each_step_needs_all_below_it(held: tuple[Held, ...], level: Level) -> None:
    assert LADDER.level_at(held, AT) == level


def test_registering_asks_for_nothing() -> None:
    assert LADDER.needed_for(Level.REGISTERED) == ()


def test_nobody_is_certified_who_lacks_one_thing() -> None:
    levels = {LADDER.level_at(some, AT) for some in combinations(ALL, len(ALL) - 1)}

    assert levels == {Level.REGISTERED, Level.IDENTIFIED, Level.TRAINED}


def test_steps_end_with_the_first_lapse_they_rest_on() -> None:
    unit = Held(CredentialKind.COURSE_UNIT, "care", AT + 20 * DAY)
    held = (IDENTITY, unit, SAFETY, SESSION, FIRST_AID, INTERVIEW)

    assert LADDER.step_expiries(held) == (OPEN, AT + 20 * DAY, AT + 20 * DAY)
    assert LADDER.step_expiries(ALL) == (OPEN, OPEN, AT + 30 * DAY)
    assert LADDER.step_expiries((CARE, SAFETY)) == (None, None, None)


def test_lapse_counts_from_its_very_moment() -> None:
    end = AT + 30 * DAY

    assert LADDER.level_at(ALL, end - timedelta(microseconds=1)) == Level.CERTIFIED
    assert LADDER.level_at(ALL, end) == Level.TRAINED


def test_care_may_end_at_the_moment_of_the_lapse_and_no_later() -> None:
    end = AT + 30 * DAY

    assert LADDER.level_through(ALL, end) == Level.CERTIFIED
    assert LADDER.level_through(ALL, end + timedelta(minutes=1)) == Level.TRAINED


def test_renewal_extends_a_step() -> None:
    renewed = (*ALL, Held(CredentialKind.FIRST_AID, None, AT + 90 * DAY))

    assert LADDER.step_expiries(renewed).certified == AT + 90 * DAY


def test_record_check_is_asked_for_only_where_the_area_says_so() -> None:
    strict = Ladder(LADDER.units, record_check=True)

    assert strict.level_at(ALL, AT) == Level.TRAINED
    assert strict.step_expiries((*ALL, RECORD_CHECK)) == (OPEN, OPEN, AT + 10 * DAY)
    assert LADDER.step_expiries((*ALL, RECORD_CHECK)) == (OPEN, OPEN, AT + 30 * DAY)


def test_ladder_follows_the_area() -> None:
    settings = AreaSettings(course_units=("care",), criminal_record_check_required=True)

    assert Ladder.of(settings) == Ladder(("care",), record_check=True)


def test_area_without_a_course_trains_nobody_further() -> None:
    assert Ladder(()).step_expiries((IDENTITY,)) == (OPEN, OPEN, None)


def test_missing_names_what_the_step_and_those_below_lack() -> None:
    lapsed = Held(CredentialKind.COURSE_UNIT, "safety", AT)

    assert LADDER.missing_for(Level.TRAINED, (CARE, lapsed), AT) == [
        Needed(CredentialKind.IDENTITY),
        Needed(CredentialKind.COURSE_UNIT, "safety"),
    ]
    assert LADDER.missing_for(Level.CERTIFIED, ALL, AT) == []


def test_notification_holds_until_its_latest_lapse() -> None:
    notified = Held(CredentialKind.NOTIFICATION, None, AT + DAY)

    assert notification_until(ALL) is None
    assert notification_until((notified, Held(CredentialKind.NOTIFICATION, None, AT))) == AT + DAY
    assert notification_until((notified, Held(CredentialKind.NOTIFICATION, None, None))) == OPEN


@pytest.mark.parametrize(
    ("kind", "issued_on", "last_day", "end"),
    [
        (CredentialKind.IDENTITY, date(2026, 4, 1), None, None),
        (CredentialKind.IDENTITY, date(2026, 4, 1), date(2027, 3, 31), datetime(2027, 3, 31, 15, tzinfo=UTC)),
        (CredentialKind.FIRST_AID, date(2026, 4, 1), None, datetime(2031, 3, 31, 15, tzinfo=UTC)),
        (CredentialKind.FIRST_AID, date(2026, 4, 1), date(2040, 1, 1), datetime(2031, 3, 31, 15, tzinfo=UTC)),
        (CredentialKind.FIRST_AID, date(2026, 4, 1), date(2029, 3, 31), datetime(2029, 3, 31, 15, tzinfo=UTC)),
        (CredentialKind.FIRST_AID, date(2024, 2, 29), None, datetime(2029, 2, 28, 15, tzinfo=UTC)),
        (CredentialKind.IDENTITY, date(2026, 4, 1), date.max, None),
    ],
)
def test_lapse_is_the_midnight_after_the_last_day(
    *, kind: CredentialKind, issued_on: date, last_day: date | None, end: datetime | None
) -> None:
    assert lapses_at(kind, issued_on, last_day, TOKYO) == end


def test_decided_credentials_move_nowhere_but_to_revoked() -> None:
    legal = {(before, after) for before, afters in MOVES.items() for after in afters}

    assert legal == {
        (CredentialState.SUBMITTED, CredentialState.CONFIRMED),
        (CredentialState.SUBMITTED, CredentialState.REFUSED),
        (CredentialState.CONFIRMED, CredentialState.REVOKED),
    }
    assert set(MOVES) == set(CredentialState)

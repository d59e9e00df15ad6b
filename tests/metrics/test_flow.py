"""What happened on a day, from facts alone."""

from datetime import date

import pytest

from metrics.chronicle import CELL, DAY, HOUR, MINUTE, MONDAY, TOKYO, Chronicle
from sharecare.areas.rules import AreaSettings
from sharecare.journal.rules import FactKind
from sharecare.metrics.figures import Flow, Offered, RequestLine, UseLine
from sharecare.metrics.flow import flow_of

FIRST = date(2026, 6, 1)


@pytest.fixture
def told() -> Chronicle:
    return Chronicle()


def flow(told: Chronicle, day: date = FIRST, area_id: int = 1) -> Flow:
    return flow_of(told.facts, area_id=area_id, day=day, zone=TOKYO)


def the_request(told: Chronicle) -> RequestLine:
    (line,) = flow(told).requests
    return line


def test_a_request_nobody_answered_is_unmet_in_the_hours_of_its_window(told: Chronicle) -> None:
    told.opened(7, by=1, at=MONDAY, start=MONDAY + DAY + 30 * MINUTE, hours=1)

    assert the_request(told) == RequestLine(
        family=1,
        cell=CELL,
        withdrawn_early=False,
        filled=False,
        offered_by=[],
        minutes_to_offer=None,
        minutes_to_booking=None,
        unmet_minutes={24 + 9: 30, 24 + 10: 30},
    )


def test_offers_and_a_booking_of_later_days_belong_to_the_day_of_the_request(told: Chronicle) -> None:
    told.opened(7, at=MONDAY, start=MONDAY + 5 * DAY)
    told.offered(7, by=21, at=MONDAY + DAY)
    told.offered(7, by=20, at=MONDAY + 2 * DAY)
    told.booked(7, 70, by=20, at=MONDAY + 3 * DAY)

    line = the_request(told)
    assert (line.filled, line.offered_by, line.unmet_minutes) == (True, [20, 21], {})
    assert (line.minutes_to_offer, line.minutes_to_booking) == (24 * 60, 3 * 24 * 60)
    assert flow(told, date(2026, 6, 2)).requests == []


def test_a_booking_its_supporter_cancels_unfills_until_another_is_made(told: Chronicle) -> None:
    told.opened(7, at=MONDAY)
    told.booked(7, 70, by=20, at=MONDAY + 10 * MINUTE)
    told.cancelled(7, 70, side="supporter", at=MONDAY + HOUR)
    assert the_request(told).filled is False
    assert the_request(told).minutes_to_booking is None

    told.booked(7, 71, by=21, at=MONDAY + 2 * HOUR)
    assert the_request(told).filled is True
    assert the_request(told).minutes_to_booking == 120


@pytest.mark.parametrize(
    ("kind", "data", "filled"),
    [
        (FactKind.BOOKING_REINSTATED, {"reinstated_by": "family"}, True),
        (FactKind.NO_SHOW_DECIDED, {"stands": False}, True),
        (FactKind.NO_SHOW_DECIDED, {"stands": True}, False),
    ],
)
def test_a_no_show_that_was_none_unfills_nothing(
    told: Chronicle, kind: FactKind, data: dict[str, object], filled: bool
) -> None:
    told.opened(7, at=MONDAY)
    told.booked(7, 70, by=20, at=MONDAY + 10 * MINUTE)
    told.cancelled(7, 70, side="supporter", at=MONDAY + HOUR)
    told.add(kind, MONDAY + 2 * HOUR, request_id=7, booking_id=70, data=data)

    assert the_request(told).filled is filled


def test_a_booking_the_family_cancels_had_filled_the_request(told: Chronicle) -> None:
    told.opened(7, at=MONDAY)
    told.booked(7, 70, by=20, at=MONDAY + 10 * MINUTE)
    told.cancelled(7, 70, side="family", at=MONDAY + HOUR)

    assert the_request(told).filled is True


@pytest.mark.parametrize(("minutes", "early"), [(10, True), (10.5, False)])
def test_a_request_withdrawn_within_ten_minutes_is_no_unmet_need(told: Chronicle, minutes: float, early: bool) -> None:
    told.opened(7, at=MONDAY)
    told.withdrawn(7, at=MONDAY + minutes * MINUTE)

    assert the_request(told).withdrawn_early is early
    assert (the_request(told).unmet_minutes == {}) is early


def test_the_area_sets_what_early_means(told: Chronicle) -> None:
    settings = AreaSettings(withdrawn_early_minutes=30).model_dump(mode="json")
    told.add(FactKind.AREA_CHANGED, MONDAY - DAY, data={"settings": settings | {"dropped_since": 1}})
    told.add(FactKind.AREA_CHANGED, MONDAY + 2 * DAY, data={"settings": AreaSettings().model_dump(mode="json")})
    told.opened(7, at=MONDAY)
    told.withdrawn(7, at=MONDAY + 20 * MINUTE)

    assert the_request(told).withdrawn_early is True


def test_a_use_belongs_to_the_day_it_was_completed(told: Chronicle) -> None:
    told.opened(7, by=1, at=MONDAY)
    told.booked(7, 70, by=20, at=MONDAY)
    told.completed(7, 70, by=20, at=MONDAY + DAY, kind="own_home", minutes=95, gap=5, home=2)

    assert flow(told).uses == []
    assert flow(told, date(2026, 6, 2)).uses == [
        UseLine(family=1, supporter=20, pickup=False, minutes=95, covered=False, gap_minutes=5, from_elsewhere=True)
    ]


def test_a_day_ends_at_the_areas_midnight(told: Chronicle) -> None:
    told.opened(7, at=MONDAY.replace(hour=23, minute=59))
    told.opened(8, at=MONDAY.replace(hour=0) + DAY)

    assert [len(flow(told, date(2026, 6, day)).requests) for day in (1, 2)] == [1, 1]


def test_members_are_active_by_asking_offering_and_uses(told: Chronicle) -> None:
    for person in (1, 2, 20, 21):
        told.joined(person, family=person + 100)
    told.opened(7, by=1, at=MONDAY)
    told.offered(7, by=20, at=MONDAY + MINUTE)

    assert flow(told).active == {1: 101, 20: 120}


def test_who_helps_in_another_area_is_active_at_home(told: Chronicle) -> None:
    told.joined(1)
    told.joined(20, area=2)
    told.opened(7, by=1, at=MONDAY)
    told.offered(7, by=20, at=MONDAY + MINUTE)

    assert flow(told).active == {1: 1}
    assert flow(told, area_id=2) == Flow(active={20: 20})


def test_hours_are_those_frozen_when_the_day_was_closed(told: Chronicle) -> None:
    midnight = MONDAY.replace(hour=0)
    data = {"booked_minutes": 60, "supporters": 2}
    told.add(FactKind.DAY_CLOSED, MONDAY + DAY, start_at=midnight, end_at=midnight + DAY, minutes=480, data=data)

    assert flow(told).offered == Offered(minutes=480, booked_minutes=60, supporters=2)
    assert flow(told, date(2026, 6, 2)).offered is None


def test_the_order_in_which_facts_are_read_changes_nothing(told: Chronicle) -> None:
    for number in range(1, 6):
        told.joined(number)
        told.use(number, requester=number, by=number + 1, at=MONDAY + number * HOUR)
    shuffled = [*told.facts[1::2], *reversed(told.facts[::2])]

    assert flow_of(shuffled, area_id=1, day=FIRST, zone=TOKYO) == flow(told)

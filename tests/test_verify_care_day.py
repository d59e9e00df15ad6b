"""Care days broken on purpose, and `verify` names it: hidden gaps, impossible no-shows, alarms, series, groups."""

from datetime import timedelta

import pytest
from sqlmodel import select

from care import steps
from conftest import Staged
from honest import break_it, found, honest_town, need
from sharecare.care.alarms import call_family
from sharecare.care.models import Booking
from sharecare.care.series import open_series
from sharecare.care.series_schemas import SeriesDraft
from sharecare.verify import Breach
from world import World, signed_in


@pytest.fixture
async def town(staged: Staged) -> World:
    return await staged(honest_town)


async def late_care(town: World) -> None:
    """Let booking 2 end twelve minutes after its cover ran out."""
    async with town.database.read() as session:
        booking = (await session.exec(select(Booking).where(Booking.id == 2))).one()
    town.now = booking.end_at + timedelta(minutes=42)
    helper = await town.do(lambda s: signed_in(s, booking.supporter_id, now=town.now))
    await steps.finish(town, helper, booking)


async def test_uncovered_time_that_is_hidden_or_invented_is_named(town: World) -> None:
    await late_care(town)
    assert await found(town) == []

    assert await break_it(town, "UPDATE cover_gap SET minutes = 3") == [
        Breach(2, "uncovered time is not written down as it was", "booking", (2,))
    ]
    invented = (
        "INSERT INTO cover_gap (booking_id, area_id, start_at, end_at, minutes, opened_at, explanation) "
        "SELECT id, area_id, start_at, end_at, 5, end_at, '' FROM booking WHERE id = 1"
    )
    breaches = await break_it(town, "DELETE FROM cover_gap", invented, guards=False)
    assert breaches == [
        Breach(2, "uncovered time is not written down as it was", "booking", (1,)),
        Breach(2, "uncovered time is not written down as it was", "booking", (2,)),
    ]


async def test_a_no_show_that_cannot_be_is_named(town: World) -> None:
    breaches = await break_it(town, "UPDATE booking SET no_show = true WHERE id IN (1, 3, 4)", guards=False)

    what = "a no-show of a booking that began, stands, or ended before its start"
    assert breaches == [Breach(6, what, "booking", (row,)) for row in (1, 3, 4)]


async def test_steps_of_an_alarm_that_were_not_written_down_are_named(town: World) -> None:
    async with town.database.read() as session:
        booking = (await session.exec(select(Booking).where(Booking.id == 2))).one()
    helper = await town.do(lambda s: signed_in(s, booking.supporter_id, now=town.now))
    await town.do(lambda s: call_family(s, by=helper, booking_id=2, now=town.now))
    assert await found(town) == []

    breaches = await break_it(town, "DELETE FROM care_alarm_step", guards=False)

    assert breaches == [Breach(6, "steps of an alarm are not written down", "care_alarm", (1,))]


async def test_a_series_at_odds_with_its_requests_is_named(town: World) -> None:
    parent = await town.family("Carol")
    late = need(parent, days=8)
    draft = SeriesDraft(need=late, until=late.start_at.date() + 2 * timedelta(weeks=1))
    await town.do(lambda s: open_series(s, town.index, by=parent.actor, draft=draft, now=town.now))
    assert await found(town) == []

    breaches = await break_it(
        town,
        "UPDATE care_request SET series_id = NULL WHERE id = 6",
        "UPDATE care_series_date SET day = '2026-01-01' WHERE request_id = 7",
        "DELETE FROM care_series_date WHERE request_id = 8",
        guards=False,
    )

    assert [(one.what, one.rows) for one in breaches] == [
        ("a series' date is not its request's", (6,)),
        ("a series' date is not its request's", (7,)),
        ("a series' date is not its request's", (8,)),
    ]


async def test_a_group_beyond_its_capacity_is_named(town: World) -> None:
    breaches = await break_it(
        town,
        "UPDATE booking SET group_id = 2, group_capacity = 1 WHERE id IN (2, 3)",
        "UPDATE booking SET start_at = (SELECT start_at FROM booking WHERE id = 2), "
        "end_at = (SELECT end_at FROM booking WHERE id = 2) WHERE id = 3",
    )

    group = [one for one in breaches if one.what == "a group care holds more children than its supporter takes"]
    assert [one.rows for one in group] == [(2,), (3,)]
    assert not [one for one in breaches if one.what == "two live bookings of one supporter overlap"]

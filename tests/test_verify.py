"""Every invariant is broken on purpose, the guard that would refuse it dropped first, and `verify` names it."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care import steps
from conftest import Staged
from sharecare.accounts.rules import Actor
from sharecare.care.alarms import call_family
from sharecare.care.bookings import cancel_booking
from sharecare.care.models import Booking
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.requests import open_request, withdraw_request
from sharecare.care.schemas import Need
from sharecare.care.series import open_series
from sharecare.care.series_schemas import SeriesDraft
from sharecare.db import Database
from sharecare.idempotency import IdempotencyKey
from sharecare.insurance.models import Cover
from sharecare.journal.models import FeedMark
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record, seal_facts
from sharecare.metrics.service import READER, close_days, roll_up
from sharecare.registration.service import suspend
from sharecare.verify import Breach, verify
from world import Family, World, make_world, signed_in

DAY = timedelta(days=1)
UNFIT = "care started with a supporter who did not hold what it required"


@pytest.fixture
async def town(staged: Staged) -> World:
    return await staged(honest_town)


async def honest_town(database: Database) -> World:
    """Bookings: 1 is completed, 2 in care, 3 confirmed, 4 cancelled; request 5 is withdrawn; all is caught up."""
    world = await make_world(database)
    parent, helper = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(parent.actor, helper)
    done, begun, _, cancelled = [await book(world, parent, helper, days=days) for days in range(4)]
    by = parent.actor
    await world.do(
        lambda s: cancel_booking(s, world.index, by=by, booking_id=cancelled.id, reason="風邪", now=world.now)
    )
    request = await world.do(lambda s: open_request(s, world.index, by=by, need=need(parent, days=9), now=world.now))
    await world.do(lambda s: withdraw_request(s, by=by, request_id=request.id, reason="解決", now=world.now))
    await live(world, done, helper, finish=True)
    await live(world, begun, helper, finish=False)
    await catch_up(world)
    return world


def need(parent: Family, *, days: int) -> Need:
    usual = parent.need()
    return parent.need(start_at=usual.start_at + days * DAY, end_at=usual.end_at + days * DAY)


async def book(world: World, parent: Family, helper: Actor, *, days: int) -> Booking:
    by = parent.actor
    request = await world.do(lambda s: open_request(s, world.index, by=by, need=need(parent, days=days), now=world.now))
    offer = await world.do(lambda s: make_offer(s, by=helper, request_id=request.id, note="", now=world.now))
    return await world.do(lambda s: accept_offer(s, by=by, offer_id=offer.id, now=world.now))


async def live(world: World, booking: Booking, helper: Actor, *, finish: bool) -> None:
    world.now = booking.start_at
    await steps.start(world, helper, booking)
    if finish:
        world.now = booking.end_at
        await steps.finish(world, helper, booking)


async def catch_up(world: World) -> None:
    await world.database.write(lambda session: close_days(session, now=world.now))
    await world.database.write(lambda session: roll_up(session, now=world.now))
    await world.database.write(seal_facts)


async def found(world: World) -> list[Breach]:
    async with world.database.read() as session:
        return await verify(session)


async def break_it(world: World, *statements: str, guards: bool = True) -> list[Breach]:
    """Do what only someone with the database in their hands can do; return what is found besides missing guards."""

    async def work(session: AsyncSession) -> None:
        connection = await session.connection()
        for statement in (*(dropped(world.database) if guards else ()), *statements):
            await connection.execute(text(statement))

    await world.database.write(work)
    return [breach for breach in await found(world) if "guard" not in breach.what]


def dropped(database: Database) -> list[str]:
    """Return statements that take every guard away."""
    tables = ("journal_fact", "journal_seal", "insurance_ledger", "claim_ledger", "insurance_bordereau")
    overlaps = {"booking": "ex_booking_supporter_overlap", "booking_child": "ex_booking_child_overlap"}
    if database.is_sqlite:
        names = [f"{table}_no_{verb}" for table in tables for verb in ("update", "delete")]
        guards = (*overlaps.values(), "ex_booking_group_capacity")
        names += [f"{name}_{verb}" for name in guards for verb in ("insert", "update")]
        return [f"DROP TRIGGER {name}" for name in (*names, "cover_gap_no_delete")]
    triggers = [f"DROP TRIGGER {table}_append_only ON {table}" for table in tables]
    triggers += [
        "DROP TRIGGER ex_booking_group_overlap ON booking",
        "DROP TRIGGER ex_booking_group_capacity ON booking_child",
        "DROP TRIGGER cover_gap_no_delete ON cover_gap",
    ]
    return triggers + [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name in overlaps.items()]


def kinds(breaches: list[Breach]) -> set[tuple[int, str]]:
    return {(breach.invariant, breach.what) for breach in breaches}


async def test_an_empty_database_is_clean(database: Database) -> None:
    async with database.read() as session:
        assert await verify(session) == []


async def test_an_honest_town_is_clean(town: World) -> None:
    assert await found(town) == []


async def test_facts_not_yet_rolled_up_are_no_breach(town: World) -> None:
    """Fails when the days that pending facts touch are compared as well."""
    parent = await town.family("Carol")
    await town.do(lambda s: open_request(s, town.index, by=parent.actor, need=need(parent, days=5), now=town.now))

    assert await found(town) == []


async def test_missing_guards_are_named(town: World) -> None:
    assert await break_it(town) == []

    breaches = await found(town)
    assert {(breach.invariant, breach.table) for breach in breaches} == {
        (1, "booking"),
        (1, "booking_child"),
        (2, "cover_gap"),
        (3, "journal_fact"),
        (3, "journal_seal"),
        (3, "insurance_ledger"),
        (3, "claim_ledger"),
        (3, "insurance_bordereau"),
    }
    assert {breach.what for breach in breaches} == {"a guard of the database is missing"}


async def test_live_bookings_that_overlap_are_named(town: World) -> None:
    breaches = await break_it(
        town,
        "UPDATE booking SET start_at = (SELECT start_at FROM booking WHERE id = 2), "
        "end_at = (SELECT end_at FROM booking WHERE id = 2) WHERE id = 3",
    )

    assert Breach(1, "two live bookings of one supporter overlap", "booking", (2, 3)) in breaches
    assert Breach(1, "two live bookings of one child overlap", "booking", (2, 3)) in breaches
    assert Breach(1, "a child's time is not its booking's", "booking", (3,)) in breaches


async def test_a_childs_time_that_was_let_go_is_named(town: World) -> None:
    breaches = await break_it(town, "UPDATE booking_child SET live = false WHERE booking_id = 3", guards=False)

    assert breaches == [Breach(1, "a child's time is not its booking's", "booking", (3,))]


async def test_bookings_without_their_cover_are_named(town: World) -> None:
    breaches = await break_it(
        town,
        "UPDATE insurance_cover SET end_at = start_at WHERE id = (SELECT cover_id FROM booking WHERE id = 1)",
        "UPDATE insurance_cover SET supporter_id = 1 WHERE id = (SELECT cover_id FROM booking WHERE id = 2)",
        "UPDATE insurance_cover SET state = 'voided' WHERE id = (SELECT cover_id FROM booking WHERE id = 3)",
        guards=False,
    )

    assert [one for one in breaches if one.invariant == 2] == [
        Breach(2, "cover does not reach over the agreed window", "booking", (1,)),
        Breach(2, "cover is another supporter's", "booking", (2,)),
        Breach(2, "cover is not in the state of its booking", "booking", (3,)),
    ]


async def test_a_care_that_started_without_cover_in_force_is_named(town: World) -> None:
    breaches = await break_it(town, "DELETE FROM insurance_ledger WHERE kind = 'in_force'")

    assert [one.rows for one in breaches if one.what == "care started without cover in force"] == [(1,), (2,)]


async def test_a_level_not_held_at_the_start_is_named(town: World) -> None:
    assert await break_it(town, "UPDATE booking SET required_level = 3, needs_notification = true") == []

    lapsed = "DELETE FROM journal_fact WHERE kind = 'credential_confirmed' AND CAST(data AS TEXT) LIKE '%first_aid%'"
    breaches = await break_it(town, lapsed, guards=False)
    assert [one.rows for one in breaches if one.what == UNFIT] == [(1,), (2,)]


async def test_a_notification_not_on_file_at_the_start_is_named(town: World) -> None:
    assert await break_it(town, "UPDATE booking SET needs_notification = true WHERE id = 2") == []

    lapsed = "DELETE FROM journal_fact WHERE kind = 'credential_confirmed' AND CAST(data AS TEXT) LIKE '%notification%'"
    breaches = await break_it(town, lapsed, guards=False)
    assert [one.rows for one in breaches if one.what == UNFIT] == [(2,)]


async def test_a_start_by_a_suspended_supporter_is_named(town: World) -> None:
    async with town.database.read() as session:
        booking = (await session.exec(select(Booking).where(Booking.id == 2))).one()
    earlier = booking.start_at - timedelta(minutes=1)
    await town.do(lambda s: suspend(s, person_id=booking.supporter_id, by=town.staff, reason="確認", now=earlier))
    await catch_up(town)

    assert await found(town) == [Breach(2, UNFIT, "booking", (2,))]


async def test_a_suspension_in_the_moment_after_the_start_is_no_breach(town: World) -> None:
    async with town.database.read() as session:
        booking = (await session.exec(select(Booking).where(Booking.id == 2))).one()
    at = booking.started_at
    assert at is not None
    await town.do(lambda s: suspend(s, person_id=booking.supporter_id, by=town.staff, reason="確認", now=at))
    await catch_up(town)

    assert await found(town) == []


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


async def test_an_altered_ledger_is_named(town: World) -> None:
    breaches = await break_it(town, "UPDATE insurance_ledger SET at = start_at WHERE seq = 1")

    assert kinds(breaches) == {(3, "ledger chain broken")}


async def test_an_altered_journal_is_named(town: World) -> None:
    known = set(await break_it(town))
    for statement in (
        "UPDATE journal_fact SET minutes = 1 WHERE id = 2",
        "UPDATE journal_seal SET seal = 'x' WHERE fact_id = 6",
        "UPDATE journal_seal SET seq = seq + 1000 WHERE fact_id = 10",
        "DELETE FROM journal_fact WHERE id = 14",
        "DELETE FROM journal_seal WHERE fact_id = 18",
    ):
        more = set(await break_it(town, statement, guards=False))
        assert (3, "journal seal broken") in kinds(list(more - known)), statement
        known = more


async def test_figures_that_differ_from_the_journal_are_named(town: World) -> None:
    day = town.now.date().isoformat()
    statement = "UPDATE area_day SET figures = (SELECT figures FROM area_day ORDER BY day LIMIT 1) WHERE day = '{}'"
    breaches = await break_it(town, statement.format(day), guards=False)

    assert Breach(4, "figures differ from a recount of the journal", "area_day", (town.area_id, day)) in breaches


async def test_uses_that_differ_from_the_bookings_are_named(town: World) -> None:
    breaches = await break_it(town, "UPDATE booking SET finished_at = NULL WHERE id = 1", guards=False)

    assert [one.what for one in breaches] == [
        "bordereau of 2026-06 at odds with its bookings",
        "uses differ from the completed bookings",
    ]


async def test_kept_answers_that_make_no_sense_are_named(town: World) -> None:
    async def work(session: AsyncSession) -> None:
        for key, fingerprint, status in (
            ("good-key", "a" * 64, 201),
            ("no-digest", "?", 201),
            ("a-failure", "a" * 64, 500),
        ):
            session.add(IdempotencyKey(person_id=1, key=key, fingerprint=fingerprint, status=status, used_at=town.now))

    await town.database.write(work)

    what = "the kept answer of a command is malformed"
    assert await found(town) == [Breach(5, what, "idempotency_key", (1, key)) for key in ("a-failure", "no-digest")]


async def test_a_state_without_exactly_its_facts_is_named(town: World) -> None:
    breaches = await break_it(
        town,
        "DELETE FROM journal_fact WHERE kind = 'care_completed'",
        "DELETE FROM journal_fact WHERE kind = 'care_started' AND booking_id = 2",
        "DELETE FROM journal_fact WHERE kind = 'booking_confirmed' AND booking_id = 3",
        "DELETE FROM journal_fact WHERE kind = 'booking_cancelled'",
        "DELETE FROM journal_fact WHERE kind = 'request_opened' AND request_id = 3",
        "DELETE FROM journal_fact WHERE kind = 'request_withdrawn'",
    )

    assert [one for one in breaches if one.invariant == 6] == [
        Breach(6, "facts don't fit the state 'completed'", "booking", (1,)),
        Breach(6, "facts don't fit the state 'in_care'", "booking", (2,)),
        Breach(6, "facts don't fit the state 'confirmed'", "booking", (3,)),
        Breach(6, "facts don't fit the state 'cancelled'", "booking", (4,)),
        Breach(6, "facts don't fit the state 'booked'", "care_request", (3,)),
        Breach(6, "facts don't fit the state 'withdrawn'", "care_request", (5,)),
    ]


async def test_a_state_that_no_move_led_to_is_named(town: World) -> None:
    breaches = await break_it(
        town,
        "UPDATE booking SET state = 'completed' WHERE id = 3",
        "UPDATE care_request SET state = 'expired' WHERE id = 5",
        guards=False,
    )

    assert [one for one in breaches if one.invariant == 6] == [
        Breach(6, "facts don't fit the state 'completed'", "booking", (3,)),
        Breach(6, "facts don't fit the state 'expired'", "care_request", (5,)),
        Breach(6, "bookings don't fit the state 'booked'", "care_request", (3,)),
    ]


async def test_a_second_confirmation_is_named(town: World) -> None:
    await town.database.write(lambda s: confirm_again(s, town))

    assert Breach(6, "facts don't fit the state 'confirmed'", "booking", (3,)) in await found(town)


async def test_facts_of_a_booking_that_is_gone_are_named(town: World) -> None:
    async with town.database.read() as session:
        number = (await session.get_one(Cover, (await session.get_one(Booking, 3)).cover_id)).number
    breaches = await break_it(
        town, "DELETE FROM booking_child WHERE booking_id = 3", "DELETE FROM booking WHERE id = 3", guards=False
    )

    assert breaches[:1] == [Breach(3, "bordereau of 2026-06 at odds with its bookings", "insurance_cover", (number,))]
    assert breaches[1:] == [
        Breach(6, "facts tell of a row that is gone", "booking", (3,)),
        Breach(6, "bookings don't fit the state 'booked'", "care_request", (3,)),
    ]


async def test_a_mark_beyond_the_journal_is_named(town: World) -> None:
    async def work(session: AsyncSession) -> None:
        session.add(FeedMark(reader="lost", position=2**62, moved_at=town.now))
        mark = (await session.exec(select(FeedMark).where(col(FeedMark.reader) == READER))).one()
        assert mark.position > 0

    await town.database.write(work)

    what = "a reader's mark lies beyond the journal"
    assert await found(town) == [Breach(7, what, "journal_feed_mark", ("lost",))]


async def confirm_again(session: AsyncSession, town: World) -> None:
    record(session, kind=FactKind.BOOKING_CONFIRMED, at=town.now, area_id=town.area_id, request_id=3, booking_id=3)

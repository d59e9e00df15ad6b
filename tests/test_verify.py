"""Every invariant is broken on purpose, the guard that would refuse it dropped first, and `verify` names it."""

from datetime import timedelta

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from conftest import Staged
from honest import break_it, catch_up, found, honest_town, kinds, need
from sharecare.care.models import Booking
from sharecare.care.requests import open_request
from sharecare.db import Database
from sharecare.idempotency import IdempotencyKey
from sharecare.insurance.models import Cover
from sharecare.journal.models import FeedMark
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.metrics.service import READER
from sharecare.registration.service import suspend
from sharecare.verify import Breach, verify
from world import World

UNFIT = "care started with a supporter who did not hold what it required"


@pytest.fixture
async def town(staged: Staged) -> World:
    return await staged(honest_town)


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

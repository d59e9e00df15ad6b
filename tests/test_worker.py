"""What time does, through the worker: waves, expiry, reminders; each once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy.engine import URL
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import HOUR, MINUTE, ask, asks_of, book, facts_after, get_ready, last_ids, messages_after, row, start
from sharecare.accounts.service import appoint_staff, log_looks
from sharecare.areas.rules import Circle, Level
from sharecare.care import bulk_reads
from sharecare.care.models import Booking, CareRequest
from sharecare.config import Settings
from sharecare.deps import Runtime, opened
from sharecare.incidents.schemas import IncidentDraft
from sharecare.incidents.service import report_incident
from sharecare.journal.models import Fact, Seal
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.worker import run_due, run_round
from world import KEY, NOW, World, make_world

M = MessageKind


@dataclass(slots=True)
class Town:
    """What a worker works on, without the doors."""

    runtime: Runtime
    world: World

    @property
    def now(self) -> datetime:
        return self.world.now

    @now.setter
    def now(self, moment: datetime) -> None:
        self.world.now = moment


@pytest.fixture
async def town(database_url: URL) -> AsyncIterator[Town]:
    settings = Settings(
        database_url=database_url.render_as_string(hide_password=False), secret_key=SecretStr(KEY.decode())
    )
    moment: list[World] = []
    async with opened(settings, lambda: moment[0].now) as runtime:
        moment.append(await make_world(runtime.database))
        moment[0].index = runtime.index
        yield Town(runtime, moment[0])


@pytest.fixture
def world(town: Town) -> World:
    return town.world


async def test_waves_reach_friends_then_their_friends_then_everyone(town: Town, world: World) -> None:
    family = await world.family("Alice")
    friend = await world.supporter("Bob", level=Level.REGISTERED)
    friends_friend = await world.supporter("Carol", level=Level.CERTIFIED)
    stranger = await world.supporter("Dave", level=Level.CERTIFIED)
    await world.befriend(family.actor, friend)
    await world.befriend(friend, friends_friend)
    request = await ask(world, family)
    asked = [friend.person_id, friends_friend.person_id, stranger.person_id]

    seen = []
    for minutes in (0, 29, 30, 59, 60, 90):
        town.now = NOW + minutes * MINUTE
        seen.append((minutes, await run_due(town.runtime), [who for who, *_ in await asks_of(world, request)]))

    assert seen == [
        (0, 0, asked[:1]),
        (29, 0, asked[:1]),
        (30, 1, asked[:2]),
        (59, 0, asked[:2]),
        (60, 1, asked),
        (90, 0, asked),
    ]
    stands = await row(world, CareRequest, request.id)
    assert (stands.circle, stands.next_wave_at) == (Circle.OPEN, None)


async def test_a_request_that_nobody_took_expires_once(town: Town, world: World) -> None:
    family = await world.family("Alice")
    request = await ask(world, family)
    fact_id, message_id = await last_ids(world)

    town.now = request.start_at
    steps = [await run_due(town.runtime) for _ in range(2)]

    assert steps == [1, 0]
    assert await facts_after(world, fact_id) == [FactKind.REQUEST_EXPIRED]
    assert await messages_after(world, message_id) == {(family.actor.person_id, M.REQUEST_EXPIRED): 1}


async def test_overdue_handover_and_reached_end_are_told_once(town: Town, world: World) -> None:
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    _, message_id = await last_ids(world)

    steps = []
    for minutes in (14, 15, 16):
        town.now = booking.start_at + minutes * MINUTE
        steps.append(await run_due(town.runtime))
    await start(world, helper, booking)
    for moment in (booking.end_at - MINUTE, booking.end_at, booking.end_at + MINUTE):
        town.now = moment
        steps.append(await run_due(town.runtime))

    assert steps == [0, 1, 0, 0, 1, 0]
    parent = family.actor.person_id
    assert await messages_after(world, message_id) == {
        (parent, M.HANDOVER_OVERDUE): 1,
        (helper.person_id, M.START_FORGOTTEN): 1,
        (parent, M.HANDED_OVER): 1,
        (parent, M.END_PROMPT): 1,
        (helper.person_id, M.END_PROMPT): 1,
    }


async def test_the_clock_of_a_serious_accident_runs_with_the_worker(town: Town, world: World) -> None:
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    told = {
        "kind": "incident",
        "occurred_at": NOW,
        "place": "園",
        "what": "転落",
        "injured": "child",
        "unconscious": True,
    }
    draft = IncidentDraft.model_validate(told)
    await world.do(lambda s: report_incident(s, by=helper, booking_id=booking.id, draft=draft, now=NOW))
    town.now = NOW + 10 * HOUR
    assert await run_due(town.runtime) == 1  # a day before the care, both hear that their sheet is missing
    _, message_id = await last_ids(world)

    steps = []
    for hours in (11, 12, 15):  # NOW is 9:00 in Japan, and the day ends fifteen hours later
        town.now = NOW + hours * HOUR
        steps.append(await run_due(town.runtime))

    assert steps == [0, 1, 1]
    staff = world.staff.person_id
    assert await messages_after(world, message_id) == {(staff, M.REPORT_NEAR): 1, (staff, M.REPORT_OVERDUE): 1}


async def test_workers_at_the_same_time_do_everything_once(town: Town, world: World) -> None:
    # Without the condition that `_claim` puts on its row, the family was told four times of the overdue handover.
    family, other = await world.family("Alice"), await world.family("Aaron")
    helper = await world.supporter("Bob", level=Level.REGISTERED)
    for one in (family, other):
        await world.befriend(one.actor, helper)
    booking = await book(world, family, helper)
    request = await ask(world, other, start_at=booking.start_at - HOUR, end_at=booking.start_at - 30 * MINUTE)
    _, message_id = await last_ids(world)
    town.now = booking.start_at + 15 * MINUTE

    rounds = await asyncio.gather(*(run_round(town.runtime) for _ in range(4)), return_exceptions=True)

    assert Counter(type(one).__name__ for one in rounds) == {"Round": 4}
    assert await messages_after(world, message_id) == {
        (family.actor.person_id, M.HANDOVER_OVERDUE): 1,
        (helper.person_id, M.START_FORGOTTEN): 1,
        (other.actor.person_id, M.REQUEST_EXPIRED): 1,
        (helper.person_id, M.ASK_CLOSED): 1,
    }
    assert (await row(world, CareRequest, request.id)).state == "expired"
    await run_round(town.runtime)
    async with world.database.read() as session:
        facts = set(await session.exec(select(Fact.id)))
        seals = (await session.exec(select(Seal.seq, Seal.fact_id).order_by(col(Seal.seq)))).all()
    assert {fact_id for _, fact_id in seals} == facts
    assert [seq for seq, _ in seals] == list(range(1, len(facts) + 1))


async def test_a_day_later_nothing_is_due_any_more(town: Town, world: World) -> None:
    await ask(world, await world.family("Alice"))
    town.now = NOW + timedelta(days=2)
    await run_round(town.runtime)

    again = await run_round(town.runtime)

    assert (again.steps, again.messages_sent, again.area_days) == (0, 0, 0)


async def test_a_step_that_breaks_is_counted_and_the_others_are_still_taken(
    town: Town, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    # It ended the round: nobody's request expired, nothing was mailed, sealed or counted until it was mended.
    family = await world.family("Alice")
    broken = await ask(world, family, start_at=NOW + HOUR, end_at=NOW + 2 * HOUR)
    other = await ask(world, family, start_at=NOW + HOUR, end_at=NOW + 2 * HOUR)

    async def break_one(session: AsyncSession) -> None:
        named = update(CareRequest).where(col(CareRequest.id) == broken.id)
        await session.exec(named.values(state="open", circle="nowhere", next_wave_at=NOW + 30 * MINUTE))

    await world.database.write(break_one)
    town.now = NOW + 30 * MINUTE
    steps = await run_due(town.runtime)
    town.now = other.start_at
    done = await run_round(town.runtime)

    assert steps == 0
    assert done.steps == 2
    assert done.facts_sealed > 0
    assert 'sharecare_worker_failures_total{step="open_due_wave"} 1.0' in town.runtime.measures.text().decode()
    assert ["open_due_wave" in one and "ValueError" in one for one in caplog.messages] == [True]
    assert "nowhere" not in caplog.text


async def test_a_day_before_a_pair_without_a_sheet_is_told_once(town: Town, world: World) -> None:
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    _, message_id = await last_ids(world)

    steps = []
    for hours in (25, 24, 23):
        town.now = booking.start_at - hours * HOUR
        steps.append(await run_due(town.runtime))

    assert steps == [0, 1, 0]
    sides = (family.actor.person_id, helper.person_id)
    assert await messages_after(world, message_id) == {(side, M.PRE_MEETING_MISSING): 1 for side in sides}


async def test_a_booking_that_never_began_is_closed_after_a_week(town: Town, world: World) -> None:
    # It stayed confirmed for good, with its cover bound.
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    town.now = booking.end_at + timedelta(days=6)
    await run_due(town.runtime)
    assert (await row(world, Booking, booking.id)).state == "confirmed"
    town.now = booking.end_at + timedelta(days=7)
    _, told = await last_ids(world)

    await run_due(town.runtime)
    await run_due(town.runtime)

    assert (await row(world, Booking, booking.id)).state == "cancelled"
    heard = await messages_after(world, told)
    assert [heard[who.person_id, M.NEVER_STARTED] for who in (family.actor, helper)] == [1, 1]


async def test_a_round_tells_of_looks_at_very_many_records(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_reads, "MOST_PEOPLE", 0)
    world, alice = town.world, (await town.world.family("Alice")).actor
    colleague = (await world.family("Carol")).actor

    async def work(session: AsyncSession) -> None:
        await appoint_staff(session, email="carol@example.jp", area_id=world.area_id, now=town.now)
        ids = [alice.person_id]
        log_looks(session, by=world.staff, area_id=world.area_id, person_ids=ids, reason="名簿", now=town.now)

    await world.do(work)
    _, told = await last_ids(world)

    await run_round(town.runtime)
    await run_round(town.runtime)

    assert await messages_after(world, told) == {(colleague.person_id, M.RECORDS_READ_IN_BULK): 1}

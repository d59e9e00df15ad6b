"""Whom an alarm is about can't quiet it; whoever else looks into it does, and a call is settled by who called."""

from collections import Counter
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from care.steps import (
    MINUTE,
    book,
    get_ready,
    last_ids,
    messages_after,
    start,
)
from care.test_alarms import alarms, overdue, told_after
from care.test_races import beside
from sharecare.accounts.rules import Actor
from sharecare.care.alarms import call_family
from sharecare.care.answering import CallIsYours, HandoverAwaitsYou, answer_alarm, say_how_long, settle_call
from sharecare.care.contacts import set_contacts
from sharecare.care.day_rules import HOW_LONG_MESSAGES, Saying
from sharecare.care.day_schemas import EmergencyContactDraft, HowLong
from sharecare.care.models import Booking
from sharecare.care.record import count_at_desk, desk
from sharecare.care.rules import CareEnd, HandoverBy, NotNow
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.messages.texts import render
from sharecare.messages.words import Tongue
from sharecare.verify import verify
from world import Family, World

M = MessageKind


async def test_whoever_answers_a_call_stops_it(world: World, family: Family, helper: Actor) -> None:
    # With `next_step_at` left standing by an answer, staff were told although the parent had answered.
    booking = await book(world, family, helper)
    calls = [
        await world.do(lambda s: call_family(s, by=helper, booking_id=booking.id, now=world.now)) for _ in range(2)
    ]
    _, message_id = await last_ids(world)

    await world.do(lambda s: answer_alarm(s, by=family.actor, booking_id=booking.id, now=world.now))
    world.now += 60 * MINUTE
    await overdue(world)

    assert calls[0].id == calls[1].id
    assert await messages_after(world, message_id) == {(helper.person_id, M.ALARM_ANSWERED): 1}
    with pytest.raises(NotNow):
        await world.do(lambda s: answer_alarm(s, by=world.staff, booking_id=booking.id, now=world.now))


async def answer(world: World, by: Actor, booking: Booking) -> None:
    await world.do(lambda s: answer_alarm(s, by=by, booking_id=booking.id, now=world.now))


async def test_an_answer_quiets_an_overdue_handover_for_a_while(
    world: World, family: Family, helper: Actor, second: Actor
) -> None:
    # One press silenced it for good: nobody heard again of a child who was still not handed over.
    booking = await book(world, family, helper)
    # The one who asked is late herself, for all we know: a second guardian looks into it, then the staff.
    parent, staff = family.actor.person_id, world.staff.person_id
    told: dict[int, dict[tuple[int, str], int]] = {}
    desks = []
    for minutes in (15, 16, 30, 31, 40, 41, 55, 56, 57, 70, 71, 99):
        world.now = booking.start_at + minutes * MINUTE
        _, before = await last_ids(world)
        if who := {16: second, 56: world.staff}.get(minutes):
            desks.append(await at_desk(world))
            await answer(world, who, booking)
            desks.append(await at_desk(world))
        await overdue(world)
        if seen := dict(await messages_after(world, before)):
            told[minutes] = seen

    answered = {(helper.person_id, M.ALARM_ANSWERED): 1, (parent, M.ALARM_ANSWERED): 1}
    assert told == {
        15: {(parent, M.HANDOVER_OVERDUE): 1, (helper.person_id, M.START_FORGOTTEN): 1},
        16: answered,
        31: {(second.person_id, M.HANDOVER_OVERDUE): 1},
        41: {(staff, M.NOBODY_ANSWERS): 1},
        56: answered | {(second.person_id, M.ALARM_ANSWERED): 1},
        71: {(staff, M.NOBODY_ANSWERS): 1},
    }
    quiet = [booking.start_at + minutes * MINUTE for minutes in (31, 71)]
    assert desks == [(1, None), (0, quiet[0]), (1, None), (0, quiet[1])]
    async with world.database.read() as session:
        assert await verify(session) == []


async def at_desk(world: World) -> tuple[int, datetime | None]:
    """Return how many alarms wait, and until when the one there is keeps quiet."""
    async with world.database.read() as session:
        [alarm] = (await desk(session, area_id=world.area_id)).alarms
        return (await count_at_desk(session, area_id=world.area_id)).alarms, alarm.quiet_until


@pytest.mark.parametrize("end", CareEnd)
async def test_whoever_meets_at_a_late_handover_cannot_answer_for_the_others(
    world: World, family: Family, helper: Actor, end: CareEnd
) -> None:
    # Supporter or parent who was late pressed "I am on it", and nobody else heard any more.
    booking = await book(world, family, helper)
    late_from = await late(world, helper, booking, end)
    for who in (helper, family.actor):
        with pytest.raises(HandoverAwaitsYou):
            await answer(world, who, booking)

    after = await told_after(world, late_from, range(20, 40, 5))

    assert after[world.staff.person_id, M.NOBODY_ANSWERS] == 1
    await answer(world, world.staff, booking)
    with pytest.raises(NotNow):
        await answer(world, helper, booking)


async def late(world: World, helper: Actor, booking: Booking, end: CareEnd) -> datetime:
    """Let one end of a care be overdue; return since when."""
    await get_ready(world, helper, booking)
    if end is CareEnd.FINISH:
        world.now = booking.start_at
        await start(world, helper, booking)
    since = booking.start_at if end is CareEnd.START else booking.end_at
    world.now = since + 15 * MINUTE
    await overdue(world)
    return since


async def test_where_a_nursery_hands_over_the_parent_looks_into_it(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper, handover_start=HandoverBy.INSTITUTION)
    await late(world, helper, booking, CareEnd.START)

    await answer(world, family.actor, booking)

    assert await told_after(world, booking.start_at, range(20, 30, 5)) == Counter()


@pytest.mark.parametrize("end", CareEnd)
async def test_saying_how_long_is_told_and_stops_nothing(
    world: World, family: Family, helper: Actor, second: Actor, end: CareEnd
) -> None:
    booking = await book(world, family, helper)
    with pytest.raises(NotNow):
        await say(world, helper, booking, 10)
    since = await late(world, helper, booking, end)
    with pytest.raises(NotNow):  # it isn't about them
        await say(world, second, booking, 10)
    _, before = await last_ids(world)

    await say(world, family.actor, booking, 10)

    sides = {(who.person_id, M.SAID_HOW_LONG): 1 for who in (helper, second)}
    assert await messages_after(world, before) == sides
    texts = await texts_after(world, before)
    assert texts[helper.person_id].startswith("Aliceさんから: あと10分ほどかかります")
    assert "お知らせは続きます" in texts[helper.person_id]
    alarm = (await alarms(world, booking, helper))[-1]
    assert alarm.how_long == HowLong(by_supporter=False, said_at=world.now, expected_at=world.now + 10 * MINUTE)
    staff = world.staff.person_id
    assert (await told_after(world, since, range(20, 40, 5)))[staff, M.NOBODY_ANSWERS] == 1
    _, before = await last_ids(world)
    await say(world, helper, booking, 10)
    assert (staff, M.HOW_LONG_AT_DESK) in await messages_after(world, before)
    assert "だれかが対応するまで" in (await texts_after(world, before))[staff]
    async with world.database.read() as session:
        told = (await desk(session, area_id=world.area_id)).alarms[-1].how_long
    async with world.database.read() as session:
        assert await verify(session) == []
    assert told is not None
    assert told.by_supporter


async def say(world: World, by: Actor, booking: Booking, minutes: int) -> tuple[Saying, set[int]]:
    """Let somebody say how long; return what came of it, and who got a message."""
    _, before = await last_ids(world)
    verb = partial(say_how_long, by=by, booking_id=booking.id, minutes=minutes)
    heard = await world.do(lambda s: verb(s, now=world.now))
    return heard, {who for who, _ in await messages_after(world, before)}


async def test_pressing_again_is_no_error_and_brings_nobody_message_after_message(
    world: World, family: Family, helper: Actor
) -> None:
    # Each press was one more message to the other side, and to the staff, as often as anybody pressed.
    booking = await book(world, family, helper)
    parent = family.actor.person_id
    since = await late(world, helper, booking, CareEnd.START)

    assert await say(world, helper, booking, 10) == (Saying.TOLD, {parent})
    world.now += 4 * MINUTE
    assert await say(world, helper, booking, 10) == (Saying.KNOWN, set())
    assert await say(world, helper, booking, 5) == (Saying.KNOWN, set())
    world.now += MINUTE
    assert await say(world, helper, booking, 10) == (Saying.TOLD, {parent})
    assert [await say(world, helper, booking, minutes) for minutes in (20, 10, 20)] == [(Saying.TOLD, {parent})] * 3
    assert await say(world, helper, booking, 40) == (Saying.SHOWN, set())
    [alarm] = await alarms(world, booking, helper)
    assert alarm.how_long == HowLong(by_supporter=True, said_at=world.now, expected_at=world.now + 40 * MINUTE)
    assert await say(world, family.actor, booking, 40) == (Saying.TOLD, {helper.person_id})

    assert (await told_after(world, since, range(25, 40, 5)))[world.staff.person_id, M.NOBODY_ANSWERS] == 1
    assert await say(world, helper, booking, 5) == (Saying.SHOWN, set())
    async with world.database.read() as session:
        assert await verify(session) == []


async def test_the_next_late_handover_is_told_anew(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await late(world, helper, booking, CareEnd.START)
    for minutes in range(10, 10 + 10 * HOW_LONG_MESSAGES, 10):
        await say(world, helper, booking, minutes)
    await start(world, helper, booking)
    world.now = booking.end_at + 15 * MINUTE
    await overdue(world)

    assert await say(world, helper, booking, 10) == (Saying.TOLD, {family.actor.person_id})


async def test_two_presses_at_once_are_told_once(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await late(world, helper, booking, CareEnd.START)
    press = partial(say_how_long, by=helper, booking_id=booking.id, minutes=10, now=world.now)

    assert await beside(world, press, world.database.write(press)) is Saying.KNOWN


async def texts_after(world: World, message_id: int) -> dict[int, str]:
    """Return what each was told last, in Japanese."""
    async with world.database.read() as session:
        new = select(Message).where(col(Message.id) > message_id).order_by(col(Message.id))
        told = (await session.exec(new)).all()
    tongue = Tongue("ja", ZoneInfo("Asia/Tokyo"))
    rendered = {one.person_id: render(MessageKind(one.kind), one.facts, tongue) for one in told}
    return {who: f"{one.title}\n{one.body}" for who, one in rendered.items()}


async def test_whoever_calls_for_help_says_that_it_is_settled_not_that_they_are_on_it(
    world: World, family: Family, helper: Actor, second: Actor
) -> None:
    # The supporter who had called pressed "I am on it", and neither contacts nor staff were called.
    neighbour = await world.family("Carol")
    contacts = [
        EmergencyContactDraft(name=name, relation="友人", phone="090-0000-0000", email=f"{name.lower()}@example.jp")
        for name in ("Carol", "Dora")
    ]
    await world.do(lambda s: set_contacts(s, by=family.actor, contacts=contacts, now=world.now))
    booking = await book(world, family, helper)
    settle = partial(settle_call, by=helper, booking_id=booking.id)
    with pytest.raises(NotNow):
        await world.do(lambda s: settle(s, now=world.now))
    called_at = world.now
    await world.do(lambda s: call_family(s, by=helper, booking_id=booking.id, now=world.now))
    with pytest.raises(CallIsYours):
        await answer(world, helper, booking)
    assert (await told_after(world, called_at, range(5, 25, 5)))[world.staff.person_id, M.NOBODY_ANSWERS] == 1
    _, before = await last_ids(world)

    await world.do(lambda s: settle(s, now=world.now))

    guardians = {(who.person_id, M.CALL_SETTLED): 1 for who in (family.actor, second)}
    assert await messages_after(world, before) == guardians | {
        (neighbour.actor.person_id, M.CONTACT_NOT_NEEDED): 1,
        (world.staff.person_id, M.SETTLED_AT_DESK): 1,
    }
    texts = await texts_after(world, before)
    assert texts[second.person_id].startswith("Bobさんから: 解決しました")
    assert texts[neighbour.actor.person_id].startswith("Aliceさんへの連絡は、もう大丈夫です")
    assert texts[world.staff.person_id].startswith("解決したそうです")
    assert await told_after(world, called_at, range(30, 90, 10)) == Counter()
    with pytest.raises(NotNow):
        await world.do(lambda s: settle(s, now=world.now))


async def test_a_handover_ends_an_alarm_that_was_answered(world: World, family: Family, helper: Actor) -> None:
    # Without STANDING in `end_alarms` the answered alarm climbed on, although the child was with the supporter.
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at + 15 * MINUTE
    await overdue(world)
    await answer(world, world.staff, booking)
    await start(world, helper, booking)

    assert await told_after(world, booking.start_at, range(20, 70, 10)) == Counter()
    async with world.database.read() as session:
        assert (await desk(session, area_id=world.area_id)).alarms == []


@pytest.mark.parametrize("faster", ["staff", "caller"])
async def test_who_answers_while_somebody_faster_does_is_told_so(
    world: World, family: Family, helper: Actor, faster: str
) -> None:
    # On PostgreSQL the family answered too, once more for both, and even for a call that was settled.
    booking = await book(world, family, helper)
    await world.do(lambda s: call_family(s, by=helper, booking_id=booking.id, now=world.now))
    answers = {"staff": partial(answer_alarm, by=world.staff), "caller": partial(settle_call, by=helper)}

    came_of_it = await beside(
        world,
        partial(answers[faster], booking_id=booking.id, now=world.now),
        world.database.write(partial(answer_alarm, by=family.actor, booking_id=booking.id, now=world.now)),
    )

    assert isinstance(came_of_it, NotNow)

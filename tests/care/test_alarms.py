"""Alarms climb from the parent to the second guardian and the contacts, then to staff, until someone answers."""

from collections import Counter
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from care.steps import (
    HOUR,
    MINUTE,
    agree,
    book,
    finish,
    get_ready,
    last_ids,
    messages_after,
    record_afterwards,
    row,
    start,
)
from sharecare.accounts.queries import accesses_to
from sharecare.accounts.rules import Actor
from sharecare.care.alarms import alarms_that_climb, call_family, climb
from sharecare.care.answering import CallIsYours, HandoverAwaitsYou, answer_alarm, say_how_long, settle_call
from sharecare.care.changes import propose_change, propose_late_start
from sharecare.care.contacts import set_contacts
from sharecare.care.day_models import CareAlarm
from sharecare.care.day_schemas import EmergencyContactDraft, HowLong, OwnAlarm
from sharecare.care.models import Booking
from sharecare.care.record import care_record, count_at_desk, desk, people_to_call
from sharecare.care.rules import CareEnd, HandoverBy, NotNow
from sharecare.care.waves import alarm_not_finished, alarm_not_started, bookings_not_finished, bookings_not_started
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.messages.texts import render
from sharecare.messages.words import Tongue
from sharecare.registration.service import invite_guardian, join_family
from sharecare.trust.blocks import block
from sharecare.verify import verify
from world import Family, World, a_person

M = MessageKind


@pytest.fixture
async def second(world: World, family: Family) -> Actor:
    other = await world.do(lambda s: a_person(s, "Aaron"))
    token = await world.do(lambda s: invite_guardian(s, by=family.actor, now=world.now))
    await world.do(lambda s: join_family(s, by=other, token=token, now=world.now))
    return other


async def overdue(world: World) -> None:
    """Do what the worker does about handovers that are late."""
    async with world.database.read() as session:
        starts = await bookings_not_started(session, now=world.now)
        finishes = await bookings_not_finished(session, now=world.now)
        climbing = await alarms_that_climb(session, now=world.now)
    for one in starts:
        await world.do(partial(alarm_not_started, booking_id=one, now=world.now))
    for one in finishes:
        await world.do(partial(alarm_not_finished, booking_id=one, now=world.now))
    for one in climbing:
        await world.do(partial(climb, alarm_id=one, now=world.now))


async def alarms(world: World, booking: Booking, by: Actor) -> list[OwnAlarm]:
    async with world.database.read() as session:
        return (await care_record(session, booking.id, by=by, now=world.now)).alarms


async def test_an_overdue_handover_climbs_step_by_step_and_each_is_written_down(
    world: World, family: Family, helper: Actor, second: Actor
) -> None:
    neighbour, blocker = await world.family("Carol"), await world.family("Dora")
    await world.do(lambda s: block(s, by=blocker.actor, person_id=family.actor.person_id, now=world.now))
    contacts = [
        EmergencyContactDraft(name=name, relation="友人", phone="090-0000-0000", email=f"{name.lower()}@example.jp")
        for name in ("Carol", "Dora")
    ]
    await world.do(lambda s: set_contacts(s, by=family.actor, contacts=contacts, now=world.now))
    booking = await book(world, family, helper)

    told = []
    for minutes in (14, 15, 24, 25, 34, 35, 60):
        world.now = booking.start_at + minutes * MINUTE
        _, message_id = await last_ids(world)
        await overdue(world)
        told.append((minutes, dict(await messages_after(world, message_id))))

    people = (family.actor.person_id, second.person_id, neighbour.actor.person_id, world.staff.person_id)
    parent, guardian, contact, staff = people
    assert told == [
        (14, {}),
        (15, {(parent, M.HANDOVER_OVERDUE): 1, (helper.person_id, M.START_FORGOTTEN): 1}),
        (24, {}),
        (25, {(guardian, M.HANDOVER_OVERDUE): 1, (contact, M.CONTACT_NEEDED): 1}),
        (34, {}),
        (35, {(staff, M.NOBODY_ANSWERS): 1}),
        (60, {}),
    ]
    [alarm] = await alarms(world, booking, family.actor)
    assert [(one.step, one.reached, one.told) for one in alarm.steps] == [
        (1, "parent", 2),
        (2, "contacts", 2),
        (3, "staff", 1),
    ]
    async with world.database.read() as session:
        assert [one.id for one in (await desk(session, area_id=world.area_id)).alarms] == [alarm.id]


async def test_a_step_with_nobody_to_tell_takes_no_time_and_whoever_does_not_answer_is_reminded(
    world: World, family: Family, helper: Actor
) -> None:
    # With no second guardian ten minutes went by for nobody; the staff were told once, and nobody ever after.
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    await start(world, helper, booking)
    family_told = {(family.actor.person_id, M.CALL_SUPPORTER): 1}
    raised = partial(call_family, by=helper, booking_id=booking.id)
    alarm_id = (await world.do(lambda s: raised(s, now=world.now))).id

    told = []
    while (at := (await row(world, CareAlarm, alarm_id)).next_step_at) and at < booking.start_at + 50 * HOUR:
        world.now, (_, before) = at, await last_ids(world)
        await world.do(partial(climb, alarm_id=alarm_id, now=at))
        told.append(((at - booking.start_at) // MINUTE, dict(await messages_after(world, before))))

    staff = {(world.staff.person_id, M.NOBODY_ANSWERS): 1}
    half_hours, hours, days = range(10, 190, 30), range(190, 24 * 60, 60), range(24 * 60 + 10, 50 * 60, 24 * 60)
    assert told == [
        (at, staff | family_told if n and n % 2 == 0 else staff) for n, at in enumerate([*half_hours, *hours, *days])
    ]
    [alarm] = await alarms(world, booking, family.actor)
    assert [(one.step, one.reached, one.told) for one in alarm.steps[:5]] == [
        (1, "parent", 1),
        (2, "contacts", 0),
        (3, "staff", 1),
        (4, "staff", 1),
        (5, "all", 2),
    ]

    await record_afterwards(world, booking, booking.end_at)
    world.now += 3 * 24 * HOUR
    _, before = await last_ids(world)
    await overdue(world)
    assert (await messages_after(world, before), (await row(world, CareAlarm, alarm_id)).next_step_at) == ({}, None)
    async with world.database.read() as session:
        assert await verify(session) == []


async def test_the_start_answers_the_alarm_and_a_child_not_handed_back_raises_another(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at + 15 * MINUTE
    await overdue(world)
    await start(world, helper, booking)
    world.now = booking.end_at + 15 * MINUTE
    await overdue(world)
    await finish(world, helper, booking)
    world.now += 60 * MINUTE
    _, message_id = await last_ids(world)
    await overdue(world)

    assert await messages_after(world, message_id) == Counter()
    assert [(one.kind, len(one.steps), one.answered_at is None) for one in await alarms(world, booking, helper)] == [
        ("start_overdue", 1, False),
        ("finish_overdue", 1, False),
    ]


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


async def test_staff_see_whom_to_call_and_those_concerned_see_that_they_did(
    world: World, family: Family, helper: Actor, second: Actor
) -> None:
    booking = await book(world, family, helper)

    people = await world.do(
        lambda s: people_to_call(s, by=world.staff, booking_id=booking.id, reason="連絡がつかないため", now=world.now)
    )

    assert people.details is not None
    assert (people.details.requester.name, people.details.supporter.phone) == ("Alice", "090-1234-5678")
    assert [one.name for one in people.details.other_guardians] == ["Aaron"]
    people_of = (family.actor.person_id, second.person_id, helper.person_id)
    async with world.database.read() as session:
        looks = [(await accesses_to(session, one)).items for one in people_of]
    assert [[(look.reader, look.reason) for look in seen] for seen in looks] == [[("Staff", "連絡がつかないため")]] * 3


async def start_later(world: World, family: Family, helper: Actor, booking: Booking) -> None:
    """Agree, after a quarter of an hour and an alarm, to begin an hour later."""
    world.now = booking.start_at + 16 * MINUTE
    await overdue(world)
    later = partial(propose_late_start, by=helper, booking_id=booking.id, new_start_at=booking.start_at + HOUR)
    await agree(world, family.actor, await world.do(partial(later, now=world.now)))


async def told_after(world: World, moment: datetime, minutes: range) -> Counter[tuple[int, str]]:
    """Let the worker look some minutes after a moment; return what it told."""
    _, told_before = await last_ids(world)
    for minute in minutes:
        world.now = moment + minute * MINUTE
        await overdue(world)
    return await messages_after(world, told_before)


async def test_a_later_start_is_awaited_like_the_first(world: World, family: Family, helper: Actor) -> None:
    # The first alarm went on climbing to the staff; once it was answered, a missed second start raised none.
    booking = await book(world, family, helper)
    await start_later(world, family, helper, booking)

    before = await told_after(world, booking.start_at, range(20, 75, 10))
    after = await told_after(world, booking.start_at, range(80, 90, 10))

    assert before == Counter()
    assert after[family.actor.person_id, M.HANDOVER_OVERDUE] == 1


async def test_a_call_is_over_when_the_child_is_back_with_a_parent(world: World, family: Family, helper: Actor) -> None:
    # The staff heard that nobody answers, twenty minutes after the digits had proved that somebody was there.
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    await start(world, helper, booking)
    world.now = booking.end_at - 5 * MINUTE
    await world.do(lambda s: call_family(s, by=helper, booking_id=booking.id, now=world.now))
    world.now = booking.end_at
    await finish(world, helper, booking)

    assert await told_after(world, booking.end_at, range(10, 60, 10)) == Counter()


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
    say = partial(say_how_long, booking_id=booking.id, minutes=10)
    with pytest.raises(NotNow):
        await world.do(lambda s: say(s, by=helper, now=world.now))
    since = await late(world, helper, booking, end)
    with pytest.raises(NotNow):  # it isn't about them
        await world.do(lambda s: say(s, by=second, now=world.now))
    _, before = await last_ids(world)

    await world.do(lambda s: say(s, by=family.actor, now=world.now))

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
    await world.do(lambda s: say(s, by=helper, now=world.now))
    assert (staff, M.HOW_LONG_AT_DESK) in await messages_after(world, before)
    assert "だれかが対応するまで" in (await texts_after(world, before))[staff]
    async with world.database.read() as session:
        told = (await desk(session, area_id=world.area_id)).alarms[-1].how_long
    async with world.database.read() as session:
        assert await verify(session) == []
    assert told is not None
    assert told.by_supporter


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


async def test_an_end_that_both_put_off_is_awaited_anew(world: World, family: Family, helper: Actor) -> None:
    # The alarm about the first end climbed on to the staff, although both had agreed on a later one.
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    await start(world, helper, booking)
    world.now = booking.end_at + 15 * MINUTE
    await overdue(world)
    later = partial(propose_change, by=helper, booking_id=booking.id, new_end_at=booking.end_at + HOUR)
    await agree(world, family.actor, await world.do(partial(later, now=world.now)))

    assert await told_after(world, booking.end_at, range(20, 75, 10)) == Counter()
    assert (await told_after(world, booking.end_at, range(75, 80)))[family.actor.person_id, M.FINISH_OVERDUE] == 1

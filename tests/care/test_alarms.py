"""Alarms climb from the parent to the second guardian and the contacts, then to staff, until someone answers."""

from collections import Counter
from datetime import datetime
from functools import partial

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
from sharecare.care.changes import propose_change, propose_late_start
from sharecare.care.contacts import set_contacts
from sharecare.care.day_models import CareAlarm
from sharecare.care.day_schemas import EmergencyContactDraft, OwnAlarm
from sharecare.care.models import Booking
from sharecare.care.record import care_record, desk, people_to_call
from sharecare.care.waves import alarm_not_finished, alarm_not_started, bookings_not_finished, bookings_not_started
from sharecare.messages.rules import MessageKind
from sharecare.trust.blocks import block
from sharecare.verify import verify
from world import Family, World

M = MessageKind


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

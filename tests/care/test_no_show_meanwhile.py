"""What happened between a no-show and its being taken back counts: who may, who is there, what is insured."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from icalendar import Calendar
from sqlmodel import col, select, update

from care.steps import (
    HOUR,
    MINUTE,
    book,
    cover_several_families,
    last_ids,
    messages_after,
    offer,
    record_afterwards,
    row,
)
from care.test_group import join
from care.test_no_show import ask_for_last_hour, at_risk, contest, decide, missed, others, take_back, whole
from care.test_policy_end import end
from care.test_races import beside
from incidents.scene import Scene
from sharecare.accounts.models import Child, SupporterProfile
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import ChildDraft
from sharecare.areas.rules import AreaSettings, CareKind, Level
from sharecare.care.afterwards import NotOverYet
from sharecare.care.at_risk import Risk
from sharecare.care.calendar import calendar_feed, calendar_secret, make_calendar_link
from sharecare.care.children import change_child, remove_child
from sharecare.care.day_models import CareAlarm
from sharecare.care.families import join_family
from sharecare.care.group import GroupFull, GroupNotCovered
from sharecare.care.models import Booking, Offer
from sharecare.care.no_show import ChildrenChanged, take_back_no_show
from sharecare.care.people import DayFull, SupporterNotEligible
from sharecare.care.policy_end import CareUnderPolicy, end_policy_early
from sharecare.care.queries import booking_view
from sharecare.care.waves import alarm_not_started
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.messages.rules import MessageKind
from sharecare.registration.service import invite_guardian, suspend
from sharecare.trust.blocks import block
from world import KEY, Family, World, make_world

M = MessageKind
DAY = timedelta(days=1)


async def test_a_policy_does_not_end_under_a_care_that_may_have_taken_place(
    world: World, family: Family, helper: Actor
) -> None:
    # It ended, and what had really happened could not be put down any more.
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    with pytest.raises(CareUnderPolicy):
        await end(world, world.now)

    await end(world, booking.end_at)

    world.now = booking.end_at + HOUR
    assert (await record_afterwards(world, booking, booking.end_at)).state == "completed"
    assert await whole(world)


async def test_whom_nobody_takes_over_raises_the_alarm_again(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    world.now = booking.start_at + 15 * MINUTE
    await world.do(lambda s: alarm_not_started(s, booking_id=booking.id, now=world.now))
    await missed(world, family.actor, booking)

    await take_back(world, family.actor, booking)

    async with world.database.read() as session:
        climbs_at = (await session.exec(select(CareAlarm.next_step_at))).one()
    assert climbs_at == world.now + 15 * MINUTE


async def test_a_child_who_was_taken_off_the_list_is_in_no_booking(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await missed(world, helper, booking)
    child = family.child_ids[0]
    await world.do(lambda s: remove_child(s, by=family.actor, child_id=child, now=world.now))

    with pytest.raises(ChildrenChanged):
        await take_back(world, helper, booking)


async def test_cover_is_for_the_age_that_a_child_has(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    draft = ChildDraft(name="Aliceの子", birth_month=date(2025, 12, 1), allergies="卵")  # too young for the policy
    child = family.child_ids[0]
    await world.do(lambda s: change_child(s, by=family.actor, child_id=child, draft=draft, now=world.now))

    with pytest.raises(ChildrenChanged):
        await take_back(world, family.actor, booking)


async def test_no_child_is_removed_while_its_booking_is_taken_back(world: World, family: Family, helper: Actor) -> None:
    # Without the children held it was removed on PostgreSQL, and stood in a live booking.
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    child = family.child_ids[0]
    again = partial(take_back_no_show, by=family.actor, booking_id=booking.id, now=world.now)
    gone = partial(remove_child, by=family.actor, child_id=child, now=world.now)

    assert isinstance(await beside(world, again, world.database.write(gone)), Refusal)

    assert (await row(world, Child, child)).removed_at is None


async def test_whom_a_family_blocked_reads_nothing_of_it_again(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await missed(world, helper, booking)
    await world.do(lambda s: block(s, by=family.actor, person_id=helper.person_id, now=world.now))

    with pytest.raises(SupporterNotEligible):
        await take_back(world, helper, booking)

    async with world.database.read() as session:
        assert (await booking_view(session, booking.id, by=helper, now=world.now)).details is None


async def test_a_suspended_supporter_is_not_booked_again(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await world.do(lambda s: suspend(s, person_id=helper.person_id, by=world.staff, reason="確認中", now=world.now))
    await missed(world, family.actor, booking)

    with pytest.raises(SupporterNotEligible):
        await take_back(world, family.actor, booking)


async def test_whoever_joined_the_family_meanwhile_is_not_booked_by_it(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    token = await world.do(lambda s: invite_guardian(s, by=family.actor, now=world.now))
    await world.do(lambda s: join_family(s, by=helper, token=token, now=world.now))

    with pytest.raises(SupporterNotEligible):
        await take_back(world, family.actor, booking)


async def test_a_day_stays_within_its_limit(database: Database) -> None:
    world = await make_world(database, settings=AreaSettings(bookings_a_day=1))
    helper = await world.supporter("Bob", level=Level.REGISTERED, hours=(0, 1440))
    family, carol = await others(world, helper, "Alice", "Carol")
    start = world.now + DAY
    booking = await book(world, family, helper, start_at=start, end_at=start + 2 * HOUR)
    await missed(world, family.actor, booking)
    await book(world, carol, helper, start_at=start + 6 * HOUR, end_at=start + 8 * HOUR)

    with pytest.raises(DayFull):
        await take_back(world, family.actor, booking)


@pytest.mark.parametrize("room", [3, 2])
async def test_a_group_is_joined_again_as_far_as_it_has_room_and_hears_it(world: World, room: int) -> None:
    await cover_several_families(world)
    helper = await world.supporter("Bob", level=Level.REGISTERED, capacity=3)
    alice, carol, dora = await others(world, helper, "Alice", "Carol", "Dora")
    together = {"kind": CareKind.OWN_HOME, "with_others": True, "named_supporter_id": helper.person_id}
    booking, _ = [await join(world, one, helper) for one in (alice, carol)]
    await missed(world, alice.actor, booking)
    await world.do(lambda s: s.exec(update(SupporterProfile).values(capacity=room)))
    await offer(world, helper, await ask_for_last_hour(world, dora, booking, **together))
    _, message_id = await last_ids(world)

    if room == 2:
        with pytest.raises(GroupFull):
            await take_back(world, alice.actor, booking)
    else:
        assert (await take_back(world, alice.actor, booking)).group_capacity == room
        told = await messages_after(world, message_id)
        assert {who for who, kind in told if kind == M.OTHERS_JOINED} == {one.actor.person_id for one in (carol, dora)}

    assert await whole(world)


async def test_no_group_is_joined_again_whose_cover_moves_at_this_moment(world: World) -> None:
    # Looked at before the policy was held, the others' cover for one family went unseen on PostgreSQL.
    await cover_several_families(world)  # the second policy; the first is for one family at a time
    helper = await world.supporter("Bob", level=Level.REGISTERED, capacity=3)
    alice, carol = await others(world, helper, "Alice", "Carol")
    booking = await join(world, alice, helper)
    await join(world, carol, helper, start_at=booking.end_at - HOUR, end_at=booking.end_at + HOUR)
    await missed(world, alice.actor, booking)
    ending = partial(end_policy_early, by=world.staff, policy_id=2, ends_at=booking.end_at, now=world.now)

    assert isinstance(await beside(world, ending, take_back(world, alice.actor, booking)), GroupNotCovered)

    assert await whole(world)


async def test_staff_see_that_something_happened_in_a_care_that_was_reported_missed(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)

    await Scene(world, family, helper, booking).report()

    assert await at_risk(world) == [(booking.id, Risk.INCIDENT_TOLD)]


async def test_staff_wait_for_the_agreed_end(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    await contest(world, helper, booking)

    with pytest.raises(NotOverYet):
        await decide(world, booking, stands=True)


async def test_a_calendar_hears_that_the_booking_stands_and_the_offer_keeps_its_day(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    accepted_at = (await row(world, Offer, booking.offer_id)).decided_at
    link = await world.do(lambda s: make_calendar_link(s, by=helper, key=KEY, now=world.now))

    async def event() -> Any:  # noqa: ANN401  -- as icalendar has it
        async with world.database.read() as session:
            secret = calendar_secret(link, key=KEY)
            feed = await calendar_feed(session, secret=secret, public_url="https://example.jp", now=world.now)
        (only,) = Calendar.from_ical(feed).walk("VEVENT")
        return only

    before = await event()
    await missed(world, family.actor, booking)
    cancelled = await event()
    world.now += MINUTE
    await take_back(world, family.actor, booking)
    stands = await event()

    assert [one["status"] for one in (before, cancelled, stands)] == ["CONFIRMED", "CANCELLED", "CONFIRMED"]
    assert before["sequence"] < cancelled["sequence"] < stands["sequence"]
    assert before["dtstamp"].dt < cancelled["dtstamp"].dt < stands["dtstamp"].dt
    assert (await row(world, Offer, booking.offer_id)).decided_at == accepted_at


@pytest.mark.parametrize(
    "wrong", [{"no_show": False, "cancelled_by": "family"}, {"state": "completed"}, {"cancelled_by": None}]
)
async def test_a_contest_that_cannot_be_is_named(
    world: World, family: Family, helper: Actor, wrong: dict[str, object]
) -> None:
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    await contest(world, helper, booking)

    await world.do(lambda s: s.exec(update(Booking).where(col(Booking.id) == booking.id).values(**wrong)))

    assert not await whole(world)

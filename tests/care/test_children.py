"""Taking a child off the list: not while somebody expects it, and never to the harm of what was agreed."""

from datetime import date, timedelta
from functools import partial

import pytest

from care.steps import (
    ask,
    book,
    cancel,
    finish,
    get_ready,
    last_ids,
    messages_after,
    start,
)
from sharecare.accounts.queries import child_of, children_of
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import ChildDraft
from sharecare.care.children import AgeBooked, ChildAskedFor, ChildBooked, change_child, remove_child
from sharecare.care.requests import withdraw_request
from sharecare.messages.rules import MessageKind
from world import Family, World

DAY = timedelta(days=1)


@pytest.fixture
async def family(world: World) -> Family:
    return await world.family("Alice", children=2)


async def take_off(world: World, family: Family, child_id: int) -> None:
    await world.do(lambda s: remove_child(s, by=family.actor, child_id=child_id, now=world.now))


async def listed(world: World, family: Family) -> list[int]:
    async with world.database.read() as session:
        return [child.id for child in await children_of(session, family.actor.household_id)]


async def test_a_child_with_a_live_booking_stays_until_it_is_over_or_cancelled(
    world: World, family: Family, helper: Actor
) -> None:
    # Once the child was gone the care could not start, and the sheet that said so could not be written any more.
    one, other = family.child_ids
    booking = await book(world, family, helper, children=[one])
    await book(world, family, helper, children=[one], start_at=booking.start_at + DAY, end_at=booking.end_at + DAY)

    with pytest.raises(ChildBooked) as refused:
        await take_off(world, family, one)

    assert refused.value.text("ja") == (
        "Aliceの子さんには、6月2日(火) 17:00〜19:00の予約があります。"
        "先にその予約をキャンセルするか、終わってから、一覧から外してください。"
    )
    assert "on Tue 2 Jun, 17:00–19:00. Cancel it first" in refused.value.text("en")
    await take_off(world, family, other)
    assert await listed(world, family) == [one]
    world.now = booking.start_at
    booking = await start(world, helper, booking)
    with pytest.raises(ChildBooked):
        await take_off(world, family, one)


async def test_a_birth_month_stays_as_the_insurer_was_told(world: World, family: Family, helper: Actor) -> None:
    # A care began outside the policy's terms, with a child of five months for whom cover was bound at four years.
    child, _ = family.child_ids
    booking = await book(world, family, helper, children=[child])
    async with world.database.read() as session:
        known = await child_of(session, family.actor.household_id, child)
        as_it_is = ChildDraft.model_validate(known.model_dump(include=set(ChildDraft.model_fields)))
    born_later = as_it_is.model_copy(update={"birth_month": date(2026, 1, 1)})
    change = partial(change_child, by=family.actor, child_id=child, now=world.now)

    with pytest.raises(AgeBooked) as refused:
        await world.do(partial(change, draft=born_later))

    assert "6月2日(火) 17:00〜19:00の予約" in refused.value.text("ja")
    await world.do(partial(change, draft=as_it_is.model_copy(update={"notes": "絵本が好き"})))
    await cancel(world, family.actor, booking)
    assert (await world.do(partial(change, draft=born_later))).birth_month == date(2026, 1, 1)


async def test_once_every_booking_is_done_or_cancelled_the_child_may_go(
    world: World, family: Family, helper: Actor
) -> None:
    one, _ = family.child_ids
    done = await book(world, family, helper, children=[one])
    later = {"start_at": done.start_at + DAY, "end_at": done.end_at + DAY}
    await cancel(world, family.actor, await book(world, family, helper, children=[one], **later))
    world.now = done.start_at
    await start(world, helper, done)
    world.now = done.end_at
    await finish(world, helper, done)

    await take_off(world, family, one)

    assert await listed(world, family) == family.child_ids[1:]


async def test_a_child_for_whom_help_is_asked_stays_until_the_request_is_withdrawn(
    world: World, family: Family
) -> None:
    # Whoever was found a minute later had a booking without a child, which could not start.
    request = await ask(world, family, children=family.child_ids[:1])

    with pytest.raises(ChildAskedFor) as refused:
        await take_off(world, family, family.child_ids[0])

    assert "6月2日(火) 17:00〜19:00のお願い" in refused.value.text("ja")
    await world.do(lambda s: withdraw_request(s, by=family.actor, request_id=request.id, reason="", now=world.now))
    await take_off(world, family, family.child_ids[0])
    assert await listed(world, family) == family.child_ids[1:]


async def test_a_brother_who_leaves_the_list_leaves_the_sheet_too_and_both_sides_hear_of_it(
    world: World, family: Family, helper: Actor
) -> None:
    one, other = family.child_ids
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    await cancel(world, family.actor, booking)
    later = {"start_at": booking.start_at + DAY, "end_at": booking.end_at + DAY}
    await book(world, family, helper, children=[one], **later)
    _, message_id = await last_ids(world)

    await take_off(world, family, other)

    assert await messages_after(world, message_id) == {
        (helper.person_id, MessageKind.PRE_MEETING_WRITTEN): 1,
        (family.actor.person_id, MessageKind.PRE_MEETING_MISSING): 1,
    }

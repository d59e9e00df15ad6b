"""How a child is at the start: looked at, held to the policy's illness rule, remembered."""

from datetime import timedelta

import pytest
from sqlmodel import select

from care.steps import (
    MINUTE,
    book,
    get_ready,
    last_ids,
    messages_after,
    pin_of,
    row,
    well,
)
from sharecare.accounts.rules import Actor
from sharecare.care.care_day import start_care
from sharecare.care.conditions import ConditionNeeded, TooIll
from sharecare.care.day_models import ConditionCheck
from sharecare.care.day_rules import Condition
from sharecare.care.day_schemas import ConditionDraft
from sharecare.care.models import Booking
from sharecare.care.rules import CareEnd
from sharecare.messages.rules import MessageKind
from world import KEY, Family, World

M = MessageKind


async def start_with(world: World, helper: Actor, booking: Booking, checks: list[ConditionDraft]) -> Booking:
    pin = pin_of(booking, CareEnd.START)
    return await world.do(
        lambda s: start_care(s, by=helper, booking_id=booking.id, pin=pin, checks=checks, key=KEY, now=world.now)
    )


@pytest.mark.parametrize(("temperature_c", "condition"), [(37.6, Condition.WELL), (36.4, Condition.UNWELL)])
async def test_the_policys_illness_rule_keeps_a_child_at_home(
    world: World, family: Family, helper: Actor, temperature_c: float, condition: Condition
) -> None:
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    [child] = family.child_ids
    _, message_id = await last_ids(world)

    ill = ConditionDraft(child_id=child, temperature_c=temperature_c, condition=condition)
    for _ in range(2):
        with pytest.raises(TooIll):
            await start_with(world, helper, booking, [ill])

    assert await messages_after(world, message_id) == {(family.actor.person_id, M.NOT_TAKEN_IN): 1}
    assert (await row(world, Booking, booking.id)).state == "confirmed"
    started = await start_with(world, helper, booking, [ConditionDraft(child_id=child, temperature_c=37.5)])
    assert started.state == "in_care"
    async with world.database.read() as session:
        checks = await session.exec(select(ConditionCheck.temperature_c, ConditionCheck.taken_in))
        assert sorted(checks) == sorted([(temperature_c, False)] * 2 + [(37.5, True)])


async def test_a_family_is_told_again_when_its_child_is_turned_away_later(
    world: World, family: Family, helper: Actor
) -> None:
    # Only the first finding of a booking was told: who measured again an hour later turned the child away unheard.
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    _, message_id = await last_ids(world)
    ill = [ConditionDraft(child_id=one, temperature_c=38.2) for one in family.child_ids]

    told = []
    for minutes in (0, 10, 20, 30, 40):
        world.now = booking.start_at + minutes * MINUTE
        with pytest.raises(TooIll):
            await start_with(world, helper, booking, ill)
        told.append((await messages_after(world, message_id))[family.actor.person_id, M.NOT_TAKEN_IN])

    assert told == [1, 1, 2, 2, 3]


async def test_every_child_of_the_booking_is_looked_at_and_no_other(
    world: World, family: Family, helper: Actor
) -> None:
    other = await world.family("Carol")
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at

    for children in ([], [*other.child_ids], [*family.child_ids, *other.child_ids], family.child_ids * 2):
        checks = [ConditionDraft(child_id=child, temperature_c=36.5) for child in children]
        with pytest.raises(ConditionNeeded):
            await start_with(world, helper, booking, checks)


async def test_checks_are_remembered_with_their_child(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at + timedelta(minutes=3)

    await start_with(world, helper, booking, await well(world, booking, temperature_c=36.9))

    async with world.database.read() as session:
        [check] = await session.exec(select(ConditionCheck))
    assert (check.child_id, check.temperature_c, check.checked_at) == (family.child_ids[0], 36.9, world.now)

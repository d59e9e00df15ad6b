"""Becoming a guardian of the family whose children one looks after."""

import pytest

from care.steps import book, cancel
from sharecare.accounts.queries import person_by_id
from sharecare.areas.rules import Level
from sharecare.care.families import BookedByThem, join_family
from sharecare.registration.service import invite_guardian
from world import World


async def test_nobody_becomes_both_sides_of_a_booking(world: World) -> None:
    # The supporter read the digits that the family was to show them, and the care couldn't start.
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    token = await world.do(lambda s: invite_guardian(s, by=family.actor, now=world.now))

    with pytest.raises(BookedByThem):
        await world.do(lambda s: join_family(s, by=helper, token=token, now=world.now))

    await cancel(world, family.actor, booking)
    await world.do(lambda s: join_family(s, by=helper, token=token, now=world.now))
    async with world.database.read() as session:
        joined = await person_by_id(session, helper.person_id)
    assert joined.household_id == family.actor.household_id

"""Children at the JSON door."""

from api.door import through_the_door
from care.steps import book, cancel
from doors import Town
from sharecare.areas.rules import Level


async def test_a_booked_child_is_refused_to_be_taken_off(town: Town) -> None:
    # It was taken off, and left a booking that could not start.
    world = town.world
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    parent, path = through_the_door(town, family.actor), f"/me/children/{family.child_ids[0]}"

    refused = await parent.ask("DELETE", path)
    await cancel(world, family.actor, booking)
    taken = await parent.ask("DELETE", path)

    assert (refused.status_code, refused.json()["code"]) == (409, "child-booked")
    assert (taken.status_code, (await parent.get("/me/children")).json()) == (204, [])

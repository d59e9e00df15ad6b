"""A support counts for trust only where no incident is known of it, whenever that comes to be known."""

import asyncio

from sqlmodel import select

from incidents.scene import MINUTE, Scene
from matching.followed import rankings_after_following, rankings_of_a_fresh_load
from sharecare.trust.models import Tie
from sharecare.trust.service import record_support

PEOPLE = 3


async def supports(scene: Scene) -> int:
    """Count what the index knows too, whether it followed or starts now."""
    assert await rankings_after_following(scene.world, PEOPLE) == await rankings_of_a_fresh_load(scene.world, PEOPLE)
    async with scene.world.database.read() as session:
        return (await session.exec(select(Tie.supports))).one()


async def test_a_support_with_an_incident_does_not_count(scene: Scene) -> None:
    # Every finished support counted, whatever had happened in it.
    await scene.report()
    await scene.finish()
    assert await supports(scene) == 0


async def test_an_incident_told_afterwards_takes_the_support_back_once(scene: Scene) -> None:
    # A support counted for ever, whatever came to be known of it.
    await scene.finish()
    assert await supports(scene) == 1
    await scene.report(scene.draft(occurred_at=scene.booking.end_at - MINUTE))
    assert await supports(scene) == 0
    await scene.report(scene.draft(injured="nobody", child_id=None, injury="", treatment="none", damage="自転車"))
    assert await supports(scene) == 0


async def test_one_told_before_and_one_after_take_back_nothing_else(scene: Scene) -> None:
    # An accident known before the end was never counted: taking it back would take another support's place.
    await scene.report()
    await scene.finish()
    one, other = scene.booking.requester_id, scene.booking.supporter_id
    await scene.world.do(lambda s: record_support(s, one=one, other=other, now=scene.world.now))
    await scene.report(scene.draft(occurred_at=scene.booking.end_at - MINUTE))
    assert await supports(scene) == 1


async def test_a_near_miss_leaves_the_support_counted(scene: Scene) -> None:
    await scene.report(scene.near_miss())
    await scene.finish()
    await scene.report(scene.near_miss())
    assert await supports(scene) == 1


async def test_an_incident_told_while_the_care_ends_is_counted_by_neither(scene: Scene) -> None:
    # Fails when a report does not hold the booking: then each of the two misses the other.
    scene.world.now = scene.booking.end_at
    await asyncio.gather(scene.finish(), scene.report())
    assert await supports(scene) == 0

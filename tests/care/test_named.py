"""A series that names one person says the same of them, asked or not, until they answer."""

from sqlmodel import select

from care.test_series import TUESDAYS, open_weekly, seen
from sharecare.accounts.rules import Actor
from sharecare.care.models import Ask
from sharecare.care.offers import decline_ask
from sharecare.trust.blocks import block
from world import Family, World


async def test_the_one_named_looks_alike_whether_busy_or_keeping_away(world: World, family: Family) -> None:
    # A reason told for the busy date alone would tell of the block, or of somebody's calendar across it.
    busy = await world.supporter("Erin", hours=(360, 420))
    away = await world.supporter("Dave")
    await world.do(lambda s: block(s, by=away, person_id=family.actor.person_id, now=world.now))

    views = [
        await seen(world, await open_weekly(world, family, named_supporter_id=one.person_id)) for one in (busy, away)
    ]

    first, second = ([one.model_dump(exclude={"request_id", "named"}) for one in view.dates] for view in views)
    assert first == second
    assert [{(one.named, one.state) for one in view.dates} for view in views] == [
        {("Erin", "open")},
        {("Dave", "open")},
    ]


async def test_a_date_that_the_one_named_declined_says_so(world: World, family: Family, helper: Actor) -> None:
    series = await open_weekly(world, family, named_supporter_id=helper.person_id, until=TUESDAYS[1])
    async with world.database.read() as session:
        (first,) = (await session.exec(select(Ask).where(Ask.supporter_id == helper.person_id).limit(1))).all()

    await world.do(lambda s: decline_ask(s, by=helper, ask_id=first.id, now=world.now))

    assert [(one.named, one.declined) for one in (await seen(world, series)).dates] == [("Bob", True), ("Bob", False)]

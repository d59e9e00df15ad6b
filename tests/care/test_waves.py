"""Who is asked when: circle by circle, the best first, and on at once where nobody is left."""

from functools import partial

import pytest

from care.steps import HOUR, accept, ask, asks_of, book, cancel, decline, offer
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Circle
from sharecare.care import asking
from sharecare.care.models import CareRequest
from sharecare.care.offers import withdraw_offer
from sharecare.care.standing import keep_apart, suspend_person
from sharecare.care.waves import open_due_wave, requests_with_due_wave
from world import Family, World


async def time_passes(world: World) -> None:
    """Do what the worker does about waves."""
    async with world.database.read() as session:
        due = await requests_with_due_wave(session, now=world.now)
    for request_id in due:
        await world.do(partial(open_due_wave, index=world.index, request_id=request_id, now=world.now))


async def asked(world: World, request: CareRequest) -> list[int]:
    return [who for who, *_ in await asks_of(world, request)]


async def test_urgent_requests_ask_every_circle_at_once(world: World, family: Family, helper: Actor) -> None:
    stranger = await world.supporter("Dave")

    request = await ask(world, family, start_at=world.now + 2 * HOUR, end_at=world.now + 3 * HOUR)

    assert set(await asked(world, request)) == {helper.person_id, stranger.person_id}
    assert (request.circle, request.next_wave_at, request.urgent) == (Circle.OPEN, None, True)


async def test_a_wave_asks_the_best_of_those_not_asked_yet(
    world: World, family: Family, helper: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The friends, who rank first in wider circles too, took all the places of a wave: nobody else was ever asked.
    monkeypatch.setattr(asking, "MOST_ASKED", 1)
    strangers = [await world.supporter(name) for name in ("Dave", "Erin")]
    everyone = [helper.person_id, *(one.person_id for one in strangers)]
    request = await ask(world, family)
    assert await asked(world, request) == everyone[:1]
    assert request.next_wave_at is not None
    world.now = request.next_wave_at

    await time_passes(world)
    assert await asked(world, request) == everyone[:2]

    booking = await accept(world, family, await offer(world, helper, request))
    await cancel(world, helper, booking)
    assert await asked(world, request) == everyone


async def test_once_all_have_said_no_the_next_circle_is_asked_at_once(
    world: World, family: Family, helper: Actor
) -> None:
    stranger = await world.supporter("Dave")
    request = await ask(world, family)
    await time_passes(world)
    assert await asked(world, request) == [helper.person_id]

    await decline(world, helper, request)
    await time_passes(world)

    assert await asked(world, request) == [helper.person_id, stranger.person_id]


async def test_the_last_circle_is_asked_on_as_long_as_all_say_no(
    world: World, family: Family, helper: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An urgent request asked the best twenty once, and nobody else however many of them said no.
    monkeypatch.setattr(asking, "MOST_ASKED", 1)
    strangers = [await world.supporter(name) for name in ("Dave", "Erin")]
    request = await ask(world, family, start_at=world.now + 2 * HOUR, end_at=world.now + 3 * HOUR)
    assert request.next_wave_at is None

    for number, supporter in enumerate([helper, *strangers], start=1):
        await time_passes(world)
        assert len(await asked(world, request)) == number
        await decline(world, supporter, request)
    await time_passes(world)
    assert len(await asked(world, request)) == 1 + len(strangers)

    async with world.database.read() as session:
        assert await requests_with_due_wave(session, now=world.now + HOUR) == []  # nobody is left to look for


async def test_nobody_else_is_asked_while_somebody_may_still_say_yes(
    world: World, family: Family, helper: Actor
) -> None:
    other = await world.supporter("Grace")
    await world.befriend(family.actor, other)
    stranger = await world.supporter("Dave")
    request = await ask(world, family)

    await decline(world, other, request)
    await time_passes(world)
    assert set(await asked(world, request)) == {helper.person_id, other.person_id}

    offered = await offer(world, helper, request)
    await time_passes(world)
    assert len(await asked(world, request)) == 2

    await world.do(partial(withdraw_offer, by=helper, offer_id=offered.id, now=world.now))
    await time_passes(world)
    assert set(await asked(world, request)) == {helper.person_id, other.person_id, stranger.person_id}


@pytest.mark.parametrize("gone", ["blocked", "suspended", "booked"])
async def test_whoever_can_say_yes_no_more_keeps_nobody_waiting(
    world: World, family: Family, helper: Actor, gone: str
) -> None:
    other, stranger = await world.supporter("Grace"), await world.supporter("Dave")
    await world.befriend(family.actor, other)
    request = await ask(world, family)
    if gone == "suspended":
        suspending = partial(suspend_person, person_id=helper.person_id, by=world.staff, reason="苦情", now=world.now)
        await world.do(suspending)
    elif gone == "booked":
        third = await world.family("Zoe")
        await world.befriend(third.actor, helper)
        await book(world, third, helper)
    await decline(world, other, request)
    if gone == "blocked":  # the last one left, and by the family
        await world.do(partial(keep_apart, by=family.actor, person_id=helper.person_id, now=world.now))

    await time_passes(world)

    assert stranger.person_id in await asked(world, request)

"""A support from the request to the thanks, through the services."""

from datetime import timedelta

import pytest
from sqlmodel import select

from care.steps import start
from conftest import Staged
from sharecare.care.booking_schemas import CostLineDraft, Settlement
from sharecare.care.care_day import finish_care, record_thanks
from sharecare.care.models import Ask
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.requests import open_request
from sharecare.care.rules import AskState, BookingState, CareEnd, CostKind, handover_pin
from world import KEY, World, make_world


@pytest.fixture
async def world(staged: Staged) -> World:
    return await staged(make_world)


async def test_a_request_becomes_an_insured_booking_and_is_lived(world: World) -> None:
    parent = await world.family("Alice")
    helper = await world.supporter("Bob")
    await world.befriend(parent.actor, helper)

    request = await world.do(lambda s: open_request(s, world.index, by=parent.actor, need=parent.need(), now=world.now))
    async with world.database.read() as session:
        asks = (await session.exec(select(Ask))).all()
    assert [(ask.supporter_id, ask.state, ask.circle) for ask in asks] == [(helper.person_id, AskState.OPEN, "friends")]

    offer = await world.do(lambda s: make_offer(s, by=helper, request_id=request.id, note="", now=world.now))
    booking = await world.do(lambda s: accept_offer(s, by=parent.actor, offer_id=offer.id, now=world.now))
    assert booking.state == BookingState.CONFIRMED

    world.now = booking.start_at
    await start(world, helper, booking)
    world.now = booking.end_at + timedelta(minutes=5)
    pin = handover_pin(KEY, booking.id, CareEnd.FINISH, helper.person_id)
    await world.do(lambda s: finish_care(s, by=helper, booking_id=booking.id, pin=pin, key=KEY, now=world.now))
    lines = [CostLineDraft(kind=CostKind.THANKS, yen=1200)]
    done = await world.do(
        lambda s: record_thanks(
            s, by=parent.actor, booking_id=booking.id, settlement=Settlement(lines=lines), now=world.now
        )
    )
    assert (done.state, done.settled_at) == (BookingState.COMPLETED, world.now)

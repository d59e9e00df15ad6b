"""Many hands at one slot: one gets it, the others are told so, and nobody sees an error of the database.

The `database` fixture opens five connections, so on PostgreSQL five of these transactions really run at once.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import HOUR, ask, asks_of, book, get_ready, offer, row, start
from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import SignUp
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import AreaSettings, Level
from sharecare.care.care_day import start_care
from sharecare.care.changes import agree_change, propose_change, propose_late_start
from sharecare.care.group import SlotTaken
from sharecare.care.handovers import PinLocked, WrongPin
from sharecare.care.models import Booking, BookingChange, CareRequest, Offer
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.people import ChildElsewhere, SupporterNotEligible
from sharecare.care.planning import PlanIsStale, send_plan
from sharecare.care.requests import EnoughPreviews, preview_candidates
from sharecare.care.rules import ChangeState, NotNow, TooEarly
from sharecare.care.schemas import PlannedAsk, PlanSent
from sharecare.db import Database
from sharecare.insurance.models import Cover
from sharecare.messages.models import Message
from sharecare.registration.service import invite_guardian, join_family, sign_up, suspend
from world import KEY, PASSWORD, World, a_person, make_world, signed_in

MANY = 50


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database, settings=AreaSettings(requests_a_day=MANY))


async def outcomes(tries: list[Awaitable[object]]) -> Counter[str]:
    """Run all at once; return how many ended in which way."""
    return Counter(type(one).__name__ for one in await asyncio.gather(*tries, return_exceptions=True))


async def count(world: World, table: type[SQLModel]) -> int:
    async with world.database.read() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def test_fifty_overlapping_accepts_of_one_supporter_make_one_booking(world: World) -> None:
    # Without ex_booking_supporter_overlap (migration 0002) 50 of 50 were booked on both databases.
    family = await world.family("Alice", children=MANY)
    helper = await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    requests = [await ask(world, family, children=[child]) for child in family.child_ids]
    offers = [await offer(world, helper, request) for request in requests]

    ended = await outcomes(
        [world.database.write(partial(accept_offer, by=family.actor, offer_id=one.id, now=world.now)) for one in offers]
    )

    assert ended == {"Booking": 1, SlotTaken.__name__: MANY - 1}
    assert (await count(world, Booking), await count(world, Cover)) == (1, 1)


async def test_one_request_is_booked_once_however_many_guardians_choose(world: World) -> None:
    # With `move` updating whatever the state was, the database itself had to refuse three: AlreadyBooked.
    family = await world.family("Alice")
    helpers = [await world.supporter(name, level=Level.REGISTERED) for name in ("Bob", "Carol")]
    for helper in helpers:
        await world.befriend(family.actor, helper)

    async def second_guardian() -> int:
        other = await world.do(lambda s: a_person(s, "Aaron"))
        token = await world.do(lambda s: invite_guardian(s, by=family.actor, now=world.now))
        await world.do(lambda s: join_family(s, by=other, token=token, now=world.now))
        return other.person_id

    other = await second_guardian()
    guardians = [family.actor, await world.do(lambda s: signed_in(s, other))]
    request = await ask(world, family)
    offers = [await offer(world, helper, request) for helper in helpers]

    ended = await outcomes(
        [
            world.database.write(partial(accept_offer, by=by, offer_id=one.id, now=world.now))
            for by in guardians
            for one in offers
        ]
    )

    assert ended == {"Booking": 1, NotNow.__name__: 3}
    assert (await count(world, Booking), await count(world, Cover)) == (1, 1)


async def test_one_child_is_in_one_place(world: World) -> None:
    # Without ex_booking_child_overlap (migration 0002) both were booked on both databases.
    family = await world.family("Alice")
    helpers = [await world.supporter(name, level=Level.REGISTERED) for name in ("Bob", "Carol", "Dave")]
    for helper in helpers:
        await world.befriend(family.actor, helper)
    offers = [await offer(world, helper, await ask(world, family)) for helper in helpers]

    ended = await outcomes(
        [world.database.write(partial(accept_offer, by=family.actor, offer_id=one.id, now=world.now)) for one in offers]
    )

    assert ended == {"Booking": 1, ChildElsewhere.__name__: 2}


async def test_the_first_acceptance_decides_among_many(world: World) -> None:
    # Without holding the request in `make_offer`, each offer held its own ask and wanted the others': PostgreSQL
    # broke one deadlock after the other, a second each, and 12 offers took 25 tries.
    family = await world.family("Alice")
    helpers = [await world.supporter(f"Helper{number}", level=Level.REGISTERED) for number in range(12)]
    for helper in helpers:
        await world.befriend(family.actor, helper)
    request = await ask(world, family, first_acceptance_decides=True)
    broken_off: list[str] = []

    async def offer_at_once(session: AsyncSession, by: Actor) -> Offer:
        try:
            offer = await make_offer(session, by=by, request_id=request.id, note="", now=world.now)
            await session.flush()
        except DBAPIError as error:
            broken_off.append(str(error.orig))
            raise
        return offer

    ended = await outcomes([world.database.write(partial(offer_at_once, by=by)) for by in helpers])

    assert ended == {"Offer": 1, NotNow.__name__: 11}
    assert not [error for error in broken_off if "deadlock" in error]
    assert (await row(world, CareRequest, request.id)).state == "booked"
    assert Counter(state for _, state, _ in await asks_of(world, request)) == {"offered": 1, "closed": 11}


async def test_wrong_digits_lock_after_five_even_all_at_once(world: World) -> None:
    # Without the row lock in `check_digits`, 8 of 20 were looked at on PostgreSQL before it locked.
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    world.now = booking.start_at
    await get_ready(world, helper, booking)

    ended = await outcomes(
        [
            world.database.write(
                lambda s: start_care(
                    s, by=helper, booking_id=booking.id, pin="wrong!", checks=[], key=KEY, now=world.now
                )
            )
            for _ in range(20)
        ]
    )

    assert ended == {WrongPin.__name__: 4, PinLocked.__name__: 16}
    assert (await row(world, Booking, booking.id)).pin_failures == 5


async def test_previews_keep_their_daily_limit_even_all_at_once(world: World) -> None:
    # Without the row lock in `preview_candidates`, PostgreSQL let one or more beyond the limit through.
    family = await world.family("Alice")
    need = family.need()
    await world.do(lambda s: preview_candidates(s, world.index, by=family.actor, need=need, now=world.now))

    ended = await outcomes(
        [
            world.database.write(
                lambda s: preview_candidates(s, world.index, by=family.actor, need=need, now=world.now)
            )
            for _ in range(30)
        ]
    )

    assert ended == {"list": 19, EnoughPreviews.__name__: 11}


async def until_somebody_waits(world: World) -> None:
    """Return once a transaction waits for a row; SQLite's second writer waits for the connection instead."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not world.database.is_sqlite:
        async with world.database.read() as session:
            if await session.scalar(waiting):
                return


async def beside(world: World, held: Callable[[AsyncSession], Awaitable[object]], waiting: Awaitable[object]) -> object:
    """Do the one in a transaction that stays open until the other waits for it; return what the other came to."""
    began, ends = asyncio.Event(), asyncio.Event()

    async def slowly(session: AsyncSession) -> None:
        await held(session)
        await session.flush()
        began.set()
        await ends.wait()

    first = asyncio.ensure_future(world.database.write(slowly))
    await began.wait()
    second = asyncio.ensure_future(waiting)
    async with asyncio.timeout(10):
        await until_somebody_waits(world)
    ends.set()
    await first
    (came_of_it,) = await asyncio.gather(second, return_exceptions=True)
    return came_of_it


@pytest.mark.parametrize("at_once", ["named_supporter_id", "first_acceptance_decides"])
async def test_whoever_is_suspended_while_their_offer_waits_is_not_booked(world: World, at_once: str) -> None:
    # Booked on PostgreSQL where the locked read told what had been read of the supporter before.
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    how = {"named_supporter_id": helper.person_id, "first_acceptance_decides": True}
    request = await ask(world, family, **{at_once: how[at_once]})
    gone = partial(suspend, person_id=helper.person_id, by=world.staff, reason="苦情", now=world.now)

    came_of_it = await beside(world, gone, offer(world, helper, request))

    assert isinstance(came_of_it, SupporterNotEligible)
    assert await count(world, Booking) == 0


async def test_two_sign_ups_of_one_address_at_once_come_to_the_same(world: World) -> None:
    # On PostgreSQL the second was refused, `address-taken`: by that whoever asked knew the address had been free.
    draft = SignUp(email="hanako@example.jp", password=PASSWORD, name="Hanako", area="misono")
    one, other = [partial(sign_up, draft=draft, password_hash=hers, now=world.now) for hers in ("one", "other")]
    people, letters = await count(world, Person), await count(world, Message)

    came_of_it = await beside(world, one, world.database.write(other))

    assert came_of_it is None
    assert await count(world, Person) == people + 1
    assert await count(world, Message) == letters + 2  # each link confirms the sign-up that it was sent for


async def test_a_care_does_not_begin_before_the_later_start_that_is_just_agreed_on(world: World) -> None:
    # Without a locked read in `start_care` it began on PostgreSQL, an hour before its cover, and couldn't be ended.
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    later = partial(propose_late_start, by=helper, booking_id=booking.id, new_start_at=booking.start_at + HOUR)
    change = await world.do(partial(later, now=world.now))
    agreed = partial(agree_change, by=family.actor, change_id=change.id, now=world.now)

    came_of_it = await beside(world, agreed, start(world, helper, booking))

    assert isinstance(came_of_it, TooEarly)
    assert (await row(world, Booking, booking.id)).started_at is None


async def test_of_two_proposals_at_once_the_later_one_stands(world: World) -> None:
    # Without `hold` in `propose_change` both stood open on PostgreSQL, for the other side to choose between.
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    mine, yours = (
        partial(propose_change, by=by, booking_id=booking.id, new_end_at=booking.end_at + HOUR, now=world.now)
        for by in (helper, family.actor)
    )

    await beside(world, mine, world.do(yours))

    async with world.database.read() as session:
        of_both = select(BookingChange.proposed_by, BookingChange.state).order_by(col(BookingChange.id))
        stand = [tuple(one) for one in await session.exec(of_both)]
    assert stand == [(helper.person_id, ChangeState.REFUSED), (family.actor.person_id, ChangeState.OPEN)]


async def test_a_plan_asks_nobody_for_what_is_being_booked(world: World) -> None:
    # Without a locked read in `send_plan` Dave was asked on PostgreSQL, and never heard that it was over.
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    other = await world.supporter("Dave")
    request = await ask(world, family)
    offered = await offer(world, helper, request)
    planned = [PlannedAsk(request_id=request.id, supporter_id=other.person_id)]

    async def send(session: AsyncSession) -> PlanSent:
        area = await area_by_id(session, world.area_id)
        return await send_plan(session, world.index, by=world.staff, area=area, asks=planned, now=world.now)

    accepted = partial(accept_offer, by=family.actor, offer_id=offered.id, now=world.now)
    came_of_it = await beside(world, accepted, world.do(send))

    assert isinstance(came_of_it, PlanIsStale)
    assert other.person_id not in {person_id for person_id, *_ in await asks_of(world, request)}

"""Extension and early end: booking, children's time and cover move together, or nothing does."""

import pytest
from sqlmodel import col, select, update

from care.steps import (
    HOUR,
    MINUTE,
    accept,
    agree,
    ask,
    begin,
    book,
    cancel,
    finish,
    last_ids,
    messages_after,
    offer,
    propose,
    row,
    snapshot,
)
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import AreaSettings, Level
from sharecare.care.changes import CannotProlong, EndIsPast, OtherSideDecides
from sharecare.care.group import SlotTaken
from sharecare.care.models import Booking, BookingChange, BookingChild, CareRequest
from sharecare.care.people import ChildElsewhere
from sharecare.care.rules import NotNow, OutsideHours
from sharecare.certification.models import Credential
from sharecare.db import Database
from sharecare.errors import Refusal
from sharecare.insurance.models import Cover
from sharecare.insurance.service import CoverRanOut
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.registration.service import suspend
from world import Family, World, make_world


@pytest.fixture
async def world(database: Database) -> World:
    # No pause between two cares, so that the second may begin where the first ends.
    return await make_world(database, settings=AreaSettings(buffer_minutes=0))


@pytest.fixture
async def pair(world: World) -> tuple[Family, Actor]:
    family, helper = await world.family("Alice", children=2), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    return family, helper


async def test_an_agreed_extension_moves_booking_children_and_cover(world: World, pair: tuple[Family, Actor]) -> None:
    family, helper = pair
    booking = await book(world, family, helper)
    later = booking.end_at + 30 * MINUTE

    await agree(world, family.actor, await propose(world, helper, booking, later))

    children = [await row(world, BookingChild, (booking.id, child)) for child in family.child_ids]
    assert [child.end_at for child in children] == [later, later]
    assert (await row(world, Booking, booking.id)).end_at == later
    cover = await row(world, Cover, booking.cover_id)
    assert (cover.end_at, cover.state) == (later, "bound")


async def test_an_extension_into_the_supporters_next_booking_is_refused(
    world: World, pair: tuple[Family, Actor]
) -> None:
    # Without ex_booking_supporter_overlap's update trigger (SQLite) or constraint (PostgreSQL) it was agreed.
    family, helper = pair
    one, other = family.child_ids
    first = await book(world, family, helper, children=[one])
    await book(world, family, helper, children=[other], start_at=first.end_at, end_at=first.end_at + HOUR)
    change = await propose(world, family.actor, first, first.end_at + MINUTE)
    before = await snapshot(world)

    with pytest.raises(SlotTaken) as refused:
        await agree(world, helper, change)

    assert refused.value.status == 409
    assert await snapshot(world) == before


async def test_an_extension_into_the_childs_next_booking_is_refused(world: World, pair: tuple[Family, Actor]) -> None:
    family, helper = pair
    second = await world.supporter("Carol", level=Level.REGISTERED)
    await world.befriend(family.actor, second)
    first = await book(world, family, helper)
    request = await ask(world, family, start_at=first.end_at, end_at=first.end_at + HOUR)
    await accept(world, family, await offer(world, second, request))
    change = await propose(world, family.actor, first, first.end_at + MINUTE)
    before = await snapshot(world)

    with pytest.raises(ChildElsewhere):
        await agree(world, helper, change)

    assert await snapshot(world) == before


async def test_an_early_end_frees_the_slot(world: World, pair: tuple[Family, Actor]) -> None:
    family, helper = pair
    one, other = family.child_ids
    first = await book(world, family, helper, children=[one])
    half = first.start_at + HOUR

    await agree(world, helper, await propose(world, family.actor, first, half))

    second = await book(world, family, helper, children=[other], start_at=half, end_at=half + HOUR)
    assert (second.start_at, second.state) == (half, "confirmed")


async def test_a_care_that_ends_early_frees_the_rest(world: World, pair: tuple[Family, Actor]) -> None:
    family, helper = pair
    first = await begin(world, family, helper)
    world.now = first.start_at + HOUR
    await finish(world, helper, first)

    second = await book(world, family, helper, start_at=world.now + MINUTE, end_at=world.now + HOUR)

    assert second.state == "confirmed"


async def test_within_grace_an_extension_is_agreed_and_after_it_refused(
    world: World, pair: tuple[Family, Actor]
) -> None:
    # With CoverRanOut taken out of `amend_cover`, cover was dated back over time that had been open.
    family, helper = pair
    booking = await begin(world, family, helper, end_at=family.need().start_at + HOUR)
    world.now = booking.end_at + 30 * MINUTE  # the policy's grace, to the minute
    booking = await agree(world, helper, await propose(world, family.actor, booking, booking.end_at + 45 * MINUTE))
    world.now = booking.end_at + 31 * MINUTE
    change = await propose(world, family.actor, booking, booking.end_at + 40 * MINUTE)
    before = await snapshot(world)

    with pytest.raises(CoverRanOut):
        await agree(world, helper, change)

    assert await snapshot(world) == before


async def test_the_side_that_proposes_can_not_agree(world: World, pair: tuple[Family, Actor]) -> None:
    family, helper = pair
    booking = await book(world, family, helper)
    change = await propose(world, family.actor, booking, booking.end_at + HOUR)

    with pytest.raises(OtherSideDecides):
        await agree(world, family.actor, change)


async def test_a_newer_proposal_replaces_the_one_that_waits(world: World, pair: tuple[Family, Actor]) -> None:
    family, helper = pair
    booking = await book(world, family, helper)
    first = await propose(world, family.actor, booking, booking.end_at + MINUTE)
    second = await propose(world, helper, booking, booking.end_at - MINUTE)

    with pytest.raises(NotNow):
        await agree(world, helper, first)
    assert (await agree(world, family.actor, second)).end_at == booking.end_at - MINUTE


@pytest.mark.parametrize(("minutes", "refusal"), [(61, OutsideHours), (-121, Refusal), (0, Refusal)])
async def test_an_end_that_makes_no_sense_is_not_proposed(
    world: World, pair: tuple[Family, Actor], minutes: int, refusal: type[Refusal]
) -> None:
    family, helper = pair
    booking = await book(world, family, helper)
    ids = await last_ids(world)

    with pytest.raises(refusal):
        await propose(world, helper, booking, booking.end_at + minutes * MINUTE)

    assert await last_ids(world) == ids


async def test_an_end_that_has_passed_can_not_be_agreed(world: World, pair: tuple[Family, Actor]) -> None:
    family, helper = pair
    booking = await begin(world, family, helper)
    change = await propose(world, helper, booking, booking.start_at + MINUTE)
    world.now = booking.start_at + 2 * MINUTE

    with pytest.raises(EndIsPast):
        await agree(world, family.actor, change)


async def test_who_is_asked_once_more_hears_the_hours_of_the_request(world: World) -> None:
    # Told until 10:30, they would have been booked and insured until 10:00.
    family, helper, other = await world.family("Alice"), await world.supporter("Bob"), await world.supporter("Dave")
    for one in (helper, other):
        await world.befriend(family.actor, one)
    booking = await book(world, family, helper)
    change = await propose(world, helper, booking, booking.end_at + 30 * MINUTE)
    booking = await agree(world, family.actor, change)

    await cancel(world, helper, booking)

    request = await row(world, CareRequest, booking.request_id)
    async with world.database.read() as session:
        told = (await session.exec(select(Message).where(Message.kind == MessageKind.REQUEST_REOPENED))).one()
    assert (told.person_id, told.facts["end_at"]) == (other.person_id, request.end_at.isoformat())


async def test_a_care_whose_supporter_was_suspended_ends_as_it_was_agreed(
    world: World, pair: tuple[Family, Actor]
) -> None:
    # The extension was agreed to, and the child stayed longer with somebody who may not care for any.
    family, helper = pair
    booking = await begin(world, family, helper)
    longer = await propose(world, family.actor, booking, booking.end_at + 30 * MINUTE)
    await world.do(lambda s: suspend(s, person_id=helper.person_id, by=world.staff, reason="確認中", now=world.now))
    _, told = await last_ids(world)

    with pytest.raises(CannotProlong):
        await agree(world, helper, longer)
    with pytest.raises(CannotProlong):
        await propose(world, family.actor, booking, booking.end_at + 30 * MINUTE)

    assert await messages_after(world, told) == {(family.actor.person_id, MessageKind.CANNOT_PROLONG): 1}
    assert (await row(world, BookingChange, longer.id)).state == "refused"
    assert (await row(world, Booking, booking.id)).end_at == booking.end_at
    earlier = await agree(world, helper, await propose(world, family.actor, booking, booking.end_at - 30 * MINUTE))
    assert earlier.end_at == booking.end_at - 30 * MINUTE


async def test_an_extension_beyond_what_the_papers_last_for_is_refused(
    world: World, pair: tuple[Family, Actor]
) -> None:
    # Until the agreed end the paper sufficed, and the rest of the care was agreed on without it.
    family, _ = pair
    helper = await world.supporter("Dave")
    booking = await book(world, family, helper, urgent=True, min_level=Level.CERTIFIED)
    lapse = update(Credential).where(col(Credential.person_id) == helper.person_id)
    await world.do(lambda s: s.exec(lapse.values(expires_at=booking.end_at)))

    with pytest.raises(CannotProlong):
        await propose(world, helper, booking, booking.end_at + MINUTE)

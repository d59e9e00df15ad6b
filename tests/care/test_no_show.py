"""A no-show that was none: taken back in time, contested, decided by staff, or put down as the care that it was."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import (
    HOUR,
    MINUTE,
    ask,
    asks_of,
    book,
    cancel,
    facts_after,
    finish,
    get_ready,
    last_ids,
    messages_after,
    offer,
    record_afterwards,
    row,
    start,
)
from care.test_races import beside
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import Level
from sharecare.care.afterwards import NotOverYet
from sharecare.care.at_risk import Risk, bookings_in_question, look_up_contacts
from sharecare.care.group import SlotTaken
from sharecare.care.models import Booking, BookingChild, CareRequest, Offer
from sharecare.care.no_show import (
    OtherSideSays,
    TooLateToContest,
    TooLateToTakeBack,
    contest_no_show,
    decide_no_show,
    report_no_show,
    take_back_no_show,
)
from sharecare.care.people import ChildElsewhere
from sharecare.care.rules import NotNow
from sharecare.db import Database
from sharecare.errors import NotFound
from sharecare.insurance.models import Cover, CoverEntry, PolicyUsage
from sharecare.insurance.schedule import Schedule, Tariff
from sharecare.insurance.usage import AggregateReached
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.metrics.service import close_days, roll_up
from sharecare.verify import verify
from world import Family, World, make_world

K, M = FactKind, MessageKind
DAY = timedelta(days=1)


async def missed(world: World, by: Actor, booking: Booking) -> None:
    """Say that the other side did not come, a quarter of an hour after the start."""
    world.now = max(world.now, booking.start_at + 15 * MINUTE)
    await world.do(lambda s: report_no_show(s, by=by, booking_id=booking.id, now=world.now))


async def take_back(world: World, by: Actor, booking: Booking) -> Booking:
    return await world.do(lambda s: take_back_no_show(s, by=by, booking_id=booking.id, now=world.now))


async def contest(world: World, by: Actor, booking: Booking, because: str = "門の前にいました") -> None:
    await world.do(lambda s: contest_no_show(s, by=by, booking_id=booking.id, because=because, now=world.now))


async def decide(world: World, booking: Booking, *, stands: bool) -> None:
    one, by = booking.id, world.staff
    await world.do(
        lambda s: decide_no_show(s, by=by, booking_id=one, stands=stands, reason="双方に確認", now=world.now)
    )


async def whole(world: World) -> bool:
    """Say whether every invariant holds, the figures counted on."""
    await world.do(lambda s: close_days(s, now=world.now))
    await world.do(lambda s: roll_up(s, now=world.now))
    async with world.database.read() as session:
        return await verify(session) == []


async def ledger_of(world: World, booking: Booking) -> list[tuple[str, object]]:
    async with world.database.read() as session:
        lines = select(CoverEntry).where(CoverEntry.cover_id == booking.cover_id).order_by(col(CoverEntry.seq))
        return [(line.kind, line.data.get("premium_yen")) for line in await session.exec(lines)]


async def at_risk(world: World) -> list[tuple[int, Risk]]:
    async with world.database.read() as session:
        area = await area_by_id(session, world.area_id)
        return [
            (one.booking_id, one.risk)
            for one in (await bookings_in_question(session, area=area, now=world.now)).at_risk
        ]


async def others(world: World, helper: Actor, *names: str) -> list[Family]:
    """Let the supporter know other families too."""
    families = [await world.family(name) for name in names]
    for one in families:
        await world.befriend(one.actor, helper)
    return families


async def ask_for_last_hour(world: World, family: Family, booking: Booking, **changes: object) -> CareRequest:
    """Ask for the last hour of a booking's window."""
    return await ask(world, family, start_at=booking.end_at - HOUR, end_at=booking.end_at, urgent=True, **changes)


@pytest.mark.parametrize("by_family", [True, False])
async def test_who_comes_after_all_is_insured_as_agreed(
    world: World, family: Family, helper: Actor, by_family: bool
) -> None:
    carol, dora = await others(world, helper, "Carol", "Dora")
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    reporter, other = (family.actor, helper) if by_family else (helper, family.actor)
    await missed(world, reporter, booking)
    assert await asks_of(world, await ask_for_last_hour(world, carol, booking)) == [(helper.person_id, "open", True)]
    fact_id, message_id = await last_ids(world)

    stood = await take_back(world, reporter, booking)

    assert (stood.state, stood.no_show, stood.cancelled_by, stood.closed_at) == ("confirmed", False, None, None)
    assert (await row(world, Offer, booking.offer_id)).state == "accepted"
    assert (await row(world, CareRequest, booking.request_id)).state == "booked"
    cover = await row(world, Cover, booking.cover_id)
    assert (cover.state, cover.start_at, cover.end_at) == ("bound", booking.start_at, booking.end_at)
    assert [kind for kind, _ in await ledger_of(world, booking)] == ["quoted", "bound", "voided", "reinstated"]
    assert await facts_after(world, fact_id) == [K.BOOKING_REINSTATED]
    assert await messages_after(world, message_id) == {(other.person_id, M.NO_SHOW_TAKEN_BACK): 1}
    assert await asks_of(world, await ask_for_last_hour(world, dora, booking)) == []
    assert await whole(world)
    await start(world, helper, booking)
    world.now = booking.end_at
    assert (await finish(world, helper, booking)).state == "completed"
    assert await whole(world)


async def test_each_side_has_its_own_say(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    with pytest.raises(NotNow):
        await take_back(world, family.actor, booking)
    with pytest.raises(NotNow):
        await contest(world, helper, booking)
    await missed(world, family.actor, booking)

    with pytest.raises(OtherSideSays):
        await take_back(world, helper, booking)
    with pytest.raises(OtherSideSays):
        await contest(world, family.actor, booking)
    world.now = booking.end_at
    with pytest.raises(TooLateToTakeBack):
        await take_back(world, family.actor, booking)
    world.now = booking.start_at + 15 * MINUTE + 14 * DAY + MINUTE
    with pytest.raises(TooLateToContest):
        await contest(world, helper, booking)

    assert (await row(world, Booking, booking.id)).state == "cancelled"
    assert await whole(world)


async def test_what_was_cancelled_does_not_come_back(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await cancel(world, family.actor, booking)

    with pytest.raises(NotNow):
        await take_back(world, helper, booking)
    world.now = booking.end_at
    with pytest.raises(NotNow):
        await record_afterwards(world, booking, booking.end_at)


async def test_time_that_was_given_away_is_not_taken_back(world: World, family: Family, helper: Actor) -> None:
    (carol,) = await others(world, helper, "Carol")
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    await offer(world, helper, await ask_for_last_hour(world, carol, booking, named_supporter_id=helper.person_id))

    with pytest.raises(SlotTaken):
        await take_back(world, family.actor, booking)

    assert (await row(world, Booking, booking.id)).state == "cancelled"
    assert await whole(world)


async def test_a_child_who_is_with_somebody_else_by_now_stays_there(
    world: World, family: Family, helper: Actor
) -> None:
    dora = await world.supporter("Dora", level=Level.REGISTERED)
    await world.befriend(family.actor, dora)
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    await offer(world, dora, await ask_for_last_hour(world, family, booking, named_supporter_id=dora.person_id))

    with pytest.raises(ChildElsewhere):
        await take_back(world, family.actor, booking)

    assert not (await row(world, BookingChild, (booking.id, family.child_ids[0]))).live
    assert await whole(world)


async def test_a_booking_is_taken_back_once(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    assert await whole(world)  # the day's figures tell of a request that nobody filled
    again = partial(take_back_no_show, by=family.actor, booking_id=booking.id, now=world.now)

    assert isinstance(await beside(world, again, world.database.write(again)), NotNow)

    assert [kind for kind, _ in await ledger_of(world, booking)][2:] == ["voided", "reinstated"]
    assert await whole(world)


async def test_cover_that_has_no_place_any_more_is_not_reinstated_before_care(database: Database) -> None:
    schedule = Schedule(tariff=Tariff(per_support_yen=50, per_hour_yen=40), supports_limit=1)
    world = await make_world(database, schedule=schedule)
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    (carol,) = await others(world, helper, "Carol")
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    later = {"start_at": booking.start_at + DAY, "end_at": booking.end_at + DAY}
    taken = await book(world, carol, helper, **later)

    with pytest.raises(AggregateReached):
        await take_back(world, family.actor, booking)
    world.now = booking.end_at
    # What really was is put down whatever is left of the policy.
    assert (await record_afterwards(world, booking, booking.end_at)).state == "completed"

    lines = await ledger_of(world, booking)
    assert lines[2:] == [("voided", 0), ("reinstated", 130), ("in_force", None), ("ended", None)]
    assert (await row(world, PolicyUsage, 1)).supports == 2
    assert taken.state == "confirmed"
    assert await whole(world)


async def test_care_that_was_missed_by_mistake_is_put_down_with_its_cover(
    world: World, family: Family, helper: Actor
) -> None:
    # A parent thought that nobody had fetched the child, and the supporter had no network.
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    await contest(world, helper, booking)
    with pytest.raises(NotOverYet):
        await record_afterwards(world, booking, world.now)
    world.now = booking.end_at + HOUR

    recorded = await record_afterwards(world, booking, booking.end_at, started_at=booking.start_at)

    assert (recorded.state, recorded.no_show) == ("completed", False)
    kinds = [kind for kind, _ in await ledger_of(world, booking)]
    assert kinds == ["quoted", "bound", "voided", "reinstated", "in_force", "ended"]
    assert await at_risk(world) == []
    assert await whole(world)


async def test_staff_see_whom_to_call_about_a_no_show(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)

    async def called() -> list[str]:
        async def work(session: AsyncSession) -> list[str]:
            area = await area_by_id(session, world.area_id)
            found = await look_up_contacts(session, by=world.staff, area=area, booking_id=booking.id, now=world.now)
            return [one.name for one in found]

        return await world.do(work)

    with pytest.raises(NotFound):
        await called()
    await missed(world, family.actor, booking)
    assert await called() == ["Alice", "Bob"]
    await contest(world, helper, booking)
    world.now += 30 * DAY
    assert await called() == ["Alice", "Bob"]

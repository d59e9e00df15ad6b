"""The digits of a handover: scanned, guessed, locked, passed by the staff."""

import pytest
from pydantic import ValidationError

from care.steps import begin, book, get_ready, last_ids, messages_after, row, start
from sharecare.accounts.rules import Actor
from sharecare.care.care_day import finish_care
from sharecare.care.day_rules import handover_link, pin_in
from sharecare.care.day_schemas import PassingHandover
from sharecare.care.handovers import AlreadyPassed, PinLocked, WrongPin, pass_handover
from sharecare.care.models import Booking, Handover
from sharecare.care.record import count_at_desk, desk
from sharecare.care.rules import CareEnd, NotNow
from sharecare.messages.rules import MessageKind
from world import KEY, Family, World

M = MessageKind


async def finish_with(world: World, helper: Actor, booking: Booking, *, pin: str) -> None:
    await world.do(lambda s: finish_care(s, by=helper, booking_id=booking.id, pin=pin, key=KEY, now=world.now))


async def test_a_scanned_code_says_the_digits_of_its_own_booking_and_end_alone() -> None:
    link = handover_link("https://example.jp/", 12, CareEnd.START, "012345")

    assert link == "https://example.jp/bookings/12#start-012345"
    assert pin_in(link, 12, CareEnd.START) == "012345"
    assert [pin_in(link, 2, CareEnd.START), pin_in(link, 12, CareEnd.FINISH), pin_in("012345", 12, CareEnd.START)] == [
        "",
        "",
        "",
    ]


async def test_staff_let_a_locked_handover_pass_with_a_reason_that_both_sides_read(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    for _ in range(5):
        with pytest.raises((WrongPin, PinLocked)):
            await start(world, helper, booking, pin="wrong!")
    with pytest.raises(PinLocked):
        await start(world, helper, booking)
    async with world.database.read() as session:
        locked = (await desk(session, area_id=world.area_id)).locked
        assert [(one.booking_id, one.end) for one in locked] == [(booking.id, CareEnd.START)]
        assert await count_at_desk(session, area_id=world.area_id) == (0, 1, 0)
    _, message_id = await last_ids(world)

    async def let_pass() -> None:
        await world.do(
            lambda s: pass_handover(
                s, by=world.staff, booking_id=booking.id, end=CareEnd.START, reason="電話で確認", now=world.now
            )
        )

    await let_pass()
    with pytest.raises(AlreadyPassed):
        await let_pass()
    started = await start(world, helper, booking, digits=False)

    assert started.state == "in_care"
    assert (await row(world, Handover, (booking.id, CareEnd.START))).by == "staff"
    told = await messages_after(world, message_id)
    assert {who: told[who, M.HANDOVER_PASSED] for who in (family.actor.person_id, helper.person_id)} == {
        family.actor.person_id: 1,
        helper.person_id: 1,
    }
    world.now = booking.end_at
    with pytest.raises(WrongPin):  # the other end still asks for its digits
        await finish_with(world, helper, booking, pin="000000")


async def test_a_handover_that_is_over_is_not_let_pass(world: World, family: Family, helper: Actor) -> None:
    booking = await begin(world, family, helper)

    with pytest.raises(NotNow):
        await world.do(
            lambda s: pass_handover(
                s, by=world.staff, booking_id=booking.id, end=CareEnd.START, reason="電話で確認", now=world.now
            )
        )


def test_a_reason_fits_into_the_record_of_looks() -> None:
    # From 201 characters on PostgreSQL refused to note the look, and the staff saw an error page.
    with pytest.raises(ValidationError):
        PassingHandover(end=CareEnd.START, reason="あ" * 201)


async def test_family_and_staff_hear_once_that_the_digits_are_locked(
    world: World, family: Family, helper: Actor
) -> None:
    # Nobody was told: the child stood at the door, and the staff saw it if they happened to ask the API.
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    world.now = booking.start_at
    _, message_id = await last_ids(world)

    for _ in range(4):
        with pytest.raises(WrongPin):
            await start(world, helper, booking, pin="wrong!")
    early = await messages_after(world, message_id)
    for _ in range(3):
        with pytest.raises(PinLocked):
            await start(world, helper, booking, pin="wrong!")

    assert early == {}
    assert await messages_after(world, message_id) == {
        (family.actor.person_id, M.HANDOVER_LOCKED): 1,
        (world.staff.person_id, M.HANDOVER_TO_CHECK): 1,
    }

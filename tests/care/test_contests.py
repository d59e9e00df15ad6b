"""What the side that is said not to have come says against it, kept with its report, and what staff decide."""

import pytest

from care.steps import (
    MINUTE,
    book,
    facts_after,
    last_ids,
    messages_after,
    row,
)
from care.test_no_show import at_risk, contest, decide, missed, take_back, whole
from sharecare.accounts.rules import Actor
from sharecare.care.at_risk import Risk
from sharecare.care.models import Booking
from sharecare.care.no_show import (
    AlreadyContested,
    contest_of,
    contests_of,
)
from sharecare.care.queries import booking_view
from sharecare.care.rules import NotNow
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from world import Family, World

K, M = FactKind, MessageKind


@pytest.mark.parametrize("stands", [True, False])
async def test_staff_decide_on_what_is_contested_and_both_hear(
    world: World, family: Family, helper: Actor, stands: bool
) -> None:
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    fact_id, message_id = await last_ids(world)

    await contest(world, helper, booking)

    assert await facts_after(world, fact_id) == [K.NO_SHOW_CONTESTED]
    told = {(family.actor.person_id, M.NO_SHOW_CONTESTED): 1, (world.staff.person_id, M.NO_SHOW_TO_DECIDE): 1}
    assert await messages_after(world, message_id) == told
    with pytest.raises(AlreadyContested):
        await contest(world, helper, booking)
    assert await at_risk(world) == [(booking.id, Risk.CONTESTED)]
    fact_id, message_id = await last_ids(world)
    world.now = booking.end_at
    await decide(world, booking, stands=stands)

    decided = await row(world, Booking, booking.id)
    expected = ("cancelled", True, "supporter") if stands else ("cancelled", False, "staff")
    assert (decided.state, decided.no_show, decided.cancelled_by, decided.close_reason) == (*expected, "双方に確認")
    assert await facts_after(world, fact_id) == [K.NO_SHOW_DECIDED]
    kind = M.NO_SHOW_STANDS if stands else M.NO_SHOW_STRUCK
    assert await messages_after(world, message_id) == {(who.person_id, kind): 1 for who in (family.actor, helper)}
    async with world.database.read() as session:
        view = await booking_view(session, booking.id, by=helper, now=world.now)
    assert view.contest is not None
    assert (view.contest.because, view.contest.stands) == ("門の前にいました", stands)
    assert await at_risk(world) == []
    with pytest.raises(NotNow):
        await decide(world, booking, stands=not stands)
    assert await whole(world)


async def test_what_was_said_against_a_report_that_was_taken_back_is_kept(
    world: World, family: Family, helper: Actor
) -> None:
    # Taken back and reported again, it deleted each time what the other side had written.
    booking = await book(world, family, helper)
    for because in ("門の前にいました", "裏口にいました"):
        await missed(world, family.actor, booking)
        await contest(world, helper, booking, because)
        with pytest.raises(AlreadyContested):
            await contest(world, helper, booking)
        await take_back(world, family.actor, booking)
        world.now += 20 * MINUTE
    await missed(world, helper, booking)
    assert await said_against(world, booking) == (None, [("門の前にいました", None), ("裏口にいました", None)])
    await contest(world, family.actor, booking, "待っていました")
    assert await at_risk(world) == [(booking.id, Risk.CONTESTED)]
    world.now = booking.end_at
    await decide(world, booking, stands=True)

    current, told = await said_against(world, booking)

    assert current == "待っていました"
    assert told == [("門の前にいました", None), ("裏口にいました", None), ("待っていました", True)]
    assert await at_risk(world) == []
    assert await whole(world)


async def said_against(world: World, booking: Booking) -> tuple[str | None, list[tuple[str, bool | None]]]:
    """Return what is said against the report that stands, and all that ever was."""
    now = await row(world, Booking, booking.id)
    async with world.database.read() as session:
        current, told = await contest_of(session, now), await contests_of(session, now)
    return current.because if current else None, [(one.because, one.stands) for one in told]


async def test_staff_strike_off_what_nobody_could_contest(world: World, family: Family, helper: Actor) -> None:
    # Whoever was registered on paper calls the help desk.
    booking = await book(world, family, helper)
    await missed(world, family.actor, booking)
    world.now = booking.end_at
    with pytest.raises(NotNow):
        await decide(world, booking, stands=True)

    await decide(world, booking, stands=False)

    struck = await row(world, Booking, booking.id)
    assert (struck.no_show, struck.cancelled_by) == (False, "staff")
    with pytest.raises(NotNow):
        await decide(world, booking, stands=False)
    assert await whole(world)

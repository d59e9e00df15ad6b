"""What staff are warned of, before it goes wrong."""

from datetime import datetime, timedelta

import pytest

from conftest import Staged
from sharecare.accounts.queries import accesses_to
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import Level
from sharecare.care import offers, requests
from sharecare.care.at_risk import (
    LOOK_REASON,
    Ahead,
    Risk,
    bookings_in_question,
    look_up_contacts,
    risk_of,
    unanswered_requests,
)
from sharecare.certification.queries import StandingRow
from sharecare.errors import NotFound
from sharecare.registration.service import suspend
from sharecare.trust.blocks import block
from world import NOW, Family, World, make_world, signed_in

HOUR = timedelta(hours=1)
START, END = NOW + 8 * HOUR, NOW + 10 * HOUR
EARLY, LATER = END - HOUR, END + HOUR


def booking(
    *,
    state: str = "confirmed",
    level: int = 1,
    notified: bool = False,
    account: str = "active",
    family: str = "active",
    supports: bool = True,
    apart: bool = False,
) -> Ahead:
    return Ahead(
        id=1,
        supporter_id=2,
        kind="pickup",
        state=state,
        start_at=START,
        end_at=END,
        required_level=level,
        needs_notification=notified,
        supporter_state=account,
        requester_state=family,
        supports=supports,
        apart=apart,
    )


def standing(identified: datetime | None, notified: datetime | None = None) -> StandingRow:
    return (1, identified, None, None, notified)


@pytest.mark.parametrize(
    ("held", "stands", "overdue", "expected"),
    [
        (booking(), standing(LATER), NOW, None),
        (booking(), standing(END), NOW, None),
        (booking(), standing(EARLY), NOW, Risk.LAPSE),
        (booking(), None, NOW, Risk.LAPSE),
        (booking(level=0), None, NOW, None),
        (booking(level=0, notified=True), standing(LATER, START), NOW, Risk.LAPSE),
        (booking(level=0, notified=True), standing(LATER, END), NOW, None),
        (booking(account="suspended"), standing(LATER), NOW, Risk.SUSPENDED),
        (booking(), standing(LATER), START, Risk.NOT_STARTED),
        (booking(family="suspended"), standing(LATER), NOW, Risk.FAMILY_SUSPENDED),
        (booking(apart=True), standing(LATER), NOW, Risk.CANNOT_START),
        (booking(supports=False), standing(LATER), NOW, Risk.CANNOT_START),
        (booking(state="in_care", apart=True), standing(LATER), NOW, None),
        (booking(state="in_care"), standing(LATER), END - timedelta(minutes=1), None),
        (booking(state="in_care"), standing(EARLY), NOW, Risk.LAPSE),
        (booking(state="in_care", account="suspended"), standing(LATER), NOW, Risk.SUSPENDED),
        (booking(state="in_care"), standing(LATER), END, Risk.NOT_ENDED),
    ],
)
def test_a_booking_is_at_risk_while_it_may_fail(
    held: Ahead,
    stands: StandingRow | None,
    overdue: datetime,
    expected: Risk | None,
) -> None:
    assert risk_of(held, stands, overdue=overdue) is expected


@pytest.fixture
async def world(staged: Staged) -> World:
    return await staged(make_world)


async def booked(world: World) -> tuple[Family, int, int]:
    """Book Bob for Alice; return the booking and Bob."""
    alice, bob = await world.family("Alice"), await world.supporter("Bob", level=Level.CERTIFIED)
    await world.befriend(alice.actor, bob)
    opened = await world.do(
        lambda session: requests.open_request(session, world.index, by=alice.actor, need=alice.need(), now=world.now)
    )
    offer = await world.do(
        lambda session: offers.make_offer(session, by=bob, request_id=opened.id, note="", now=world.now)
    )
    made = await world.do(
        lambda session: offers.accept_offer(session, by=alice.actor, offer_id=offer.id, now=world.now)
    )
    return alice, made.id, bob.person_id


async def test_whom_to_call_is_told_of_a_booking_at_risk_only_and_noted_for_both(world: World) -> None:
    alice, booking_id, bob = await booked(world)

    async def look() -> list[str]:
        async with world.database.read() as session:
            area = await area_by_id(session, world.area_id)
        found = await world.do(
            lambda session: look_up_contacts(session, by=world.staff, area=area, booking_id=booking_id, now=world.now)
        )
        return [one.name for one in found]

    with pytest.raises(NotFound):
        await look()
    await world.do(lambda session: suspend(session, person_id=bob, by=world.staff, reason="確認中", now=world.now))

    assert await look() == ["Alice", "Bob"]
    async with world.database.read() as session:
        noted = [
            [one.reason for one in (await accesses_to(session, who)).items] for who in (alice.actor.person_id, bob)
        ]
        area = await area_by_id(session, world.area_id)
        risks = (await bookings_in_question(session, area=area, now=world.now)).at_risk
    assert [[LOOK_REASON in reasons for reasons in noted], [one.risk for one in risks]] == [
        [True, True],
        [Risk.SUSPENDED],
    ]


@pytest.mark.parametrize("by_family", [True, False])
async def test_a_block_shows_as_a_booking_that_cannot_start_and_names_nothing(world: World, *, by_family: bool) -> None:
    # Nobody saw it before the door, where the supporter was refused.
    alice, booking_id, bob = await booked(world)
    supporter = await world.do(lambda session: signed_in(session, bob, now=world.now))
    by, other = (alice.actor, bob) if by_family else (supporter, alice.actor.person_id)

    await world.do(lambda session: block(session, by=by, person_id=other, now=world.now))

    async with world.database.read() as session:
        area = await area_by_id(session, world.area_id)
        risks = (await bookings_in_question(session, area=area, now=world.now)).at_risk
    assert [(one.booking_id, one.risk) for one in risks] == [(booking_id, Risk.CANNOT_START)]


async def test_a_request_waits_for_an_answer_until_somebody_offers(world: World) -> None:
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    soon = await world.do(
        lambda session: requests.open_request(session, world.index, by=alice.actor, need=alice.need(), now=world.now)
    )
    start = NOW + timedelta(days=5, hours=8)
    await world.do(
        lambda session: requests.open_request(
            session, world.index, by=alice.actor, need=alice.need(start_at=start, end_at=start + HOUR), now=world.now
        )
    )

    async def waiting() -> list[int]:
        async with world.database.read() as session:
            found = await unanswered_requests(session, area_id=world.area_id, now=world.now)
        return [one.request_id for one in found]

    assert await waiting() == [soon.id]
    await world.do(lambda session: offers.make_offer(session, by=bob, request_id=soon.id, note="", now=world.now))
    assert await waiting() == []

"""What stands against a care, and that a refusal leaves everything as it was."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

import pytest
from sqlmodel import col, select, update

from care.steps import (
    HOUR,
    MINUTE,
    accept,
    ask,
    asks_of,
    book,
    get_ready,
    insure_anew,
    last_ids,
    messages_after,
    offer,
    row_counts,
    snapshot,
    start,
)
from sharecare.areas.rules import AreaSettings, CareKind, Level, Means
from sharecare.care.group import SlotTaken
from sharecare.care.offers import make_offer
from sharecare.care.people import ChildElsewhere, SupporterNotEligible
from sharecare.care.requests import EnoughPreviews, preview_candidates
from sharecare.care.rules import OutsideHours, WrongAge
from sharecare.certification.models import Credential
from sharecare.certification.rules import CredentialKind
from sharecare.certification.service import revoke_credential
from sharecare.db import Database
from sharecare.errors import NotFound, Refusal
from sharecare.insurance.schedule import Schedule, Tariff
from sharecare.insurance.service import NoPolicy, OutsideTerms
from sharecare.insurance.usage import AggregateReached
from sharecare.messages.rules import MessageKind
from sharecare.registration.service import restore, suspend
from sharecare.trust.blocks import block
from world import TERMS, World, make_world


async def test_without_a_policy_nothing_is_booked_and_nothing_written(database: Database) -> None:
    # With cover bound after the commit instead of in the booking's transaction, a booking, its child and a fact stayed.
    world = await make_world(database, insured=False)
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    offered = await offer(world, helper, await ask(world, family))
    before = await snapshot(world)

    with pytest.raises(NoPolicy):
        await accept(world, family, offered)

    assert await snapshot(world) == before


async def test_nobody_is_asked_for_a_child_who_is_elsewhere_at_that_time(database: Database) -> None:
    # It was asked for and offered, and only the choice was refused: supporters had cleared their afternoon in vain.
    world = await make_world(database)
    family, helper = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, helper)
    before = await snapshot(world)

    with pytest.raises(ChildElsewhere, match="another booking on Tue 2 Jun, 16:00–18:00"):
        await ask(world, family, start_at=booking.start_at - HOUR, end_at=booking.start_at + HOUR)
    need = family.need(start_at=booking.end_at - HOUR, end_at=booking.end_at + HOUR)
    with pytest.raises(ChildElsewhere):
        await world.do(
            lambda session: preview_candidates(session, world.index, by=family.actor, need=need, now=world.now)
        )

    assert await snapshot(world) == before
    await ask(world, family, start_at=booking.end_at, end_at=booking.end_at + HOUR)


async def test_the_staff_learn_that_their_area_has_no_policy(database: Database) -> None:
    world = await make_world(database, insured=False)
    family = await world.family("Alice")
    _, message_id = await last_ids(world)

    await ask(world, family)

    assert await messages_after(world, message_id) == {(world.staff.person_id, MessageKind.AREA_HAS_NO_POLICY): 1}


async def test_a_used_up_policy_lets_requests_open_refuses_bookings_and_tells_the_staff(database: Database) -> None:
    world = await make_world(database, schedule=Schedule(tariff=Tariff(per_support_yen=60), premium_limit_yen=100))
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    await book(world, family, helper)
    later = family.need().end_at + 24 * HOUR
    _, message_id = await last_ids(world)

    offered = await offer(world, helper, await ask(world, family, start_at=later - HOUR, end_at=later))
    before = await snapshot(world)
    with pytest.raises(AggregateReached) as refused:
        await accept(world, family, offered)

    assert refused.value.text("ja").startswith("保険契約の保険料が上限に達しているため")
    assert await snapshot(world) == before
    told = await messages_after(world, message_id)
    assert told[world.staff.person_id, MessageKind.AGGREGATE_REACHED] == 1


@pytest.mark.parametrize(
    ("start", "hours", "changes", "refusal"),
    [
        ("17:00", 1, {"kind": CareKind.PICKUP, "means": Means.CAR}, OutsideTerms),
        ("05:00", 2, {}, OutsideHours),
        ("19:00", 2, {}, OutsideHours),
    ],
)
async def test_what_policy_or_area_excludes_is_refused_before_anyone_is_asked(
    world: World, start: str, hours: int, changes: dict[str, object], refusal: type[Refusal]
) -> None:
    family = await world.family("Alice")
    start_at = datetime.fromisoformat(f"2026-06-02T{start}:00+09:00")
    before = await row_counts(world)

    with pytest.raises(refusal):
        await ask(world, family, start_at=start_at, end_at=start_at + hours * HOUR, **changes)

    assert await row_counts(world) == before


async def test_an_area_decides_from_which_age(database: Database) -> None:
    world = await make_world(database, settings=AreaSettings(child_min_months=60))
    family = await world.family("Alice")

    with pytest.raises(WrongAge):
        await ask(world, family)


async def suspended(world: World, helper_id: int) -> None:
    await world.do(lambda s: suspend(s, person_id=helper_id, by=world.staff, reason="確認中", now=world.now))


async def revoked(world: World, helper_id: int) -> None:
    async with world.database.read() as session:
        shown = select(Credential.id).where(
            Credential.person_id == helper_id, Credential.kind == CredentialKind.FIRST_AID
        )
        one = (await session.exec(shown)).one()
    await world.do(
        lambda s: revoke_credential(s, by=world.staff, credential_id=one, reason="期限の記載誤り", now=world.now)
    )


@pytest.mark.parametrize("stands", [suspended, revoked])
async def test_what_is_lost_between_booking_and_start_stops_the_care(
    world: World, stands: Callable[[World, int], Awaitable[None]]
) -> None:
    # With `require_fit` taken out of `start_care` the care began.
    family, helper = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, helper, min_level=Level.CERTIFIED)
    await get_ready(world, helper, booking)
    await stands(world, helper.person_id)
    world.now = booking.start_at
    before = await row_counts(world)

    with pytest.raises(SupporterNotEligible):
        await start(world, helper, booking)

    assert await row_counts(world) == before


async def test_a_notification_must_last_through_the_care(world: World) -> None:
    # Only the start was looked at, and the second half of a stranger's care went without a notification.
    family, helper = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, helper, urgent=True)
    await get_ready(world, helper, booking)
    lapse = update(Credential).where(
        col(Credential.person_id) == helper.person_id, col(Credential.kind) == CredentialKind.NOTIFICATION
    )
    await world.do(lambda s: s.exec(lapse.values(expires_at=booking.end_at - MINUTE)))
    world.now = booking.start_at

    with pytest.raises(SupporterNotEligible):
        await start(world, helper, booking)


async def test_who_falls_below_what_the_policy_asks_cannot_start(world: World) -> None:
    # A booking noted what the area and the family ask: among friends nothing, whatever the policy asked.
    family, helper = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, helper)
    await insure_anew(world, kinds=dict.fromkeys(TERMS.kinds, Level.CERTIFIED))
    booking = await book(world, family, helper)
    await get_ready(world, helper, booking)
    await revoked(world, helper.person_id)
    world.now = booking.start_at

    with pytest.raises(SupporterNotEligible):
        await start(world, helper, booking)


@pytest.mark.parametrize(("first_aid_on", "holds"), [(date(2021, 6, 2), False), (date(2021, 6, 3), True)])
async def test_papers_must_last_through_the_care_to_be_asked_for_it(
    world: World, first_aid_on: date, *, holds: bool
) -> None:
    # Five years from the day of the course; the care is on 2 June 2026.
    family, helper = await world.family("Alice"), await world.supporter("Bob", first_aid_on=first_aid_on)

    request = await ask(world, family, min_level=Level.CERTIFIED)

    assert await asks_of(world, request) == ([(helper.person_id, "open", True)] if holds else [])


async def test_a_suspension_that_is_lifted_lets_the_care_begin(world: World) -> None:
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    await suspended(world, helper.person_id)
    await world.do(lambda s: restore(s, person_id=helper.person_id, by=world.staff, now=world.now))
    world.now = booking.start_at

    assert (await start(world, helper, booking)).state == "in_care"


async def test_a_block_between_offer_and_choice_looks_like_any_other_reason(world: World) -> None:
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    offered = await offer(world, helper, await ask(world, family))
    await world.do(lambda s: block(s, by=helper, person_id=family.actor.person_id, now=world.now))

    with pytest.raises(SupporterNotEligible) as refused:
        await accept(world, family, offered)

    assert refused.value.text("ja") == SupporterNotEligible.ja


async def test_a_supporter_whose_time_is_taken_is_refused_at_once(world: World) -> None:
    family, helper = await world.family("Alice", children=2), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    one, other = [
        await ask(world, family, children=[child], first_acceptance_decides=True) for child in family.child_ids
    ]
    await offer(world, helper, one)
    before = await snapshot(world)

    with pytest.raises(SlotTaken):
        await world.do(lambda s: make_offer(s, by=helper, request_id=other.id, note="", now=world.now))

    assert await snapshot(world) == before


async def test_only_supporters_can_be_named(world: World) -> None:
    # The request showed the name of whoever's id was given: any neighbour, confirmed or not, in any town.
    family, stranger = await world.family("Alice"), await world.family("Mallory")
    before = await row_counts(world)

    for named in (stranger.actor.person_id, family.actor.person_id, 10**9):
        with pytest.raises(NotFound):
            await ask(world, family, named_supporter_id=named)

    assert await row_counts(world) == before


async def test_twenty_looks_a_day_are_enough(world: World) -> None:
    family = await world.family("Alice")

    async def look() -> None:
        need = family.need(start_at=world.now + 2 * HOUR, end_at=world.now + 3 * HOUR)
        await world.do(lambda s: preview_candidates(s, world.index, by=family.actor, need=need, now=world.now))

    for _ in range(20):
        await look()

    with pytest.raises(EnoughPreviews) as refused:
        await look()
    assert refused.value.status == 429
    world.now += 8 * HOUR  # 17:00
    with pytest.raises(EnoughPreviews):
        await look()
    world.now += 14 * HOUR  # the next morning
    await look()

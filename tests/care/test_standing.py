"""Who hears that a live booking can't go on, when an account is suspended or a credential taken back."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import select

from care.steps import begin, book, last_ids, messages_after
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import Level
from sharecare.care.at_risk import Risk, bookings_in_question
from sharecare.care.models import Booking
from sharecare.care.standing import suspend_person, take_back_credential
from sharecare.certification.models import Credential
from sharecare.certification.rules import CredentialKind
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from world import Family, World

DAY = timedelta(days=1)
REASON = "確認中のこと"


async def risks(world: World) -> list[Risk]:
    async with world.database.read() as session:
        area = await area_by_id(session, world.area_id)
        return [one.risk for one in (await bookings_in_question(session, area=area, now=world.now)).at_risk]


async def facts_told(world: World, kind: MessageKind) -> list[str]:
    async with world.database.read() as session:
        return [str(facts) for facts in await session.exec(select(Message.facts).where(Message.kind == kind))]


async def suspended(world: World, who: Actor) -> None:
    await world.do(partial(suspend_person, person_id=who.person_id, by=world.staff, reason=REASON, now=world.now))


@pytest.mark.parametrize("of_supporter", [True, False])
async def test_the_other_side_hears_of_a_suspension_once_and_not_why(
    world: World, family: Family, helper: Actor, *, of_supporter: bool
) -> None:
    # Only the suspended person was told: the family waited at the door.
    first = await book(world, family, helper)
    await book(world, family, helper, start_at=first.start_at + DAY, end_at=first.end_at + DAY)
    _, told = await last_ids(world)
    who, other = (helper, family.actor) if of_supporter else (family.actor, helper)

    await suspended(world, who)

    assert await messages_after(world, told) == {
        (who.person_id, MessageKind.SUSPENDED): 1,
        (other.person_id, MessageKind.CANNOT_TAKE_PLACE): 1,
    }
    [facts] = await facts_told(world, MessageKind.CANNOT_TAKE_PLACE)
    assert REASON not in facts
    assert "'dates': 2" in facts
    assert await risks(world) == [Risk.SUSPENDED if of_supporter else Risk.FAMILY_SUSPENDED] * 2


async def test_a_family_whose_child_is_with_somebody_suspended_is_told_to_call(
    world: World, family: Family, helper: Actor
) -> None:
    await begin(world, family, helper)
    _, told = await last_ids(world)

    await suspended(world, helper)

    assert (await messages_after(world, told))[family.actor.person_id, MessageKind.CANNOT_GO_ON] == 1
    assert await risks(world) == [Risk.SUSPENDED]


async def test_a_credential_taken_back_concerns_only_the_bookings_that_rest_on_it(world: World) -> None:
    # Neither staff nor family heard that the booking had lost its supporter.
    alice, carol, bob = await world.family("Alice"), await world.family("Carol"), await world.supporter("Bob")
    await world.befriend(carol.actor, bob)
    resting: Booking = await book(world, alice, bob, urgent=True, min_level=Level.CERTIFIED)
    length = resting.end_at - resting.start_at
    await book(world, carol, bob, start_at=resting.start_at - 2 * length, end_at=resting.start_at - length)
    async with world.database.read() as session:
        shown = select(Credential.id).where(
            Credential.person_id == bob.person_id, Credential.kind == CredentialKind.FIRST_AID
        )
        paper = (await session.exec(shown)).one()
    _, told = await last_ids(world)

    await world.do(partial(take_back_credential, by=world.staff, credential_id=paper, reason=REASON, now=world.now))

    assert await messages_after(world, told) == {
        (bob.person_id, MessageKind.CREDENTIAL_REVOKED): 1,
        (alice.actor.person_id, MessageKind.CANNOT_TAKE_PLACE): 1,
    }
    assert await risks(world) == [Risk.LAPSE]

"""Sign-up, confirmation, reset, families: what links do, and what they no longer do."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import facts_after, last_ids, messages_after, row_counts
from conftest import Staged
from sharecare.accounts.models import Household, OneTimeToken, Person
from sharecare.accounts.queries import actor_of, guardians_of, person_by_email
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.schemas import SignUp
from sharecare.accounts.service import TooYoungToSupport
from sharecare.accounts.tokens import AccessClaims, NotSignedIn
from sharecare.journal.rules import FactKind
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.registration.service import (
    AlreadyAFamily,
    ask_for_reset,
    change_password,
    confirm_address,
    invite_guardian,
    join_family,
    reset_password,
    sign_up,
    suspend,
)
from sharecare.registration.tokens import TokenSpent
from world import NOW, PASSWORD, World, make_urawa, make_world

DRAFT = SignUp(email="Hanako@Example.jp", password=PASSWORD, name="Hanako", area="misono")
EMAIL, FIRST = "hanako@example.jp", "first"


@pytest.fixture
async def world(staged: Staged) -> World:
    return await staged(make_world)


async def signed_up(world: World, draft: SignUp = DRAFT, password_hash: str = FIRST) -> str:
    """Sign up; return the token from the message."""
    await world.do(lambda s: sign_up(s, draft=draft, password_hash=password_hash, now=world.now))
    return await last_letter(world)


async def last_letter(world: World) -> str:
    async with world.database.read() as session:
        letter = (await session.exec(select(Message).order_by(col(Message.id).desc()).limit(1))).one()
    return str(letter.facts["token"])


async def confirm(world: World, token: str) -> None:
    await world.do(lambda s: confirm_address(s, token=token, now=world.now))


async def hanako(world: World) -> Person:
    async with world.database.read() as session:
        person = await person_by_email(session, EMAIL)
    assert person is not None
    return person


async def test_an_account_waits_for_its_owner(world: World) -> None:
    token = await signed_up(world)
    waiting = await hanako(world)
    fact_id, _ = await last_ids(world)

    await confirm(world, token)

    assert (waiting.state, (await hanako(world)).state) == (PersonState.UNCONFIRMED, PersonState.ACTIVE)
    assert await facts_after(world, fact_id) == [FactKind.PERSON_JOINED]


async def test_each_link_confirms_the_sign_up_it_was_sent_for(world: World) -> None:
    # The later sign-up replaced the earlier one's password under a link that was already in the owner's hands:
    # whoever signed up with a neighbour's address had the account as soon as she opened her own mail.
    owners = await signed_up(world, password_hash="hers")
    await signed_up(world, DRAFT.model_copy(update={"name": "Mallory"}), "his")

    await confirm(world, owners)

    person = await hanako(world)
    assert (person.name, person.password_hash, person.email) == ("Hanako", "hers", EMAIL)


async def test_a_later_link_confirms_the_later_sign_up(world: World) -> None:
    await signed_up(world, DRAFT.model_copy(update={"name": "Hana", "birth_date": date(1990, 2, 3)}))
    later = await signed_up(world, DRAFT.model_copy(update={"birth_date": date(1988, 4, 12)}), "second")

    await confirm(world, later)

    person = await hanako(world)
    assert (person.name, person.password_hash, person.birth_date) == ("Hanako", "second", date(1988, 4, 12))


async def test_a_second_link_undoes_no_suspension(world: World) -> None:
    # `confirm_address` set any account to active: a spare link of the same day let the suspended back in.
    first, spare = await signed_up(world), await signed_up(world)
    await confirm(world, first)
    person = await hanako(world)
    await world.do(lambda s: suspend(s, person_id=person.id, by=world.staff, reason="確認中", now=world.now))
    before = await row_counts(world)

    with pytest.raises(TokenSpent):
        await confirm(world, spare)

    assert (await hanako(world)).state == PersonState.SUSPENDED
    assert await row_counts(world) == before


async def test_a_sign_up_for_another_area_takes_the_family_along(world: World) -> None:
    async def found(session: AsyncSession) -> int:
        area = await make_urawa(session, now=NOW)
        return area.id

    area_id = await world.do(found)
    await signed_up(world)
    await confirm(world, await signed_up(world, DRAFT.model_copy(update={"area": "urawa"})))

    person = await hanako(world)
    async with world.database.read() as session:
        household = await session.get(Household, person.household_id)
    assert household is not None
    assert (person.area_id, household.area_id) == (area_id, area_id)


async def test_a_link_lives_once_and_two_days(world: World) -> None:
    token = await signed_up(world)
    later = await signed_up(world)
    await confirm(world, token)
    with pytest.raises(TokenSpent):
        await confirm(world, token)

    other = await signed_up(world, DRAFT.model_copy(update={"email": "taro@example.jp"}))
    world.now = NOW + timedelta(days=2)
    for late in (other, later, "never was"):
        with pytest.raises(TokenSpent):
            await confirm(world, late)


async def test_nothing_of_a_sign_up_stays_in_a_used_link(world: World) -> None:
    await confirm(world, await signed_up(world))

    async with world.database.read() as session:
        used = await session.exec(select(OneTimeToken.facts).where(col(OneTimeToken.used_at).is_not(None)))
    assert list(used) == [{}] * 2  # the staff member's and Hanako's


@pytest.mark.parametrize("known", [False, True])
async def test_age_is_refused_alike_whether_the_address_is_known_or_not(world: World, *, known: bool) -> None:
    # An active account's address was answered with 202 and any other with 409: an oracle for who is a member.
    if known:
        await confirm(world, await signed_up(world))
    child = DRAFT.model_copy(update={"is_supporter": True, "birth_date": date(2006, 6, 2)})  # 20 tomorrow

    with pytest.raises(TooYoungToSupport):
        await signed_up(world, child)


async def test_supporters_are_twenty_by_their_own_areas_calendar(world: World) -> None:
    world.now = NOW - timedelta(hours=1)  # 1 June in Japan, still 31 May in UTC

    await signed_up(world, DRAFT.model_copy(update={"is_supporter": True, "birth_date": date(2006, 6, 1)}))

    assert (await hanako(world)).is_supporter


async def test_an_owner_alone_learns_that_the_address_is_taken(world: World) -> None:
    await confirm(world, await signed_up(world))
    person, before = await hanako(world), await row_counts(world)
    _, message_id = await last_ids(world)

    await world.do(lambda s: sign_up(s, draft=DRAFT, password_hash="other", now=world.now))

    assert await messages_after(world, message_id) == {(person.id, MessageKind.ALREADY_REGISTERED): 1}
    after = await row_counts(world)
    assert {name for name in after if after[name] != before[name]} == {"message", "delivery"}
    assert (await hanako(world)).password_hash == "first"


async def test_a_reset_tells_nobody_who_has_no_account(world: World) -> None:
    before = await row_counts(world)

    await world.do(lambda s: ask_for_reset(s, email="nobody@example.jp", now=world.now))

    assert await row_counts(world) == before


async def test_a_reset_ends_every_sign_in_and_every_other_reset(world: World) -> None:
    # A link that was asked for before the password changed could still change it again for an hour.
    helper = (await world.family("Alice")).actor
    links = []
    for _ in range(2):
        await world.do(lambda s: ask_for_reset(s, email="alice@example.jp", now=world.now))
        links.append(await last_letter(world))

    await world.do(lambda s: reset_password(s, token=links[1], password_hash="new", now=world.now))

    with pytest.raises(TokenSpent):
        await world.do(lambda s: reset_password(s, token=links[0], password_hash="his", now=world.now))
    async with world.database.read() as session:
        with pytest.raises(NotSignedIn):
            await actor_of(session, AccessClaims(helper.person_id, helper.sign_in_id), now=world.now)


@pytest.mark.parametrize("how", ["password", "suspension"])
async def test_sign_ins_end_with_password_change_and_suspension(world: World, how: str) -> None:
    actor = (await world.family("Alice")).actor
    claims = AccessClaims(actor.person_id, actor.sign_in_id)
    async with world.database.read() as session:
        assert (await actor_of(session, claims, now=world.now)).person_id == actor.person_id

    if how == "password":
        await world.do(lambda s: change_password(s, by=actor, password_hash="new", now=world.now))
    else:
        await world.do(lambda s: suspend(s, person_id=actor.person_id, by=world.staff, reason="確認", now=world.now))

    async with world.database.read() as session:
        with pytest.raises(NotSignedIn):
            await actor_of(session, claims, now=world.now)


async def guardians(world: World, actor: Actor) -> list[int]:
    async with world.database.read() as session:
        person = await session.get(Person, actor.person_id)
        assert person is not None
        return [one.id for one in await guardians_of(session, person.household_id)]


async def test_one_person_joins_a_family_by_one_invitation(world: World) -> None:
    family = await world.family("Alice")
    second, third = [(await world.family(name, children=0)).actor for name in ("Aaron", "Mallory")]
    token = await world.do(lambda s: invite_guardian(s, by=family.actor, now=world.now))
    fact_id, message_id = await last_ids(world)

    await world.do(lambda s: join_family(s, by=second, token=token, now=world.now))

    assert await guardians(world, family.actor) == [family.actor.person_id, second.person_id]
    assert await facts_after(world, fact_id) == [FactKind.GUARDIAN_JOINED]
    assert await messages_after(world, message_id) == {(family.actor.person_id, MessageKind.GUARDIAN_JOINED): 1}
    with pytest.raises(TokenSpent):
        await world.do(lambda s: join_family(s, by=third, token=token, now=world.now))


async def test_who_has_a_family_or_an_invitation_of_someone_suspended_joins_none(world: World) -> None:
    family, other = await world.family("Alice"), await world.family("Aaron")
    alone = (await world.family("Adam", children=0)).actor

    async def invited() -> str:
        return await world.do(lambda s: invite_guardian(s, by=family.actor, now=world.now))

    token = await invited()
    with pytest.raises(AlreadyAFamily):
        await world.do(lambda s: join_family(s, by=other.actor, token=token, now=world.now))
    token = await invited()
    await world.do(lambda s: suspend(s, person_id=family.actor.person_id, by=world.staff, reason="x", now=world.now))
    with pytest.raises((AlreadyAFamily, TokenSpent)):
        await world.do(lambda s: join_family(s, by=alone, token=token, now=world.now))

    assert await guardians(world, other.actor) == [other.actor.person_id]

"""Alice has registered, Bob of the staff sees her document at the counter, Charlie works for another town."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from neighbours import NOW, do, settle
from sharecare.accounts.models import Person, RecordAccess
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.service import read_members
from sharecare.areas.rules import Level
from sharecare.certification import registrations, service
from sharecare.certification.models import Credential
from sharecare.certification.queries import level_of
from sharecare.certification.rules import CredentialKind, CredentialState
from sharecare.certification.schemas import CredentialDraft, IdentitySeen
from sharecare.db import Database
from sharecare.errors import Conflict, NotFound, Refusal
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from statements import statements_of

TODAY = date(2026, 9, 1)
DAY = timedelta(days=1)
SEEN = IdentitySeen(evidence="運転免許証", seen_on=TODAY)
IDENTITY = CredentialDraft(kind=CredentialKind.IDENTITY, evidence="運転免許証", issued_on=TODAY)


async def confirm(database: Database, by: Actor, person: Actor, seen: IdentitySeen = SEEN) -> Credential:
    return await do(database, registrations.confirm_identity, by=by, person_id=person.person_id, seen=seen)


async def waiting(database: Database, by: Actor) -> list[tuple[int, int | None]]:
    page = await do(database, registrations.read_registrations, by=by, slug="misono", limit=10)
    return [(one.person_id, one.credential_id) for one in page.items]


async def counted(database: Database, by: Actor, at: datetime = NOW) -> int:
    async with database.read() as session:
        return await registrations.count_unidentified(session, area_id=by.area_id, now=at)


async def put(database: Database, person: Actor, state: PersonState) -> None:
    async def work(session: AsyncSession) -> None:
        (await session.exec(select(Person).where(Person.id == person.person_id))).one().state = state

    await database.write(work)


async def test_at_the_counter_one_step_identifies_and_tells(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)

    made = await confirm(database, bob, alice)

    assert (made.state, made.evidence, made.issued_on) == (CredentialState.CONFIRMED, "運転免許証", TODAY)
    assert (made.decided_by, made.decided_at, made.expires_at) == (bob.person_id, NOW, None)
    async with database.read() as session:
        assert await level_of(session, person_id=alice.person_id, now=NOW) == Level.IDENTIFIED
        facts = select(Fact).where(Fact.kind == FactKind.CREDENTIAL_CONFIRMED)
        [fact] = (await session.exec(facts)).all()
        [told] = (await session.exec(select(Message).where(Message.person_id == alice.person_id))).all()
    assert (fact.actor_id, fact.person_id) == (bob.person_id, alice.person_id)
    assert fact.data == {"credential_id": made.id, "kind": "identity", "unit": None, "expires_at": None}
    assert (told.kind, told.facts["credential"]) == (MessageKind.CREDENTIAL_CONFIRMED, "identity")


async def test_listed_are_those_in_use_whom_nobody_identified_and_each_sees_the_look(database: Database) -> None:
    alice, erin, dora, frank = await settle(database, "alice", "erin", "dora", "frank")
    [bob] = await settle(database, "bob", staff=True)
    await settle(database, "charlie", area="urawa")
    await put(database, frank, PersonState.SUSPENDED)
    await confirm(database, bob, dora)
    sent = await do(database, service.submit_credential, by=erin, draft=IDENTITY)

    listed = await waiting(database, bob)

    assert listed == [(bob.person_id, None), (erin.person_id, sent.id), (alice.person_id, None)]
    assert await counted(database, bob) == 3
    async with database.read() as session:
        looks = (await session.exec(select(RecordAccess).order_by(col(RecordAccess.person_id)))).all()
    assert [(one.person_id, one.reader_id, one.reason) for one in looks] == [
        (person.person_id, bob.person_id, registrations.LOOK_REASON) for person in (alice, erin, bob)
    ]


async def test_whose_confirmation_lapsed_waits_again(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    sent = await do(database, service.submit_credential, by=alice, draft=IDENTITY)
    await do(database, service.confirm_credential, by=bob, credential_id=sent.id, last_day=TODAY)
    lapse = datetime(2026, 9, 1, 15, tzinfo=UTC)

    before, after = await counted(database, bob, lapse - timedelta(seconds=1)), await counted(database, bob, lapse)

    assert (before, after) == (1, 2)


async def test_a_page_goes_on_where_the_last_ended(database: Database) -> None:
    people = await settle(database, "alice", "erin", "dora")
    [bob] = await settle(database, "bob", staff=True)

    first = await do(database, registrations.read_registrations, by=bob, slug="misono", limit=3)
    rest = await do(
        database, registrations.read_registrations, by=bob, slug="misono", limit=3, cursor=first.next_cursor
    )

    newest = [bob.person_id, *sorted((one.person_id for one in people), reverse=True)]
    assert [one.person_id for one in (*first.items, *rest.items)] == newest
    assert rest.next_cursor is None


async def test_it_is_counted_by_one_statement(database: Database) -> None:
    [bob] = await settle(database, "bob", staff=True)

    with statements_of(database) as seen:
        await counted(database, bob)

    assert len(seen) == 1


async def test_another_towns_staff_find_nobody(database: Database) -> None:
    [alice], [charlie] = await settle(database, "alice"), await settle(database, "charlie", area="urawa", staff=True)

    for attempt in (confirm(database, charlie, alice), waiting(database, charlie)):
        with pytest.raises(NotFound):
            await attempt


@pytest.mark.parametrize("state", [PersonState.SUSPENDED, PersonState.UNCONFIRMED, PersonState.LEFT])
async def test_an_account_that_is_not_in_use_is_not_identified(database: Database, state: PersonState) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    await put(database, alice, state)

    with pytest.raises(registrations.NotInUse):
        await confirm(database, bob, alice)

    assert await waiting(database, bob) == [(bob.person_id, None)]


async def test_nobody_identifies_themselves_or_by_a_document_of_tomorrow(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    tomorrow = SEEN.model_copy(update={"seen_on": TODAY + DAY})

    with pytest.raises(service.OwnCredential):
        await confirm(database, bob, bob)
    with pytest.raises(registrations.SeenLater):
        await confirm(database, bob, alice, tomorrow)


async def test_what_was_sent_is_checked_first_and_who_is_identified_stays_so(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    sent = await do(database, service.submit_credential, by=alice, draft=IDENTITY)

    with pytest.raises(service.AlreadySubmitted):
        await confirm(database, bob, alice)
    await do(database, service.confirm_credential, by=bob, credential_id=sent.id, last_day=None)
    with pytest.raises(registrations.AlreadyIdentified):
        await confirm(database, bob, alice)


async def test_two_at_the_counter_confirm_once(database: Database) -> None:
    # Without the lock on the person both confirmed, on PostgreSQL.
    [alice], staff = await settle(database, "alice"), await settle(database, "bob", "carol", staff=True)

    ended = await asyncio.gather(*(confirm(database, one, alice) for one in staff), return_exceptions=True)

    refused = [one for one in ended if isinstance(one, Refusal)]
    assert [type(one) for one in refused] in ([registrations.AlreadyIdentified], [Conflict])
    async with database.read() as session:
        assert len((await session.exec(select(Credential))).all()) == 1


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("", 3),
        ("花子", 1),
        ("山田花", 1),
        ("山田\u3000花子", 1),
        ("ALICE", 1),
        ("%", 0),
        ("_", 0),
        ("鈴木", 0),
        ("  ", 3),
    ],
)
async def test_some_characters_of_a_name_find_it(database: Database, name: str, found: int) -> None:
    await settle(database, "山田 花子", "山本\u3000太郎", "Alice Smith")
    [bob] = await settle(database, "bob", staff=True)

    page = await do(database, registrations.read_registrations, by=bob, slug="misono", name=name, limit=10)
    members = await do(
        database, read_members, by=bob, area_id=bob.area_id, reason="test", name=name, cursor=None, limit=9
    )

    assert len([one for one in page.items if one.person_id != bob.person_id]) == found
    assert len([one for one in members.items if one.id != bob.person_id]) == found

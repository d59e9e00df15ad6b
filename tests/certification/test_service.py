"""Alice shows her papers, Bob of the staff decides, Charlie is nobody to them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from neighbours import NOW, do, settle
from sharecare.accounts.models import RecordAccess
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Level
from sharecare.certification import service
from sharecare.certification.models import Credential
from sharecare.certification.queries import level_of, my_ladder
from sharecare.certification.rules import CredentialKind, CredentialState, Needed
from sharecare.certification.schemas import CredentialDraft, LadderView, NeededView
from sharecare.db import Database
from sharecare.errors import Conflict, NotFound, Refusal
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind

TODAY = date(2026, 9, 1)
DAY = timedelta(days=1)
IDENTITY = CredentialDraft(kind=CredentialKind.IDENTITY, evidence="運転免許証", issued_on=TODAY)
FIRST_AID = CredentialDraft(kind=CredentialKind.FIRST_AID, issued_on=TODAY)
RECORD_CHECK = CredentialDraft(kind=CredentialKind.CRIMINAL_RECORD_CHECK, issued_on=TODAY)


async def submitted(database: Database, by: Actor, draft: CredentialDraft = IDENTITY) -> int:
    return (await do(database, service.submit_credential, by=by, draft=draft)).id


async def confirmed(
    database: Database, person: Actor, staff: Actor, draft: CredentialDraft = IDENTITY, *, last_day: date | None = None
) -> int:
    credential_id = await submitted(database, person, draft)
    await do(database, service.confirm_credential, by=staff, credential_id=credential_id, last_day=last_day)
    return credential_id


async def stored(database: Database, credential_id: int) -> Credential:
    async with database.read() as session:
        return (await session.exec(select(Credential).where(Credential.id == credential_id))).one()


async def level(database: Database, person: Actor, at: datetime = NOW) -> Level:
    async with database.read() as session:
        return await level_of(session, person_id=person.person_id, now=at)


async def ladder(database: Database, person: Actor) -> LadderView:
    async with database.read() as session:
        return await my_ladder(session, by=person, now=NOW)


async def facts(database: Database) -> Sequence[tuple[str, int | None, int | None]]:
    async with database.read() as session:
        told = select(Fact.kind, Fact.actor_id, Fact.person_id).where(Fact.kind != FactKind.AREA_CHANGED)
        return (await session.exec(told.order_by(col(Fact.id)))).all()


async def test_submitted_counts_only_once_confirmed(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)

    credential_id = await submitted(database, alice)
    assert await level(database, alice) == Level.REGISTERED

    await do(database, service.confirm_credential, by=bob, credential_id=credential_id, last_day=TODAY + DAY)
    assert await level(database, alice) == Level.IDENTIFIED
    kept = await stored(database, credential_id)
    assert (kept.state, kept.decided_by, kept.decided_at) == (CredentialState.CONFIRMED, bob.person_id, NOW)
    assert kept.expires_at == datetime(2026, 9, 2, 15, tzinfo=UTC)
    assert await level(database, alice, at=kept.expires_at) == Level.REGISTERED
    assert await facts(database) == [
        (FactKind.CREDENTIAL_SUBMITTED, alice.person_id, alice.person_id),
        (FactKind.CREDENTIAL_CONFIRMED, bob.person_id, alice.person_id),
    ]


async def test_fact_says_what_was_confirmed_and_until_when_but_nothing_written(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)

    credential_id = await confirmed(database, alice, bob, last_day=TODAY)

    async with database.read() as session:
        fact = (await session.exec(select(Fact).where(Fact.kind == FactKind.CREDENTIAL_CONFIRMED))).one()
    assert fact.data == {
        "credential_id": credential_id,
        "kind": "identity",
        "unit": None,
        "expires_at": "2026-09-01T15:00:00+00:00",
    }


async def test_revoking_takes_the_level_at_once_and_says_why(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    credential_id = await confirmed(database, alice, bob)

    await do(database, service.revoke_credential, by=bob, credential_id=credential_id, reason="別人の書類でした")

    assert await level(database, alice) == Level.REGISTERED
    assert [view.reason for view in (await ladder(database, alice)).credentials] == ["別人の書類でした"]
    assert (await facts(database))[-1] == (FactKind.CREDENTIAL_REVOKED, bob.person_id, alice.person_id)


async def test_refused_can_be_shown_again(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    credential_id = await submitted(database, alice)

    await do(database, service.refuse_credential, by=bob, credential_id=credential_id, reason="写真が不鮮明です")
    await confirmed(database, alice, bob)

    states = [view.state for view in (await ladder(database, alice)).credentials]
    assert states == [CredentialState.CONFIRMED, CredentialState.REFUSED]


async def test_decisions_are_made_once(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    credential_id = await submitted(database, alice)
    with pytest.raises(service.AlreadyDecided):
        await do(database, service.revoke_credential, by=bob, credential_id=credential_id, reason="まだ確認前")
    await do(database, service.refuse_credential, by=bob, credential_id=credential_id, reason="不鮮明")

    with pytest.raises(service.AlreadyDecided):
        await do(database, service.confirm_credential, by=bob, credential_id=credential_id, last_day=None)
    with pytest.raises(service.AlreadyDecided):
        await do(database, service.refuse_credential, by=bob, credential_id=credential_id, reason="もう一度")


async def test_of_several_decisions_at_once_one_stands(database: Database) -> None:
    # Without `state = before` in the UPDATE, PostgreSQL lets more than one through.
    [alice], staff = await settle(database, "alice"), await settle(database, *(f"bob{n}" for n in range(8)), staff=True)
    credential_id = await submitted(database, alice)

    outcomes = await asyncio.gather(
        *(
            do(database, service.confirm_credential, by=bob, credential_id=credential_id, last_day=None)
            for bob in staff
        ),
        return_exceptions=True,
    )

    lost = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert {type(refusal) for refusal in lost} <= {service.AlreadyDecided, Conflict}
    assert (len(lost), len(await facts(database))) == (7, 2)


async def test_staff_of_another_area_and_neighbours_find_nothing(database: Database) -> None:
    [alice, charlie], [eve] = (
        await settle(database, "alice", "charlie"),
        await settle(database, "eve", area="urawa", staff=True),
    )
    credential_id = await submitted(database, alice)

    for stranger in (alice, charlie, eve):
        with pytest.raises(NotFound):
            await do(database, service.confirm_credential, by=stranger, credential_id=credential_id, last_day=None)
        with pytest.raises(NotFound):
            await do(database, service.revoke_credential, by=stranger, credential_id=credential_id, reason="…")
        with pytest.raises(NotFound):
            await do(database, service.read_submitted, by=stranger, slug="misono", limit=10)
    assert (await ladder(database, charlie)).credentials == []


async def test_staff_do_not_decide_on_their_own(database: Database) -> None:
    [bob] = await settle(database, "bob", staff=True)
    credential_id = await submitted(database, bob)

    with pytest.raises(service.OwnCredential):
        await do(database, service.confirm_credential, by=bob, credential_id=credential_id, last_day=None)


@pytest.mark.parametrize(
    ("draft", "refusal"),
    [
        (CredentialDraft(kind="course_unit", unit="juggling", issued_on=TODAY), service.UnknownUnit),
        (CredentialDraft(kind="identity", issued_on=TODAY + DAY), service.IssuedLater),
    ],
)
async def test_evidence_must_make_sense(database: Database, draft: CredentialDraft, refusal: type[Refusal]) -> None:
    [alice] = await settle(database, "alice")

    with pytest.raises(refusal):
        await submitted(database, alice, draft)


async def test_same_evidence_waits_once(database: Database) -> None:
    [alice] = await settle(database, "alice")
    for unit in ("care", "safety"):
        await submitted(database, alice, CredentialDraft(kind="course_unit", unit=unit, issued_on=TODAY))

    with pytest.raises(service.AlreadySubmitted):
        await submitted(database, alice, CredentialDraft(kind="course_unit", unit="care", issued_on=TODAY - DAY))


async def test_what_has_lapsed_cannot_be_confirmed(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    old = CredentialDraft(kind=CredentialKind.FIRST_AID, issued_on=date(2021, 9, 1))
    credential_id = await submitted(database, alice, old)

    with pytest.raises(service.AlreadyLapsed):
        await do(database, service.confirm_credential, by=bob, credential_id=credential_id, last_day=None)


async def test_first_aid_lapses_five_years_after_its_issue(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)

    credential_id = await confirmed(database, alice, bob, FIRST_AID, last_day=date(2040, 1, 1))

    assert (await stored(database, credential_id)).expires_at == datetime(2031, 8, 31, 15, tzinfo=UTC)


async def test_record_check_keeps_that_it_was_confirmed_and_when_it_lapses_and_no_word(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    credential_id = await submitted(database, alice, RECORD_CHECK)

    with pytest.raises(service.LapseNeeded):
        await do(database, service.confirm_credential, by=bob, credential_id=credential_id, last_day=None)
    with pytest.raises(service.NoWordsOnChecks):
        await do(database, service.refuse_credential, by=bob, credential_id=credential_id, reason="該当あり")
    await do(database, service.confirm_credential, by=bob, credential_id=credential_id, last_day=TODAY + 365 * DAY)
    with pytest.raises(service.NoWordsOnChecks):
        await do(database, service.revoke_credential, by=bob, credential_id=credential_id, reason="該当あり")
    await do(database, service.revoke_credential, by=bob, credential_id=credential_id, reason="")

    kept = await stored(database, credential_id)
    assert (kept.evidence, kept.reason, kept.unit) == ("", "", None)


async def test_people_are_told_why(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    credential_id = await submitted(database, alice)

    with pytest.raises(service.ReasonNeeded):
        await do(database, service.refuse_credential, by=bob, credential_id=credential_id, reason=" ")


@pytest.mark.parametrize(
    "draft",
    [
        {"kind": "course_unit"},
        {"kind": "identity", "unit": "care"},
        {"kind": "criminal_record_check", "evidence": "犯歴なし"},
        {"kind": "identity", "evidence": "個人番号 123456789018"},
        {"kind": "identity", "number": "A1"},
    ],
)
def test_malformed_evidence_is_refused(draft: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        CredentialDraft.model_validate({"issued_on": "2026-09-01", **draft})


async def test_ladder_tells_what_the_next_step_lacks_and_what_lapses(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    await confirmed(database, alice, bob, last_day=TODAY + DAY)
    await confirmed(database, alice, bob, CredentialDraft(kind="course_unit", unit="care", issued_on=TODAY))

    mine = await ladder(database, alice)

    assert mine.level == Level.IDENTIFIED
    assert [(step.level, step.reached, step.until) for step in mine.steps] == [
        (Level.IDENTIFIED, True, datetime(2026, 9, 2, 15, tzinfo=UTC)),
        (Level.TRAINED, False, None),
        (Level.CERTIFIED, False, None),
    ]
    units = ("health", "safety", "food", "play", "first_response")
    assert mine.missing == [NeededView.model_validate(Needed(CredentialKind.COURSE_UNIT, unit)) for unit in units]


async def test_staff_see_what_to_decide_and_each_look_is_logged(database: Database) -> None:
    [alice, charlie], [bob] = await settle(database, "alice", "charlie"), await settle(database, "bob", staff=True)
    await confirmed(database, alice, bob)
    first = await submitted(database, alice, FIRST_AID)
    second = await submitted(database, charlie)

    page = await do(database, service.read_submitted, by=bob, slug="misono", limit=1)
    rest = await do(database, service.read_submitted, by=bob, slug="misono", limit=1, cursor=page.next_cursor)

    assert [(view.id, view.name) for view in page.items] == [(second, "charlie")]
    assert [(view.id, view.name) for view in rest.items] == [(first, "alice")]
    async with database.read() as session:
        looks = (await session.exec(select(RecordAccess.person_id).order_by(col(RecordAccess.id)))).all()
    assert looks == [charlie.person_id, alice.person_id]
    assert (await facts(database))[-1] == (FactKind.PERSONAL_RECORD_READ, bob.person_id, None)


async def test_person_hears_of_every_decision(database: Database) -> None:
    [alice], [bob] = await settle(database, "alice"), await settle(database, "bob", staff=True)
    credential_id = await confirmed(database, alice, bob, last_day=TODAY)
    await do(database, service.revoke_credential, by=bob, credential_id=credential_id, reason="別人の書類でした")

    async with database.read() as session:
        told = (
            await session.exec(select(Message.person_id, Message.kind, Message.facts).order_by(col(Message.id)))
        ).all()
    facts = {"credential": "identity", "expires_at": "2026-09-01T15:00:00+00:00"}
    assert told == [
        (alice.person_id, MessageKind.CREDENTIAL_CONFIRMED, {**facts, "reason": ""}),
        (alice.person_id, MessageKind.CREDENTIAL_REVOKED, {**facts, "reason": "別人の書類でした"}),
    ]

"""Claims: every change a line in a chained ledger, the policy's aggregate beside it, and no promise anywhere."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from incidents.scene import MINUTE, Scene
from sharecare.errors import Refusal
from sharecare.incidents.claims import IllegalClaimMove, NothingHappened, claim_line_hash
from sharecare.incidents.models import ClaimEntry
from sharecare.incidents.queries import claims_of_area, claims_of_policy, count_claims
from sharecare.insurance.models import PolicyUsage
from sharecare.messages.rules import MessageKind


async def used_yen(scene: Scene) -> int:
    async with scene.world.database.read() as session:
        return (await session.exec(select(PolicyUsage.claims_yen))).one()


async def test_a_claim_runs_from_filed_to_settled_and_its_ledger_tells_it(scene: Scene) -> None:
    claim = await scene.claim(await scene.report())
    await scene.move(claim, state="submitted")
    await scene.move(claim, reserve_yen=8_000, paid_yen=5_000)
    settled = await scene.move(claim, state="settled", paid_yen=11_000)

    assert (claim.number, settled.state, settled.reserve_yen, settled.paid_yen) == ("SK-1-C0001", "settled", 0, 11_000)
    lines = await scene.lines()
    assert [(line.seq, line.state, line.reserve_yen, line.paid_yen) for line in lines] == [
        (1, "filed", 20_000, 0),
        (2, "submitted", 20_000, 0),
        (3, "submitted", 8_000, 5_000),
        (4, "settled", 0, 11_000),
    ]
    assert [line.before for line in lines] == ["0" * 64, *(line.hash for line in lines[:-1])]
    assert [line.hash for line in lines] == [claim_line_hash(line) for line in lines]
    assert await used_yen(scene) == 11_000


@pytest.mark.parametrize("state", ["declined", "withdrawn"])
async def test_a_claim_that_comes_to_nothing_sets_nothing_aside(scene: Scene, state: str) -> None:
    claim = await scene.claim(await scene.report())
    assert await used_yen(scene) == 20_000
    await scene.move(claim, state="submitted")

    await scene.move(claim, state=state)

    assert await used_yen(scene) == 0


async def test_an_illegal_move_changes_nothing(scene: Scene) -> None:
    claim = await scene.claim(await scene.report())

    with pytest.raises(IllegalClaimMove):
        await scene.move(claim, state="settled", paid_yen=1)

    assert [(line.state, line.paid_yen) for line in await scene.lines()] == [("filed", 0)]


async def test_there_is_no_claim_from_a_near_miss(scene: Scene) -> None:
    incident = await scene.report(scene.near_miss())

    with pytest.raises(NothingHappened):
        await scene.claim(incident)


async def test_claims_that_come_near_the_policys_limit_alert_the_staff(scene: Scene) -> None:
    incident = await scene.report()
    message_id = await scene.last_message()

    await scene.claim(incident, reserve_yen=80_000)
    await scene.claim(incident, reserve_yen=30_000)

    told, staff = await scene.told_since(message_id), scene.world.staff.person_id
    assert told[staff, MessageKind.AGGREGATE_NEAR] == 1
    assert told[staff, MessageKind.AGGREGATE_REACHED] == 1


async def test_both_families_hear_how_a_claim_moves_and_are_promised_nothing(scene: Scene) -> None:
    incident = await scene.report()
    message_id = await scene.last_message()

    claim = await scene.claim(incident)
    await scene.move(claim, reserve_yen=1)

    people = (scene.family.actor.person_id, scene.helper.person_id)
    assert await scene.told_since(message_id) == {(who, MessageKind.CLAIM_MOVED): 1 for who in people}
    assert "約束するものではありません" in (await scene.view(claim)).notice.ja


@pytest.mark.parametrize(
    ("occurred", "changes", "points"),
    [
        (10 * MINUTE, {}, []),
        (10 * MINUTE, {"peril": "property", "claimed_yen": 5_000}, ["below_deductible"]),
        (10 * MINUTE, {"circumstances": ["driving", "intent"]}, ["excluded"]),
        (-10 * MINUTE, {"claimed_yen": 3_000_001}, ["outside_window", "above_limit"]),
        (150 * MINUTE, {}, []),
        (151 * MINUTE, {}, ["outside_window"]),
    ],
)
async def test_a_claim_shows_what_the_insurer_will_ask_about(
    scene: Scene, occurred: timedelta, changes: dict[str, Any], points: list[str]
) -> None:
    """The care is two hours long, and cover goes on for thirty minutes of grace."""
    incident = await scene.report(scene.draft(occurred_at=scene.booking.start_at + occurred))

    assert (await scene.view(await scene.claim(incident, **changes))).points == points


async def test_the_facts_that_an_insurer_sees_name_nobody(scene: Scene) -> None:
    witness = {"name": "目撃 太郎", "contact": "090-9999-8888"}
    claim = await scene.claim(await scene.report(scene.draft(witnesses=[witness])))

    seen = (await scene.view(claim)).model_dump_json()

    for secret in ("目撃", "090-9999-8888", "Alice", "Bob", "美園1-2-3"):
        assert secret not in seen
    view = await scene.view(claim)
    assert (view.facts.witnesses, view.facts.child_age_months, view.facts.what) == (1, 49, "段差でつまずいた。")


async def test_parallel_claims_form_one_chain(scene: Scene) -> None:
    # Without `hold_policy`, claims on PostgreSQL took one number and all but one of them were refused.
    incident = await scene.report()

    claims = await asyncio.gather(*(scene.claim(incident, reserve_yen=1) for _ in range(8)))

    assert sorted(claim.number for claim in claims) == [f"SK-1-C{number:04d}" for number in range(1, 9)]
    lines = await scene.lines()
    assert [line.before for line in lines] == ["0" * 64, *(line.hash for line in lines[:-1])]
    assert await used_yen(scene) == 8


async def test_claims_are_read_page_by_page(scene: Scene) -> None:
    incident = await scene.report()
    made = [(await scene.claim(incident, reserve_yen=1)).id for _ in range(3)]
    area_id = scene.world.staff.area_id

    async with scene.world.database.read() as session:
        first = await claims_of_area(session, area_id, cursor=None, limit=2)
        rest = await claims_of_area(session, area_id, cursor=first.next_cursor, limit=2)
        of_policy = await claims_of_policy(session, 1, cursor=first.next_cursor, limit=2)
        assert await count_claims(session, 1) == 3

    assert [one.id for one in first.items] == made[:0:-1]
    assert [one.id for one in rest.items] == made[:1]
    assert (rest.next_cursor, of_policy) == (None, rest)


@pytest.mark.parametrize("statement", ["UPDATE claim_ledger SET paid_yen = 1", "DELETE FROM claim_ledger"])
async def test_the_database_refuses_to_rewrite_the_claims_ledger(scene: Scene, statement: str) -> None:
    await scene.claim(await scene.report())

    async def rewrite(session: AsyncSession) -> None:
        await (await session.connection()).execute(text(statement))

    with pytest.raises(Refusal):
        await scene.world.database.write(rewrite)
    async with scene.world.database.read() as session:
        assert [line.paid_yen for line in await session.exec(select(ClaimEntry))] == [0]

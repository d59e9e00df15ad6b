"""Claims, sent bordereaux, aggregates and safety figures, each broken on purpose, and `verify` names it."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from conftest import Staged
from incidents.scene import Scene, set_scene
from sharecare.db import Database
from sharecare.incidents.bordereaux import send_bordereau
from sharecare.insurance.sent import BordereauKind
from sharecare.journal.service import seal_facts
from sharecare.metrics.service import close_days, roll_up
from sharecare.verify import Breach, verify

JULY = datetime.fromisoformat("2026-07-01T00:00:00+09:00")
TABLES = ("insurance_ledger", "claim_ledger", "insurance_bordereau")


@pytest.fixture
async def scene(staged: Staged) -> Scene:
    return await staged(june_sent)


async def june_sent(database: Database) -> Scene:
    """Report a near miss and an accident, claim, finish the care, and send June: supports and claims."""
    scene = await set_scene(database)
    await scene.report(scene.near_miss())
    claim = await scene.claim(await scene.report())
    await scene.move(claim, state="submitted", paid_yen=1_000)
    await scene.finish()
    world = scene.world
    world.now = JULY
    june = (JULY - timedelta(days=1)).date()
    for kind in BordereauKind:
        await world.do(partial(send_bordereau, by=world.staff, policy_id=1, kind=kind, month=june, now=JULY))
    await world.database.write(lambda session: close_days(session, now=world.now))
    await world.database.write(lambda session: roll_up(session, now=world.now))
    await world.database.write(seal_facts)
    return scene


async def broken_by(scene: Scene, *statements: str) -> list[Breach]:
    """Do what only someone with the database in their hands can do; return what is found besides missing guards."""
    if scene.world.database.is_sqlite:
        guards = [f"DROP TRIGGER {table}_no_{verb}" for table in TABLES for verb in ("update", "delete")]
    else:
        guards = [f"DROP TRIGGER {table}_append_only ON {table}" for table in TABLES]

    async def work(session: AsyncSession) -> None:
        connection = await session.connection()
        for statement in (*guards, *statements):
            await connection.execute(text(statement))

    await scene.world.database.write(work)
    async with scene.world.database.read() as session:
        return [breach for breach in await verify(session) if "guard" not in breach.what]


async def test_an_honest_town_is_clean(scene: Scene) -> None:
    async with scene.world.database.read() as session:
        assert await verify(session) == []


SENT = "what was sent to the insurer is not what the ledger said"
ALTERED = "what was sent to the insurer was altered"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "UPDATE claim_ledger SET at = '2026-06-03 00:00:00+00:00' WHERE seq = 2",
            {("claims ledger chain broken", (1, 2)), (SENT, (2,))},
        ),
        ("UPDATE claim_ledger SET before = hash WHERE seq = 2", {("claims ledger chain broken", (1, 2))}),
        ("UPDATE claim SET paid_yen = 0", {("claim at odds with its last line", (1,))}),
        (
            "UPDATE insurance_usage SET premium_yen = 1",
            {("aggregates differ from a recount of the ledgers", (1,))},
        ),
        (
            "UPDATE insurance_usage SET claims_yen = claims_yen - 1",
            {("aggregates differ from a recount of the ledgers", (1,))},
        ),
        ("UPDATE insurance_usage SET supports = 0", {("aggregates differ from a recount of the ledgers", (1,))}),
        ("UPDATE insurance_bordereau SET content = '{}' WHERE id = 1", {(ALTERED, (1,))}),
        ("UPDATE insurance_bordereau SET content_hash = 'x' WHERE id = 2", {(ALTERED, (2,))}),
        ("UPDATE insurance_bordereau SET ledger_seq = 2 WHERE id = 1", {(SENT, (1,))}),
        ("UPDATE insurance_bordereau SET month = '2026-05' WHERE id = 1", {(SENT, (1,))}),
    ],
)
async def test_what_was_tampered_with_is_named(
    scene: Scene, statement: str, expected: set[tuple[str, tuple[int, ...]]]
) -> None:
    breaches = await broken_by(scene, statement)

    assert {(breach.what, breach.rows) for breach in breaches if breach.invariant == 3} == expected


async def test_a_claim_that_moved_as_none_may_is_named(scene: Scene) -> None:
    breaches = await broken_by(scene, "UPDATE claim_ledger SET state = 'settled'", "UPDATE claim SET state = 'settled'")

    assert Breach(3, "claim moved as no claim may", "claim", (1,)) in breaches


async def test_a_claim_whose_cover_was_voided_is_named(scene: Scene) -> None:
    # Nothing told of it: the claims bordereau named a cover that the supports did not have.
    breaches = await broken_by(scene, "UPDATE insurance_ledger SET kind = 'voided' WHERE kind = 'ended'")

    assert Breach(3, "claim under a cover that bears no risk", "claim", (1,)) in breaches


async def test_an_altered_ledger_under_a_sent_month_is_named_and_does_not_stop_the_check(scene: Scene) -> None:
    breaches = await broken_by(scene, "UPDATE insurance_ledger SET data = '{}'")

    assert {(SENT, (1,)), ("ledger chain broken", (1, 1))} <= {(breach.what, breach.rows) for breach in breaches}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incident SET kind = 'incident' WHERE kind = 'near_miss'",
        "UPDATE incident SET reported_at = '2026-06-09 00:00:00+00:00' WHERE id = 1",
        "UPDATE claim SET filed_at = '2026-06-09 00:00:00+00:00'",
    ],
)
async def test_safety_that_differs_from_what_was_reported_is_named(scene: Scene, statement: str) -> None:
    breaches = await broken_by(scene, statement)

    assert {breach.what for breach in breaches} == {"safety differs from the incidents and claims"}

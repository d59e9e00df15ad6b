"""What was tampered with is found and named."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from insurance.desk import END, HOUR, SUPPORT, Desk
from sharecare.insurance.audit import BrokenCover, BrokenLine, Fault, broken_chains, broken_covers
from sharecare.insurance.models import Cover, Policy


@pytest.fixture
async def covers(desk: Desk) -> list[Cover]:
    """Two covers, six lines: quoted and bound, quoted and bound, in force, ended."""
    one, two = await desk.bind(), await desk.bind(replace(SUPPORT, end_at=END - HOUR))
    await desk.start(one)
    await desk.end(one)
    return [one, two]


async def tamper(desk: Desk, *statements: str) -> None:
    """Do what only someone with the database in their hands can do."""
    triggers = (
        ("DROP TRIGGER insurance_ledger_no_update", "DROP TRIGGER insurance_ledger_no_delete")
        if desk.database.is_sqlite
        else ("DROP TRIGGER insurance_ledger_append_only ON insurance_ledger",)
    )

    async def work(session: AsyncSession) -> None:
        connection = await session.connection()
        for statement in (*triggers, *statements):
            await connection.execute(text(statement))

    await desk.database.write(work)


async def lines(desk: Desk) -> list[BrokenLine]:
    async with desk.database.read() as session:
        return await broken_chains(session)


async def faults(desk: Desk) -> list[BrokenCover]:
    async with desk.database.read() as session:
        return await broken_covers(session)


@pytest.mark.usefixtures("covers")
async def test_an_honest_ledger_has_no_fault(desk: Desk) -> None:
    assert await lines(desk) == []
    assert await faults(desk) == []


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'amended'",
        "end_at = start_at",
        """data = '{"kind": "pickup"}'""",
        "at = start_at",
        f"hash = '{'1' * 64}'",
    ],
)
async def test_an_altered_line_is_named(desk: Desk, covers: list[Cover], change: str) -> None:
    await tamper(desk, f"UPDATE insurance_ledger SET {change} WHERE seq = 4")

    assert BrokenLine(desk.policy.id, 4, covers[1].id) in await lines(desk)


async def test_a_line_whose_hash_was_made_to_fit_breaks_the_line_after_it(desk: Desk, covers: list[Cover]) -> None:
    await tamper(desk, "UPDATE insurance_ledger SET before = hash, hash = before WHERE seq = 4")

    assert await lines(desk) == [
        BrokenLine(desk.policy.id, 4, covers[1].id),
        BrokenLine(desk.policy.id, 5, covers[0].id),
    ]


async def test_missing_lines_are_found_at_the_line_after_them(desk: Desk, covers: list[Cover]) -> None:
    await tamper(desk, "DELETE FROM insurance_ledger WHERE cover_id = 2")

    assert await lines(desk) == [BrokenLine(desk.policy.id, 5, covers[0].id)]
    assert await faults(desk) == [BrokenCover(covers[1].id, covers[1].number, Fault.NO_LINE)]


async def test_a_ledger_cut_off_at_its_end_shows_in_its_cover(desk: Desk, covers: list[Cover]) -> None:
    await tamper(desk, "DELETE FROM insurance_ledger WHERE seq = 6")

    assert await lines(desk) == []
    assert await faults(desk) == [BrokenCover(covers[0].id, covers[0].number, Fault.STATE)]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE insurance_cover SET state = 'bound' WHERE id = {id}", Fault.STATE),
        ("UPDATE insurance_cover SET end_at = start_at WHERE id = {id}", Fault.WINDOW),
        ("UPDATE insurance_cover SET number = 'SK-2026-000009' WHERE id = {id}", Fault.NUMBER),
        ("UPDATE insurance_ledger SET kind = 'voided' WHERE seq = 6", Fault.ILLEGAL_MOVE),
        ("UPDATE insurance_ledger SET kind = 'paid' WHERE seq = 6", Fault.UNREADABLE),
        ("UPDATE insurance_ledger SET data = '{{}}' WHERE seq = 1", Fault.UNREADABLE),
    ],
)
async def test_a_cover_at_odds_with_its_lines_is_named(
    desk: Desk, covers: list[Cover], statement: str, fault: Fault
) -> None:
    await tamper(desk, statement.format(id=covers[0].id))

    assert [(broken.cover_id, broken.fault) for broken in await faults(desk)] == [(covers[0].id, fault)]


async def test_a_cover_that_its_policy_no_longer_reaches_is_named(desk: Desk, covers: list[Cover]) -> None:
    async def shorten(session: AsyncSession) -> None:
        kept = await session.get_one(Policy, desk.policy.id)
        kept.valid_until = covers[1].end_at
        session.add(kept)

    await desk.database.write(shorten)

    assert await faults(desk) == [BrokenCover(covers[0].id, covers[0].number, Fault.BEYOND_POLICY)]


async def test_terms_that_were_narrowed_afterwards_are_found(desk: Desk, covers: list[Cover]) -> None:
    async def narrow(session: AsyncSession) -> None:
        kept = await session.get_one(Cover, covers[0].id)
        kept.terms = kept.terms | {"hours_until": "18:00"}
        session.add(kept)

    await desk.database.write(narrow)

    assert await faults(desk) == [
        BrokenCover(covers[0].id, covers[0].number, fault) for fault in (Fault.TERMS, Fault.OUTSIDE_TERMS)
    ]

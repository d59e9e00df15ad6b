"""Binding cover, and the ledger it opens."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from insurance.desk import END, HOUR, MINUTE, NOW, START, SUPPORT, Desk
from sharecare.areas.rules import Means
from sharecare.errors import NotFound, Refusal
from sharecare.insurance.queries import cover_view
from sharecare.insurance.rules import terms_hash
from sharecare.insurance.service import NoPolicy, OutsideTerms


async def test_binding_snapshots_the_terms_and_writes_the_quotation_and_its_binding(desk: Desk) -> None:
    cover = await desk.bind()

    kept = await desk.stored(cover)
    assert (kept.number, kept.state, kept.supporter_id) == ("SK-2026-000001", "bound", desk.person.id)
    assert (kept.start_at, kept.end_at, kept.bound_at, kept.terms) == (START, END, NOW, desk.policy.terms)
    quoted, bound = await desk.lines()
    assert (quoted.seq, quoted.cover_id, quoted.kind, quoted.before) == (1, cover.id, "quoted", "0" * 64)
    assert (bound.seq, bound.cover_id, bound.kind, bound.before) == (2, cover.id, "bound", quoted.hash)
    assert quoted.data == bound.data
    assert bound.data == {
        "kind": "pickup",
        "means": "foot",
        "child_ages_months": [24, 60],
        "level": 1,
        "terms_hash": terms_hash(desk.policy.terms),
        "premium_yen": 0,
    }


async def test_bind_refuses_a_window_no_policy_covers(desk: Desk) -> None:
    with pytest.raises(NoPolicy):
        await desk.bind(replace(SUPPORT, start_at=START.replace(year=2025)))

    assert await desk.lines() == []


async def test_bind_refuses_what_the_terms_exclude_and_says_the_first_in_words(desk: Desk) -> None:
    with pytest.raises(OutsideTerms) as refused:
        await desk.bind(replace(SUPPORT, means=Means.CAR, child_ages_months=(6,)))

    assert refused.value.facts["term"] == "means"
    assert refused.value.text("ja") == "保険の条件に合いません。車での送迎は保険の対象外です(対象: 徒歩)。"
    assert refused.value.text("en") == (
        "This is outside the insurance. The insurance does not cover a pick-up by car (covered: on foot)."
    )
    assert await desk.lines() == []


async def test_parallel_bindings_form_one_chain(desk: Desk) -> None:
    # Without the lock in `next_line`, two bindings on PostgreSQL take one number and one of them is refused.
    covers = await asyncio.gather(*(desk.bind() for _ in range(20)))

    lines = await desk.lines()

    assert sorted(cover.number for cover in covers) == [f"SK-2026-{seq:06d}" for seq in range(1, 41, 2)]
    assert [line.seq for line in lines] == list(range(1, 41))
    assert [line.before for line in lines] == ["0" * 64, *(line.hash for line in lines[:-1])]


@pytest.mark.parametrize("statement", ["UPDATE insurance_ledger SET seq = 7", "DELETE FROM insurance_ledger"])
async def test_the_database_refuses_to_rewrite_the_ledger(desk: Desk, statement: str) -> None:
    await desk.bind()

    async def rewrite(session: AsyncSession) -> None:
        await (await session.connection()).execute(text(statement))

    with pytest.raises(Refusal):
        await desk.database.write(rewrite)
    assert [line.seq for line in await desk.lines()] == [1, 2]


async def test_cover_view_shows_what_the_two_families_may_rely_on(desk: Desk) -> None:
    cover = await desk.bind()

    async with desk.database.read() as session:
        view = await cover_view(session, cover_id=cover.id)

    assert (view.number, view.state) == ("SK-2026-000001", "bound")
    assert (view.insurer, view.policy_number) == ("さくら損害保険", "SK-2026")
    assert (view.start_at, view.end_at, view.covered_until) == (START, END, END + 30 * MINUTE)
    assert (view.liability_yen, view.property_yen) == (50_000_000, 30_000_000)
    assert view.terms.model_dump(mode="json") == desk.policy.terms


async def test_a_cover_that_does_not_exist_has_no_view(desk: Desk) -> None:
    async with desk.database.read() as session:
        with pytest.raises(NotFound):
            await cover_view(session, cover_id=1)


async def test_lines_of_one_policy_are_numbered_and_chained_across_covers(desk: Desk) -> None:
    one, two = await desk.bind(), await desk.bind(replace(SUPPORT, end_at=END + HOUR))
    await desk.start(two)
    await desk.void(one)

    lines = await desk.lines()

    assert [(line.seq, line.cover_id, line.kind) for line in lines] == [
        (1, one.id, "quoted"),
        (2, one.id, "bound"),
        (3, two.id, "quoted"),
        (4, two.id, "bound"),
        (5, two.id, "in_force"),
        (6, one.id, "voided"),
    ]
    assert [line.before for line in lines] == ["0" * 64, *(line.hash for line in lines[:-1])]
    assert lines[5].data == {"reason": "requester_cancelled", "premium_yen": 0}

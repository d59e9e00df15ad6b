"""Covers moving through their life."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from insurance.desk import END, HOUR, MINUTE, NOW, START, SUPPORT, Desk
from sharecare.errors import NotFound
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.rules import Coverage
from sharecare.insurance.service import (
    CoverRanOut,
    EndsBeforeItStarts,
    IllegalCoverMove,
    NoPolicy,
    OutsideTerms,
    end_cover,
    put_in_force,
)


async def test_of_parallel_starts_one_wins_and_the_others_are_told(desk: Desk) -> None:
    # Without the lock in `_held`, several find the cover bound on PostgreSQL and write a line each.
    cover = await desk.bind()

    outcomes = await asyncio.gather(*(desk.start(cover) for _ in range(10)), return_exceptions=True)

    assert sum(isinstance(outcome, Cover) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, IllegalCoverMove) for outcome in outcomes) == 9
    assert [line.kind for line in await desk.lines()] == ["quoted", "bound", "in_force"]


async def test_cover_follows_an_early_end_and_an_extension(desk: Desk) -> None:
    cover = await desk.bind()
    await desk.amend(cover, END - HOUR)
    await desk.start(cover)
    await desk.amend(cover, END + HOUR, now=START)

    kept, lines = await desk.stored(cover), await desk.lines()

    assert (kept.state, kept.end_at) == ("in_force", END + HOUR)
    assert [(line.kind, line.end_at) for line in lines] == [
        ("quoted", END),
        ("bound", END),
        ("amended", END - HOUR),
        ("in_force", END - HOUR),
        ("amended", END + HOUR),
    ]
    assert lines[2].data == {"end_before": "2026-11-21T10:00:00+00:00", "premium_yen": 0}
    assert lines[4].data == {"end_before": "2026-11-21T09:00:00+00:00", "premium_yen": 0}


async def test_amend_holds_the_new_window_to_the_terms_as_they_were_bound(desk: Desk) -> None:
    cover = await desk.bind()

    async def relax(session: AsyncSession) -> None:
        kept = await session.get_one(Policy, desk.policy.id)
        kept.terms = kept.terms | {"hours_until": "24:00"}

    await desk.database.write(relax)

    with pytest.raises(OutsideTerms, match="20:01"):
        await desk.amend(cover, END + HOUR + MINUTE)


async def test_amend_refuses_to_reach_beyond_the_policy(desk: Desk) -> None:
    late = desk.policy.valid_until - 6 * HOUR
    cover = await desk.bind(replace(SUPPORT, start_at=late, end_at=late + HOUR))

    with pytest.raises(NoPolicy):
        await desk.amend(cover, desk.policy.valid_until + MINUTE)


async def test_amend_refuses_an_end_that_leaves_no_window(desk: Desk) -> None:
    cover = await desk.bind()

    with pytest.raises(EndsBeforeItStarts):
        await desk.amend(cover, START)


async def test_an_extension_is_agreed_within_grace_and_never_back_dated(desk: Desk) -> None:
    cover, runs_out = await desk.bind(), END + 30 * MINUTE
    await desk.start(cover)

    with pytest.raises(CoverRanOut):
        await desk.amend(cover, END + HOUR, now=runs_out + MINUTE)

    assert (await desk.amend(cover, END + HOUR, now=runs_out)).end_at == END + HOUR


async def test_ending_a_cover_tells_how_far_it_reached_and_keeps_the_actual_end(desk: Desk) -> None:
    cover = await desk.bind()
    await desk.start(cover)

    reached = await desk.end(cover, END + 40 * MINUTE + timedelta(seconds=1))

    assert reached == Coverage(
        covered_until=END + 30 * MINUTE, grace_used_minutes=30, open_gap_minutes=11, is_whole=False
    )
    assert (await desk.stored(cover)).state == "ended"
    last = (await desk.lines())[-1]
    assert (last.kind, last.start_at, last.end_at) == ("ended", START, END)
    assert last.data == {
        "actual_start_at": "2026-11-21T08:30:00+00:00",
        "actual_end_at": "2026-11-21T10:40:01+00:00",
        "covered_until": "2026-11-21T10:30:00+00:00",
        "grace_used_minutes": 30,
        "open_gap_minutes": 11,
    }


async def test_end_refuses_an_end_before_the_start(desk: Desk) -> None:
    cover = await desk.bind()
    await desk.start(cover)

    with pytest.raises(EndsBeforeItStarts):
        await desk.end(cover, START - MINUTE)


async def test_a_cover_whose_support_began_can_not_begin_again_or_be_voided(desk: Desk) -> None:
    cover = await desk.bind()
    await desk.start(cover)

    with pytest.raises(IllegalCoverMove):
        await desk.start(cover)
    with pytest.raises(IllegalCoverMove):
        await desk.void(cover)

    assert [line.kind for line in await desk.lines()] == ["quoted", "bound", "in_force"]


@pytest.mark.parametrize("state", ["ended", "voided"])
async def test_a_closed_cover_moves_no_more(desk: Desk, state: str) -> None:
    cover = await desk.bind()
    if state == "ended":
        await desk.start(cover)
        await desk.end(cover)
    else:
        await desk.void(cover)
    before = await desk.lines()

    for move in (desk.start(cover), desk.amend(cover, START), desk.end(cover, START - MINUTE), desk.void(cover)):
        with pytest.raises(IllegalCoverMove):
            await move

    assert (await desk.stored(cover)).state == state
    assert await desk.lines() == before


async def test_a_cover_that_does_not_exist_is_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.database.write(lambda session: put_in_force(session, cover_id=1, now=NOW))


async def test_two_moves_in_one_transaction_follow_each_other(desk: Desk) -> None:
    cover = await desk.bind()

    async def work(session: AsyncSession) -> None:
        await put_in_force(session, cover_id=cover.id, now=START)
        await end_cover(session, cover_id=cover.id, actual_start_at=START, actual_end_at=END, now=END)

    await desk.database.write(work)

    lines = await desk.lines()
    assert [line.kind for line in lines] == ["quoted", "bound", "in_force", "ended"]
    assert [line.before for line in lines[1:]] == [line.hash for line in lines[:-1]]

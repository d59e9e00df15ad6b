"""Areas: what anyone may see, and what their staff set."""

import asyncio
from typing import Annotated

from fastapi import Query
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.schemas import MemberView, Reason
from sharecare.accounts.service import read_members
from sharecare.api.door import api_router
from sharecare.api.parameters import Id, Limit, NamePart
from sharecare.areas import service
from sharecare.areas.queries import all_areas, area_by_slug, settings_of, town_blocks_of
from sharecare.areas.rules import AreaSettings
from sharecare.areas.schemas import AreaSettingsView, AreaView, GoalDraft, TownBlockView
from sharecare.care import planning, standing
from sharecare.care.schemas import AreaPlan, PlanSent, PlanToSend
from sharecare.deps import Do, Here, Index, Now, Reader, Who
from sharecare.matching.assign import assign
from sharecare.paging import Page
from sharecare.registration.service import restore

router = api_router("areas")


@router.get("/areas", operation_id="list_areas")
async def list_areas(session: Reader) -> list[AreaView]:
    """List the areas."""
    return [AreaView.model_validate(area) for area in await all_areas(session)]


@router.get("/areas/{slug}", operation_id="read_area")
async def read_area(slug: str, session: Reader) -> AreaView:
    """Read one area."""
    return AreaView.model_validate(await area_by_slug(session, slug))


@router.get("/areas/{slug}/town-blocks", operation_id="list_town_blocks")
async def list_town_blocks(slug: str, session: Reader) -> list[TownBlockView]:
    """List the town blocks to choose a home from."""
    area = await area_by_slug(session, slug)
    return [TownBlockView.model_validate(block) for block in await town_blocks_of(session, area.id)]


@router.get("/areas/{slug}/settings", operation_id="read_area_settings")
async def read_settings(slug: str, session: Reader) -> AreaSettingsView:
    """Read the rules of one's area."""
    area = await area_by_slug(session, slug)
    return AreaSettingsView(**AreaView.model_validate(area).model_dump(), settings=settings_of(area))


@router.put("/areas/{slug}/settings", operation_id="change_area_settings")
async def change_settings(slug: str, settings: AreaSettings, actor: Who, do: Do, now: Now) -> AreaSettings:
    """Replace the rules of an area."""

    async def work(session: AsyncSession) -> AreaSettings:
        area = await area_by_slug(session, slug)
        await service.change_settings(session, area=area, settings=settings, by_person_id=actor.person_id, now=now)
        return settings

    return await do(work)


@router.put("/areas/{slug}/goals", operation_id="set_goal")
async def set_goal(slug: str, draft: GoalDraft, actor: Who, do: Do, now: Now) -> GoalDraft:
    """Set or replace the goal for one metric."""

    async def work(session: AsyncSession) -> GoalDraft:
        area = await area_by_slug(session, slug)
        await service.set_goal(session, area_id=area.id, draft=draft, by_person_id=actor.person_id, now=now)
        return draft

    return await do(work)


@router.get("/areas/{slug}/members", operation_id="list_members")
async def list_members(
    slug: str,
    reason: Annotated[str, Query(min_length=4, max_length=200, description="Why; logged, and shown to those listed.")],
    actor: Who,
    do: Do,
    now: Now,
    *,
    name: NamePart = "",
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[MemberView]:
    """List an area's accounts; each record read is logged with the reason."""

    async def work(session: AsyncSession) -> Page[MemberView]:
        area = await area_by_slug(session, slug)
        return await read_members(
            session, by=actor, area_id=area.id, reason=reason, name=name, cursor=cursor, limit=limit, now=now
        )

    return await do(work)


@router.post("/people/{person_id}/suspend", operation_id="suspend_person")
async def suspend_person(person_id: Id, why: Reason, actor: Who, do: Do, now: Now) -> None:
    """Suspend an account: its sign-ins end and its bookings can't start, at once."""
    await do(
        lambda session: standing.suspend_person(session, person_id=person_id, by=actor, reason=why.reason, now=now)
    )


@router.post("/people/{person_id}/restore", operation_id="restore_person")
async def restore_person(person_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Let a suspended account back in."""
    await do(lambda session: restore(session, person_id=person_id, by=actor, now=now))


@router.post("/areas/{slug}/plan", operation_id="plan_open_requests")
async def plan_requests(slug: str, here: Here, index: Index, now: Now) -> AreaPlan:
    """Plan all open requests at once: the most filled, then the best matched. Nothing is sent."""
    async with here.database.read() as session:
        area = await area_by_slug(session, slug)
        gathered = await planning.gather_open_requests(session, index, area=area, now=now)
    # Solved in a thread, and outside any transaction: it may take a while.
    solved = await asyncio.to_thread(assign, gathered.problem, time_limit_s=planning.TIME_LIMIT_S)
    return planning.plan_of(gathered, solved)


@router.post("/areas/{slug}/plan/send", operation_id="send_plan")
async def send_plan(slug: str, plan: PlanToSend, actor: Who, do: Do, index: Index, now: Now) -> PlanSent:
    """Send a plan's asks; nobody is booked without accepting."""

    async def work(session: AsyncSession) -> PlanSent:
        area = await area_by_slug(session, slug)
        return await planning.send_plan(session, index, by=actor, area=area, asks=plan.asks, now=now)

    return await do(work)

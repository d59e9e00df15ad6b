"""Making areas, setting their rules and goals."""

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area, Goal
from sharecare.areas.rules import AreaSettings
from sharecare.areas.schemas import GoalDraft
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record


async def make_area(
    session: AsyncSession,
    *,
    slug: str,
    name_ja: str,
    name_en: str,
    timezone: str,
    settings: AreaSettings,
    now: datetime,
) -> Area:
    """Add an area."""
    area = Area(
        slug=slug,
        name_ja=name_ja,
        name_en=name_en,
        timezone=timezone,
        settings=settings.model_dump(mode="json"),
        created_at=now,
    )
    session.add(area)
    await session.flush()  # the fact names the area
    record(session, kind=FactKind.AREA_CHANGED, at=now, area_id=area.id, data={"settings": area.settings})
    return area


async def change_settings(
    session: AsyncSession, *, area: Area, settings: AreaSettings, by_person_id: int, now: datetime
) -> None:
    """Replace an area's settings."""
    area.settings = settings.model_dump(mode="json")
    session.add(area)
    record(
        session,
        kind=FactKind.AREA_CHANGED,
        at=now,
        area_id=area.id,
        actor_id=by_person_id,
        data={"settings": area.settings},
    )


async def set_goal(
    session: AsyncSession, *, area_id: int, draft: GoalDraft, by_person_id: int | None, now: datetime
) -> Goal:
    """Set or replace the goal for one metric."""
    known = select(Goal).where(Goal.area_id == area_id, Goal.metric == draft.metric)
    goal = (await session.exec(known)).first() or Goal(area_id=area_id, **draft.model_dump())
    goal.sqlmodel_update(draft.model_dump())
    session.add(goal)
    record(
        session,
        kind=FactKind.GOAL_SET,
        at=now,
        area_id=area_id,
        actor_id=by_person_id,
        data={"metric": draft.metric, "target": draft.target},
    )
    return goal

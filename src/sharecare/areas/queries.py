"""Reading areas."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area, Goal, TownBlock
from sharecare.areas.rules import AreaSettings, as_counted, kept_settings
from sharecare.errors import NotFound


async def area_by_slug(session: AsyncSession, slug: str) -> Area:
    """Return an area.

    Raises:
        NotFound: there is none of this name.

    """
    area = (await session.exec(select(Area).where(Area.slug == slug))).first()
    if area is None:
        raise NotFound
    return area


async def area_by_id(session: AsyncSession, area_id: int) -> Area:
    """Return an area that is known to exist."""
    return await session.get_one(Area, area_id)


async def all_areas(session: AsyncSession) -> Sequence[Area]:
    """Return every area by slug."""
    return (await session.exec(select(Area).order_by(Area.slug))).all()


async def zone_of_area(session: AsyncSession, area_id: int) -> ZoneInfo:
    """Return the zone that an area's clocks show."""
    return ZoneInfo((await area_by_id(session, area_id)).timezone)


async def goals_of(session: AsyncSession, area_id: int) -> Sequence[Goal]:
    """Return an area's goals by metric."""
    return (await session.exec(select(Goal).where(Goal.area_id == area_id).order_by(Goal.metric))).all()


async def town_blocks_of(session: AsyncSession, area_id: int) -> Sequence[TownBlock]:
    """Return the town blocks that a person of this area can name as home, by name and number."""
    blocks = await session.exec(select(TownBlock).where(TownBlock.area_id == area_id))
    return sorted(blocks, key=lambda block: as_counted(block.town))


async def blocks_around(session: AsyncSession) -> tuple[float, float, float, float] | None:
    """Return south, west, north and east of every known town block, or None where there is none."""
    ends = select(func.min(TownBlock.lat), func.min(TownBlock.lon), func.max(TownBlock.lat), func.max(TownBlock.lon))
    south, west, north, east = (await session.exec(ends)).one()
    return None if south is None else (south, west, north, east)


async def town_block(session: AsyncSession, block_id: int) -> TownBlock:
    """Return a town block.

    Raises:
        NotFound: there is none of this id.

    """
    block = (await session.exec(select(TownBlock).where(col(TownBlock.id) == block_id))).first()
    if block is None:
        raise NotFound
    return block


def settings_of(area: Area) -> AreaSettings:
    """Return an area's settings, defaults filled in."""
    return kept_settings(area.settings).settings

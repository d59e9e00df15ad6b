"""What others see of oneself, who of the staff looked, and whom one keeps at a distance."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import accesses_to, children_of, home_of, person_by_id, supporter_profile
from sharecare.accounts.rules import age_in_months
from sharecare.areas.queries import zone_of_area
from sharecare.areas.words import LEVELS
from sharecare.certification.queries import level_of
from sharecare.trust.blocks import unblock
from sharecare.trust.queries import my_blocks
from sharecare.web.browser import page_router
from sharecare.web.maps import Shaded, cell_map
from sharecare.web.page import Looking
from sharecare.web.parameters import Id

router = page_router()
LOOKS_AT_ONCE = 50
MINE = 3  # a shade


@router.get("/me/privacy", operation_id="list_record_accesses")
async def privacy(look: Looking, cursor: str | None = None) -> Response:
    """Show oneself as others do, before and after a booking."""
    by, session = look.actor, look.session
    home = await home_of(session, by.household_id)
    zone = await zone_of_area(session, by.area_id)
    children = [
        (child, age_in_months(child.birth_month, look.now, zone) // 12)
        for child in await children_of(session, by.household_id)
    ]
    level = await level_of(session, person_id=by.person_id, now=look.now)
    return await look.show(
        "privacy.html",
        person=await person_by_id(session, by.person_id),
        home=home,
        map=cell_map([Shaded(str(home.cell), MINE, look.t("my_home.mine"))]) if home else None,
        children=children,
        level=LEVELS[level][0 if look.language == "ja" else 1],
        profile=await supporter_profile(session, by.person_id) if by.is_supporter else None,
        looks=await accesses_to(session, by.person_id, cursor=cursor, limit=LOOKS_AT_ONCE),
        blocks=await my_blocks(session, by=by),
    )


@router.post("/me/blocks/{other_id}/end", operation_id="unblock")
async def end_block(look: Looking, other_id: Id) -> Response:
    """End the distance."""

    async def work(session: AsyncSession) -> str:
        await unblock(session, by=look.actor, person_id=other_id, now=look.now)
        return "/me/privacy?done=unblocked"

    return await look.do(work)

"""Where the family lives: a town block, and a tap on the map for the exact place."""

from collections import defaultdict
from collections.abc import Sequence

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Home
from sharecare.accounts.queries import home_of
from sharecare.accounts.schemas import HomeDraft
from sharecare.accounts.service import set_home
from sharecare.areas.models import TownBlock
from sharecare.areas.queries import area_by_id, blocks_around, settings_of, town_blocks_of
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import Form
from sharecare.web.maps import Bounds, CellMap, Pin, Shaded, cell_map
from sharecare.web.page import Looking, View

router = page_router()
AROUND, MINE = 1, 3  # shades
JAPAN: Bounds = (26.0, 127.0, 45.6, 146.0)  # where no town block of any area says more


@router.get("/me/home", operation_id="set_home")
async def home_page(look: Looking) -> Response:
    """Show where the family lives, to change it."""
    home = await home_of(look.session, look.actor.household_id)
    if home is not None:
        facts = home.model_dump(include={"town_block_id", "postal_code", "address"})
        look.form = Form.of(lat=f"{home.lat:.6f}", lon=f"{home.lon:.6f}", **facts)
    return await _shown(look, home)


@router.post("/me/home", operation_id="set_home")
async def move(look: Looking) -> Response:
    """Take over where the family lives."""
    home = await home_of(look.session, look.actor.household_id)

    has_blocks = bool(await town_blocks_of(look.session, look.actor.area_id))

    async def deed() -> Response:
        draft = _draft(look.form, home, has_blocks=has_blocks)
        return await look.do(lambda session: _moved(session, look, draft))

    return await or_again(look, deed, lambda code: _shown(look, home, code=code))


def _draft(form: Form, before: Home | None, *, has_blocks: bool) -> HomeDraft:
    point = {"lat": form.plain("lat"), "lon": form.plain("lon")}
    block = form.maybe("town_block_id")
    # A point that the form only carried along belongs to the block chosen before.
    if before is not None and block not in {None, str(before.town_block_id)} and _is(before, point):
        point = {}
    return form.read(
        HomeDraft,
        names=dict.fromkeys(("", "lat", "lon"), "town_block_id") if has_blocks else {"": "lat"},
        town_block_id=block,
        postal_code=form.plain("postal_code"),
        address=form.maybe("address"),
        **point,
    )


def _is(home: Home, point: dict[str, str | None]) -> bool:
    return point == {"lat": f"{home.lat:.6f}", "lon": f"{home.lon:.6f}"}


async def _moved(session: AsyncSession, look: View, draft: HomeDraft) -> str:
    await set_home(session, by=look.actor, draft=draft, now=look.now)
    return "/me?done=home_saved"


async def _shown(look: View, home: Home | None, *, code: int = 200) -> Response:
    area = await area_by_id(look.session, look.actor.area_id)
    blocks = await town_blocks_of(look.session, area.id)
    cities: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for block in blocks:
        cities[block.city].append((block.id, block.town))
    return await look.show(
        "my_home.html",
        code=code,
        cities=cities,
        map=_map(look, blocks, home, await blocks_around(look.session) or JAPAN),
        level=settings_of(area).cell_level,
    )


def _map(look: View, blocks: Sequence[TownBlock], home: Home | None, around: Bounds) -> CellMap | None:
    towns: dict[int, list[str]] = defaultdict(list)
    for block in blocks:
        towns[block.cell].append(block.town)
    between = look.t("my_home.between")
    cells = [
        Shaded(str(cell), AROUND, between.join(names))
        for cell, names in towns.items()
        if home is None or cell != home.cell
    ]
    if home is not None:
        cells.append(Shaded(str(home.cell), MINE, look.t("my_home.mine")))
    return cell_map(cells, [Pin(block.lat, block.lon, block.town) for block in blocks], around=around)

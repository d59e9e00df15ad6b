"""Asking for help: who, when, where; then who could help; then the request goes out."""

from collections.abc import Collection, Mapping

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.candidates import candidate_views
from sharecare.care.overviews import cells_of
from sharecare.care.requests import open_request, preview_candidates
from sharecare.care.schemas import Candidate, Need
from sharecare.care.series import open_series
from sharecare.care.series_schemas import SeriesDraft
from sharecare.columns import id_in
from sharecare.trust.queries import my_communities
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.forms import BadForm
from sharecare.web.maps import CellMap, Pin, Shaded, cell_map
from sharecare.web.need_form import LENGTHS, Ground, ground_of, needs_of, remembered
from sharecare.web.page import Index, Looking, View

router = page_router()
DARKEST = 4  # the darkest shade of a map: as many people, or more


@router.get("/ask", operation_id="open_request")
async def ask(look: Looking, like: str = "", named: str = "") -> Response:
    """Offer the choices as they were last time; `like` asks once more, `named` asks one person alone."""
    ground = await ground_of(look, like=id_in(like))
    person_id = id_in(named) if id_in(named) in ground.supporters else None
    look.form = remembered(ground, again=id_in(like) > 0, named=person_id)
    return await _form(look, ground)


@router.post("/ask", operation_id="open_request")
async def ask_again(look: Looking) -> Response:
    """Show the choices as they were made, to change them."""
    return await _form(look, await ground_of(look))


@router.post("/ask/who", operation_id="preview_candidates")
async def who(look: Looking, index: Index) -> Response:
    """Show who could help, without asking anyone; of several days, on the first."""
    ground = await ground_of(look)
    return await or_again(look, lambda: _who(look, index, ground), lambda code: _form(look, ground, code=code))


async def _who(look: View, index: Index, ground: Ground) -> Response:
    needs = needs_of(look, ground)
    found = await _found(look, index, needs)
    whole = [one for one in found if one.whole]
    part = [one for one in found if not one.whole]
    is_shared = any(one.community_ids for one in found)
    mine = await my_communities(look.session, by=look.actor) if is_shared else []
    lived_in = await cells_of(look.session, [one.supporter_id for one in whole])
    return await look.show(
        "who.html",
        ground=ground,
        needs=needs,
        whole=whole,
        part=part,
        communities={one.id: one.name for one in mine},
        typed=look.form.typed(),
        map=_map(look, ground, lived_in),
        side=_side(look, lived_in),
    )


@router.post("/requests", operation_id="open_request")
async def send(look: Looking, index: Index) -> Response:
    """Open one request for each chosen day, all of them or none; or one for every week."""
    ground = await ground_of(look)

    async def deed() -> Response:
        needs = needs_of(look, ground)
        return await look.do(lambda session: _opened(session, look, index, needs))

    return await or_again(look, deed, lambda code: _form(look, ground, code=code))


async def _opened(session: AsyncSession, look: View, index: Index, needs: list[Need]) -> str:
    if until := look.form.maybe("until"):
        return await _opened_weekly(session, look, index, needs, until)
    opened = [await open_request(session, index, by=look.actor, need=need, now=look.now) for need in needs]
    return f"/requests/{opened[0].id}?done=asked" if len(opened) == 1 else "/requests?done=asked_days"


async def _opened_weekly(session: AsyncSession, look: View, index: Index, needs: list[Need], until: str) -> str:
    if len(needs) > 1:
        look.form.problems["until"] = look.t("ask.problem.until")
        raise BadForm
    draft = look.form.read(SeriesDraft, names={"": "until"}, need=needs[0], until=until)
    series = await open_series(session, index, by=look.actor, draft=draft, now=look.now)
    return f"/series/{series.id}?done=series_asked"


async def _found(look: View, index: Index, needs: list[Need]) -> list[Candidate]:
    async def work(session: AsyncSession) -> list[Candidate]:
        need, *also = needs
        found = await preview_candidates(session, index, by=look.actor, need=need, also=also, now=look.now)
        return await candidate_views(session, found, language=look.language)

    await look.session.close()  # one connection at a time, as in a command
    return await look.here.database.write(work)


def _map(look: View, ground: Ground, counted: Mapping[str, int]) -> CellMap | None:
    """Draw in how many cells those who could help live, beside the home and the places of last time."""
    if ground.home is None or not counted:
        return None
    cells = [Shaded(code, min(n, DARKEST), look.t("who.in_cell", n=n)) for code, n in sorted(counted.items())]
    pins = [Pin(place.lat, place.lon, place.name) for place in ground.places]
    return cell_map(cells, [Pin(ground.home.lat, ground.home.lon, look.t("care.home")), *pins])


def _side(look: View, codes: Collection[str]) -> str:
    """Say how long the sides of some cells are: a code has more digits the smaller its cell is."""
    sides = [look.t(f"who.side.{digits}") for digits in sorted({len(code) for code in codes}, reverse=True)]
    if len(sides) > 1:
        return look.t("who.sides", smallest=sides[0], largest=sides[-1])
    return "".join(sides)


async def _form(look: View, ground: Ground, *, code: int = 200) -> Response:
    named = ground.supporters.get(id_in(look.form.text("named")))
    return await look.show("ask.html", code=code, ground=ground, named=named, lengths=LENGTHS)

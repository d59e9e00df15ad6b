"""Streets under the cells are for those who are signed in, at a person's pace."""

from http import HTTPStatus

import httpx

from pictures import PICTURE, pictures
from sharecare.accounts.sign_ins import start_sign_in
from sharecare.tiles import Tiles
from sharecare.web.streets import PACE
from web.browsing import Site

TILE = "/tiles/16/58207/25763.png"


async def test_who_is_signed_in_gets_pictures_up_to_a_pace(site: Site) -> None:
    staff_id, now = site.world.staff.person_id, site.world.now
    _, secret = await site.runtime.database.write(
        lambda session: start_sign_in(session, person_id=staff_id, device="", now=now, days=1)
    )
    async with (
        pictures() as source,
        httpx.AsyncClient(base_url=site.base) as stranger,
        httpx.AsyncClient(base_url=site.base, cookies={"sharecare": secret}) as member,
    ):
        site.runtime.tiles = Tiles(source.url)
        outside, inside = await stranger.get(TILE), await member.get(TILE)
        beyond = await member.get("/tiles/16/65536/1.png")
        nonsense = await member.get("/tiles/16/x/1.png")
        await site.runtime.limiter.hit(PACE, "tiles", str(staff_id), cost=PACE.amount - 2)
        flooding = await member.get(TILE)

    assert outside.status_code == HTTPStatus.SEE_OTHER
    assert (inside.status_code, inside.headers["content-type"], inside.content) == (200, "image/png", PICTURE)
    assert beyond.status_code == nonsense.status_code == HTTPStatus.NOT_FOUND
    assert flooding.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert source.asked == ["/16/58207/25763.png"]


async def test_the_library_of_maps_is_ours_to_serve(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.base) as anyone:
        answer = await anyone.get("/leaflet/leaflet.js")

    assert answer.status_code == HTTPStatus.OK
    assert "script-src 'self'" in answer.headers["content-security-policy"]

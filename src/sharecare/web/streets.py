"""Streets under the cells: pictures that come through us, for those who are signed in."""

from fastapi.responses import Response
from limits import parse

from sharecare.errors import NotFound
from sharecare.tries import TooManyTries
from sharecare.web.browser import page_router
from sharecare.web.page import Looking

router = page_router()
PACE = parse("600/minute")  # some twenty screens of them


@router.get("/tiles/{z}/{x}/{y}.png", operation_id="show_tile")
async def show_tile(look: Looking, z: int, x: int, y: int) -> Response:
    """Give one picture of the map.

    Raises:
        TooManyTries: nobody looks at a map that fast.
        NotFound: there is none, or none to be had now.

    """
    who = str(look.actor.person_id)
    await look.session.close()  # a slow source must not hold a connection
    if not await look.here.limiter.hit(PACE, "tiles", who):
        raise TooManyTries(seconds=60)
    found = await look.here.tiles.tile(z, x, y, now=look.now)
    if found is None:
        raise NotFound
    kind, picture = found
    return Response(picture, media_type=kind, headers={"Cache-Control": "private, max-age=604800"})

"""One's plans in a calendar app: a secret link to make, change and close."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.calendar import (
    calendar_feed,
    calendar_link_of,
    calendar_secret,
    make_calendar_link,
    revoke_calendar_link,
)
from sharecare.deps import Here, Now, Reader
from sharecare.web.browser import page_router
from sharecare.web.page import Looking

router = page_router()


@router.get("/supports/calendar", operation_id="show_calendar_link")
async def link_page(look: Looking) -> Response:
    """Show the link, or offer to make one."""
    link = await calendar_link_of(look.session, by=look.actor)
    if link is None:
        return await look.show("calendar_link.html", address=None, made_at=None)
    secret = calendar_secret(link, key=look.here.settings.signing_key)
    address = f"{look.here.settings.public_url.rstrip('/')}/calendar/{secret}.ics"
    return await look.show("calendar_link.html", address=address, made_at=link.made_at)


@router.post("/supports/calendar", operation_id="make_calendar_link")
async def make(look: Looking) -> Response:
    """Make a link; the one before opens nothing any more."""
    by, key = look.actor, look.here.settings.signing_key

    async def work(session: AsyncSession) -> str:
        await make_calendar_link(session, by=by, key=key, now=look.now)
        return "/supports/calendar?done=calendar_made"

    return await look.do(work)


@router.post("/supports/calendar/close", operation_id="revoke_calendar_link")
async def close(look: Looking) -> Response:
    """Close the link at once."""
    by = look.actor

    async def work(session: AsyncSession) -> str:
        await revoke_calendar_link(session, person_id=by.person_id)
        return "/supports/calendar?done=calendar_closed"

    return await look.do(work)


@router.get("/calendar/{secret}.ics", operation_id="read_calendar_feed")
async def feed(secret: str, here: Here, session: Reader, now: Now) -> Response:
    """Give a calendar app the plans behind a link: whoever knows the secret may read them."""
    told = await calendar_feed(session, secret=secret, public_url=here.settings.public_url, now=now)
    return Response(told, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, no-store"})

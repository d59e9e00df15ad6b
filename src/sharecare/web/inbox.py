"""The notifications centre: what is new first; opening a message leads to where one acts on it."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.messages.queries import message_of, messages_of
from sharecare.messages.schemas import UpTo
from sharecare.messages.service import mark_all_read, mark_read
from sharecare.web.browser import page_router
from sharecare.web.page import Looking
from sharecare.web.parameters import Id

router = page_router()


@router.get("/messages", operation_id="list_messages")
async def inbox(look: Looking, unread: str | None = None, read: str | None = None) -> Response:
    """Show what is unopened, then what was opened; each list has its own further pages."""
    me, language = look.actor.person_id, look.language
    new = await messages_of(look.session, person_id=me, cursor=unread, opened=False, language=language)
    old = await messages_of(look.session, person_id=me, cursor=read, opened=True, language=language)
    return await look.show("messages.html", new=new, old=old, further=unread or read)


@router.post("/messages/{message_id}/open", operation_id="read_message")
async def open_message(look: Looking, message_id: Id) -> Response:
    """Note that it was opened, and lead on."""
    me = look.actor.person_id

    async def work(session: AsyncSession) -> str:
        await mark_read(session, person_id=me, message_id=message_id, now=look.now)
        message = await message_of(session, person_id=me, message_id=message_id)
        return message.path or "/messages"

    return await look.do(work)


@router.post("/messages/read", operation_id="read_all_messages")
async def open_all(look: Looking) -> Response:
    """Note that everything on the page was seen."""
    seen = look.form.read(UpTo, up_to=look.form.maybe("up_to"))

    async def work(session: AsyncSession) -> str:
        await mark_all_read(session, person_id=look.actor.person_id, up_to=seen.up_to, now=look.now)
        return "/messages?done=all_read"

    return await look.do(work)

"""One's own messages."""

from fastapi import status

from sharecare.api.door import api_router
from sharecare.api.parameters import Id, Limit
from sharecare.deps import Do, Now, Reader, Who
from sharecare.messages.queries import messages_of, unread_count
from sharecare.messages.schemas import Inbox, UpTo
from sharecare.messages.service import mark_all_read, mark_read

router = api_router("messages", under="/me/messages")


@router.get("", operation_id="list_messages")
async def list_messages(actor: Who, session: Reader, cursor: str | None = None, limit: Limit = 20) -> Inbox:
    """List one's messages, newest first, and count those not yet opened."""
    page = await messages_of(session, person_id=actor.person_id, cursor=cursor, limit=limit)
    unread = await unread_count(session, person_id=actor.person_id)
    return Inbox(items=page.items, next_cursor=page.next_cursor, unread=unread)


@router.post("/{message_id}/read", status_code=status.HTTP_204_NO_CONTENT, operation_id="read_message")
async def read(message_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Note that one has opened a message."""
    await do(lambda session: mark_read(session, person_id=actor.person_id, message_id=message_id, now=now))


@router.post("/read", status_code=status.HTTP_204_NO_CONTENT, operation_id="read_all_messages")
async def read_all(seen: UpTo, actor: Who, do: Do, now: Now) -> None:
    """Note that one has seen one's messages up to one of them; what came since stays unopened."""
    await do(lambda session: mark_all_read(session, person_id=actor.person_id, up_to=seen.up_to, now=now))

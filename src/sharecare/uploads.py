"""Taking in what is uploaded, the same at every door: nothing is unpacked that there is no room for."""

from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.errors import Refusal
from sharecare.incidents.letters import require_attachment_room
from sharecare.incidents.papers import Paper, as_paper
from sharecare.incidents.photos import Photo, decoded
from sharecare.incidents.service import require_photo_room

Do = Callable[[Callable[[AsyncSession], Awaitable[NoReturn]]], Awaitable[object]]
T = TypeVar("T")


async def photo_for(session: AsyncSession, incident_id: int, data: bytes, *, do: Do) -> Photo:
    """Return a photo, ready to be kept with an incident; `do` runs the command that will keep it.

    Raises:
        IncidentClosed, EnoughPhotos, NotAPhoto: as they say.

    """
    return await _taken_in(session, require_photo_room(session, incident_id), lambda: decoded(data), do=do)


async def paper_for(session: AsyncSession, claim_id: int, letter_id: int, data: bytes, *, do: Do) -> Paper:
    """Return a paper, ready to be kept with a letter of a claim; `do` runs the command that will keep it.

    Raises:
        NotFound, EnoughAttachments, NotAPaper: as they say.

    """
    room = require_attachment_room(session, claim_id=claim_id, letter_id=letter_id)
    return await _taken_in(session, room, lambda: as_paper(data), do=do)


async def _taken_in(session: AsyncSession, room: Awaitable[object], read: Callable[[], Awaitable[T]], *, do: Do) -> T:
    try:
        await room
    except Refusal as refusal:
        await do(_refused_with(refusal))
        raise
    await session.close()  # nobody should wait for a connection while uploads wait for their turn
    return await read()


def _refused_with(refusal: Refusal) -> Callable[[AsyncSession], Awaitable[NoReturn]]:
    """Refuse inside the command: the last upload that found room, sent again, still gets its first answer."""

    async def refused(_session: AsyncSession) -> NoReturn:
        raise refusal

    return refused

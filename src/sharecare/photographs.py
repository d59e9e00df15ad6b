"""Taking in an uploaded photo, the same at every door: none is unpacked that its incident has no room for."""

from collections.abc import Awaitable, Callable
from typing import NoReturn

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.errors import Refusal
from sharecare.incidents.photos import Photo, decoded
from sharecare.incidents.service import require_photo_room

Do = Callable[[Callable[[AsyncSession], Awaitable[NoReturn]]], Awaitable[object]]


async def photo_for(session: AsyncSession, incident_id: int, data: bytes, *, do: Do) -> Photo:
    """Return a photo, ready to be kept with an incident; `do` runs the command that will keep it.

    Raises:
        IncidentClosed, EnoughPhotos, NotAPhoto: as they say.

    """
    try:
        await require_photo_room(session, incident_id)
    except Refusal as refusal:
        await do(_refused_with(refusal))
        raise
    await session.close()  # nobody should wait for a connection while photos wait for their turn
    return await decoded(data)


def _refused_with(refusal: Refusal) -> Callable[[AsyncSession], Awaitable[NoReturn]]:
    """Refuse inside the command: the last photo that found room, sent again, still gets its first answer."""

    async def refused(_session: AsyncSession) -> NoReturn:
        raise refusal

    return refused

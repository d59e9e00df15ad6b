"""One's own hours."""

from fastapi import status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.api.door import api_router
from sharecare.api.parameters import Id
from sharecare.availability import service
from sharecare.availability.queries import exception_view, my_hours
from sharecare.availability.schemas import ExceptionDraft, ExceptionView, HoursView, WeekDraft
from sharecare.deps import Do, Now, Reader, Who

router = api_router("availability", under="/me/hours")


@router.get("", operation_id="read_hours")
async def read(actor: Who, session: Reader, now: Now) -> HoursView:
    """Read when you offer care: weekly hours, and the exceptions from yesterday on."""
    return await my_hours(session, by=actor, now=now)


@router.put("", operation_id="set_weekly_hours")
async def set_week(week: WeekDraft, actor: Who, do: Do, now: Now) -> HoursView:
    """Replace all weekly hours; exceptions stay."""

    async def work(session: AsyncSession) -> HoursView:
        await service.set_weekly_hours(session, by=actor, weekly=[hours.row() for hours in week.weekly], now=now)
        return await my_hours(session, by=actor, now=now)

    return await do(work)


@router.post("/exceptions", status_code=status.HTTP_201_CREATED, operation_id="add_hours_exception")
async def add_exception(draft: ExceptionDraft, actor: Who, do: Do, now: Now) -> ExceptionView:
    """Add hours to one date, or take some away; what is taken away wins."""

    async def work(session: AsyncSession) -> ExceptionView:
        return exception_view(await service.add_exception(session, by=actor, draft=draft, now=now))

    return await do(work)


@router.delete(
    "/exceptions/{exception_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="remove_hours_exception"
)
async def remove_exception(exception_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Take an exception back."""
    await do(lambda session: service.remove_exception(session, by=actor, exception_id=exception_id, now=now))

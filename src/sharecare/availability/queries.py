"""Reading hours: one's own, and what matching needs."""

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Select, bindparam, case, select
from sqlmodel import col
from sqlmodel import select as fetch
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import supporter_profile
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id
from sharecare.availability.models import HoursException, WeeklyHours
from sharecare.availability.rules import ExceptionKind, Weekly
from sharecare.availability.schemas import ExceptionView, HoursView, WeeklyDraft, clocks
from sharecare.batches import SOME_IDS, Page, read_by_ids, stream_columns

WeeklyRow = tuple[int, int, int, int, date | None, date | None]
"""Person id, and the fields of `Weekly`."""
DatedRow = tuple[int, date, int, int, bool]
"""Person id, date, start and end minute, and whether the hours are added."""
HoursRow = tuple[int, int, int, int, date | None, date | None]
"""A `WeeklyRow`; or an exception, its date in both places and `ADDED` or `REMOVED` in that of the weekday."""
ADDED, REMOVED = -1, -2


async def my_hours(session: AsyncSession, *, by: Actor, now: datetime) -> HoursView:
    """Return the person's own hours, in the zone they are read in."""
    weekly = fetch(WeeklyHours).where(WeeklyHours.person_id == by.person_id)
    weekly = weekly.order_by(col(WeeklyHours.weekday), col(WeeklyHours.start_minute), col(WeeklyHours.id))
    dated = fetch(HoursException).where(
        HoursException.person_id == by.person_id, col(HoursException.on_date) >= now.date() - timedelta(days=1)
    )
    dated = dated.order_by(col(HoursException.on_date), col(HoursException.start_minute), col(HoursException.id))
    return HoursView(
        timezone=await _zone_of(session, by),
        weekly=[
            WeeklyDraft(
                weekday=row.weekday,
                from_date=row.from_date,
                until_date=row.until_date,
                **clocks(row.start_minute, row.end_minute),
            )
            for row in await session.exec(weekly)
        ],
        exceptions=[exception_view(row) for row in await session.exec(dated)],
    )


def as_weekly(row: WeeklyHours) -> Weekly:
    """Return stored hours as rules take them."""
    return Weekly(row.weekday, row.start_minute, row.end_minute, row.from_date, row.until_date)


def exception_view(row: HoursException) -> ExceptionView:
    """Return an exception as its owner sees it."""
    told = clocks(row.start_minute, row.end_minute)
    return ExceptionView(id=row.id, on_date=row.on_date, kind=row.kind, imported=row.imported, **told)


async def weekly_of(session: AsyncSession, person_ids: Iterable[int]) -> list[WeeklyRow]:
    """Return the weekly hours of some people, by person id."""
    return await read_by_ids(session, person_ids, _WEEKLY_OF)


async def dated_of(session: AsyncSession, person_ids: Iterable[int], *, since: date) -> list[DatedRow]:
    """Return the exceptions of some people from a date on, by person id."""
    return await read_by_ids(session, person_ids, _DATED_OF, since=since)


async def hours_of(session: AsyncSession, person_ids: Iterable[int], *, since: date) -> list[HoursRow]:
    """Return the weekly hours of some people, and their exceptions from a date on."""
    return await read_by_ids(session, person_ids, _HOURS_OF, since=since)


def stream_weekly(session: AsyncSession) -> AsyncIterator[Page]:
    """Yield everybody's weekly hours, fields as in `WeeklyRow`."""
    return stream_columns(session, col(WeeklyHours.person_id), lambda some: _weekly_rows().where(some))


def stream_dated(session: AsyncSession, *, since: date) -> AsyncIterator[Page]:
    """Yield everybody's exceptions from a date on, fields as in `DatedRow`."""
    return stream_columns(
        session, col(HoursException.person_id), lambda some: _dated_rows().where(some).params(since=since)
    )


async def _zone_of(session: AsyncSession, by: Actor) -> str:
    profile = await supporter_profile(session, by.person_id)
    return profile.timezone if profile else (await area_by_id(session, by.area_id)).timezone


def _weekly_rows() -> Select[*WeeklyRow]:
    return select(
        col(WeeklyHours.person_id),
        col(WeeklyHours.weekday),
        col(WeeklyHours.start_minute),
        col(WeeklyHours.end_minute),
        col(WeeklyHours.from_date),
        col(WeeklyHours.until_date),
    ).order_by(col(WeeklyHours.person_id), col(WeeklyHours.id))


def _dated_rows() -> Select[*DatedRow]:
    return (
        select(
            col(HoursException.person_id),
            col(HoursException.on_date),
            col(HoursException.start_minute),
            col(HoursException.end_minute),
            col(HoursException.kind) == ExceptionKind.ADD,
        )
        .where(col(HoursException.on_date) >= bindparam("since"))
        .order_by(col(HoursException.person_id), col(HoursException.id))
    )


_WEEKLY_OF = _weekly_rows().where(col(WeeklyHours.person_id).in_(SOME_IDS))
_DATED_OF = _dated_rows().where(col(HoursException.person_id).in_(SOME_IDS))


def _hours_rows() -> Select[*HoursRow]:
    """Select both at once: a fact about hours doesn't say which changed."""
    _, on_date, start, end, adds = _DATED_OF.selected_columns
    dated = _DATED_OF.with_only_columns(
        col(HoursException.person_id), case((adds, ADDED), else_=REMOVED), start, end, on_date, on_date
    )
    found = _WEEKLY_OF.order_by(None).union_all(dated.order_by(None)).subquery()
    return select(*found.c)


_HOURS_OF = _hours_rows()

"""Saying when one offers care."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor
from sharecare.availability.models import HoursException, WeeklyHours
from sharecare.availability.queries import as_weekly
from sharecare.availability.rules import MOST_BUSY, MOST_ROWS, BusyRow, ExceptionKind, Weekly
from sharecare.availability.schemas import ExceptionDraft
from sharecare.availability.week import changed_week
from sharecare.errors import NotFound, Refusal
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record


class TooManyHours(Refusal):
    """More rows than anyone's calendar needs."""

    ja = "登録できる時間帯は{most}件までです。不要なものを削除してください。"
    en = "You can keep at most {most} entries. Remove some first."


async def set_weekly_hours(session: AsyncSession, *, by: Actor, weekly: Sequence[Weekly], now: datetime) -> None:
    """Replace all of one's weekly hours.

    Raises:
        TooManyHours: there are more than anyone needs.

    """
    if len(weekly) > MOST_ROWS:
        raise TooManyHours(most=MOST_ROWS)
    await _lock(session, by)
    await session.exec(delete(WeeklyHours).where(col(WeeklyHours.person_id) == by.person_id))
    session.add_all(WeeklyHours(person_id=by.person_id, **row._asdict()) for row in dict.fromkeys(weekly))
    _record(session, by, now)


async def change_week(
    session: AsyncSession, *, by: Actor, add: Sequence[Weekly], remove: Sequence[Weekly], now: datetime
) -> None:
    """Add some weekly hours and take others away; whatever neither touches stays as it is, to the minute.

    Raises:
        TooManyHours: there would be more rows than anyone needs.

    """
    await _lock(session, by)
    rows = await session.exec(select(WeeklyHours).where(WeeklyHours.person_id == by.person_id))
    weekly = changed_week([as_weekly(row) for row in rows], add=add, remove=remove)
    await set_weekly_hours(session, by=by, weekly=weekly, now=now)


async def add_exception(session: AsyncSession, *, by: Actor, draft: ExceptionDraft, now: datetime) -> HoursException:
    """Add hours to one date, or take some away.

    Raises:
        TooManyHours: there are as many as anyone needs from yesterday on.

    """
    await _lock(session, by)
    mine = select(func.count()).select_from(HoursException).where(HoursException.person_id == by.person_id)
    standing = mine.where(
        col(HoursException.on_date) >= now.date() - timedelta(days=1), col(HoursException.imported).is_(False)
    )
    if (await session.exec(standing)).one() >= MOST_ROWS:
        raise TooManyHours(most=MOST_ROWS)
    start_minute, end_minute = draft.minutes()
    row = HoursException(
        person_id=by.person_id,
        on_date=draft.on_date,
        start_minute=start_minute,
        end_minute=end_minute,
        kind=draft.kind,
    )
    session.add(row)
    await session.flush()  # the answer names the exception
    _record(session, by, now)
    return row


async def remove_exception(session: AsyncSession, *, by: Actor, exception_id: int, now: datetime) -> None:
    """Take an exception back.

    Raises:
        NotFound: one has no such exception.

    """
    mine = delete(HoursException).where(
        col(HoursException.id) == exception_id, col(HoursException.person_id) == by.person_id
    )
    if not (await session.exec(mine)).rowcount:
        raise NotFound
    _record(session, by, now)


async def replace_imported(session: AsyncSession, *, by: Actor, busy: Sequence[BusyRow], now: datetime) -> None:
    """Take away the hours of one's own calendar; what an earlier import took away comes back first.

    Raises:
        TooManyHours: there are more than anyone needs.

    """
    if len(busy) > MOST_BUSY:
        raise TooManyHours(most=MOST_BUSY)
    await _lock(session, by)
    mine = col(HoursException.person_id) == by.person_id
    await session.exec(delete(HoursException).where(mine, col(HoursException.imported)))
    session.add_all(
        HoursException(
            person_id=by.person_id,
            on_date=on_date,
            start_minute=start_minute,
            end_minute=end_minute,
            kind=ExceptionKind.REMOVE,
            imported=True,
        )
        for on_date, start_minute, end_minute in dict.fromkeys(busy)
    )
    _record(session, by, now)


async def _lock(session: AsyncSession, by: Actor) -> None:
    """Let one device at a time change a person's hours: two replacements at once would both stay."""
    mine = select(Person.id).where(Person.id == by.person_id)
    await session.exec(mine.with_for_update(key_share=True))  # what only refers to the person need not wait


def _record(session: AsyncSession, by: Actor, now: datetime) -> None:
    record(
        session, kind=FactKind.HOURS_CHANGED, at=now, area_id=by.area_id, actor_id=by.person_id, person_id=by.person_id
    )

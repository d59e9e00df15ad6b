"""Making the demonstration, and keeping it away from real people's data."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import literal
from sqlalchemy import select as sa_select
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_slug
from sharecare.areas.rules import Level
from sharecare.care.models import Booking
from sharecare.care.queries import busy_periods, stream_busy
from sharecare.config import Settings
from sharecare.db import Database
from sharecare.demo.days import Days
from sharecare.demo.month import DAYS, Month
from sharecare.demo.settling import get_to_know, make_town, move_in
from sharecare.demo.stage import ZONE, Stage, local
from sharecare.demo.town import INSURER_EMAIL, PASSWORD, SLUG, neighbours
from sharecare.deps import Runtime
from sharecare.errors import Refusal
from sharecare.journal.models import FeedMark
from sharecare.mark import DemoMark, is_demo
from sharecare.matching.feed import LiveIndex
from sharecare.metrics.report import report
from sharecare.metrics.schemas import AreaReport, Audience
from sharecare.migrations import migrate, wipe
from sharecare.models import metadata

MEMBERS = 120
SETTLING = timedelta(days=14)
DAYS_AHEAD = 5  # people ask up to about four days before
Progress = Callable[[str, float], None]
"""Told what is being done and which part of the whole is behind, 0 to 1."""


class NotADemo(Refusal):
    """The database holds something that no demo made."""

    ja = "このデータベースにはすでにデータがあります。デモは空のデータベースにだけ作れます。"
    en = "This database already holds data. A demo is only ever made in an empty one."


class DemoStands(Refusal):
    """A demo is there already."""

    ja = "デモのデータがすでにあります。作り直すには --reset を付けてください。"
    en = "The demo is already there. Add --reset to make it again."


@dataclass(frozen=True, slots=True)
class Login:
    """A sign-in to try."""

    who: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Demo:
    """What was made."""

    report: AreaReport
    bookings: int
    logins: list[Login]
    elapsed_s: float


async def make_demo(
    settings: Settings,
    *,
    seed: int,
    now: datetime,
    reset: bool,
    progress: Progress,
    members: int = MEMBERS,
    length: int = DAYS,
) -> Demo:
    """Make the pilot town and live its month, or another `length` of days, ending on the last Sunday before `now`.

    The days since then are lived too, and the requests of those to come are open, but the report is of the month alone:
    it stays the same from one Monday to the next.

    Raises:
        NotADemo: the database holds data that is not a demo's.
        DemoStands: a demo is there, and `reset` was not asked for.

    """
    began = time.perf_counter()
    today = now.astimezone(ZONE).date()
    first_day = today - timedelta(days=today.weekday() + length)
    days = Days(local(first_day, 9 * 60) - SETTLING)
    database = Database(settings.url, pool_size=settings.database_pool)
    try:
        await _make_room(database, reset=reset)
        await database.write(lambda session: _mark(session, seed, length, days.now))
        here = Runtime(
            settings=settings, database=database, index=LiveIndex(busy_periods, stream_busy), clock=days.clock
        )
        stage = await _settle(here, days, Random(seed), first_day, members, progress)  # noqa: S311  -- dice, not secrets
        month = Month(stage)
        month.plan(first_day, length)
        month.plan_weekly(first_day)
        for number in range(length):
            progress("living", 0.3 + 0.6 * number / length)
            await days.live_until(local(first_day + timedelta(days=number + 1), 0))
        await days.live_until(local(first_day + timedelta(days=length), 1))
        await month.mishaps.send_last_month()
        async with database.read() as session:
            area = await area_by_slug(session, SLUG)
            last_day = first_day + timedelta(days=length - 1)
            made = await report(session, area=area, first_day=first_day, last_day=last_day, audience=Audience.OPERATOR)
            bookings = (await session.exec(select(func.count()).select_from(Booking))).one()
        progress("living", 0.98)
        month.plan(last_day + timedelta(days=1), (today - last_day).days + DAYS_AHEAD)
        await days.live_until(max(days.now, now))
    finally:
        await database.close()
    elapsed_s = round(time.perf_counter() - began, 1)
    return Demo(report=made, bookings=bookings, logins=_logins(stage), elapsed_s=elapsed_s)


async def _make_room(database: Database, *, reset: bool) -> None:
    await migrate(database)
    async with database.read() as session:
        marked = await is_demo(session)
        inhabited = await _holds_anything(session)
    if marked and not reset:
        raise DemoStands
    if inhabited and not marked:
        raise NotADemo
    if marked:
        await wipe(database)


async def _holds_anything(session: AsyncSession) -> bool:
    """Look for any row at all; a worker's place in an empty journal is none."""
    for table in metadata.sorted_tables:
        row = sa_select(literal(1)).select_from(table).limit(1)
        if table.name != FeedMark.__tablename__ and await session.scalar(row) is not None:
            return True
    return False


async def _mark(session: AsyncSession, seed: int, length: int, now: datetime) -> None:
    session.add(DemoMark(seed=seed, days=length, made_at=now))


async def _settle(here: Runtime, days: Days, rng: Random, first_day: date, members: int, progress: Progress) -> Stage:
    progress("settling", 0.0)
    await make_town(here.database, now=days.now, first_day=first_day)
    residents = await move_in(here.database, neighbours(rng, members, first_day), now=days.now)
    progress("meeting", 0.15)
    days.now += timedelta(days=1)
    await get_to_know(here.database, residents, rng, now=days.now)
    return Stage(here, days, rng, {resident.actor.person_id: resident for resident in residents})


def _logins(stage: Stage) -> list[Login]:
    """Return one sign-in of each kind: a parent with children, a certified supporter, the staff, the insurer."""
    neighbours = [resident.neighbour for resident in stage.residents.values()]
    parent = next(one for one in neighbours if one.children and not one.supporter)
    supporter = next(one for one in neighbours if one.supporter and one.level is Level.CERTIFIED and not one.lapsed)
    chosen = (("parent", parent), ("supporter", supporter), ("staff", neighbours[-1]))
    logins = [Login(who, one.email, PASSWORD) for who, one in chosen]
    return [*logins, Login("insurer", INSURER_EMAIL, PASSWORD)]

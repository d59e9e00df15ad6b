"""Facts for tests, written as the rooms write them: in memory, or into a database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import Area
from sharecare.db import Database
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.metrics.models import AreaDay
from sharecare.metrics.service import roll_up

TOKYO = ZoneInfo("Asia/Tokyo")
MONDAY = datetime(2026, 6, 1, 9, 0, tzinfo=TOKYO)
CELL = 533947771
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


@dataclass(slots=True)
class Chronicle:
    """Facts in the order in which they were written."""

    written: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: FactKind, at: datetime, **columns: object) -> None:
        self.written.append({"kind": kind, "at": at, "area_id": 1, **columns})

    def joined(
        self, person: int, *, family: int | None = None, supporter: bool = False, area: int = 1, at: datetime = MONDAY
    ) -> None:
        roles = {"requester": not supporter, "supporter": supporter, "household_id": family or person}
        self.add(FactKind.PERSON_JOINED, at, area_id=area, person_id=person, data=roles)

    def opened(
        self,
        request: int,
        *,
        by: int = 1,
        at: datetime = MONDAY,
        start: datetime | None = None,
        hours: float = 1,
        cell: int = CELL,
    ) -> None:
        start_at = start or at + DAY
        self.add(
            FactKind.REQUEST_OPENED,
            at,
            person_id=by,
            request_id=request,
            cell=cell,
            start_at=start_at,
            end_at=start_at + hours * HOUR,
            data={"kind": "pickup", "reach": "open", "urgent": False, "household_id": by},
        )

    def offered(self, request: int, *, by: int, at: datetime) -> None:
        self.add(FactKind.OFFER_MADE, at, person_id=by, other_id=1, request_id=request)

    def booked(self, request: int, booking: int, *, by: int, at: datetime) -> None:
        self.add(FactKind.BOOKING_CONFIRMED, at, person_id=by, other_id=1, request_id=request, booking_id=booking)

    def cancelled(self, request: int, booking: int, *, side: str, at: datetime) -> None:
        data = {"cancelled_by": side, "kind": "pickup"}
        self.add(FactKind.BOOKING_CANCELLED, at, request_id=request, booking_id=booking, data=data)

    def withdrawn(self, request: int, *, at: datetime) -> None:
        self.add(FactKind.REQUEST_WITHDRAWN, at, person_id=1, request_id=request)

    def completed(
        self,
        request: int,
        booking: int,
        *,
        by: int,
        requester: int = 1,
        at: datetime,
        kind: str = "pickup",
        minutes: int = 60,
        gap: int = 0,
        home: int = 1,
    ) -> None:
        data = {
            "kind": kind,
            "actual_minutes": minutes,
            "covered": gap == 0,
            "gap_minutes": gap,
            "supporter_area_id": home,
        }
        self.add(
            FactKind.CARE_COMPLETED,
            at,
            person_id=by,
            other_id=requester,
            request_id=request,
            booking_id=booking,
            data=data,
        )

    def befriended(self, one: int, other: int, *, at: datetime = MONDAY) -> None:
        self.add(FactKind.FRIENDS_MADE, at, person_id=one, other_id=other)

    def confirmed(
        self,
        person: int,
        credential: int,
        kind: str,
        *,
        unit: str | None = None,
        until: datetime | None = None,
        at: datetime = MONDAY,
    ) -> None:
        lapse = until.isoformat() if until else None
        data = {"credential_id": credential, "kind": kind, "unit": unit, "expires_at": lapse}
        self.add(FactKind.CREDENTIAL_CONFIRMED, at, person_id=person, data=data)

    @property
    def facts(self) -> list[Fact]:
        """The facts as they are read from a journal."""
        return [Fact(id=place, **{"data": {}, **columns}) for place, columns in enumerate(self.written, start=1)]

    def use(
        self,
        number: int,
        *,
        requester: int,
        by: int,
        at: datetime = MONDAY,
        kind: str = "pickup",
        gap: int = 0,
        home: int = 1,
    ) -> None:
        """Write a whole support: asked, offered and booked at once, completed a day later."""
        self.opened(number, by=requester, at=at)
        self.offered(number, by=by, at=at + 5 * MINUTE)
        self.booked(number, number, by=by, at=at + 10 * MINUTE)
        self.completed(number, number, by=by, requester=requester, at=at + DAY, kind=kind, gap=gap, home=home)


async def write(database: Database, chronicle: Chronicle) -> None:
    """Write the facts that are not in the journal yet, and forget them."""

    async def work(session: AsyncSession) -> None:
        for columns in chronicle.written:
            record(session, **columns)
            await session.flush()  # ids follow the order of the chronicle

    await database.write(work)
    chronicle.written.clear()


async def rolled_up(database: Database, *, now: datetime) -> int:
    return await database.write(lambda session: roll_up(session, now=now))


async def add_areas(database: Database, *slugs: str, timezone: str = "Asia/Tokyo") -> list[Area]:
    async def work(session: AsyncSession) -> list[Area]:
        areas = [Area(slug=s, name_ja=s, name_en=s, timezone=timezone, created_at=MONDAY) for s in slugs]
        for area in areas:
            session.add(area)
            await session.flush()  # ids follow the order of the names
        return areas

    return await database.write(work)


def days_of(rows: Iterable[AreaDay]) -> list[str]:
    return [row.day.isoformat() for row in rows]

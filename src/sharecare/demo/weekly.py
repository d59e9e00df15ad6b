"""One family's every Wednesday: a series of pick-ups, one neighbour who takes it, each date with its own cover."""

from datetime import date, timedelta

from sqlmodel import col, select

from sharecare.areas.rules import CareKind, Means
from sharecare.care.models import Ask, CareRequest
from sharecare.care.rules import AskState, HandoverBy
from sharecare.care.schemas import Need, PlaceDraft
from sharecare.care.series import open_series
from sharecare.care.series_choosing import accept_for_series, offer_for_series
from sharecare.care.series_schemas import SeriesDraft
from sharecare.demo.care_life import CareLife
from sharecare.demo.settling import Resident
from sharecare.demo.stage import MINUTE, Stage, local
from sharecare.demo.town import NURSERIES

WEDNESDAY, WEEKS = 2, 8


class Weekly:
    """The series from its opening to its bookings."""

    def __init__(self, stage: Stage, cares: CareLife, family: Resident, children: list[int]) -> None:
        self._stage = stage
        self._cares = cares
        self._family = family
        self._children = children

    async def open(self, today: date) -> None:
        """Ask for the Wednesdays to come; who hears of it answers within the hour."""
        first = today + timedelta(days=(WEDNESDAY - today.weekday()) % 7 or 7)
        name, lat, lon = NURSERIES[0]
        need = Need(
            kind=CareKind.PICKUP,
            means=Means.FOOT,
            children=self._children,
            place=PlaceDraft(name=name, lat=lat, lon=lon),
            handover_start=HandoverBy.INSTITUTION,
            start_at=local(first, 17 * 60 + 30),
            end_at=local(first, 18 * 60 + 30),
        )
        draft = SeriesDraft(need=need, until=first + (WEEKS - 1) * timedelta(weeks=1))
        here, days = self._stage.here, self._stage.days
        series = await self._stage.attempt(
            lambda session: open_series(session, here.index, by=self._family.actor, draft=draft, now=days.now)
        )
        if series is not None:
            days.at(days.now + 40 * MINUTE, lambda: self._offer(series.id))

    async def _offer(self, series_id: int) -> None:
        asked = (
            select(Ask.supporter_id)
            .join(CareRequest, col(CareRequest.id) == col(Ask.request_id))
            .where(CareRequest.series_id == series_id, Ask.delivered, Ask.state == AskState.OPEN)
            .order_by(col(Ask.id))
        )
        async with self._stage.here.database.read() as session:
            supporter_id = (await session.exec(asked)).first()
        if supporter_id is None:
            return
        by, days = self._stage.residents[supporter_id].actor, self._stage.days
        note = "水曜日ならお手伝いできます。"
        await self._stage.attempt(
            lambda session: offer_for_series(session, by=by, series_id=series_id, note=note, now=days.now)
        )
        days.at(days.now + 25 * MINUTE, lambda: self._accept(series_id, supporter_id))

    async def _accept(self, series_id: int, supporter_id: int) -> None:
        by, now = self._family.actor, self._stage.days.now
        outcomes = await self._stage.attempt(
            lambda session: accept_for_series(session, by=by, series_id=series_id, supporter_id=supporter_id, now=now)
        )
        for one in outcomes or ():
            if one.done and one.request_id is not None:
                await self._cares.expect(one.request_id)

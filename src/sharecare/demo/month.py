"""Thirty days of requests, offers, care and thanks: people decide by dice, everything else is the product."""

from datetime import date, datetime, timedelta
from functools import partial

from sqlmodel import col, select

from sharecare.accounts.rules import age_in_months
from sharecare.areas.rules import CareKind, Circle, Means
from sharecare.care.models import Ask, CareRequest, Offer
from sharecare.care.offers import accept_offer, decline_ask, make_offer
from sharecare.care.requests import open_request, withdraw_request
from sharecare.care.rules import AskState, HandoverBy, OfferState, RequestState
from sharecare.care.schemas import Need, PlaceDraft
from sharecare.demo.care_life import CareLife
from sharecare.demo.mishaps import Mishaps
from sharecare.demo.settling import Resident
from sharecare.demo.stage import MINUTE, ZONE, Stage, awake, local
from sharecare.demo.town import HALL, LESSONS, NURSERIES
from sharecare.demo.weekly import Weekly
from sharecare.worker import run_due, run_round

DAYS = 30
REQUESTS_A_DAY = (5, 4, 5, 4, 5, 4, 3)  # Monday first
WORKING_HOURS = range(7, 22)  # of the worker: at night nothing is due in this town


class Month:
    """The town's month; the same seed gives the same month on every database."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._rng = stage.rng
        self._days = stage.days
        self.mishaps = Mishaps(stage)
        self._cares = CareLife(stage, self.mishaps)
        self._families = [resident for resident in stage.residents.values() if resident.child_ids]
        self._seen_asks: set[int] = set()

    def plan(self, first_day: date, length: int) -> None:
        """Plan the requests of every day, the worker every half hour, and the figures at midnight."""
        for number in range(length):
            day = first_day + timedelta(days=number)
            for _ in range(REQUESTS_A_DAY[day.weekday()]):
                self._plan_request(day)
            for half_hour in range(48):
                if half_hour // 2 in WORKING_HOURS:
                    self._days.at(local(day, half_hour * 30), self._wake)
            self._days.at(local(day + timedelta(days=1), 0), self._keep_books)

    def plan_weekly(self, day: date) -> None:
        """Plan that a family asks for every Wednesday, once."""
        self._days.at(local(day, 10 * 60), lambda: self._ask_weekly(day))

    async def _ask_weekly(self, day: date) -> None:
        """Let a family ask for every Wednesday: the first with a child old enough that gives no support itself.

        Their guardian is whose eyes the demo's bar lends to a parent: weeks ahead are agreed on whatever day it is.
        """
        for family in self._families:
            children = [] if family.neighbour.supporter else self._old_enough(family, self._days.now)
            if children:
                await Weekly(self._stage, self._cares, family, children[:1]).open(day)
                return

    def _plan_request(self, day: date) -> None:
        family = self._rng.choice(self._families)
        start_at, end_at, kind = self._window(day)
        ahead = timedelta(hours=self._rng.choice((2, 5, 20, 30, 50, 75, 100)))
        opened_at = awake(start_at - ahead)
        if opened_at < start_at - 30 * MINUTE:
            self._days.at(opened_at, lambda: self._ask_for_help(family, kind, start_at, end_at))

    def _window(self, day: date) -> tuple[datetime, datetime, CareKind]:
        roll = self._rng.random()
        weekend = day.weekday() >= 5
        if weekend:
            kind = self._rng.choice((CareKind.OWN_HOME, CareKind.CHILD_HOME, CareKind.EVENT, CareKind.PICKUP))
            minute, length = self._rng.choice((540, 570, 600, 780, 840)), self._rng.choice((90, 120, 180))
        elif roll < 0.6:
            kind, minute, length = (
                CareKind.PICKUP,
                self._rng.choice((960, 990, 1020, 1050)),
                self._rng.choice((45, 60, 90, 120)),
            )
        else:
            kind = self._rng.choice((CareKind.OWN_HOME, CareKind.CHILD_HOME))
            minute, length = self._rng.choice((540, 600, 840, 1020)), self._rng.choice((60, 90, 120, 150))
        start_at = local(day, minute)
        return start_at, start_at + length * MINUTE, kind

    async def _ask_for_help(self, family: Resident, kind: CareKind, start_at: datetime, end_at: datetime) -> None:
        children = self._old_enough(family, start_at)
        if not children:
            return
        need = self._need(kind, children, start_at, end_at)
        request = await self._stage.attempt(
            lambda session: open_request(
                session, self._stage.here.index, by=family.actor, need=need, now=self._days.now
            )
        )
        if request is None:
            return
        if self._rng.random() < 0.03:
            self._days.at(self._days.now + 6 * MINUTE, lambda: self._withdraw(family, request.id))
        await self._hear_of_asks()

    def _old_enough(self, family: Resident, at: datetime) -> list[int]:
        months = [age_in_months(birth_month, at, ZONE) for _, birth_month in family.neighbour.children]
        return [child for child, age in zip(family.child_ids, months, strict=True) if age >= 12]

    def _need(self, kind: CareKind, children: list[int], start_at: datetime, end_at: datetime) -> Need:
        facts: dict[str, object] = {}
        if kind is CareKind.PICKUP:
            name, lat, lon = self._rng.choice((*NURSERIES, *LESSONS))
            facts = {
                "means": Means.FOOT,
                "place": PlaceDraft(name=name, lat=lat, lon=lon),
                "handover_start": HandoverBy.INSTITUTION,
            }
        elif kind is CareKind.EVENT:
            facts = {"place": PlaceDraft(name=HALL[0], lat=HALL[1], lon=HALL[2])}
        return Need(
            kind=kind,
            children=children[: 1 + (self._rng.random() < 0.2)],
            start_at=start_at,
            end_at=end_at,
            reach=self._rng.choice((Circle.FRIENDS_OF_FRIENDS, Circle.OPEN, Circle.OPEN, Circle.OPEN)),
            first_acceptance_decides=self._rng.random() < 0.2,
            **facts,
        )

    async def _withdraw(self, family: Resident, request_id: int) -> None:
        await self._stage.attempt(
            lambda session: withdraw_request(
                session, by=family.actor, request_id=request_id, reason="予定が変わったため", now=self._days.now
            )
        )

    async def _wake(self) -> None:
        if await run_due(self._stage.here):
            await self._hear_of_asks()

    async def _keep_books(self) -> None:
        await run_round(self._stage.here)

    async def _hear_of_asks(self) -> None:
        """Let those who were newly asked make up their minds: soon, late, or not at all."""
        async with self._stage.here.database.read() as session:
            fresh = (
                select(Ask)
                .join(CareRequest, col(CareRequest.id) == col(Ask.request_id))
                .where(Ask.state == AskState.OPEN, Ask.delivered, col(CareRequest.series_id).is_(None))
                .order_by(col(Ask.id))
            )
            asks = [ask for ask in await session.exec(fresh) if ask.id not in self._seen_asks]
        for ask in asks:
            self._seen_asks.add(ask.id)
            willing = 0.5 if ask.circle == Circle.FRIENDS else 0.3
            roll, delay = self._rng.random(), timedelta(minutes=int(self._rng.lognormvariate(3.2, 0.9)) + 2)
            answer_at = awake(self._days.now + delay)
            if roll < willing:
                self._days.at(answer_at, partial(self._offer, ask))
            elif roll < willing + 0.2:
                self._days.at(answer_at, partial(self._decline, ask))

    async def _offer(self, ask: Ask) -> None:
        actor = self._stage.residents[ask.supporter_id].actor
        offer = await self._stage.attempt(
            lambda session: make_offer(session, by=actor, request_id=ask.request_id, note="", now=self._days.now)
        )
        if offer is None:
            return
        if offer.state == OfferState.ACCEPTED:
            await self._cares.expect(ask.request_id)
        else:
            delay = timedelta(minutes=self._rng.randrange(3, 40))
            self._days.at(awake(self._days.now + delay), lambda: self._choose(offer))

    async def _decline(self, ask: Ask) -> None:
        actor = self._stage.residents[ask.supporter_id].actor
        await self._stage.attempt(lambda session: decline_ask(session, by=actor, ask_id=ask.id, now=self._days.now))

    async def _choose(self, offer: Offer) -> None:
        async with self._stage.here.database.read() as session:
            request = (await session.exec(select(CareRequest).where(CareRequest.id == offer.request_id))).one()
        if request.state != RequestState.OPEN:
            return
        family = self._stage.residents[request.requester_id]
        booking = await self._stage.attempt(
            lambda session: accept_offer(session, by=family.actor, offer_id=offer.id, now=self._days.now)
        )
        if booking is not None:
            await self._cares.expect(offer.request_id)

"""Every verb of care leaves exactly one fact, and tells exactly those whom it concerns."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from care import steps
from care.steps import HOUR, MINUTE
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Level
from sharecare.care.care_day import WrongPin, record_thanks, start_care
from sharecare.care.changes import refuse_change
from sharecare.care.models import Booking, BookingChange, CareRequest, Offer
from sharecare.care.offers import decline_ask, withdraw_offer
from sharecare.care.requests import preview_candidates, withdraw_request
from sharecare.care.rules import CostKind
from sharecare.care.schemas import CostLineDraft, Settlement
from sharecare.care.waves import expire_if_run_out, prompt_end, tell_handover_overdue
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from world import KEY, Family, World

F, S = "family", "supporter"


@dataclass(slots=True)
class Scene:
    """A family, a friend who supports, and how far they have come."""

    world: World
    family: Family
    helper: Actor
    request: CareRequest = field(init=False)
    offer: Offer = field(init=False)
    booking: Booking = field(init=False)
    change: BookingChange = field(init=False)

    async def asked(self) -> None:
        self.request = await steps.ask(self.world, self.family)

    async def offered(self) -> None:
        await self.asked()
        self.offer = await steps.offer(self.world, self.helper, self.request)

    async def booked(self) -> None:
        await self.offered()
        self.booking = await steps.accept(self.world, self.family, self.offer)

    async def proposed(self) -> None:
        await self.booked()
        end_at = self.booking.end_at + HOUR
        self.change = await steps.propose(self.world, self.family.actor, self.booking, end_at)

    async def started(self) -> None:
        await self.booked()
        self.world.now = self.booking.start_at
        await steps.start(self.world, self.helper, self.booking)

    async def finished(self) -> None:
        await self.started()
        self.world.now = self.booking.end_at
        await steps.finish(self.world, self.helper, self.booking)


Verb = Callable[[Scene], Awaitable[Any]]
Before = Callable[[Scene], Awaitable[None]]


async def nothing(_scene: Scene) -> None:
    """Begin with the two families alone."""


async def late(scene: Scene) -> None:
    await scene.asked()
    scene.world.now = scene.request.start_at


async def at_the_end(scene: Scene) -> None:
    await scene.started()
    scene.world.now = scene.booking.end_at


async def overdue(scene: Scene) -> None:
    await scene.booked()
    scene.world.now = scene.booking.start_at + 15 * MINUTE


async def preview(scene: Scene) -> None:
    world, need = scene.world, scene.family.need()
    await world.do(lambda s: preview_candidates(s, world.index, by=scene.family.actor, need=need, now=world.now))


async def withdraw(scene: Scene) -> None:
    world, one = scene.world, scene.request.id
    await world.do(lambda s: withdraw_request(s, by=scene.family.actor, request_id=one, reason="", now=world.now))


async def decline(scene: Scene) -> None:
    world = scene.world
    await world.do(lambda s: decline_ask(s, by=scene.helper, ask_id=1, now=world.now))


async def take_back(scene: Scene) -> None:
    world, one = scene.world, scene.offer.id
    await world.do(lambda s: withdraw_offer(s, by=scene.helper, offer_id=one, now=world.now))


async def refuse(scene: Scene) -> None:
    world, one = scene.world, scene.change.id
    await world.do(lambda s: refuse_change(s, by=scene.helper, change_id=one, now=world.now))


async def wrong_digits(scene: Scene) -> None:
    world, one = scene.world, scene.booking.id
    world.now = scene.booking.start_at
    with pytest.raises(WrongPin):
        await world.do(lambda s: start_care(s, by=scene.helper, booking_id=one, pin="wrong!", key=KEY, now=world.now))


async def right_digits(scene: Scene) -> None:
    scene.world.now = scene.booking.start_at
    await steps.start(scene.world, scene.helper, scene.booking)


async def thank(scene: Scene) -> None:
    world, one = scene.world, scene.booking.id
    lines = Settlement(lines=[CostLineDraft(kind=CostKind.THANKS, yen=1000)])
    await world.do(lambda s: record_thanks(s, by=scene.family.actor, booking_id=one, settlement=lines, now=world.now))


async def expire(scene: Scene) -> None:
    world, one = scene.world, scene.request.id
    await world.do(lambda s: expire_if_run_out(s, request_id=one, now=world.now))


async def prompt(scene: Scene) -> None:
    world, one = scene.world, scene.booking.id
    await world.do(lambda s: prompt_end(s, booking_id=one, now=world.now))


async def alarm(scene: Scene) -> None:
    world, one = scene.world, scene.booking.id
    await world.do(lambda s: tell_handover_overdue(s, booking_id=one, now=world.now))


M = MessageKind
# name: what came before, the verb, the facts, the messages
VERBS: dict[str, tuple[Before, Verb, list[FactKind], list[tuple[str, MessageKind]]]] = {
    "preview": (nothing, preview, [FactKind.PREVIEWED], []),
    "open": (nothing, Scene.asked, [FactKind.REQUEST_OPENED], [(S, M.ASKED)]),
    "withdraw": (Scene.asked, withdraw, [FactKind.REQUEST_WITHDRAWN], [(S, M.ASK_CLOSED)]),
    "withdraw after an offer": (Scene.offered, withdraw, [FactKind.REQUEST_WITHDRAWN], [(S, M.OFFER_DECLINED)]),
    "expire": (late, expire, [FactKind.REQUEST_EXPIRED], [(F, M.REQUEST_EXPIRED), (S, M.ASK_CLOSED)]),
    "decline": (Scene.asked, decline, [FactKind.ASK_DECLINED], []),
    "offer": (
        Scene.asked,
        lambda scene: steps.offer(scene.world, scene.helper, scene.request),
        [FactKind.OFFER_MADE],
        [(F, M.OFFER_RECEIVED)],
    ),
    "take the offer back": (Scene.offered, take_back, [FactKind.OFFER_WITHDRAWN], [(F, M.OFFER_WITHDRAWN)]),
    "accept": (
        Scene.offered,
        lambda scene: steps.accept(scene.world, scene.family, scene.offer),
        [FactKind.BOOKING_CONFIRMED],
        [(F, M.BOOKING_CONFIRMED), (S, M.BOOKING_CONFIRMED)],
    ),
    "propose": (
        Scene.booked,
        lambda scene: steps.propose(scene.world, scene.helper, scene.booking, scene.booking.end_at + HOUR),
        [FactKind.CHANGE_PROPOSED],
        [(F, M.CHANGE_PROPOSED)],
    ),
    "agree": (
        Scene.proposed,
        lambda scene: steps.agree(scene.world, scene.helper, scene.change),
        [FactKind.BOOKING_CHANGED],
        [(F, M.CHANGE_AGREED)],
    ),
    "refuse": (Scene.proposed, refuse, [FactKind.CHANGE_REFUSED], [(F, M.CHANGE_REFUSED)]),
    "wrong digits": (Scene.booked, wrong_digits, [FactKind.HANDOVER_FAILED], []),
    "start": (Scene.booked, right_digits, [FactKind.CARE_STARTED], [(F, M.HANDED_OVER)]),
    "handover overdue": (overdue, alarm, [], [(F, M.HANDOVER_OVERDUE)]),
    "end prompt": (at_the_end, prompt, [FactKind.END_PROMPTED], [(F, M.END_PROMPT), (S, M.END_PROMPT)]),
    "finish": (
        at_the_end,
        lambda scene: steps.finish(scene.world, scene.helper, scene.booking),
        [FactKind.CARE_COMPLETED],
        [(F, M.CARE_COMPLETED)],
    ),
    "thanks": (Scene.finished, thank, [FactKind.THANKS_RECORDED], [(S, M.THANKS_RECORDED)]),
    "family cancels": (
        Scene.booked,
        lambda scene: steps.cancel(scene.world, scene.family.actor, scene.booking),
        [FactKind.BOOKING_CANCELLED],
        [(S, M.BOOKING_CANCELLED)],
    ),
}


@pytest.mark.parametrize("name", VERBS)
async def test_a_verb_leaves_one_fact_and_tells_those_it_concerns(world: World, name: str) -> None:
    before, verb, facts, messages = VERBS[name]
    scene = Scene(world, await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED))
    await world.befriend(scene.family.actor, scene.helper)
    await before(scene)
    fact_id, message_id = await steps.last_ids(world)

    await verb(scene)

    ids = {F: scene.family.actor.person_id, S: scene.helper.person_id}
    assert await steps.facts_after(world, fact_id) == facts
    assert await steps.messages_after(world, message_id) == Counter((ids[who], kind) for who, kind in messages)

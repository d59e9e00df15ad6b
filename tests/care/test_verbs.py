"""Every verb of care leaves exactly one fact, and tells exactly those whom it concerns."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from sqlmodel import col, select

from care import steps
from care.steps import HOUR, MINUTE
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Level
from sharecare.care.alarms import call_family, climb
from sharecare.care.answering import answer_alarm, say_how_long, settle_call
from sharecare.care.booking_schemas import CostLineDraft, Settlement
from sharecare.care.care_day import record_thanks
from sharecare.care.changes import propose_late_start, refuse_change
from sharecare.care.diary import send_thanks, take_note, write_report
from sharecare.care.handovers import WrongPin, pass_handover
from sharecare.care.models import Booking, BookingChange, CareRequest, Offer
from sharecare.care.no_show import report_no_show
from sharecare.care.offers import decline_ask, withdraw_offer
from sharecare.care.requests import preview_candidates, widen_request, withdraw_request
from sharecare.care.rules import CareEnd, CostKind
from sharecare.care.waves import alarm_not_finished, alarm_not_started, expire_if_run_out, prompt_end
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from world import Family, World

F, S, STAFF = "family", "supporter", "staff"
K, M = FactKind, MessageKind


@dataclass(slots=True)
class Scene:
    """A family, a friend who supports, and what they have come to; its methods are the verbs."""

    world: World
    family: Family
    helper: Actor
    request: CareRequest = field(init=False)
    offered: Offer = field(init=False)
    booking: Booking = field(init=False)
    change: BookingChange = field(init=False)

    async def preview(self) -> None:
        world, need = self.world, self.family.need()
        await world.do(lambda s: preview_candidates(s, world.index, by=self.family.actor, need=need, now=world.now))

    async def ask(self) -> None:
        self.request = await steps.ask(self.world, self.family)

    async def withdraw(self) -> None:
        one, now = self.request.id, self.world.now
        await self.world.do(lambda s: withdraw_request(s, by=self.family.actor, request_id=one, reason="", now=now))

    async def expire(self) -> None:
        now = self.world.now = self.request.start_at
        await self.world.do(lambda s: expire_if_run_out(s, request_id=self.request.id, now=now))

    async def decline(self) -> None:
        await self.world.do(lambda s: decline_ask(s, by=self.helper, ask_id=1, now=self.world.now))

    async def offer(self) -> None:
        self.offered = await steps.offer(self.world, self.helper, self.request)

    async def take_back(self) -> None:
        one, now = self.offered.id, self.world.now
        await self.world.do(lambda s: withdraw_offer(s, by=self.helper, offer_id=one, now=now))

    async def accept(self) -> None:
        self.booking = await steps.accept(self.world, self.family, self.offered)

    async def propose(self) -> None:
        self.change = await steps.propose(self.world, self.helper, self.booking, self.booking.end_at + HOUR)

    async def refuse(self) -> None:
        one, now = self.change.id, self.world.now
        await self.world.do(lambda s: refuse_change(s, by=self.family.actor, change_id=one, now=now))

    async def agree(self) -> None:
        self.booking = await steps.agree(self.world, self.family.actor, self.change)

    async def give_contacts(self) -> None:
        await steps.give_contacts(self.world, self.family.actor)

    async def write_sheet(self) -> None:
        await steps.write(self.world, self.family.actor, self.booking)

    async def agree_on_sheet(self) -> None:
        await steps.agree_on_sheet(self.world, self.helper, self.booking)

    async def put_off(self) -> None:
        one, start = self.booking.id, self.booking.start_at + 5 * MINUTE
        self.change = await self.world.do(
            lambda s: propose_late_start(s, by=self.helper, booking_id=one, new_start_at=start, now=self.world.now)
        )

    async def call(self) -> None:
        await self.world.do(lambda s: call_family(s, by=self.helper, booking_id=self.booking.id, now=self.world.now))

    async def climb(self) -> None:
        self.world.now += 10 * MINUTE
        await self.world.do(lambda s: climb(s, alarm_id=2, now=self.world.now))

    async def answer(self) -> None:
        one, by = self.booking.id, self.family.actor
        await self.world.do(lambda s: answer_alarm(s, by=by, booking_id=one, now=self.world.now))

    async def say_how_long(self) -> None:
        one, now = self.booking.id, self.world.now
        await self.world.do(lambda s: say_how_long(s, by=self.helper, booking_id=one, minutes=10, now=now))

    async def settle(self) -> None:
        await self.world.do(lambda s: settle_call(s, by=self.helper, booking_id=self.booking.id, now=self.world.now))

    async def note(self) -> None:
        one = self.booking.id
        await self.world.do(lambda s: take_note(s, by=self.helper, booking_id=one, text="公園", now=self.world.now))

    async def report(self) -> None:
        one = self.booking.id
        await self.world.do(lambda s: write_report(s, by=self.helper, booking_id=one, text="元気", now=self.world.now))

    async def send_thanks(self) -> None:
        one, by = self.booking.id, self.family.actor
        await self.world.do(lambda s: send_thanks(s, by=by, booking_id=one, text="ありがとう", now=self.world.now))

    async def let_pass(self) -> None:
        one, end, by = self.booking.id, CareEnd.FINISH, self.world.staff
        await self.world.do(
            lambda s: pass_handover(s, by=by, booking_id=one, end=end, reason="電話で確認", now=self.world.now)
        )

    async def overrun(self) -> None:
        now = self.world.now = self.booking.end_at + 15 * MINUTE
        await self.world.do(lambda s: alarm_not_finished(s, booking_id=self.booking.id, now=now))

    async def stay_away(self) -> None:
        now = self.world.now = self.booking.start_at + 15 * MINUTE
        await self.world.do(lambda s: report_no_show(s, by=self.family.actor, booking_id=self.booking.id, now=now))

    async def ask_by_name(self) -> None:
        self.request = await steps.ask(self.world, self.family, named_supporter_id=self.helper.person_id)

    async def book_by_name(self) -> None:
        await self.offer()
        async with self.world.database.read() as session:
            self.booking = (await session.exec(select(Booking).order_by(col(Booking.id).desc()).limit(1))).one()

    async def not_come(self) -> None:
        await steps.cancel(self.world, self.helper, self.booking)

    async def widen(self) -> None:
        world, one, by = self.world, self.request.id, self.family.actor
        await world.do(lambda s: widen_request(s, world.index, by=by, request_id=one, now=world.now))

    async def alarm(self) -> None:
        now = self.world.now = self.booking.start_at + 15 * MINUTE
        await self.world.do(lambda s: alarm_not_started(s, booking_id=self.booking.id, now=now))

    async def mistype(self) -> None:
        with pytest.raises(WrongPin):
            await steps.start(self.world, self.helper, self.booking, pin="wrong!")

    async def start(self) -> None:
        await steps.start(self.world, self.helper, self.booking)

    async def prompt(self) -> None:
        now = self.world.now = self.booking.end_at
        await self.world.do(lambda s: prompt_end(s, booking_id=self.booking.id, now=now))

    async def finish(self) -> None:
        await steps.finish(self.world, self.helper, self.booking)

    async def thank(self) -> None:
        lines = Settlement(lines=[CostLineDraft(kind=CostKind.THANKS, yen=1000)])
        one, now = self.booking.id, self.world.now
        await self.world.do(lambda s: record_thanks(s, by=self.family.actor, booking_id=one, settlement=lines, now=now))

    async def cancel(self) -> None:
        await steps.cancel(self.world, self.family.actor, self.booking)


Step = tuple[Callable[[Scene], Awaitable[None]], list[FactKind], list[tuple[str, MessageKind]]]
ASK: Step = (Scene.ask, [K.REQUEST_OPENED], [(S, M.ASKED)])
OFFER: Step = (Scene.offer, [K.OFFER_MADE], [(F, M.OFFER_RECEIVED)])
ACCEPT: Step = (Scene.accept, [K.BOOKING_CONFIRMED], [(F, M.BOOKING_CONFIRMED), (S, M.BOOKING_CONFIRMED)])
PROPOSE: Step = (Scene.propose, [K.CHANGE_PROPOSED], [(F, M.CHANGE_PROPOSED)])
# Each step: the verb, its facts, its messages.
LIVES: dict[str, list[Step]] = {
    "withdrawn": [ASK, (Scene.withdraw, [K.REQUEST_WITHDRAWN], [(S, M.ASK_CLOSED)])],
    "offered": [
        (Scene.preview, [K.PREVIEWED], []),
        ASK,
        (Scene.decline, [K.ASK_DECLINED], []),
        OFFER,
        (Scene.take_back, [K.OFFER_WITHDRAWN], [(F, M.OFFER_WITHDRAWN)]),
        OFFER,
        (Scene.withdraw, [K.REQUEST_WITHDRAWN], [(S, M.OFFER_DECLINED)]),
    ],
    "expired": [ASK, (Scene.expire, [K.REQUEST_EXPIRED], [(F, M.REQUEST_EXPIRED), (S, M.ASK_CLOSED)])],
    "cancelled": [ASK, OFFER, ACCEPT, (Scene.cancel, [K.BOOKING_CANCELLED], [(S, M.BOOKING_CANCELLED)])],
    "nobody there": [ASK, OFFER, ACCEPT, (Scene.stay_away, [K.BOOKING_CANCELLED], [(S, M.NO_SHOW)])],
    "by name": [
        (Scene.ask_by_name, [K.REQUEST_OPENED], [(S, M.DIRECT_ASKED)]),
        (Scene.book_by_name, [K.OFFER_MADE, K.BOOKING_CONFIRMED], ACCEPT[2]),
        (Scene.not_come, [K.BOOKING_CANCELLED], [(F, M.NAMED_CANNOT_COME)]),
        (Scene.widen, [K.REQUEST_WIDENED, K.WAVE_OPENED, K.WAVE_OPENED], []),
    ],
    "lived": [
        ASK,
        OFFER,
        ACCEPT,
        PROPOSE,
        (Scene.refuse, [K.CHANGE_REFUSED], [(S, M.CHANGE_REFUSED)]),
        PROPOSE,
        (Scene.agree, [K.BOOKING_CHANGED], [(S, M.CHANGE_AGREED)]),
        (Scene.give_contacts, [K.CONTACTS_SET], []),
        (Scene.write_sheet, [K.PRE_MEETING_WRITTEN], [(S, M.PRE_MEETING_WRITTEN)]),
        (Scene.agree_on_sheet, [K.PRE_MEETING_AGREED], [(F, M.PRE_MEETING_AGREED)]),
        (Scene.put_off, [K.CHANGE_PROPOSED], [(F, M.LATE_START_PROPOSED)]),
        (Scene.refuse, [K.CHANGE_REFUSED], [(S, M.LATE_START_REFUSED)]),
        (Scene.put_off, [K.CHANGE_PROPOSED], [(F, M.LATE_START_PROPOSED)]),
        (Scene.agree, [K.BOOKING_CHANGED], [(S, M.LATE_START_AGREED)]),
        (Scene.alarm, [K.ALARM_RAISED], [(F, M.HANDOVER_OVERDUE), (S, M.START_FORGOTTEN)]),
        (Scene.say_how_long, [K.SAID_HOW_LONG], [(F, M.SAID_HOW_LONG)]),
        (Scene.mistype, [K.HANDOVER_FAILED], []),
        (Scene.start, [K.CARE_STARTED], [(F, M.HANDED_OVER)]),
        (Scene.note, [K.NOTE_TAKEN], [(F, M.NOTE_TAKEN)]),
        (Scene.call, [K.ALARM_RAISED], [(F, M.CALL_SUPPORTER)]),
        (Scene.climb, [K.ALARM_CLIMBED], [(STAFF, M.NOBODY_ANSWERS)]),
        (Scene.answer, [K.ALARM_ANSWERED], [(S, M.ALARM_ANSWERED)]),
        (Scene.call, [K.ALARM_RAISED], [(F, M.CALL_SUPPORTER)]),
        (Scene.settle, [K.CALL_SETTLED], [(F, M.CALL_SETTLED)]),
        (Scene.prompt, [K.END_PROMPTED], [(F, M.END_PROMPT), (S, M.END_PROMPT)]),
        (Scene.prompt, [], []),
        (Scene.overrun, [K.ALARM_RAISED], [(F, M.FINISH_OVERDUE)]),
        (Scene.let_pass, [K.HANDOVER_PASSED, K.PERSONAL_RECORD_READ], [(F, M.HANDOVER_PASSED), (S, M.HANDOVER_PASSED)]),
        (Scene.finish, [K.CARE_COMPLETED], [(F, M.CARE_COMPLETED)]),
        (Scene.report, [K.REPORT_WRITTEN], [(F, M.REPORT_WRITTEN)]),
        (Scene.send_thanks, [K.THANKED], [(S, M.THANKED)]),
        (Scene.thank, [K.THANKS_RECORDED], [(S, M.THANKS_RECORDED)]),
    ],
}


@pytest.mark.parametrize("life", LIVES)
async def test_every_verb_leaves_one_fact_and_tells_those_it_concerns(world: World, life: str) -> None:
    scene = Scene(world, await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED))
    await world.befriend(scene.family.actor, scene.helper)
    ids = {F: scene.family.actor.person_id, S: scene.helper.person_id, STAFF: world.staff.person_id}

    for verb, facts, messages in LIVES[life]:
        fact_id, message_id = await steps.last_ids(world)
        await verb(scene)
        told = Counter((ids[who], kind) for who, kind in messages)
        assert (verb.__name__, await steps.facts_after(world, fact_id)) == (verb.__name__, facts)
        assert (verb.__name__, await steps.messages_after(world, message_id)) == (verb.__name__, told)

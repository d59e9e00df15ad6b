"""What goes wrong in the demo and what the staff make of it: a near miss, a grazed knee, a claim, a bordereau."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.models import Booking, BookingChild
from sharecare.demo.stage import MINUTE, ZONE, Stage, awake
from sharecare.incidents.bordereaux import send_bordereau
from sharecare.incidents.claim_schemas import ClaimChange, ClaimDraft, LetterDraft
from sharecare.incidents.claims import change_claim, file_claim
from sharecare.incidents.letters import attach, keep_letter
from sharecare.incidents.models import Claim
from sharecare.incidents.papers import Paper
from sharecare.incidents.rules import (
    Claimant,
    ClaimState,
    Correspondent,
    IncidentKind,
    Injured,
    MediaType,
    Treatment,
    Whom,
)
from sharecare.incidents.schemas import IncidentDraft, Told
from sharecare.incidents.service import report_incident
from sharecare.insurance.schedule import Peril
from sharecare.insurance.sent import BordereauKind
from sharecare.pdf import render

NEARLY, REALLY = 2, 4  # the numbers of the cares after which something is reported
GLASSES_YEN = 14_300
ESTIMATE = Path(__file__).with_name("estimate.typ")


class Mishaps:
    """What is reported after some of the cares."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._staff = list(stage.residents.values())[-1].actor
        self._finished = 0

    def after(self, booking: Booking, supporter: Actor) -> None:
        """Let a care that has just ended be one of those."""
        self._finished += 1
        at = awake(self._stage.days.now + 25 * MINUTE)
        if self._finished == NEARLY:
            self._stage.days.at(at, lambda: self._nearly(booking, supporter))
        elif self._finished == REALLY:
            self._stage.days.at(at, lambda: self._really(booking, supporter))

    async def send_last_month(self) -> None:
        """Send the insurer the last month that is over."""
        now = self._stage.days.now
        month = now.astimezone(ZONE).date().replace(day=1) - timedelta(days=1)
        for kind in BordereauKind:
            await self._stage.attempt(
                partial(send_bordereau, by=self._staff, policy_id=1, kind=kind, month=month, now=now)
            )

    async def _nearly(self, booking: Booking, supporter: Actor) -> None:
        draft = IncidentDraft(
            kind=IncidentKind.NEAR_MISS,
            occurred_at=(booking.started_at or booking.start_at) + 10 * MINUTE,
            place="園の門の前の横断歩道",
            what="左折の自転車が近づき、手を引いて止まりました。けがはありません。",
        )
        await self._stage.attempt(
            lambda session: report_incident(
                session, by=supporter, booking_id=booking.id, draft=draft, now=self._stage.days.now
            )
        )

    async def _really(self, booking: Booking, supporter: Actor) -> None:
        at = (booking.started_at or booking.start_at) + 15 * MINUTE
        draft = IncidentDraft(
            kind=IncidentKind.INCIDENT,
            occurred_at=at,
            place="公園の入口の段差",
            what="走っていて段差でつまずき、ひざをすりむきました。水で洗い、絆創膏を貼りました。眼鏡のつるが曲がりました。",
            injured=Injured.CHILD,
            child_id=await self._child_in(booking),
            injury="右ひざのすりむき",
            treatment=Treatment.FIRST_AID,
            damage="眼鏡のつる",
            told=[Told(whom=Whom.FAMILY, at=at + 5 * MINUTE, note="電話で")],
        )
        incident = await self._stage.attempt(
            lambda session: report_incident(
                session, by=supporter, booking_id=booking.id, draft=draft, now=self._stage.days.now
            )
        )
        if incident is not None:
            tomorrow = awake(self._stage.days.now + timedelta(days=1))
            self._stage.days.at(tomorrow, lambda: self._claim(incident.id))

    async def _claim(self, incident_id: int) -> None:
        draft = ClaimDraft(
            peril=Peril.PROPERTY, claimant=Claimant.FAMILY, claimed_yen=GLASSES_YEN, reserve_yen=GLASSES_YEN
        )
        claim = await self._stage.attempt(
            lambda session: file_claim(
                session, by=self._staff, incident_id=incident_id, draft=draft, now=self._stage.days.now
            )
        )
        if claim is not None:
            self._stage.days.at(self._stage.days.now + 30 * MINUTE, lambda: self._submit(claim))

    async def _submit(self, claim: Claim) -> None:
        now, change = self._stage.days.now, ClaimChange(state=ClaimState.SUBMITTED)
        await self._stage.attempt(
            lambda session: change_claim(session, by=self._staff, claim_id=claim.id, change=change, now=now)
        )
        letter = LetterDraft(
            correspondent=Correspondent.INSURER,
            outgoing=True,
            at=now,
            subject="事故の報告と見積書の送付",
            body="眼鏡店の見積書を添えて送ります。ご確認をお願いします。",
        )
        paper = Paper(MediaType.PDF, render(ESTIMATE.read_text(encoding="utf-8"), data={"yen": f"{GLASSES_YEN:,}"}))

        async def send(session: AsyncSession) -> None:
            kept = await keep_letter(session, by=self._staff, claim_id=claim.id, draft=letter, now=now)
            await attach(session, by=self._staff, claim_id=claim.id, letter_id=kept.id, paper=paper, now=now)

        await self._stage.attempt(send)

    async def _child_in(self, booking: Booking) -> int:
        async with self._stage.here.database.read() as session:
            children = select(BookingChild.child_id).where(BookingChild.booking_id == booking.id)
            return (await session.exec(children.order_by(col(BookingChild.child_id)))).all()[0]

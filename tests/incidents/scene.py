"""A care in which something can happen: Alice's child with Bob, their staff; every verb in a transaction of its own."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from care.steps import book, finish, last_ids, messages_after, start
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import Level
from sharecare.care.models import Booking
from sharecare.db import Database
from sharecare.incidents.claim_schemas import ClaimChange, ClaimDraft, ClaimView
from sharecare.incidents.claims import change_claim, file_claim
from sharecare.incidents.models import Claim, ClaimEntry, Incident, ReportMark
from sharecare.incidents.queries import claim_view
from sharecare.incidents.schemas import IncidentChange, IncidentDraft
from sharecare.incidents.service import change_incident, report_incident
from sharecare.insurance.schedule import Exclusion, Peril, Schedule
from world import Family, World, make_world

SCHEDULE = Schedule(
    injury_yen=3_000_000,
    deductibles_yen={Peril.PROPERTY: 5_000},
    exclusions=(Exclusion.DRIVING,),
    claims_limit_yen=100_000,
)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happens."""

    world: World
    family: Family
    helper: Actor
    booking: Booking

    def draft(self, **changes: Any) -> IncidentDraft:
        """Tell of a child who fell and scratched a knee, ten minutes in."""
        facts = {
            "kind": "incident",
            "occurred_at": self.booking.start_at + 10 * MINUTE,
            "place": "公園の入口",
            "what": "段差でつまずいた。",
            "injured": "child",
            "child_id": self.family.child_ids[0],
            "injury": "ひざのすりむき",
            "treatment": "first_aid",
        }
        return IncidentDraft.model_validate(facts | changes)

    def near_miss(self) -> IncidentDraft:
        return IncidentDraft.model_validate(
            {"kind": "near_miss", "occurred_at": self.booking.start_at, "place": "横断歩道", "what": "飛び出しかけた。"}
        )

    async def report(self, draft: IncidentDraft | None = None, *, by: Actor | None = None) -> Incident:
        told = draft or self.draft()
        self.world.now = max(self.world.now, told.occurred_at)
        return await self.world.do(
            lambda s: report_incident(
                s, by=by or self.helper, booking_id=self.booking.id, draft=told, now=self.world.now
            )
        )

    async def change(self, incident: Incident, **changes: Any) -> Incident:
        change = IncidentChange.model_validate(changes)
        return await self.world.do(
            lambda s: change_incident(
                s, by=self.family.actor, incident_id=incident.id, change=change, now=self.world.now
            )
        )

    async def claim(self, incident: Incident, **changes: Any) -> Claim:
        facts = {"peril": "injury", "claimant": "family", "claimed_yen": 12_000, "reserve_yen": 20_000}
        draft = ClaimDraft.model_validate(facts | changes)
        return await self.world.do(
            lambda s: file_claim(s, by=self.world.staff, incident_id=incident.id, draft=draft, now=self.world.now)
        )

    async def move(self, claim: Claim, **changes: Any) -> Claim:
        change = ClaimChange.model_validate(changes)
        return await self.world.do(
            lambda s: change_claim(s, by=self.world.staff, claim_id=claim.id, change=change, now=self.world.now)
        )

    async def finish(self) -> None:
        self.world.now = self.booking.end_at
        await finish(self.world, self.helper, self.booking)

    async def view(self, claim: Claim, by: Actor | None = None) -> ClaimView:
        async with self.world.database.read() as session:
            return await claim_view(session, claim.id, by=by or self.world.staff)

    async def marks(self) -> dict[str, ReportMark]:
        async with self.world.database.read() as session:
            return {mark.step: mark for mark in await session.exec(select(ReportMark))}

    async def lines(self) -> list[ClaimEntry]:
        async with self.world.database.read() as session:
            return list(await session.exec(select(ClaimEntry).order_by(col(ClaimEntry.seq))))

    async def last_message(self) -> int:
        return (await last_ids(self.world))[1]

    async def told_since(self, message_id: int) -> Counter[tuple[int, str]]:
        return await messages_after(self.world, message_id)


async def set_scene(database: Database) -> Scene:
    """Let the care begin."""
    world = await make_world(database, schedule=SCHEDULE)
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    world.now = booking.start_at
    return Scene(world, family, helper, await start(world, helper, booking))

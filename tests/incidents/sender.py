"""The staff at their desk, once a month."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from incidents.scene import Scene
from sharecare.incidents.bordereau_schemas import DraftBordereau, MonthStanding, SentBordereauView
from sharecare.incidents.bordereaux import send_bordereau, sent_view
from sharecare.incidents.drafts import Drafts
from sharecare.incidents.months import months_of_area
from sharecare.insurance.queries import policy_by_id
from sharecare.insurance.rules import VoidReason
from sharecare.insurance.sent import BordereauKind
from sharecare.insurance.service import void_cover

JUNE = date(2026, 6, 1)
JULY = datetime.fromisoformat("2026-07-01T00:00:00+09:00")
SUPPORTS, CLAIMS = BordereauKind.SUPPORTS, BordereauKind.CLAIMS


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends months, and looks at them before."""

    scene: Scene
    drafts: Drafts = field(default_factory=Drafts)

    async def send(self, kind: BordereauKind = SUPPORTS, *, month: date = JUNE) -> SentBordereauView:
        world = self.scene.world

        async def work(session: AsyncSession) -> SentBordereauView:
            sent = await send_bordereau(session, by=world.staff, policy_id=1, kind=kind, month=month, now=world.now)
            return await sent_view(session, sent.id)

        return await world.do(work)

    async def draft(self, kind: BordereauKind = SUPPORTS, *, month: date = JUNE) -> DraftBordereau:
        async with self.scene.world.database.read() as session:
            policy = await policy_by_id(session, 1)
            return await self.drafts.draft_of(session, policy=policy, kind=kind, month=month, now=self.scene.world.now)

    async def again(self, sent: SentBordereauView) -> SentBordereauView:
        async with self.scene.world.database.read() as session:
            return await sent_view(session, sent.id)

    async def months(self, drafts: Drafts | None = None) -> list[MonthStanding]:
        world = self.scene.world
        async with world.database.read() as session:
            return await months_of_area(session, area_id=world.area_id, drafts=drafts or self.drafts, now=world.now)

    async def to_adjust(self, drafts: Drafts | None = None) -> list[tuple[str, BordereauKind]]:
        return [(one.month, kind) for one in await self.months(drafts) for kind in one.to_adjust]


async def void(scene: Scene, cover_id: int) -> None:
    reason = VoidReason.NEVER_STARTED
    await scene.world.do(lambda s: void_cover(s, cover_id=cover_id, reason=reason, now=scene.world.now))

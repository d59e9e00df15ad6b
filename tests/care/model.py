"""Bookings as a plain model sees them: what there is, who may, and who is free."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.areas.rules import AreaSettings
from sharecare.certification.models import Credential
from sharecare.db import Database
from world import NOW, Family, World, make_world

LIVE = frozenset({"confirmed", "in_care"})
DAYS = 3


@dataclass(slots=True)
class Helper:
    """A supporter, as the model knows one."""

    actor: Actor
    certified_until: datetime
    suspended: bool = False


@dataclass(slots=True)
class Asked:
    """A request."""

    id: int
    family: int
    start: datetime
    end: datetime
    state: str = "open"


@dataclass(slots=True)
class Offered:
    """An offer."""

    id: int
    request: Asked
    helper: int
    state: str = "open"


@dataclass(slots=True)
class Booked:
    """A booking."""

    id: int
    offer: Offered
    start: datetime
    end: datetime
    state: str = "confirmed"
    missed_by_helper: bool | None = None  # who reported a no-show that stands, if anybody
    contested: bool = False

    def end_unbegun(self, request_state: str = "cancelled") -> None:
        """End it before it began, with its offer."""
        self.state, self.offer.state, self.offer.request.state = "cancelled", "ended", request_state

    def reinstate(self) -> None:
        """Let it stand as before the no-show."""
        self.state, self.offer.state, self.offer.request.state = "confirmed", "accepted", "booked"
        self.missed_by_helper, self.contested = None, False


@dataclass(slots=True)
class Cast:
    """Two families and two supporters, one of whose first aid lapses on the second day."""

    world: World
    families: list[Family]
    helpers: list[Helper]
    requests: list[Asked] = field(default_factory=list)
    offers: list[Offered] = field(default_factory=list)
    bookings: list[Booked] = field(default_factory=list)

    def is_fit(self, helper: int, until: datetime) -> bool:
        """Say whether a supporter may care until a moment."""
        one = self.helpers[helper]
        return not one.suspended and until < one.certified_until

    def is_free(
        self, start: datetime, end: datetime, *, helper: int | None, family: int, but: Booked | None = None
    ) -> bool:
        """Say whether neither the supporter, if any, nor the family's child is booked in a window."""
        return not any(
            one.state in LIVE and one.start < end and start < one.end
            for one in self.bookings
            if one is not but and (one.offer.helper == helper or one.offer.request.family == family)
        )

    def close_offers(self, request: Asked) -> None:
        """Decline what is still offered on a request."""
        for one in self.offers:
            if one.request is request and one.state == "open":
                one.state = "declined"


async def gather(database: Database) -> Cast:
    """Bring the cast together."""
    world = await make_world(
        database, settings=AreaSettings(requests_a_day=1000, bookings_a_day=100, pre_meeting_required=False)
    )
    families = [await world.family(name) for name in ("Alice", "Carol")]
    helpers = [await world.supporter("Bob"), await world.supporter("Dave", first_aid_on=date(2021, 6, 2))]
    async with database.read() as session:
        until = [await _certified_until(session, one.person_id) for one in helpers]
    assert NOW + timedelta(hours=12) < until[1] < NOW + DAYS * timedelta(days=1) < until[0]
    return Cast(world, families, [Helper(one, end) for one, end in zip(helpers, until, strict=True)])


async def _certified_until(session: AsyncSession, person_id: int) -> datetime:
    ends = await session.exec(select(Credential.expires_at).where(Credential.person_id == person_id))
    return min(end for end in ends if end is not None)

"""What a ranking has to know of an area, kept in memory and read again when a fact says that it changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import all_areas, settings_of
from sharecare.areas.rules import AreaSettings
from sharecare.certification.rules import Ladder
from sharecare.insurance.queries import policies_by_area
from sharecare.insurance.rules import Terms


@dataclass(frozen=True, slots=True)
class Contract:
    """A policy's terms and when they hold."""

    valid_from: datetime
    valid_until: datetime
    terms: Terms


@dataclass(frozen=True, slots=True)
class AreaRules:
    """An area's settings and policies, checked once; of several policies in force the first holds."""

    zone: ZoneInfo
    settings: AreaSettings
    ladder: Ladder
    contracts: Sequence[Contract]

    def terms_for(self, start_at: datetime, end_at: datetime) -> Terms | None:
        """Return the terms in force for the whole window, as `policy_for` finds them."""
        valid = (one.terms for one in self.contracts if one.valid_from <= start_at and end_at <= one.valid_until)
        return next(valid, None)


async def read_areas(session: AsyncSession, area_ids: Collection[int] | None = None) -> Mapping[int, AreaRules]:
    """Return the rules of some areas, or of all."""
    policies = await policies_by_area(session, area_ids)
    found = {}
    for area in await all_areas(session):
        if area_ids is not None and area.id not in area_ids:
            continue
        settings = settings_of(area)
        contracts = [
            Contract(policy.valid_from, policy.valid_until, Terms.model_validate(policy.terms))
            for policy in policies[area.id]
        ]
        found[area.id] = AreaRules(ZoneInfo(area.timezone), settings, Ladder.of(settings), contracts)
    return found

"""From a need to a request that may be opened: every rule that stands before asking anyone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child, Home
from sharecare.accounts.queries import home_of, person_by_id, staff_ids_of
from sharecare.accounts.rules import Actor, PersonState
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import CareKind, Level
from sharecare.care.models import Ask, CareRequest
from sharecare.care.people import ages_at, levels_of, own_children, require_children_free
from sharecare.care.rules import (
    RequestState,
    check_ages,
    check_area_hours,
    check_window,
    first_circle,
    is_urgent,
    next_wave,
)
from sharecare.care.schemas import Need
from sharecare.errors import NotFound, Refusal
from sharecare.geo import cell_of
from sharecare.insurance.queries import policy_for
from sharecare.insurance.rules import Support, Terms
from sharecare.insurance.service import require_covered
from sharecare.insurance.usage import used_up
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all
from sharecare.trust.queries import ties_of


class NoHomeYet(Refusal):
    """The family has not said where it lives."""

    ja = "先にご自宅の場所を登録してください。"
    en = "Please add your home first."


@dataclass(frozen=True, slots=True)
class Gathered:
    """A request that breaks no rule, not stored yet, and whom it is for."""

    area: Area
    children: Sequence[Child]
    ages: tuple[int, ...]
    request: CareRequest


async def gather(session: AsyncSession, *, by: Actor, need: Need, now: datetime) -> Gathered:
    """Hold a need to every rule that doesn't ask for a supporter.

    Raises:
        NotFound: a child is not the family's.
        ChildElsewhere: a child is in another booking at that time.
        NoHomeYet: the care begins at a home that is not registered.
        Refusal: the window, an age or a means lies outside the area's or the policy's rules.

    """
    check_window(need.start_at, need.end_at, now=now)
    area = await area_by_id(session, by.area_id)
    settings, zone = settings_of(area), ZoneInfo(area.timezone)
    check_area_hours(need.start_at, need.end_at, settings, zone)
    children = await own_children(session, by.household_id, need.children)
    ages = ages_at(children, need.start_at, zone)
    check_ages(ages, settings)
    await require_children_free(session, need.children, start_at=need.start_at, end_at=need.end_at, zone=zone)
    await _check_policy(session, area, need, ages, now=now)
    request = _request(by, need, await home_of(session, by.household_id), area, now=now)
    return Gathered(area=area, children=children, ages=ages, request=request)


async def require_known_supporter(session: AsyncSession, by: Actor, person_id: int, *, now: datetime) -> None:
    """Let only supporters be named whom one can know of: tied, asked before, or certified in one's own area.

    Whether a block stands between the two makes no difference.

    Raises:
        NotFound: whatever the reason.

    """
    named = await person_by_id(session, person_id)
    if not named.is_supporter or named.state != PersonState.ACTIVE:
        raise NotFound
    asked = (
        select(Ask.id)
        .join(CareRequest)
        .where(CareRequest.household_id == by.household_id, Ask.supporter_id == person_id)
    )
    known = (
        any(person_id in (low, high) for low, high, *_ in await ties_of(session, [by.person_id]))
        or (await session.exec(asked)).first() is not None
        or (
            named.area_id == by.area_id
            and (await levels_of(session, [person_id], at=now))[person_id] >= Level.CERTIFIED
        )
    )
    if not known:
        raise NotFound


def midnight(now: datetime, area: Area) -> datetime:
    """Return when the area's present day began."""
    return now.astimezone(ZoneInfo(area.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)


async def _check_policy(session: AsyncSession, area: Area, need: Need, ages: tuple[int, ...], *, now: datetime) -> None:
    policy = await policy_for(session, area_id=area.id, start_at=need.start_at, end_at=need.end_at)
    if policy is None:
        await _tell_staff_once_a_day(session, area, MessageKind.AREA_HAS_NO_POLICY, {}, now=now)
        return
    support = Support(need.kind, need.means, need.start_at, need.end_at, ages, Level.CERTIFIED)
    require_covered(Terms.model_validate(policy.terms), support)
    if (facts := await used_up(session, policy, support)) is not None:
        await _tell_staff_once_a_day(session, area, MessageKind.AGGREGATE_REACHED, facts, now=now)


async def _tell_staff_once_a_day(
    session: AsyncSession, area: Area, kind: MessageKind, facts: Mapping[str, object], *, now: datetime
) -> None:
    today = select(Message.person_id).where(Message.kind == kind, col(Message.created_at) >= midnight(now, area))
    told = set(await session.exec(today))
    await tell_all(
        session, to={one: facts for one in await staff_ids_of(session, area.id) if one not in told}, kind=kind, now=now
    )


def _request(by: Actor, need: Need, home: Home | None, area: Area, *, now: datetime) -> CareRequest:
    settings = settings_of(area)
    place = need.place or home
    to_place = (need.to_place or home) if need.kind is CareKind.PICKUP else None
    if place is None or (need.kind is CareKind.PICKUP and to_place is None):
        raise NoHomeYet
    urgent = is_urgent(need.start_at, now=now) if need.urgent is None else need.urgent
    circle = first_circle(need.reach, urgent=urgent)
    wave = next_wave(circle, need.reach, settings, opened_at=now)
    return CareRequest(
        area_id=area.id,
        household_id=by.household_id,
        requester_id=by.person_id,
        **need.model_dump(exclude={"children", "place", "to_place", "urgent"}),
        place=need.place.name if need.place else None,
        lat=place.lat,
        lon=place.lon,
        cell=int(cell_of(place.lat, place.lon, settings.cell_level).code),
        to_place=need.to_place.name if need.to_place else None,
        to_lat=to_place.lat if to_place else None,
        to_lon=to_place.lon if to_place else None,
        urgent=urgent,
        circle=circle,
        next_wave_at=wave[1] if wave and need.named_supporter_id is None else None,
        state=RequestState.OPEN,
        opened_at=now,
    )

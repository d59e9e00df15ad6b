"""The slow and obvious count of an area's figures, straight from the tables that the rooms keep."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.areas.rules import Level
from sharecare.care.models import Booking, CareRequest, Offer
from sharecare.certification.queries import level_of
from sharecare.insurance.models import CoverEntry
from sharecare.trust.models import Tie

ZONE = ZoneInfo("Asia/Tokyo")


@dataclass(slots=True)
class Tables:
    """Everything that figures can be counted from."""

    people: Sequence[Person]
    requests: Sequence[CareRequest]
    offers: Sequence[Offer]
    bookings: Sequence[Booking]
    ties: Sequence[Tie]
    gaps: dict[int, int]  # open gap minutes by cover

    @classmethod
    async def read(cls, session: AsyncSession) -> "Tables":
        ended = await session.exec(select(CoverEntry).where(CoverEntry.kind == "ended"))
        return cls(
            people=(await session.exec(select(Person))).all(),
            requests=(await session.exec(select(CareRequest))).all(),
            offers=(await session.exec(select(Offer))).all(),
            bookings=(await session.exec(select(Booking))).all(),
            ties=(await session.exec(select(Tie))).all(),
            gaps={line.cover_id: line.data["open_gap_minutes"] for line in ended},
        )


async def recount(session: AsyncSession, *, area_id: int, first: date, last: date) -> dict[str, float | None]:
    """Return an area's figures of a period that ends today."""
    tables = await Tables.read(session)
    members = [person for person in tables.people if person.area_id == area_id and person.state == "active"]
    opened = [one for one in tables.requests if one.area_id == area_id and first <= _day(one.opened_at) <= last]
    uses = [
        one
        for one in tables.bookings
        if one.area_id == area_id and one.finished_at and one.closed_at and first <= _day(one.closed_at) <= last
    ]
    return {
        **_of_members(tables, members, first, last),
        **_of_requests(tables, opened),
        **_of_uses(tables, uses, area_id),
    }


async def recount_levels(session: AsyncSession, *, area_id: int, at: datetime) -> dict[Level, int]:
    """Return how many active supporters hold each level at a moment."""
    counts: dict[Level, int] = {}
    for person in (await Tables.read(session)).people:
        if person.area_id == area_id and person.state == "active" and person.is_supporter:
            level = await level_of(session, person_id=person.id, now=at)
            counts[level] = counts.get(level, 0) + 1
    return counts


def _of_members(tables: Tables, members: Sequence[Person], first: date, last: date) -> dict[str, float | None]:
    asked = {one.requester_id for one in tables.requests if first <= _day(one.opened_at) <= last}
    offered = {one.supporter_id for one in tables.offers if first <= _day(one.made_at) <= last}
    lived = [
        one for one in tables.bookings if one.finished_at and one.closed_at and first <= _day(one.closed_at) <= last
    ]
    used = {who for one in lived for who in (one.requester_id, one.supporter_id)}
    active = [one for one in members if one.id in asked | offered | used]
    friends = [sum(one.id in (tie.low_id, tie.high_id) for tie in tables.ties if _are_friends(tie)) for one in members]
    return {
        "members": len(members),
        "requesters": sum(one.is_requester for one in members),
        "supporters": sum(one.is_supporter for one in members),
        "active_members": len(active),
        "active_share": len(active) / len(members),
        "friends_mean": sum(friends) / len(members),
        "well_tied_share": sum(count >= 3 for count in friends) / len(members),
    }


def _of_requests(tables: Tables, opened: Sequence[CareRequest]) -> dict[str, float | None]:
    counted = [one for one in opened if not _withdrawn_early(one)]
    filled = {one.id: made for one in opened if (made := _filled_at(tables, one))}
    ids = {one.id for one in opened}
    latest_first = sorted(tables.offers, key=lambda one: one.made_at, reverse=True)
    offers = {one.request_id: one.made_at for one in latest_first if one.request_id in ids}
    to_offer = [_minutes(one.opened_at, offers[one.id]) for one in opened if one.id in offers]
    to_booking = [_minutes(one.opened_at, filled[one.id]) for one in opened if one.id in filled]
    unmet = [one for one in counted if one.id not in filled]
    return {
        "requests": len(opened),
        "requests_counted": len(counted),
        "matched": len(offers),
        "filled": len(filled),
        "fill_rate": len(filled) / len(counted) if counted else None,
        "minutes_to_offer_median": statistics.median(to_offer) if to_offer else None,
        "minutes_to_booking_median": statistics.median(to_booking) if to_booking else None,
        "unmet_hours": sum(_minutes(one.start_at, one.end_at) for one in unmet) / 60,
    }


def _of_uses(tables: Tables, uses: Sequence[Booking], area_id: int) -> dict[str, float | None]:
    homes = {person.id: person.area_id for person in tables.people}
    gaps = [tables.gaps[one.cover_id] for one in uses]
    hours = sum(_minutes(one.started_at, one.finished_at) for one in uses if one.started_at and one.finished_at) / 60
    away = sum(homes[one.supporter_id] != area_id for one in uses)
    return {
        "uses": len(uses),
        "care_hours": hours,
        "coverage": sum(gap == 0 for gap in gaps) / len(uses) if uses else None,
        "gap_minutes": sum(gaps),
        "cross_area_share": away / len(uses) if uses else None,
    }


def _withdrawn_early(one: CareRequest) -> bool:
    if one.state != "withdrawn" or one.closed_at is None:
        return False
    return one.closed_at - one.opened_at <= timedelta(minutes=10)


def _filled_at(tables: Tables, request: CareRequest) -> datetime | None:
    standing = [
        one.confirmed_at
        for one in tables.bookings
        if one.request_id == request.id and not (one.state == "cancelled" and one.cancelled_by == "supporter")
    ]
    return min(standing, default=None)


def _are_friends(tie: Tie) -> bool:
    return None not in (tie.met_at, tie.low_approved_at, tie.high_approved_at)


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def _minutes(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 60)

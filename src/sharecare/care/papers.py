"""On paper and on the phone without a network: the pick-up card and the day sheet, as PDF."""

import asyncio
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import zone_of_area
from sharecare.areas.words import KINDS, MEANS, Pair
from sharecare.care.access import require_details
from sharecare.care.booking_schemas import ChildOnTheDay, OpenDetails
from sharecare.care.bookings import booking_by_id
from sharecare.care.contacts import contacts_of
from sharecare.care.day_rules import card_code
from sharecare.care.day_schemas import EmergencyContactDraft, PreMeetingView
from sharecare.care.models import Booking, CareRequest
from sharecare.care.papers_words import HANDED_BY, LABELS
from sharecare.care.pre_meeting import sheet_of, sheet_view
from sharecare.care.queries import booking_view
from sharecare.care.requests import request_by_id
from sharecare.care.rules import LIVE, HandoverBy
from sharecare.errors import NotFound, Refusal
from sharecare.messages.words import Tongue
from sharecare.pdf import render

Told = dict[str, Any]


class NoCardNeeded(Refusal):
    """Nobody but the family hands the child over."""

    ja = "園・学校・習い事での引き渡しがない予約には、お迎えカードはありません。"
    en = "This care has no handover at a nursery, school or lesson, and so no pick-up card."


async def pick_up_card(
    session: AsyncSession, booking_id: int, *, by: Actor, language: str, key: bytes, now: datetime
) -> bytes:
    """Return the card that names the authorised supporter to a nursery: a PDF of a phone's size.

    Raises:
        NotFound: the booking is over or cancelled, or its details are closed.
        NoCardNeeded: no nursery, school or lesson hands over or receives.

    """
    booking = await booking_by_id(session, booking_id)
    require_details(booking, by, now)
    if booking.state not in LIVE:
        raise NotFound
    request = await request_by_id(session, booking.request_id)
    if HandoverBy.INSTITUTION not in (request.handover_start, request.handover_finish):
        raise NoCardNeeded
    view = await booking_view(session, booking_id, by=by, now=now)
    if (details := view.details) is None:
        raise NotFound
    tongue = await _tongue(session, booking.area_id, language)
    at_start = request.handover_start == HandoverBy.INSTITUTION
    told: Told = {
        "language": language,
        "labels": _labels(tongue),
        "supporter": details.supporter.name,
        "children": [child.name for child in details.children],
        "guardian": details.requester.name,
        "day": tongue.day(booking.start_at.astimezone(tongue.zone)),
        "clock": tongue.clock((booking.start_at if at_start else booking.end_at).astimezone(tongue.zone)),
        "place": (details.place if at_start else details.to_place or details.place) or "",
        "code": card_code(key, booking.id, booking.supporter_id),
        "booking": str(booking.id),
        "cover": view.cover_number,
    }
    return await asyncio.to_thread(render, _template("pick_up_card"), data=told)


async def day_sheet(session: AsyncSession, *, by: Actor, day: date, language: str, now: datetime) -> bytes:
    """Return what someone has to do and to know on one day, for the day the network is down: an A4 PDF."""
    tongue = await _tongue(session, by.area_id, language)
    midnight = datetime.combine(day, time(), tongue.zone)
    mine = (
        select(Booking.id)
        .where(or_(col(Booking.household_id) == by.household_id, col(Booking.supporter_id) == by.person_id))
        .where(col(Booking.state).in_(LIVE), col(Booking.start_at) >= midnight)
        .where(col(Booking.start_at) < datetime.combine(day + timedelta(days=1), time(), tongue.zone))
        .order_by(col(Booking.start_at))
    )
    told: Told = {
        "language": language,
        "labels": _labels(tongue),
        "day": tongue.day(midnight),
        "name": (await person_by_id(session, by.person_id)).name,
        "cares": [await _care(session, one, by=by, tongue=tongue, now=now) for one in await session.exec(mine)],
    }
    return await asyncio.to_thread(render, _template("day_sheet"), data=told)


async def _care(session: AsyncSession, booking_id: int, *, by: Actor, tongue: Tongue, now: datetime) -> Told:
    """Return a care as one may see it on its page: its time and its cover, and the rest while the details are open."""
    booking = await booking_by_id(session, booking_id)
    view = await booking_view(session, booking_id, by=by, now=now)
    request = await request_by_id(session, booking.request_id)
    start, end = (at.astimezone(tongue.zone) for at in (booking.start_at, booking.end_at))
    means = f" ({tongue.choose(MEANS[request.means])})" if request.means else ""
    told = {
        "window": f"{tongue.clock(start)}{tongue.choose(('〜', '–'))}{tongue.clock(end)}",
        "kind": tongue.choose(KINDS[booking.kind]) + means,
        "booking": str(booking.id),
        "cover": view.cover_number,
        "open": view.details is not None,
    }
    if view.details is None:
        return told
    return told | await _opened(session, booking, request, view.details, by=by, tongue=tongue)


async def _opened(
    session: AsyncSession, booking: Booking, request: CareRequest, details: OpenDetails, *, by: Actor, tongue: Tongue
) -> Told:
    sheet = await sheet_of(session, booking)
    supports = booking.supporter_id == by.person_id
    other = details.requester if supports else details.supporter
    return {
        "other": {"name": other.name, "phone": other.phone or "—"},
        "supports": supports,
        "handed": [tongue.choose(HANDED_BY[by_]) for by_ in (request.handover_start, request.handover_finish)],
        "facts": _places(details, request.notes, tongue),
        "children": [_child(child, tongue) for child in details.children],
        "sheet": _sheet(await sheet_view(session, sheet), tongue) if sheet else None,
        "contacts": [_contact(one) for one in await contacts_of(session, booking.household_id)] if supports else [],
    }


def _places(details: OpenDetails, notes: str, tongue: Tongue) -> list[Told]:
    def label(name: str) -> str:
        return tongue.choose(LABELS[name])

    begins, home = details.place, details.address
    ends = details.to_place or (home if details.to_lat is not None else None)
    said = ((label("from"), begins or home), (label("to"), ends), (label("notes"), notes))
    return [{"label": name, "value": value} for name, value in said if value]


def _child(child: ChildOnTheDay, tongue: Tongue) -> Told:
    years, months = divmod(child.age_months, 12)
    return {
        "name": child.name,
        "age": tongue.choose((f"{years}歳{months}か月", f"{years} y {months} m")),
        "allergies": child.allergies or tongue.choose(LABELS["none"]),
        "notes": child.notes,
    }


def _sheet(sheet: PreMeetingView, tongue: Tongue) -> list[Told]:
    said: list[tuple[str, str]] = [
        ("doctor", sheet.doctor),
        ("refuge", sheet.refuge),
        ("hand_over", "、".join(f"{one.name}({one.relation})" for one in sheet.hand_over)),
        ("rides", "・".join(tongue.choose(MEANS[ride]) for ride in sheet.rides)),
        ("costs", sheet.costs),
        ("told", sheet.notes),
    ]
    return [{"label": tongue.choose(LABELS[name]), "value": value} for name, value in said if value]


def _contact(one: EmergencyContactDraft) -> Told:
    return {"name": f"{one.name}({one.relation})", "phone": one.phone}


async def _tongue(session: AsyncSession, area_id: int, language: str) -> Tongue:
    return Tongue(language, await zone_of_area(session, area_id))


def _labels(tongue: Tongue) -> dict[str, str]:
    pairs: dict[str, Pair] = dict(LABELS)
    return {name: tongue.choose(pair) for name, pair in pairs.items()}


@cache
def _template(name: str) -> str:
    return Path(__file__).with_name(f"{name}.typ").read_text(encoding="utf-8")

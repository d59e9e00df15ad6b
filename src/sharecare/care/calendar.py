"""A secret link at which calendar apps read one's plans: when and what kind, never who or where."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from icalendar import Calendar, Event
from sqlalchemy import Function, ScalarSelect
from sqlmodel import col, delete, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.tokens import hash_secret
from sharecare.areas.words import KINDS, Pair
from sharecare.care.models import Booking, CalendarLink
from sharecare.care.rules import BookingState, Side
from sharecare.errors import NotFound
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind

T = TypeVar("T")
SHOWN_BACK = timedelta(days=90)
_CHANGES = (FactKind.BOOKING_CHANGED, FactKind.BOOKING_CANCELLED, FactKind.BOOKING_REINSTATED)
_ROLES: Mapping[Side, Pair] = {Side.SUPPORTER: ("手伝う", "I help"), Side.FAMILY: ("お願い", "We have help")}


async def calendar_link_of(session: AsyncSession, *, by: Actor) -> CalendarLink | None:
    """Return the person's link, if they have one."""
    return (await session.exec(select(CalendarLink).where(CalendarLink.person_id == by.person_id))).first()


def calendar_secret(link: CalendarLink, *, key: bytes) -> str:
    """Return what stands in a link's address: an HMAC, so that whoever reads the table can open nothing."""
    digest = hmac.new(key, f"calendar:{link.person_id}:{link.salt}".encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


async def make_calendar_link(session: AsyncSession, *, by: Actor, key: bytes, now: datetime) -> CalendarLink:
    """Make a link; one that stood before opens nothing any more."""
    await revoke_calendar_link(session, person_id=by.person_id)
    link = CalendarLink(person_id=by.person_id, salt=secrets.token_hex(16), secret_hash="", made_at=now)
    link.secret_hash = hash_secret(calendar_secret(link, key=key))
    session.add(link)
    return link


async def revoke_calendar_link(session: AsyncSession, *, person_id: int) -> None:
    """Close a person's link at once."""
    mine = select(Person.id).where(Person.id == person_id)
    await session.exec(mine.with_for_update(key_share=True))  # two presses at once make one link
    await session.exec(delete(CalendarLink).where(col(CalendarLink.person_id) == person_id))


async def calendar_feed(session: AsyncSession, *, secret: str, public_url: str, now: datetime) -> bytes:
    """Return the plans behind a link as an iCalendar file.

    Raises:
        NotFound: there is no such link, or its owner's account is not active.

    """
    linked = (
        select(Person)
        .join(CalendarLink, col(CalendarLink.person_id) == col(Person.id))
        .where(CalendarLink.secret_hash == hash_secret(secret), Person.state == PersonState.ACTIVE)
    )
    person = (await session.exec(linked)).first()
    if person is None:
        raise NotFound
    mine = or_(col(Booking.household_id) == person.household_id, col(Booking.supporter_id) == person.id)
    plans = (
        select(Booking, _of_its_changes(func.count()), _of_its_changes(func.max(Fact.at)))
        .where(mine, col(Booking.end_at) > now - SHOWN_BACK)
        .order_by(col(Booking.id))
    )
    calendar = _calendar()
    for booking, number, last_at in await session.exec(plans):
        calendar.add_component(_event(booking, person, public_url, changes=number, changed_at=last_at))
    told: bytes = calendar.to_ical()
    return told


def _of_its_changes(what: Function[T]) -> ScalarSelect[T]:
    changes = col(Fact.booking_id) == Booking.id, col(Fact.kind).in_(_CHANGES)
    return select(what).select_from(Fact).where(*changes).scalar_subquery()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//ShareCare//ShareCare//JA")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", "ShareCare")
    calendar.add("x-wr-calname", "ShareCare")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    return calendar


def _event(booking: Booking, person: Person, public_url: str, *, changes: int, changed_at: datetime | None) -> Event:
    """Tell of a booking; what comes after a change has a higher number, or an app keeps what it had (RFC 5545)."""
    cancelled = booking.state == BookingState.CANCELLED
    role = Side.SUPPORTER if booking.supporter_id == person.id else Side.FAMILY
    place = 0 if person.language == "ja" else 1
    event = Event()
    event.add("uid", f"booking-{booking.id}@sharecare")
    event.add("dtstamp", changed_at or booking.confirmed_at)
    event.add("sequence", changes)
    event.add("dtstart", booking.start_at)
    event.add("dtend", booking.end_at)
    event.add("summary", f"ShareCare {_ROLES[role][place]}: {KINDS[booking.kind][place]}")
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("url", f"{public_url.rstrip('/')}/bookings/{booking.id}")
    return event

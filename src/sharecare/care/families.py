"""Becoming a guardian: nobody is both sides of one care."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor
from sharecare.care.models import Booking
from sharecare.care.rules import LIVE
from sharecare.errors import Refusal
from sharecare.registration import service as registration


class BookedByThem(Refusal):
    """A supporter who joined the family would read the digits that the family is to show them."""

    ja = "このご家庭のお子さんを預かる予約が残っています。終わるか、キャンセルしてから、もう一度お試しください。"
    en = "You still have a booking with this family. Once it is over or cancelled, please try again."


async def join_family(session: AsyncSession, *, by: Actor, token: str, now: datetime) -> None:
    """Become a guardian in the family of whoever gave the token.

    Raises:
        TokenSpent, AlreadyAFamily: as `registration` says.
        BookedByThem: one is to look after the family's children, or does.

    """
    await registration.join_family(session, by=by, token=token, now=now)
    household_id = (await person_by_id(session, by.person_id)).household_id
    theirs = select(Booking.id).where(Booking.supporter_id == by.person_id, Booking.household_id == household_id)
    if (await session.exec(theirs.where(col(Booking.state).in_(LIVE)).limit(1))).first() is not None:
        raise BookedByThem

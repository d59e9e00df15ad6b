"""Children of whom something is expected: a change goes to those who agreed on it, and none is taken off a care."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from sharecare.accounts import service
from sharecare.accounts.models import Child
from sharecare.accounts.queries import child_of, names_of
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import ChildDraft
from sharecare.areas.queries import zone_of_area
from sharecare.care.bookings import window_facts
from sharecare.care.models import Booking, BookingChild, CareRequest, RequestChild
from sharecare.care.people import away_from
from sharecare.care.pre_meeting import not_ready, note_told
from sharecare.care.rules import LIVE, RequestState
from sharecare.errors import Refusal
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell
from sharecare.messages.words import Tongue


class ChildBooked(Refusal):
    """The child is expected in a care, or is in one."""

    ja = (
        "{name}さんには、{when_ja}の予約があります。先にその予約をキャンセルするか、終わってから、"
        "一覧から外してください。"
    )
    en = "{name} has a booking on {when_en}. Cancel it first, or take {name} off the list once it is over."


class AgeBooked(Refusal):
    """The insurer was told an age, and what is asked of the supporter follows from it."""

    ja = (
        "{name}さんには、{when_ja}の予約があり、保険は生まれた月をもとにしています。"
        "生まれた月を直すには、先にその予約をキャンセルするか、終わってからにしてください。"
    )
    en = (
        "{name} has a booking on {when_en}, and its insurance rests on the birth month. "
        "To correct that, cancel the booking first, or wait until it is over."
    )


class ChildAskedFor(Refusal):
    """Somebody may be found for the child any minute, and there would be a booking without the child."""

    ja = "{name}さんのための{when_ja}のお願いが、まだ出ています。先にそれを取り下げてから、一覧から外してください。"
    en = "You still ask for help for {name} on {when_en}. Withdraw that request first, then take {name} off the list."


async def change_child(session: AsyncSession, *, by: Actor, child_id: int, draft: ChildDraft, now: datetime) -> Child:
    """Replace what is known of a child; who agreed on what it must not eat is told to read it again.

    Raises:
        NotFound: the family has no such child.
        NotAChildsAge: the birth month is not a child's.
        AgeBooked: the child is in a live booking, whose cover rests on the birth month.

    """
    child = await child_of(session, by.household_id, child_id)
    if draft.birth_month != child.birth_month:
        await _hold(session, child)
        await _refuse_where(session, _cares_of(child), AgeBooked, child, by)
    lacking = await not_ready(session, *_ahead(by, now))
    child = await service.change_child(session, by=by, child_id=child_id, draft=draft, now=now)
    await _tell_stale(session, lacking, by=by, now=now)
    return child


async def remove_child(session: AsyncSession, *, by: Actor, child_id: int, now: datetime) -> None:
    """Take a child off the list whom nobody expects any more; past supports keep their record.

    Raises:
        NotFound: the family has no such child.
        ChildBooked: the child is in a live booking, which could not start any more.
        ChildAskedFor: a request for the child is open.

    """
    await _require_not_expected(session, await child_of(session, by.household_id, child_id), by)
    lacking = await not_ready(session, *_ahead(by, now))
    await service.remove_child(session, by=by, child_id=child_id, now=now)
    await _tell_stale(session, lacking, by=by, now=now)


async def _require_not_expected(session: AsyncSession, child: Child, by: Actor) -> None:
    await _hold(session, child)
    asked = select(CareRequest.start_at, CareRequest.end_at).join(
        RequestChild, col(RequestChild.request_id) == col(CareRequest.id)
    )
    await _refuse_where(session, _cares_of(child), ChildBooked, child, by)
    open_for = asked.where(RequestChild.child_id == child.id, CareRequest.state == RequestState.OPEN)
    await _refuse_where(session, open_for, ChildAskedFor, child, by)


async def _hold(session: AsyncSession, child: Child) -> None:
    """Hold the child as an acceptance does: a booking comes before this or not at all."""
    await session.exec(select(Child.id).where(Child.id == child.id).with_for_update(key_share=True))


def _cares_of(child: Child) -> Select[datetime, datetime]:
    return (
        select(Booking.start_at, Booking.end_at)
        .join(BookingChild, col(BookingChild.booking_id) == col(Booking.id))
        .where(BookingChild.child_id == child.id, col(Booking.state).in_(LIVE))
    )


async def _refuse_where(
    session: AsyncSession, windows: Select[datetime, datetime], refusal: type[Refusal], child: Child, by: Actor
) -> None:
    if times := sorted(await session.exec(windows)):
        zone = await zone_of_area(session, by.area_id)
        window = [at.isoformat() for at in times[0]]
        ja, en = (Tongue(one, zone).window(*window) for one in ("ja", "en"))
        raise refusal(name=child.name, when_ja=ja, when_en=en)


def _ahead(by: Actor, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Select the family's cares that begin or go on."""
    return col(Booking.household_id) == by.household_id, col(Booking.state).in_(LIVE), col(Booking.end_at) > now


async def _tell_stale(session: AsyncSession, lacking: Collection[int], *, by: Actor, now: datetime) -> None:
    """Tell both sides whose sheet was agreed until now, once for each pair, that they must agree again."""
    ids = set(await not_ready(session, *_ahead(by, now))) - set(lacking)
    if not ids:
        return
    stale = col(Booking.id).in_(ids)
    away = await away_from(session, by.household_id)
    bookings = (await session.exec(select(Booking).where(stale).order_by(col(Booking.start_at).desc()))).all()
    next_of = {booking.supporter_id: booking for booking in bookings if booking.supporter_id not in away}
    names = await names_of(session, [by.person_id, *next_of])
    for supporter_id, booking in next_of.items():
        facts = window_facts(booking)
        told = (
            (supporter_id, MessageKind.PRE_MEETING_WRITTEN, by.person_id),
            (booking.requester_id, MessageKind.PRE_MEETING_MISSING, supporter_id),
        )
        for person_id, kind, about in told:
            await tell(session, person_id=person_id, kind=kind, facts=facts | {"name": names[about]}, now=now)
    await note_told(session, stale, now=now)

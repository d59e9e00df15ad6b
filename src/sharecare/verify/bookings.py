"""Invariants 1 and 2: no overlap, and no booking without cover and a supporter fit for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, case, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel import select as fetch
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.areas.rules import AreaSettings
from sharecare.care.models import Booking, BookingChild
from sharecare.care.rules import LIVE, BookingState
from sharecare.certification.rules import Ladder, notification_until
from sharecare.insurance.models import Cover, CoverEntry
from sharecare.insurance.rules import CoverState, LedgerKind
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from sharecare.metrics.gather import facts_of
from sharecare.metrics.rules import in_order, rules_at
from sharecare.metrics.stock import held_in
from sharecare.verify.breach import Breach

COVER_OF = {
    BookingState.CONFIRMED: CoverState.BOUND,
    BookingState.IN_CARE: CoverState.IN_FORCE,
    BookingState.COMPLETED: CoverState.ENDED,
    BookingState.CANCELLED: CoverState.VOIDED,
}
_STANDING = (
    FactKind.CREDENTIAL_CONFIRMED,
    FactKind.CREDENTIAL_REVOKED,
    FactKind.PERSON_SUSPENDED,
    FactKind.PERSON_RESTORED,
    FactKind.PERSON_LEFT,
)


async def overlaps(session: AsyncSession) -> list[Breach]:
    """Find live bookings of one supporter or one child that overlap, whatever the database promised."""
    one, other = aliased(Booking), aliased(Booking)
    same_time = and_(
        col(one.id) < col(other.id),
        col(one.state).in_(LIVE),
        col(other.state).in_(LIVE),
        col(one.start_at) < col(other.end_at),
        col(other.start_at) < col(one.end_at),
    )
    by_supporter = select(col(one.id), col(other.id)).join(other, col(one.supporter_id) == col(other.supporter_id))
    apart = or_(col(one.group_id).is_(None), col(other.group_id).is_(None), col(one.group_id) != col(other.group_id))
    mine, theirs = aliased(BookingChild), aliased(BookingChild)
    # The bookings' own windows count here: the children's rows are copies that only the database's guard reads.
    by_child = (
        select(col(one.id), col(other.id))
        .join(mine, col(mine.booking_id) == col(one.id))
        .join(theirs, col(theirs.child_id) == col(mine.child_id))
        .join(other, and_(col(other.id) == col(theirs.booking_id), same_time))
        .distinct()
    )
    return await _found(
        session,
        1,
        {
            "two live bookings of one supporter overlap": by_supporter.where(same_time, apart),
            "two live bookings of one child overlap": by_child,
            "a child's time is not its booking's": _wrong_copies(),
        },
    )


async def uncovered(session: AsyncSession) -> list[Breach]:
    """Find bookings whose cover is another's, too short, or not in the state that the booking's asks for."""
    with_cover = select(col(Booking.id)).join(Cover, col(Cover.id) == col(Booking.cover_id))
    counts = col(Booking.state) != BookingState.CANCELLED
    short = or_(col(Cover.start_at) > col(Booking.start_at), col(Cover.end_at) < col(Booking.end_at))
    started = col(Booking.started_at).is_not(None)
    expected = case(dict(COVER_OF), value=col(Booking.state), else_="")
    # A start that staff put down afterwards came into force then: it was covered if its cover was bound before it.
    recorded = (
        select(col(Fact.id))
        .where(col(Fact.booking_id) == col(Booking.id), col(Fact.kind) == FactKind.CARE_STARTED)
        .where(col(Fact.data)["recorded"].as_boolean())
        .exists()
    )
    in_time = or_(col(CoverEntry.kind) == LedgerKind.IN_FORCE, and_(col(CoverEntry.kind) == LedgerKind.BOUND, recorded))
    in_force = (
        select(col(CoverEntry.id))
        .where(col(CoverEntry.cover_id) == col(Booking.cover_id), in_time)
        .where(col(CoverEntry.at) <= col(Booking.started_at))
        .exists()
    )
    return await _found(
        session,
        2,
        {
            "cover does not reach over the agreed window": with_cover.where(counts, short),
            "cover is another supporter's": with_cover.where(col(Cover.supporter_id) != col(Booking.supporter_id)),
            "cover is not in the state of its booking": with_cover.where(col(Cover.state) != expected),
            "care started without cover in force": select(col(Booking.id)).where(started, ~in_force),
        },
    )


async def levels_not_held(session: AsyncSession) -> list[Breach]:
    """Find cares whose supporter, by the journal, was suspended or held less than required when they started.

    Those that staff put down afterwards are left out: there nobody was let in, it only says what happened.
    """
    started = (
        fetch(Booking, Person.area_id)
        .join(Person, col(Person.id) == col(Booking.supporter_id))
        .where(col(Booking.started_at).is_not(None))
        .order_by(col(Booking.id))
    )
    bookings = (await session.exec(started)).all()
    about = await _standing_facts(session, {booking.supporter_id for booking, _ in bookings})
    changes = (await session.exec(fetch(Fact).where(Fact.kind == FactKind.AREA_CHANGED))).all()
    told = fetch(Fact.booking_id, Fact.id, Fact.data).where(Fact.kind == FactKind.CARE_STARTED)
    facts = (await session.exec(told)).all()
    starts = {booking_id: fact_id for booking_id, fact_id, _ in facts}
    recorded = {booking_id for booking_id, _, data in facts if data.get("recorded")}
    return [
        Breach(2, "care started with a supporter who did not hold what it required", "booking", (booking.id,))
        for booking, area_id in bookings
        if booking.started_at is not None
        and booking.id not in recorded
        and not _fit(
            booking,
            _before(about[booking.supporter_id], booking.started_at, starts.get(booking.id)),
            rules_at(changes, area_id=area_id, before=booking.started_at + timedelta(microseconds=1)),
            at=booking.started_at,
        )
    ]


def _before(facts: Sequence[Fact], at: datetime, start_id: int | None) -> list[Fact]:
    """Return what had happened when a care started; of its own moment, what was written before it."""
    return in_order(
        fact for fact in facts if fact.at < at or (fact.at == at and (start_id is None or fact.id < start_id))
    )


def _fit(booking: Booking, facts: Sequence[Fact], rules: AreaSettings, *, at: datetime) -> bool:
    held, active = {}, True
    for fact in facts:
        if fact.kind == FactKind.CREDENTIAL_CONFIRMED:
            held[fact.data["credential_id"]] = held_in(fact)
        elif fact.kind == FactKind.CREDENTIAL_REVOKED:
            held.pop(fact.data["credential_id"], None)
        else:
            active = fact.kind == FactKind.PERSON_RESTORED
    notified_until = notification_until(held.values())
    notified = notified_until is not None and at < notified_until
    level = Ladder.of(rules).level_at(held.values(), at)
    return active and level >= booking.required_level and (notified or not booking.needs_notification)


async def _standing_facts(session: AsyncSession, person_ids: set[int]) -> dict[int, list[Fact]]:
    about: dict[int, list[Fact]] = defaultdict(list)
    for fact in await facts_of(session, col(Fact.person_id), person_ids, col(Fact.kind).in_(_STANDING)):
        about[fact.person_id or 0].append(fact)
    return about


def _wrong_copies() -> Select[int]:
    live = col(Booking.state).in_(LIVE)
    return (
        select(col(Booking.id))
        .join(BookingChild, col(BookingChild.booking_id) == col(Booking.id))
        .where(
            or_(
                col(BookingChild.live) != live,
                and_(live, col(BookingChild.start_at) != col(Booking.start_at)),
                and_(live, col(BookingChild.end_at) != col(Booking.end_at)),
            )
        )
        .distinct()
    )


async def _found(session: AsyncSession, invariant: int, wrong: Mapping[str, Select[*tuple[int, ...]]]) -> list[Breach]:
    connection = await session.connection()
    return [
        Breach(invariant, what, "booking", ids)
        for what, rows in wrong.items()
        for ids in sorted(tuple(row) for row in await connection.execute(rows))
    ]

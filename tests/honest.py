"""An honest town for the tests of `verify`, and how to break it."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from care import steps
from sharecare.accounts.rules import Actor
from sharecare.care.bookings import cancel_booking
from sharecare.care.models import Booking
from sharecare.care.offers import accept_offer, make_offer
from sharecare.care.requests import open_request, withdraw_request
from sharecare.care.schemas import Need
from sharecare.db import Database
from sharecare.journal.service import seal_facts
from sharecare.metrics.service import close_days, roll_up
from sharecare.verify import Breach, verify
from world import Family, World, make_world

DAY = timedelta(days=1)


async def honest_town(database: Database) -> World:
    """Bookings: 1 is completed, 2 in care, 3 confirmed, 4 cancelled; request 5 is withdrawn; all is caught up."""
    world = await make_world(database)
    parent, helper = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(parent.actor, helper)
    done, begun, _, cancelled = [await book(world, parent, helper, days=days) for days in range(4)]
    by = parent.actor
    await world.do(
        lambda s: cancel_booking(s, world.index, by=by, booking_id=cancelled.id, reason="風邪", now=world.now)
    )
    request = await world.do(lambda s: open_request(s, world.index, by=by, need=need(parent, days=9), now=world.now))
    await world.do(lambda s: withdraw_request(s, by=by, request_id=request.id, reason="解決", now=world.now))
    await live(world, done, helper, finish=True)
    await live(world, begun, helper, finish=False)
    await catch_up(world)
    return world


def need(parent: Family, *, days: int) -> Need:
    usual = parent.need()
    return parent.need(start_at=usual.start_at + days * DAY, end_at=usual.end_at + days * DAY)


async def book(world: World, parent: Family, helper: Actor, *, days: int) -> Booking:
    by = parent.actor
    request = await world.do(lambda s: open_request(s, world.index, by=by, need=need(parent, days=days), now=world.now))
    offer = await world.do(lambda s: make_offer(s, by=helper, request_id=request.id, note="", now=world.now))
    return await world.do(lambda s: accept_offer(s, by=by, offer_id=offer.id, now=world.now))


async def live(world: World, booking: Booking, helper: Actor, *, finish: bool) -> None:
    world.now = booking.start_at
    await steps.start(world, helper, booking)
    if finish:
        world.now = booking.end_at
        await steps.finish(world, helper, booking)


async def catch_up(world: World) -> None:
    await world.database.write(lambda session: close_days(session, now=world.now))
    await world.database.write(lambda session: roll_up(session, now=world.now))
    await world.database.write(seal_facts)


async def found(world: World) -> list[Breach]:
    async with world.database.read() as session:
        return await verify(session)


async def break_it(world: World, *statements: str, guards: bool = True) -> list[Breach]:
    """Do what only someone with the database in their hands can do; return what is found besides missing guards."""

    async def work(session: AsyncSession) -> None:
        connection = await session.connection()
        for statement in (*(dropped(world.database) if guards else ()), *statements):
            await connection.execute(text(statement))

    await world.database.write(work)
    return [breach for breach in await found(world) if "guard" not in breach.what]


def dropped(database: Database) -> list[str]:
    """Return statements that take every guard away."""
    tables = ("journal_fact", "journal_seal", "insurance_ledger", "claim_ledger", "insurance_bordereau")
    overlaps = {"booking": "ex_booking_supporter_overlap", "booking_child": "ex_booking_child_overlap"}
    if database.is_sqlite:
        names = [f"{table}_no_{verb}" for table in tables for verb in ("update", "delete")]
        guards = (*overlaps.values(), "ex_booking_group_capacity")
        names += [f"{name}_{verb}" for name in guards for verb in ("insert", "update")]
        return [f"DROP TRIGGER {name}" for name in (*names, "cover_gap_no_delete")]
    triggers = [f"DROP TRIGGER {table}_append_only ON {table}" for table in tables]
    triggers += [
        "DROP TRIGGER ex_booking_group_overlap ON booking",
        "DROP TRIGGER ex_booking_group_capacity ON booking_child",
        "DROP TRIGGER cover_gap_no_delete ON cover_gap",
    ]
    return triggers + [f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name in overlaps.items()]


def kinds(breaches: list[Breach]) -> set[tuple[int, str]]:
    return {(breach.invariant, breach.what) for breach in breaches}

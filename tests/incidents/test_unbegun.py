"""An incident in a care whose start nobody recorded: its cover stays until staff have put down what really was."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from care.steps import book, cancel, close_unstarted, record_afterwards, row
from care.test_races import beside
from conftest import Staged
from incidents.scene import MINUTE, SCHEDULE, Scene
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import Level
from sharecare.care.afterwards import bookings_left_over, close_never_started
from sharecare.care.at_risk import Risk, bookings_in_question
from sharecare.care.bookings import ClaimStands, SomethingHappened
from sharecare.care.models import Booking
from sharecare.care.no_show import report_no_show
from sharecare.db import Database
from sharecare.incidents.bordereaux import last_line, month_of
from sharecare.incidents.claims import NoCover
from sharecare.incidents.service import report_incident
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.sent import BordereauKind
from sharecare.verify import verify
from world import make_world

DAY = timedelta(days=1)


async def agreed(database: Database) -> Scene:
    """Book; nobody records that the care began."""
    world = await make_world(database, schedule=SCHEDULE)
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    world.now = booking.start_at
    return Scene(world, family, helper, booking)


@pytest.fixture
async def scene(staged: Staged) -> Scene:
    return await staged(agreed)


async def no_show(scene: Scene) -> Booking:
    no_show = partial(report_no_show, by=scene.family.actor, booking_id=scene.booking.id)
    return await scene.world.do(lambda s: no_show(s, now=scene.world.now))


async def covers_told(scene: Scene) -> dict[str, list[str]]:
    """Return which covers each bordereau of the month names."""
    world, month = scene.world, scene.booking.start_at.date()
    async with world.database.read() as session:
        policy = (await session.exec(select(Policy))).one()
        told: dict[str, list[Any]] = {}
        for kind, column in ((BordereauKind.SUPPORTS, "number"), (BordereauKind.CLAIMS, "cover_number")):
            through = await last_line(session, policy.id, kind)
            rows = (await month_of(session, policy, kind, month=month, through=through)).rows
            told[kind] = [one[column] for one in rows]
    async with world.database.read() as session:
        assert await verify(session) == []
    return told


@pytest.mark.parametrize("end", [lambda scene: cancel(scene.world, scene.family.actor, scene.booking), no_show])
async def test_a_booking_in_which_something_happened_is_not_ended_as_unbegun(
    scene: Scene, end: Callable[[Scene], Awaitable[Booking]]
) -> None:
    # Its cover was voided: the claims bordereau named a cover that the supports did not have, and it stayed so.
    claim = await scene.claim(await scene.report())
    scene.world.now = scene.booking.start_at + 30 * MINUTE

    with pytest.raises(SomethingHappened):
        await end(scene)

    scene.world.now = scene.booking.end_at + DAY
    await record_afterwards(scene.world, scene.booking, scene.booking.end_at)
    cover = await row(scene.world, Cover, scene.booking.cover_id)
    assert (claim.state, cover.state) == ("filed", "ended")
    assert await covers_told(scene) == {"supports": [cover.number], "claims": [cover.number]}


async def test_a_near_miss_does_not_hold_a_booking(scene: Scene) -> None:
    await scene.report(scene.near_miss())

    assert (await cancel(scene.world, scene.family.actor, scene.booking)).state == "cancelled"


async def test_time_leaves_to_staff_what_had_an_incident(scene: Scene) -> None:
    # After a week it was closed and its cover voided, whoever had been hurt in it.
    await scene.report()
    world = scene.world
    world.now = scene.booking.end_at + 8 * DAY

    async with world.database.read() as session:
        assert await bookings_left_over(session, now=world.now) == []
        area = await area_by_id(session, world.area_id)
        risks = (await bookings_in_question(session, area=area, now=world.now)).at_risk
    assert [(one.booking_id, one.risk) for one in risks] == [(scene.booking.id, Risk.INCIDENT_TOLD)]

    await close_unstarted(world, scene.booking.id)
    assert (await row(world, Booking, scene.booking.id)).cancelled_by == "staff"


async def test_staff_close_what_never_began_only_without_a_claim(scene: Scene) -> None:
    claim = await scene.claim(incident := await scene.report())
    scene.world.now = scene.booking.end_at

    with pytest.raises(ClaimStands):
        await close_unstarted(scene.world, scene.booking.id)
    await scene.move(claim, state="withdrawn")
    await close_unstarted(scene.world, scene.booking.id)

    filing: Callable[[], Awaitable[object]]
    for filing in (lambda: scene.claim(incident), lambda: scene.move(claim, state="submitted")):
        with pytest.raises(NoCover):
            await filing()
    assert await covers_told(scene) == {
        "supports": [],
        "claims": [(await row(scene.world, Cover, scene.booking.cover_id)).number],
    }


async def test_an_incident_reported_while_a_booking_is_cancelled_keeps_its_cover(scene: Scene) -> None:
    # Looked up before the booking was held, the incident was not seen on PostgreSQL.
    scene.world.now += 30 * MINUTE
    told = partial(report_incident, by=scene.helper, booking_id=scene.booking.id, draft=scene.draft())

    came_of_it = await beside(
        scene.world,
        lambda s: told(s, now=scene.world.now),
        cancel(scene.world, scene.family.actor, scene.booking),
    )

    assert isinstance(came_of_it, SomethingHappened)
    assert (await row(scene.world, Cover, scene.booking.cover_id)).state == "bound"


async def test_a_claim_filed_while_staff_close_its_booking_is_refused(scene: Scene) -> None:
    # Without holding the booking it was filed on PostgreSQL, under a cover that was void a moment later.
    incident = await scene.report()
    scene.world.now = scene.booking.end_at
    closing = partial(close_never_started, by=scene.world.staff, booking_id=scene.booking.id, reason="双方に確認")

    came_of_it = await beside(scene.world, lambda s: closing(s, now=scene.world.now), scene.claim(incident))

    assert isinstance(came_of_it, NoCover)
    async with scene.world.database.read() as session:
        assert await verify(session) == []

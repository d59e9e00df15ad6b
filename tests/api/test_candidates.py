"""The candidates of a request over HTTP: in few statements, as of the last commit, for the family alone."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from api.door import a_neighbour, through_the_door
from care.steps import ask
from doors import Someone, Town
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import ProfileChange, SupporterDraft
from sharecare.accounts.service import change_profile, offer_support
from sharecare.accounts.sign_ins import revoke_all_sign_ins
from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import AreaSettings, CareKind, Level
from sharecare.areas.service import change_settings
from sharecare.availability.rules import Weekly
from sharecare.availability.service import set_weekly_hours
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import make_policy
from sharecare.registration.service import restore, suspend
from sharecare.trust.blocks import block, unblock
from statements import statements_of
from world import TERMS, World

MOST_STATEMENTS = 3  # who asks and what they are to the request; the request itself; who the people found are
Verb = Callable[[AsyncSession], Awaitable[object]]


class Lane:
    """A family with an open request, and two helpers."""

    def __init__(self, town: Town, alice: Actor, bob: Actor, path: str) -> None:
        self.town, self.alice, self.bob, self.path = town, alice, bob, path
        self.door: Someone = through_the_door(town, alice)

    async def names(self) -> list[str]:
        """Look, and return who is shown."""
        answer = await self.door.get(self.path)
        assert answer.status_code == 200, answer.text
        return sorted(one["name"] for one in answer.json())

    async def do(self, verb: Verb) -> None:
        """Commit something without telling the index."""
        await self.town.runtime.database.write(verb)


@pytest.fixture
async def lane(town: Town) -> Lane:
    world = town.world
    family = await world.family("Alice", children=2)
    bob, _ = await world.supporter("Bob"), await world.supporter("Charlie")
    request = await ask(world, family)
    found = Lane(town, family.actor, bob, f"/requests/{request.id}/candidates")
    assert await found.names() == ["Bob", "Charlie"]
    return found


async def test_candidates_take_three_statements(lane: Lane) -> None:
    with statements_of(lane.town.runtime.database) as seen:
        assert await lane.names() == ["Bob", "Charlie"]
    assert len(seen) == MOST_STATEMENTS, seen


async def test_a_change_of_hours_adds_a_look_and_the_hours(lane: Lane) -> None:
    await lane.do(partial(set_weekly_hours, by=lane.bob, weekly=[Weekly(0, 0, 30)], now=lane.town.now))
    with statements_of(lane.town.runtime.database) as seen:
        assert await lane.names() == ["Charlie"]
    assert len(seen) == MOST_STATEMENTS + 2, seen


async def test_a_preview_reads_as_little_before_it_writes(lane: Lane) -> None:
    children = [child["id"] for child in (await lane.door.get("/me/children")).json()]
    start_at = lane.town.now + timedelta(days=1, hours=8)
    need = {
        "kind": "child_home",
        "children": children,
        "start_at": start_at.isoformat(),
        "end_at": (start_at + timedelta(hours=2)).isoformat(),
    }
    readers = lane.town.runtime.database
    with statements_of(readers) as seen:
        answer = await lane.door.post("/requests/preview", need)
    assert [one["name"] for one in answer.json()] == ["Bob", "Charlie"]
    most = 1 if readers.is_sqlite else 13  # PostgreSQL's writers and readers are one pool
    assert len(seen) <= most, seen


def stricter(world: World) -> Verb:
    async def work(session: AsyncSession) -> None:
        settings = AreaSettings(course_units=("care", "swimming"))
        area = await area_by_id(session, world.area_id)
        await change_settings(session, area=area, settings=settings, by_person_id=1, now=world.now)

    return work


def choosier(world: World) -> Verb:
    """Let a younger policy cover this kind of care by nobody below a level that Bob loses."""
    terms = TERMS.model_copy(update={"kinds": {CareKind.CHILD_HOME: Level.CERTIFIED}})
    draft = PolicyDraft(
        insurer="さくら損害保険",
        number="SK-2",
        valid_from=world.now - timedelta(days=1),
        valid_until=world.now + timedelta(days=335),
        liability_yen=50_000_000,
        property_yen=50_000_000,
        terms=terms,
    )
    return partial(make_policy, by_person_id=None, area_id=world.area_id, draft=draft, now=world.now)


async def test_an_area_s_new_rules_hold_at_the_next_look(lane: Lane) -> None:
    await lane.do(stricter(lane.town.world))
    assert await lane.names() == []


async def test_a_new_policy_holds_at_the_next_look(lane: Lane) -> None:
    async def open_to_all(session: AsyncSession) -> None:
        area = await area_by_id(session, lane.town.world.area_id)
        settings = AreaSettings(
            level_open=Level.REGISTERED,
            level_among_friends_of_friends=Level.REGISTERED,
            open_preschool_needs_notification=False,
        )
        await change_settings(session, area=area, settings=settings, by_person_id=1, now=lane.town.now)

    dora = await lane.town.world.supporter("Dora", level=Level.REGISTERED)
    await lane.town.world.befriend(lane.alice, dora)
    await lane.do(open_to_all)
    assert await lane.names() == ["Bob", "Charlie", "Dora"]
    await lane.do(choosier(lane.town.world))
    assert await lane.names() == ["Bob", "Charlie"]


async def test_what_people_say_of_themselves_shows_at_the_next_look(lane: Lane) -> None:
    now = lane.town.now
    renamed = partial(change_profile, by=lane.bob, change=ProfileChange(name="Bobby"), identified=False, now=now)
    await lane.do(renamed)
    assert await lane.names() == ["Bobby", "Charlie"]
    draft = SupporterDraft(kinds=[CareKind.EVENT], capacity=1, travel_radius_m=500)
    await lane.do(partial(offer_support, by=lane.bob, draft=draft, now=now))
    assert await lane.names() == ["Charlie"]


async def test_a_block_and_a_suspension_count_at_the_next_look(lane: Lane) -> None:
    now, staff, bob_id = lane.town.now, lane.town.world.staff, lane.bob.person_id
    await lane.do(partial(block, by=lane.bob, person_id=lane.alice.person_id, now=now))
    assert await lane.names() == ["Charlie"]
    await lane.do(partial(unblock, by=lane.bob, person_id=lane.alice.person_id, now=now))
    await lane.do(partial(suspend, person_id=bob_id, by=staff, reason="確認中", now=now))
    assert await lane.names() == ["Charlie"]
    await lane.do(partial(restore, person_id=bob_id, by=staff, now=now))
    assert await lane.names() == ["Bob", "Charlie"]


@pytest.mark.parametrize("deed", ["sign-out", "suspension"])
async def test_whoever_signed_out_or_is_suspended_is_let_in_no_more(lane: Lane, deed: str) -> None:
    now, alice = lane.town.now, lane.alice.person_id
    out: dict[str, Any] = {
        "sign-out": partial(revoke_all_sign_ins, person_id=alice, now=now),
        "suspension": partial(suspend, person_id=alice, by=lane.town.world.staff, reason="確認中", now=now),
    }
    await lane.do(out[deed])
    assert (await lane.door.get(lane.path)).status_code == 401


async def test_another_s_request_is_none(lane: Lane) -> None:
    stranger = through_the_door(lane.town, await a_neighbour(lane.town, "Ursula"))
    for path in (lane.path, "/requests/999/candidates", f"/requests/{2**63}/candidates", "/requests/x/candidates"):
        assert (await stranger.get(path)).status_code == 404

"""What must not be seen before a booking is seen by nobody but its own family, and a block by nobody at all."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from api.door import a_neighbour, another_town, operations, through_the_door
from care.steps import accept, ask, book, offer, row
from doors import Someone, Town
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import ChildDraft, HomeDraft
from sharecare.accounts.service import add_child, change_child, set_home
from sharecare.app import create_app
from sharecare.areas.rules import Level
from sharecare.care.models import Ask, CareRequest
from sharecare.config import Settings
from sharecare.trust.blocks import block
from sharecare.worker import run_due
from world import Family

READS = [one for one in operations(create_app(Settings()).openapi()) if one.method == "GET"]
FAMILYS = (
    "緑の丘1-2-3",
    "35.89213",
    "139.72834",
    "090-1111-2222",
    "さくらこ",
    "たまごアレルギー",
    "夜泣き",
    "秘密基地",
)
DAY = timedelta(days=1)
SUPPORTERS = ("花の町9-8-7", "35.89351", "139.72911", "090-3333-4444")


async def settle(town: Town) -> tuple[Family, Actor]:
    """Make a family and a friend who supports, both with data that could leak."""
    world = town.world
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)

    async def secrets(session: AsyncSession) -> None:
        for actor, (address, lat, lon, _) in ((family.actor, FAMILYS[:4]), (helper, SUPPORTERS)):
            home = HomeDraft(lat=float(lat), lon=float(lon), address=address)
            await set_home(session, by=actor, draft=home, now=town.now)
        draft = ChildDraft(name=FAMILYS[4], birth_month="2022-05-01", allergies=FAMILYS[5], notes=FAMILYS[6])
        await change_child(session, by=family.actor, child_id=family.child_ids[0], draft=draft, now=town.now)

    await world.do(secrets)
    for actor, phone in ((family.actor, FAMILYS[3]), (helper, SUPPORTERS[3])):
        changed = await through_the_door(town, actor).ask("PATCH", "/me", json={"phone": phone})
        assert changed.is_success
    return family, helper


async def read_everything(someone: Someone, ids: dict[str, object]) -> list[str]:
    """Ask every door that answers a reader about everything there is; return what came."""
    seen = []
    for one in READS:
        path = one.path.removeprefix("/api/v1")
        for name, value in ids.items():
            path = path.replace(f"{{{name}}}", str(value))
        query = "&".join(f"{key}={value}" for key, value in one.query.items())
        seen.append((await someone.get(f"{path}?{query}")).text)
    return seen


def leaks(texts: list[str], secrets: tuple[str, ...]) -> set[str]:
    return {secret for secret in secrets for text in texts if secret in text}


async def test_before_a_booking_nothing_exact_leaves_the_family_and_after_it_only_to_the_other_side(town: Town) -> None:
    family, helper = await settle(town)
    place = {"name": FAMILYS[7], "lat": float(FAMILYS[1]), "lon": float(FAMILYS[2])}
    need = family.need().model_dump(mode="json", include={"kind", "children", "start_at", "end_at"})
    opened = await through_the_door(town, family.actor).post("/requests", {**need, "place": place, "notes": FAMILYS[6]})
    request = await row(town.world, CareRequest, opened.json()["id"])
    offered = await offer(town.world, helper, request)
    stranger, (foreigner, foreign_staff) = await a_neighbour(town, "Mallory"), await another_town(town)
    ids: dict[str, object] = {"slug": "misono", "request_id": request.id, "offer_id": offered.id, "booking_id": 1}
    ids |= {"community_id": 1, "person_id": family.actor.person_id}
    others = {
        "helper": helper,
        "stranger": stranger,
        "staff": town.world.staff,
        "foreigner": foreigner,
        "foreign staff": foreign_staff,
    }

    async def seen(by: Actor) -> list[str]:
        return await read_everything(through_the_door(town, by), ids)

    assert {who: leaks(await seen(by), FAMILYS) for who, by in others.items()} == {who: set() for who in others}
    assert leaks(await seen(family.actor), SUPPORTERS) == set()
    assert leaks(await seen(family.actor), FAMILYS) == set(FAMILYS)

    ids["booking_id"] = (await accept(town.world, family, offered)).id

    assert leaks(await seen(helper), FAMILYS) == set(FAMILYS) - {FAMILYS[0]}  # the care is not at their home
    assert leaks(await seen(family.actor), SUPPORTERS) == {SUPPORTERS[3]}
    del others["helper"]
    assert {who: leaks(await seen(by), FAMILYS) for who, by in others.items()} == {who: set() for who in others}


@pytest.mark.parametrize("ending", ["expire", "withdraw"])
async def test_asking_someone_who_blocked_looks_like_asking_someone_busy(town: Town, ending: str) -> None:
    # With a block refused, or its ask left out, every one of these answers differed.
    world = town.world
    family = await world.family("Alice")
    blocker, busy = await world.supporter("Dave"), await world.supporter("Erin", hours=(360, 420))
    await world.do(lambda s: block(s, by=blocker, person_id=family.actor.person_id, now=world.now))
    need = family.need().model_dump(mode="json", include={"kind", "children", "start_at", "end_at"})
    heard: dict[str, list[str]] = {}

    for supporter in (blocker, busy):
        parent, town.now = through_the_door(town, family.actor), world.now
        opened = await parent.post("/requests", {**need, "named_supporter_id": supporter.person_id})
        request = opened.json()["id"]
        heard[str(supporter.person_id)] = [
            opened.text,
            *[(await parent.get(f"/requests/{request}{of}")).text for of in ("", "/candidates", "/offers")],
        ]
        if ending == "withdraw":
            heard[str(supporter.person_id)].append((await parent.post(f"/requests/{request}/withdraw")).text)
    if ending == "expire":
        town.now = family.need().start_at
        assert await run_due(town.runtime) == 2
        parent = through_the_door(town, family.actor)
        for supporter, request in ((blocker, 1), (busy, 2)):
            heard[str(supporter.person_id)].append((await parent.get(f"/requests/{request}")).text)
        bodies = {one["body"] for one in (await parent.get("/me/messages?limit=2")).json()["items"]}
        assert len(bodies) == 1

    one, other = [[_alike(text) for text in texts] for texts in heard.values()]
    assert one == other
    asks = [await row(world, Ask, number) for number in (1, 2)]
    assert [(ask.supporter_id, ask.delivered, ask.state) for ask in asks] == [
        (blocker.person_id, False, "closed"),
        (busy.person_id, False, "closed"),
    ]
    assert [(await through_the_door(town, who).get("/me/asks")).json()["items"] for who in (blocker, busy)] == [[], []]


async def test_being_blocked_looks_like_somebody_else_being_booked(town: Town) -> None:
    # An ask stood open for a request that was booked, with no word about it: only a block did that.
    world = town.world
    family = await world.family("Alice")
    blocked, booked, other = [await world.supporter(name, level=Level.REGISTERED) for name in ("Dave", "Erin", "Fred")]
    for one in (blocked, booked, other):
        await world.befriend(family.actor, one)
    request = await ask(world, family)
    later = await ask(world, family, start_at=request.start_at + DAY, end_at=request.end_at + DAY)
    parent = through_the_door(town, family.actor)

    assert (await parent.ask("PUT", f"/me/blocks/{blocked.person_id}")).is_success
    at_once = await _heard(town, blocked)
    for need in (request, later):
        await accept(world, family, await offer(world, booked, need))
    assert await _heard(town, other) == at_once


@pytest.mark.parametrize("blocks", ["the family", "the supporter"])
@pytest.mark.parametrize("ending", ["withdraw", "expire"])
async def test_what_became_of_a_request_is_not_told_across_a_block(town: Town, ending: str, blocks: str) -> None:
    # It turned from booked into withdrawn or expired, which nothing does.
    world = town.world
    family, helper = await settle(town)
    request = await ask(world, family)
    parent, theirs = through_the_door(town, family.actor), through_the_door(town, helper)
    if blocks == "the family":
        await parent.ask("PUT", f"/me/blocks/{helper.person_id}")
    else:
        await theirs.ask("PUT", f"/me/blocks/{family.actor.person_id}")
    states = []

    for end in (False, True):
        if end and ending == "withdraw":
            await parent.post(f"/requests/{request.id}/withdraw")
        elif end:
            town.now = request.start_at
            await run_due(town.runtime)
            theirs = through_the_door(town, helper)
        [asked] = (await theirs.get("/me/asks")).json()["items"]
        alone = (await theirs.get(f"/requests/{request.id}")).json()["state"]
        states.append((asked["state"], asked["request"]["state"], alone))

    assert states == [("closed", "booked", "booked")] * 2


async def _heard(town: Town, who: Actor) -> tuple[list[Any], list[str]]:
    """Return what a supporter sees of what they were asked, and what they were told last."""
    door = through_the_door(town, who)
    asks = (await door.get("/me/asks")).json()["items"]
    told = (await door.get("/me/messages?limit=2")).json()["items"]
    return [{**one, "ask_id": 0} for one in asks], [one["title"] + one["body"] for one in told]


def _alike(text: str) -> str:
    text = re.sub(r'"(id|supporter_id|named_supporter_id|request_id)":\d+', r'"\1":0', text)
    return re.sub("Dave|Erin", "Who", text)


async def test_a_second_child_is_nobodys_business_either(town: Town) -> None:
    family, helper = await settle(town)
    draft = ChildDraft(name="ひみつ", birth_month="2024-05-01")
    await town.world.do(lambda s: add_child(s, by=family.actor, draft=draft, now=town.now))
    booking = await book(town.world, family, helper)

    seen = await read_everything(through_the_door(town, helper), {"slug": "misono", "booking_id": booking.id})

    assert leaks(seen, ("ひみつ",)) == set()

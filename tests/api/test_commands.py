"""One key, one outcome; one connection at a time; and never an error of the database."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest
from cryptography.fernet import InvalidToken
from pydantic import SecretStr
from sqlalchemy import func
from sqlalchemy.engine import URL
from sqlmodel import select

from api.door import through_the_door
from care.steps import ask, book, get_ready, offer, pin_of, row
from doors import Someone, Town
from sharecare.accounts.rules import Actor
from sharecare.app import create_app
from sharecare.areas.rules import Level
from sharecare.care.models import Booking, CareRequest
from sharecare.care.rules import CareEnd
from sharecare.config import Settings
from sharecare.idempotency import IdempotencyKey, answer_in, fingerprint_of
from world import KEY, NOW, PASSWORD, Family, World, make_world

ONCE = {"Idempotency-Key": "only-once"}


@pytest.fixture
async def family(town: Town) -> Family:
    return await town.world.family("Alice")


@pytest.fixture
async def friend(town: Town, family: Family) -> Actor:
    helper = await town.world.supporter("Bob", level=Level.REGISTERED)
    await town.world.befriend(family.actor, helper)
    return helper


def need(family: Family, **changes: object) -> dict[str, object]:
    """Say what the family needs, as JSON does."""
    return {**family.need().model_dump(mode="json", include={"kind", "children", "start_at", "end_at"}), **changes}


async def count(town: Town, table: type[CareRequest | IdempotencyKey]) -> int:
    async with town.runtime.database.read() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def test_a_repeated_command_gets_its_first_answer(town: Town, family: Family, friend: Actor) -> None:
    parent, helper = through_the_door(town, family.actor), through_the_door(town, friend)
    first = [
        await parent.post("/requests", need(family), headers=ONCE),
        await helper.ask("POST", "/asks/1/decline", headers=ONCE),
        await helper.ask("DELETE", "/token", headers={"Idempotency-Key": "another-one"}),
    ]
    again = [
        await parent.post("/requests", need(family), headers=ONCE),
        await through_the_door(town, friend).ask("POST", "/asks/1/decline", headers=ONCE),
    ]

    assert [answer.status_code for answer in first] == [201, 204, 204]
    assert [answer.status_code for answer in again] == [201, 401]
    assert (again[0].json(), again[0].headers["idempotency-replayed"]) == (first[0].json(), "true")
    assert await count(town, CareRequest) == 1


async def test_a_repeated_command_without_content_is_not_done_twice(town: Town, family: Family, friend: Actor) -> None:
    parent, helper = through_the_door(town, family.actor), through_the_door(town, friend)
    await parent.post("/requests", need(family))

    answers = [await helper.ask("POST", "/asks/1/decline", headers=ONCE) for _ in range(2)]
    unkeyed = await helper.ask("POST", "/asks/1/decline")

    assert [(one.status_code, one.content) for one in answers] == [(204, b"")] * 2
    assert [one.headers.get("idempotency-replayed") for one in answers] == [None, "true"]
    assert unkeyed.status_code == 409


async def test_a_key_belongs_to_one_command_of_one_person(town: Town, family: Family, friend: Actor) -> None:
    parent, helper = through_the_door(town, family.actor), through_the_door(town, friend)
    await parent.post("/requests", need(family), headers=ONCE)

    other_body = await parent.post("/requests", need(family, notes="そっと"), headers=ONCE)
    other_path = await parent.post("/requests/preview", need(family), headers=ONCE)
    other_person = await helper.post("/requests/1/offers", {}, headers=ONCE)

    assert [(one.status_code, one.json()["code"]) for one in (other_body, other_path)] == [(409, "key-reused")] * 2
    assert other_person.status_code == 201


async def test_two_requests_at_once_with_one_key_have_one_outcome(town: Town, family: Family) -> None:
    # When the key was inserted without ON CONFLICT, PostgreSQL's second request ended in `conflict`, not the answer.
    parent = through_the_door(town, family.actor)

    answers = await asyncio.gather(*(parent.post("/requests", need(family), headers=ONCE) for _ in range(4)))

    assert [(one.status_code, one.json()) for one in answers] == [(201, answers[0].json())] * 4
    assert Counter(one.headers.get("idempotency-replayed") for one in answers) == {None: 1, "true": 3}
    assert await count(town, CareRequest) == 1


async def test_a_refused_command_may_be_tried_again_with_its_key(town: Town, family: Family, friend: Actor) -> None:
    # A refusal whose writes stay (WrongPin) kept the key too: the repeated wrong digits were answered with 200.
    booking = await book(town.world, family, friend)
    helper, path = through_the_door(town, friend), f"/bookings/{booking.id}/start"
    right = pin_of(booking, CareEnd.START)
    await get_ready(town.world, friend, booking)
    well = {"children": [{"child_id": child, "temperature_c": 36.6} for child in family.child_ids]}
    wrong = "000000" if right != "000000" else "000001"
    too_early = await helper.post(path, {"pin": right, **well}, headers=ONCE)
    town.now = booking.start_at
    helper = through_the_door(town, friend)

    mistyped = [await helper.post(path, {"pin": wrong, **well}, headers=ONCE) for _ in range(2)]
    started = await helper.post(path, {"pin": right, **well}, headers=ONCE)

    assert too_early.json()["code"] == "too-early"
    assert [(one.status_code, one.json()["code"]) for one in mistyped] == [(409, "wrong-pin")] * 2
    assert (started.status_code, started.json()["state"]) == (200, "in_care")
    assert (await row(town.world, Booking, booking.id)).pin_failures == 2


async def test_what_is_kept_of_a_command_gives_no_password_away(town: Town) -> None:
    # A plain SHA-256 of the body was kept for ever: whoever read it could try a thousand million passwords a second.
    someone = await town.sign_up("Alice")
    path, passwords = "/api/v1/me/password", {"current": PASSWORD, "password": "another good one"}
    body = json.dumps(passwords).encode()
    headers = {**ONCE, "Content-Type": "application/json"}

    changed = await someone.ask("POST", path.removeprefix("/api/v1"), content=body, headers=headers)

    async with town.runtime.database.read() as session:
        (kept,) = (await session.exec(select(IdempotencyKey))).all()
    sent = ("POST", f"{path}?", body)
    guessed = hashlib.sha256(b"\0".join((b"POST", f"{path}?".encode(), body))).hexdigest()
    assert changed.status_code == 204
    assert kept.fingerprint == fingerprint_of(*sent, key=KEY)
    assert kept.fingerprint not in {guessed, fingerprint_of(*sent, key=bytes(32))}


async def test_an_answer_with_a_secret_is_kept_where_only_the_server_reads_it(town: Town, family: Family) -> None:
    # The token stood in clear in the database and its backups for a day; of an invitation itself only a hash does.
    parent = through_the_door(town, family.actor)

    answers = [await parent.post("/me/friend-invitations", headers=ONCE) for _ in range(2)]

    async with town.runtime.database.read() as session:
        (kept,) = (await session.exec(select(IdempotencyKey))).all()
    secret = answers[0].json()["secret"]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[1].json() == answers[0].json()
    assert secret not in str(kept)
    assert answer_in(kept, key=KEY) == answers[0].json()
    with pytest.raises(InvalidToken):
        answer_in(kept, key=bytes(32))


async def test_a_key_has_a_length(town: Town, family: Family) -> None:
    parent = through_the_door(town, family.actor)

    for key in ("short", "x" * 101):
        answer = await parent.post("/requests", need(family), headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "header.idempotency-key")


@pytest.fixture
async def narrow(database_url: URL) -> AsyncIterator[Town]:
    """Serve with a single connection (SQLite: one for reading beside the one that writes)."""
    settings = Settings(
        database_url=database_url.render_as_string(hide_password=False),
        secret_key=SecretStr(KEY.decode()),
        database_pool=1,
    )
    moment: list[World] = []
    app = create_app(settings, clock=lambda: moment[0].now if moment else NOW)
    async with app.router.lifespan_context(app):
        world = await make_world(app.state.runtime.database)
        world.index = app.state.runtime.index
        moment.append(world)
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            yield Town(app, http, app.state.runtime, world)


async def test_commands_need_one_connection_each(narrow: Town) -> None:
    # When a command kept its reading connection while it wrote, with ten connections ten commands at once on
    # PostgreSQL waited for one another until the pool gave up after 30 s; with one, every command did.
    world = narrow.world
    family, helper = await world.family("Alice", children=12), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    requests = [await ask(world, family, children=[child]) for child in family.child_ids]
    offers = [await offer(world, helper, request) for request in requests]
    parent = through_the_door(narrow, family.actor)

    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(parent.post(f"/offers/{one.id}/accept") for one in offers))

    codes = Counter((one.status_code, one.json().get("code")) for one in answers)
    assert codes == {(201, None): 1, (409, "slot-taken"): 11}


async def test_reads_and_commands_mix(narrow: Town) -> None:
    parent = through_the_door(narrow, (await narrow.world.family("Alice")).actor)
    child = {"name": "もも", "birth_month": "2023-05-01"}

    async def both(someone: Someone) -> list[int]:
        added = await someone.post("/me/children", child)
        return [added.status_code, (await someone.get("/me/children")).status_code]

    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(both(parent) for _ in range(8)))

    assert answers == [[201, 200]] * 8
    assert len((await parent.get("/me/children")).json()) == 9

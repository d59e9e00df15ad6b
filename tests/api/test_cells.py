"""Alice asks, Bob and Charlie could help, Dan asks too: moving inside a cell is seen by nobody but the mover."""

import random

from doors import Someone, Town
from sharecare.areas.rules import Level
from sharecare.geo import MeshLevel, cell_of
from world import Family

CORNER = 8613, 22356  # of the half-mesh cell that all live in
READS = (
    "/requests",
    "/requests/{request}",
    "/requests/{request}/candidates",
    "/requests/{request}/offers",
    "/me/asks",
    "/me/messages",
    "/me/friends",
    "/me/blocks",
    "/bookings",
    "/communities",
    "/areas",
    "/areas/misono",
    "/areas/misono/figures",
)


def somewhere(dice: random.Random, *, north: int = 0) -> tuple[float, float]:
    """Give a point inside the cell, or one of those north of it."""
    lat = (CORNER[0] + north + dice.uniform(0.01, 0.99)) / 240
    lon = (CORNER[1] + dice.uniform(0.01, 0.99)) / 160
    assert cell_of(lat, lon, MeshLevel.HALF)[1:] == (CORNER[0] + north, CORNER[1])
    return lat, lon


async def move(person: Someone, at: tuple[float, float]) -> None:
    answer = await person.put("/me/home", {"lat": at[0], "lon": at[1], "address": "美園1-2-3"})
    assert answer.is_success, answer.text


async def everything_seen(people: list[Someone], families: list[Family], request_id: int) -> list[tuple[str, bytes]]:
    """Return what everybody reads, byte by byte, and what a preview tells each family."""
    seen: list[tuple[str, bytes]] = []
    for person in people:
        for path in READS:
            for language in ("ja", "en"):
                answer = await person.ask("GET", path.format(request=request_id), headers={"Accept-Language": language})
                seen.append((path, bytes([answer.status_code // 100]) + answer.content))
    for person, family in zip(people, families, strict=False):
        for distance in (500, 3000):
            need = family.need(max_distance_m=distance).model_dump(mode="json")
            seen.append(("preview", (await person.post("/requests/preview", need)).content))
    return seen


async def test_moving_inside_the_cell_changes_no_answer_to_anyone(town: Town) -> None:
    dice = random.Random(1)
    families = [await town.world.family(name, at=somewhere(dice)) for name in ("Alice", "Dan")]
    helpers = [
        await town.world.supporter(name, level=level, at=somewhere(dice))
        for name, level in (("Bob", Level.CERTIFIED), ("Charlie", Level.CERTIFIED), ("Erin", Level.TRAINED))
    ]
    await town.world.befriend(families[0].actor, helpers[0])
    people = [await town.sign_in(f"{name}@example.jp") for name in ("alice", "dan", "bob", "charlie", "erin")]
    need = families[0].need().model_dump(mode="json")
    opened = await people[0].post("/requests", need)
    assert opened.status_code == 201, opened.text
    request_id = opened.json()["id"]
    before = await everything_seen(people, families, request_id)
    assert any(b"Charlie" in content for path, content in before if path == "preview")

    for _ in range(2):
        for person in people:
            await move(person, somewhere(dice))
        assert await everything_seen(people, families, request_id) == before

    await move(people[2], somewhere(dice, north=4))  # out of the cell: the test can tell
    assert await everything_seen(people, families, request_id) != before

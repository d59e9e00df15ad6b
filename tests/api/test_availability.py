"""One's own hours at the JSON door."""

from doors import Town

SATURDAY = {"weekday": 5, "start": "22:00", "end": "02:00", "from_date": None, "until_date": "2026-12-31"}


async def test_week_and_exceptions_are_set_and_read_back(town: Town) -> None:
    alice = await town.sign_up("Alice", is_supporter=True)

    week = await alice.put("/me/hours", {"weekly": [SATURDAY]})
    away = await alice.post(
        "/me/hours/exceptions", {"on_date": "2026-06-06", "start": "23:00", "end": "24:00", "kind": "remove"}
    )

    told = {"on_date": "2026-06-06", "start": "23:00", "end": "24:00", "kind": "remove", "imported": False}
    expected = {"id": away.json()["id"], **told}
    assert (week.status_code, away.status_code, away.json()) == (200, 201, expected)
    assert (await alice.get("/me/hours")).json() == {
        "timezone": "Asia/Tokyo",
        "weekly": [SATURDAY],
        "exceptions": [expected],
    }


async def test_exceptions_are_removed_by_their_owner(town: Town) -> None:
    alice, charlie = [await town.sign_up(name, is_supporter=True) for name in ("Alice", "Charlie")]
    draft = {"on_date": "2026-06-06", "start": "09:00", "end": "12:00", "kind": "add"}
    path = f"/me/hours/exceptions/{(await alice.post('/me/hours/exceptions', draft)).json()['id']}"

    assert (await charlie.ask("DELETE", path)).status_code == 404
    assert (await alice.ask("DELETE", path)).status_code == 204
    assert (await alice.get("/me/hours")).json()["exceptions"] == []


async def test_hours_are_for_supporters(town: Town) -> None:
    bob = await town.sign_up("Bob")

    assert (await bob.get("/me/hours")).status_code == 403


async def test_times_that_are_none_are_malformed(town: Town) -> None:
    alice = await town.sign_up("Alice", is_supporter=True)

    answer = await alice.put("/me/hours", {"weekly": [{**SATURDAY, "start": "24:00"}]})

    assert answer.status_code == 422

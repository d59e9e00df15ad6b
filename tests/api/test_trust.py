"""Friends, blocks and communities at the JSON door."""

import pytest
from sqlmodel import select

from api.door import through_the_door
from doors import Someone, Town
from sharecare.accounts.models import Person
from sharecare.areas.rules import Level
from world import signed_in


async def met(shower: Someone, scanner: Someone) -> int:
    """Let one show a code and the other enter it; return who showed it, as the scanner sees them."""
    shown = await shower.post("/me/meeting-codes")
    answer = await scanner.post("/me/meetings", {"code": shown.json()["code"]})
    assert (shown.status_code, answer.status_code) == (201, 200)
    return int(answer.json()["person_id"])


async def friends(someone: Someone) -> list[tuple[str, str]]:
    answer = await someone.get("/me/friends")
    assert answer.status_code == 200
    return [(friend["name"], friend["state"]) for friend in answer.json()]


async def identify(town: Town, name: str) -> None:
    async with town.runtime.database.read() as session:
        person_id = (await session.exec(select(Person.id).where(Person.name == name))).one()
    actor = await town.runtime.database.write(lambda session: signed_in(session, person_id, now=town.now))
    await town.world.certify(actor, Level.IDENTIFIED)


async def delete(someone: Someone, path: str) -> int:
    return (await someone.ask("DELETE", path)).status_code


async def test_two_people_meet_become_friends_and_part(town: Town) -> None:
    alice, bob, charlie = [await town.sign_up(name) for name in ("Alice", "Bob", "Charlie")]

    alice_id = await met(alice, bob)
    [asked] = (await alice.get("/me/friends")).json()
    bob_id = asked["person_id"]
    approved = await alice.post(f"/me/friends/{bob_id}/approve")

    assert (asked["state"], approved.json()["state"]) == ("asked_by_them", "friends")
    assert await friends(bob) == [("Alice", "friends")]
    assert await friends(charlie) == []
    assert (await charlie.post(f"/me/friends/{alice_id}/approve")).status_code == 404
    assert await delete(charlie, f"/me/friends/{alice_id}") == 404
    assert await delete(bob, f"/me/friends/{alice_id}") == 204
    assert await friends(alice) == [("Bob", "parted")]


async def test_a_code_that_nobody_shows_is_gone(town: Town) -> None:
    alice = await town.sign_up("Alice")

    answer = await alice.post("/me/meetings", {"code": "ACDE-3467"})

    assert (answer.status_code, answer.json()["code"]) == (410, "code-unknown")


async def test_invited_friends_wait_to_meet(town: Town) -> None:
    alice, bob, charlie = [await town.sign_up(name) for name in ("Alice", "Bob", "Charlie")]
    invitation = (await alice.post("/me/friend-invitations")).json()

    accepted = await bob.post("/friend-invitations/accept", {"secret": invitation["secret"]})
    spent = await charlie.post("/friend-invitations/accept", {"secret": invitation["secret"]})

    assert (accepted.status_code, accepted.json()["state"]) == (200, "waiting_to_meet")
    assert (spent.status_code, spent.json()["code"]) == (410, "invitation-spent")
    assert await friends(alice) == [("Bob", "waiting_to_meet")]


async def test_only_the_identified_vouch(town: Town) -> None:
    alice, bob = [await town.sign_up(name) for name in ("Alice", "Bob")]
    bob_id = await met(bob, alice)

    refused = await alice.put(f"/me/vouches/{bob_id}", None)
    await identify(town, "Alice")
    taken = await alice.put(f"/me/vouches/{bob_id}", None)

    assert (refused.status_code, refused.json()["code"]) == (409, "vouch-needs-identity")
    assert taken.status_code == 204
    assert [friend["vouched"] for friend in (await alice.get("/me/friends")).json()] == [True]
    assert await delete(alice, f"/me/vouches/{bob_id}") == 204
    assert await delete(alice, f"/me/vouches/{bob_id}") == 404


async def test_blocks_are_seen_by_their_owner_alone(town: Town) -> None:
    alice, bob = [await town.sign_up(name) for name in ("Alice", "Bob")]
    bob_id = await met(bob, alice)
    before = (await bob.get("/me/friends")).content

    assert (await alice.put(f"/me/blocks/{bob_id}", None)).status_code == 204

    assert [(row["person_id"], row["name"]) for row in (await alice.get("/me/blocks")).json()] == [(bob_id, "Bob")]
    assert (await bob.get("/me/blocks")).json() == []
    assert (await bob.get("/me/friends")).content == before
    assert await delete(alice, f"/me/blocks/{bob_id}") == 204
    assert await delete(alice, f"/me/blocks/{bob_id}") == 404


async def test_community_from_its_making_to_its_end(town: Town) -> None:
    alice, bob, charlie = [await town.sign_up(name) for name in ("Alice", "Bob", "Charlie")]
    made = await alice.post("/communities", {"name": "ひよこ組", "kind": "nursery"})
    community = made.json()["id"]
    assert (made.status_code, made.json()) == (
        201,
        {"id": community, "name": "ひよこ組", "kind": "nursery", "mine": "steward"},
    )

    for person in (bob, charlie):
        assert (await person.post(f"/communities/{community}/join")).status_code == 204
    waiting = (await alice.get(f"/communities/{community}/members")).json()
    ids = {row["name"]: row["person_id"] for row in waiting}
    assert list(ids) == ["Bob", "Charlie", "Alice"]
    assert (await bob.get(f"/communities/{community}/members")).status_code == 404
    assert (await bob.post(f"/communities/{community}/members/{ids['Bob']}/approve")).status_code == 404
    assert (await alice.post(f"/communities/{community}/members/{ids['Bob']}/approve")).status_code == 204
    assert await delete(bob, f"/communities/{community}/members/{ids['Charlie']}") == 404
    assert await delete(alice, f"/communities/{community}/members/{ids['Charlie']}") == 204

    assert await delete(alice, f"/me/communities/{community}") == 204
    page = (await bob.get("/communities")).json()
    assert [(row["id"], row["mine"]) for row in page["items"]] == [(community, "steward")]
    assert await delete(bob, f"/me/communities/{community}") == 204
    assert (await bob.get("/communities")).json() == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("person_id", ["0", "-1", "99999999999999999999", "9" * 5000, "x"])
async def test_ids_that_no_database_holds_are_malformed(town: Town, person_id: str) -> None:
    alice = await town.sign_up("Alice")

    assert (await alice.put(f"/me/blocks/{person_id}", None)).status_code == 422


@pytest.mark.parametrize("number", ["9" * 5000, str(2**63)], ids=["5000 digits", "2^63"])
async def test_no_id_breaks_the_door(town: Town, number: str) -> None:
    # The policy table read a path's digits, however many; SQLite took no asks above 64 bits. Both answered 500.
    staff = through_the_door(town, town.world.staff)

    read = await staff.get(f"/bookings/{number}")
    sent = await staff.post("/areas/misono/plan/send", {"asks": [{"request_id": 2**63, "supporter_id": 2**63}]})

    assert read.status_code in {404, 422}
    assert sent.status_code in {404, 409, 422}


async def test_my_number_is_refused_with_a_word_on_why(town: Town) -> None:
    alice = await town.sign_up("Alice")

    answer = await alice.post("/communities", {"name": "組 123456789018", "kind": "other"})

    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == ["body.name"]
    assert "123456789018" not in answer.text

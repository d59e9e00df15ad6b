"""One's own messages at the JSON door."""

from datetime import timedelta

from doors import Someone, Town
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell


async def befriend(town: Town, someone: Someone, name: str) -> None:
    person_id = (await someone.get("/me")).json()["id"]
    facts = {"name": name}
    await town.runtime.database.write(
        lambda session: tell(session, person_id=person_id, kind=MessageKind.FRIEND_ASKED, facts=facts, now=town.now)
    )


async def test_messages_are_listed_newest_first_with_the_count_of_unopened_ones(town: Town) -> None:
    hanako = await town.sign_up("Hanako")
    for name in ("一郎", "二郎"):
        await befriend(town, hanako, name)

    first = (await hanako.get("/me/messages?limit=2")).json()
    rest = (await hanako.get(f"/me/messages?limit=2&cursor={first['next_cursor']}")).json()

    assert [message["kind"] for message in rest["items"]] == ["confirm_address"]
    assert (first["unread"], rest["unread"], rest["next_cursor"]) == (2, 2, None)  # confirmed, and read
    assert [message["title"] for message in first["items"]] == [
        "二郎さんからシェア友の申し込みが届きました",
        "一郎さんからシェア友の申し込みが届きました",
    ]
    assert first["items"][0].keys() == {"id", "kind", "title", "body", "path", "created_at", "read_at"}


async def test_opening_a_message_is_noted_once_and_not_for_others_to_do(town: Town) -> None:
    hanako, charlie = await town.sign_up("Hanako"), await town.sign_up("Charlie")
    await befriend(town, hanako, "一郎")
    message_id = (await hanako.get("/me/messages")).json()["items"][0]["id"]

    refused = await charlie.post(f"/me/messages/{message_id}/read")
    opened_at = town.now
    done = await hanako.post(f"/me/messages/{message_id}/read")
    town.now += timedelta(minutes=1)
    await hanako.post(f"/me/messages/{message_id}/read")

    assert (refused.status_code, refused.json()["code"], done.status_code) == (404, "not-found", 204)
    inbox = (await hanako.get("/me/messages")).json()
    assert inbox["unread"] == 0
    assert inbox["items"][0]["read_at"] == opened_at.isoformat().replace("+00:00", "Z")
    assert message_id not in [message["id"] for message in (await charlie.get("/me/messages")).json()["items"]]


async def test_all_can_be_marked_at_once_up_to_what_was_seen(town: Town) -> None:
    hanako = await town.sign_up("Hanako")
    newest_seen = (await hanako.get("/me/messages")).json()["items"][0]["id"]
    await befriend(town, hanako, "一郎")

    done = await hanako.post("/me/messages/read", {"up_to": newest_seen})

    assert done.status_code == 204
    assert (await hanako.get("/me/messages")).json()["unread"] == 1

"""Telling people, and reading what one was told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from messages.post import ASKED, NOW, Post
from sharecare.accounts.models import Person
from sharecare.errors import NotFound
from sharecare.messages.queries import message_of, messages_of, unread_count
from sharecare.messages.rules import MessageKind
from sharecare.messages.schemas import MessageView
from sharecare.messages.service import mark_all_read, mark_read, tell_all
from sharecare.paging import Page


async def read(post: Post, person: Person, **paging: Any) -> Page[MessageView]:
    async with post.database.read() as session:
        return await messages_of(session, person_id=person.id, **paging)


async def unread(post: Post, person: Person) -> int:
    async with post.database.read() as session:
        return await unread_count(session, person_id=person.id)


async def mark(post: Post, person: Person, message_id: int, *, minutes: int = 0) -> None:
    now = NOW + timedelta(minutes=minutes)
    await post.database.write(lambda session: mark_read(session, person_id=person.id, message_id=message_id, now=now))


async def test_a_message_is_stored_and_waits_to_be_mailed(post: Post) -> None:
    await post.tell(post.hanako, MessageKind.ASKED, ASKED)

    (message,), (delivery,) = await post.messages(), await post.deliveries()
    assert (message.person_id, message.kind, message.facts) == (post.hanako.id, "asked", ASKED)
    assert (delivery.message_id, delivery.channel, delivery.state) == (message.id, "email", "waiting")
    assert (delivery.tries, delivery.next_try_at) == (0, NOW)


async def test_what_both_sides_know_already_stays_in_the_app(post: Post) -> None:
    await post.tell(post.hanako, MessageKind.FRIENDS_MADE, {"name": "bob"})

    assert len(await post.messages()) == 1
    assert await post.deliveries() == []


@pytest.mark.parametrize("change", [{"email": ""}, {"state": "left"}])
async def test_who_has_no_address_or_has_left_is_not_mailed(post: Post, change: dict[str, str]) -> None:
    async def leave(session: AsyncSession) -> None:
        person = await session.get_one(Person, post.hanako.id)
        person.sqlmodel_update(change)
        session.add(person)

    await post.database.write(leave)
    await post.tell(post.hanako, MessageKind.ASKED, ASKED)

    assert len(await post.messages()) == 1
    assert await post.deliveries() == []


async def test_several_are_told_each_with_their_own_facts(post: Post) -> None:
    to = {post.hanako.id: ASKED, post.bob.id: ASKED | {"distance_m": 1200}}
    await post.database.write(lambda session: tell_all(session, to=to, kind=MessageKind.ASKED, now=NOW))

    assert {message.person_id: message.facts["distance_m"] for message in await post.messages()} == {
        post.hanako.id: 700,
        post.bob.id: 1200,
    }
    assert len(await post.deliveries()) == 2


async def test_a_missing_fact_is_noticed_when_telling_and_not_when_reading(post: Post) -> None:
    with pytest.raises(ValueError, match=r"a message 'asked' needs \['ages', 'distance_m'\]"):
        await post.tell(post.hanako, MessageKind.ASKED, {"kind": "event", "start_at": "", "end_at": ""})

    assert await post.messages() == []


async def test_each_person_reads_their_own_in_their_language_and_zone(post: Post) -> None:
    for person in (post.hanako, post.bob):
        await post.tell(person, MessageKind.ASKED, ASKED)

    (hers,), (his,) = (await read(post, post.hanako)).items, (await read(post, post.bob)).items

    assert hers.title == "送迎のお願い 11月21日(土) 17:30〜19:00"
    assert his.title == "Can you help? Pick-up, Fri 20 Nov, 22:30–Sat 21 Nov, 00:00"
    assert (hers.kind, hers.path, hers.created_at, hers.read_at) == ("asked", "/requests/12", NOW, None)


async def test_pages_run_from_newest_to_oldest(post: Post) -> None:
    for minutes in range(5):
        await post.tell(post.hanako, MessageKind.PASSWORD_CHANGED, {}, now=NOW + timedelta(minutes=minutes))

    first = await read(post, post.hanako, limit=3)
    second = await read(post, post.hanako, limit=3, cursor=first.next_cursor)

    ages = [(view.created_at - NOW) / timedelta(minutes=1) for view in (*first.items, *second.items)]
    assert ages == [4, 3, 2, 1, 0]
    assert second.next_cursor is None


async def test_a_secret_is_never_shown_in_the_app(post: Post) -> None:
    await post.tell(post.hanako, MessageKind.RESET_PASSWORD, {"token": "s3cret"})

    (view,) = (await read(post, post.hanako)).items

    assert view.path is None
    assert "s3cret" not in view.model_dump_json()


async def test_opening_a_message_counts_the_first_time(post: Post) -> None:
    for _ in range(2):
        await post.tell(post.hanako, MessageKind.PASSWORD_CHANGED, {})
    newest = (await read(post, post.hanako)).items[0]
    assert await unread(post, post.hanako) == 2

    await mark(post, post.hanako, newest.id)
    await mark(post, post.hanako, newest.id, minutes=5)

    assert await unread(post, post.hanako) == 1
    assert [view.read_at for view in (await read(post, post.hanako)).items] == [NOW, None]


async def test_another_persons_message_can_be_neither_read_nor_marked(post: Post) -> None:
    await post.tell(post.hanako, MessageKind.PASSWORD_CHANGED, {})
    hers = (await read(post, post.hanako)).items[0]

    with pytest.raises(NotFound):
        await mark(post, post.bob, hers.id)

    assert (await read(post, post.bob)).items == []
    assert await unread(post, post.bob) == 0
    assert await unread(post, post.hanako) == 1


async def test_all_are_marked_up_to_the_newest_seen_and_only_ones_own(post: Post) -> None:
    for person in (post.hanako, post.hanako, post.bob, post.hanako):
        await post.tell(person, MessageKind.PASSWORD_CHANGED, {})
    since, newest_seen, _ = (await read(post, post.hanako)).items

    await post.database.write(
        lambda session: mark_all_read(session, person_id=post.hanako.id, up_to=newest_seen.id, now=NOW)
    )

    assert [view.id for view in (await read(post, post.hanako, opened=False)).items] == [since.id]
    assert len((await read(post, post.hanako, opened=True)).items) == 2
    assert await unread(post, post.bob) == 1


async def test_one_message_is_for_its_own_person(post: Post) -> None:
    await post.tell(post.hanako, MessageKind.ASKED, ASKED)
    (hers,) = (await read(post, post.hanako)).items

    async with post.database.read() as session:
        assert await message_of(session, person_id=post.hanako.id, message_id=hers.id) == hers
        with pytest.raises(NotFound):
            await message_of(session, person_id=post.bob.id, message_id=hers.id)


async def test_who_just_reads_in_another_language_is_spoken_to_in_it(post: Post) -> None:
    await post.tell(post.bob, MessageKind.ASKED, ASKED)

    (his,) = (await read(post, post.bob, language="ja")).items

    assert his.title == "送迎のお願い 11月20日(金) 22:30〜11月21日(土) 0:00"

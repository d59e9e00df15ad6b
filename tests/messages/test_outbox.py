"""Delivering the outbox to a real mail server on the loopback."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from messages.post import ASKED, NOW, Post
from messages.smtp import Sink
from sharecare.accounts.models import Person
from sharecare.messages.mail import Email, Letter
from sharecare.messages.models import Delivery, Message
from sharecare.messages.outbox import deliver_outbox
from sharecare.messages.rules import MessageKind

PUBLIC_URL = "https://sharecare.example.jp/"


def channel_to(sink: Sink, *, login: str = "") -> Email:
    url = f"smtp://{login}127.0.0.1:{sink.port}"
    return Email(url, sender="ShareCare <post@sharecare.example.jp>", public_url=PUBLIC_URL)


async def deliver_to(sink: Sink, post: Post, *, now: datetime = NOW, limit: int = 50) -> int:
    return await deliver_outbox(post.database, channel=channel_to(sink), now=now, limit=limit)


async def test_a_letter_says_everything_and_leads_to_the_page(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.ASKED, ASKED)

    assert await deliver_to(sink, post) == 1

    (letter,), (message,), (delivery,) = sink.letters, await post.messages(), await post.deliveries()
    assert letter["To"] == "hanako@example.jp"
    assert letter["From"] == "ShareCare <post@sharecare.example.jp>"
    assert letter["Subject"] == "送迎のお願い 11月21日(土) 17:30〜19:00"
    assert letter["Message-ID"] == f"<message-{message.id}@sharecare.example.jp>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().splitlines()[1:] == ["", "https://sharecare.example.jp/requests/12"]
    assert (delivery.state, delivery.tries, delivery.sent_at, delivery.error) == ("sent", 1, NOW, "")


async def test_yesterdays_news_is_not_mailed_once_the_server_is_back(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.RESET_PASSWORD, {"token": "s3cret"})

    await deliver_to(sink, post, now=NOW + timedelta(days=1, seconds=1))

    assert sink.letters == []
    assert [(delivery.state, delivery.error) for delivery in await post.deliveries()] == [("failed", "stale")]
    assert [message.facts for message in await post.messages()] == [{}]


async def test_what_was_sent_is_not_sent_again(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.ASKED, ASKED)

    assert [await deliver_to(sink, post), await deliver_to(sink, post, now=NOW + timedelta(days=1))] == [1, 0]
    assert len(sink.letters) == 1


async def test_a_round_takes_the_oldest_up_to_its_limit(post: Post, sink: Sink) -> None:
    for person in (post.hanako, post.bob, post.hanako):
        await post.tell(person, MessageKind.PASSWORD_CHANGED, {})

    assert await deliver_to(sink, post, limit=2) == 2
    assert [letter["To"] for letter in sink.letters] == ["hanako@example.jp", "bob@example.jp"]


async def test_workers_side_by_side_send_each_letter_once(post: Post, sink: Sink) -> None:
    # On PostgreSQL this fails without the new `next_try_at` in the claim: several workers then take one letter.
    for _ in range(20):
        await post.tell(post.hanako, MessageKind.PASSWORD_CHANGED, {})

    taken = await asyncio.gather(*(deliver_to(sink, post) for _ in range(4)))

    assert sum(taken) == 20
    assert sorted(letter["Message-ID"] for letter in sink.letters) == sorted(
        f"<message-{message.id}@sharecare.example.jp>" for message in await post.messages()
    )


async def test_a_failure_is_tried_five_times_at_growing_pauses_and_noted_without_the_address(
    post: Post, sink: Sink
) -> None:
    await post.tell(post.hanako, MessageKind.PASSWORD_CHANGED, {})
    sink.refusals = 5
    now, states = NOW, []

    for pause in (0, 1, 4, 16, 64):
        assert await deliver_to(sink, post, now=now + timedelta(minutes=pause, seconds=-1)) == 0
        now += timedelta(minutes=pause)
        assert await deliver_to(sink, post, now=now) == 1
        states.append((await post.deliveries())[0].state)

    (delivery,) = await post.deliveries()
    assert states == ["waiting"] * 4 + ["failed"]
    assert (delivery.tries, delivery.sent_at, delivery.error) == (5, None, "SMTPRecipientsRefused")
    assert await deliver_to(sink, post, now=now + timedelta(days=1)) == 0


async def test_a_letter_that_failed_is_sent_later_with_the_same_reference(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.PASSWORD_CHANGED, {})
    sink.refusals = 1

    await deliver_to(sink, post)
    await deliver_to(sink, post, now=NOW + timedelta(minutes=1))

    assert len(sink.letters) == 1
    assert [delivery.state for delivery in await post.deliveries()] == ["sent"]


async def test_what_a_dead_worker_held_is_sent_again_after_its_lease(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.PASSWORD_CHANGED, {})
    await deliver_to(sink, post)

    async def forget(session: AsyncSession) -> None:
        # As if the worker had died after sending and before noting it.
        claimed = {"state": "waiting", "next_try_at": NOW + timedelta(minutes=10)}
        await session.exec(update(Delivery).values(claimed))

    await post.database.write(forget)

    assert await deliver_to(sink, post, now=NOW + timedelta(minutes=9)) == 0
    assert await deliver_to(sink, post, now=NOW + timedelta(minutes=10)) == 1
    assert len({letter["Message-ID"] for letter in sink.letters}) == 1
    assert len(sink.letters) == 2


async def test_one_bad_letter_does_not_hold_up_those_behind_it(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.ASKED, ASKED)
    await post.tell(post.bob, MessageKind.PASSWORD_CHANGED, {})

    async def spoil(session: AsyncSession) -> None:
        await session.exec(update(Message).where(col(Message.person_id) == post.hanako.id).values(facts={}))

    await post.database.write(spoil)

    assert await deliver_to(sink, post) == 2
    assert [letter["To"] for letter in sink.letters] == ["bob@example.jp"]
    assert [(delivery.state, delivery.error) for delivery in await post.deliveries()] == [
        ("waiting", "KeyError"),
        ("sent", ""),
    ]


async def test_a_secret_is_mailed_and_then_forgotten(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.RESET_PASSWORD, {"token": "s3cret"})

    await deliver_to(sink, post)

    assert "https://sharecare.example.jp/reset?token=s3cret" in sink.letters[0].get_content()
    assert [message.facts for message in await post.messages()] == [{}]


async def test_where_a_mail_leads_on_to_is_forgotten_with_its_secret(post: Post, sink: Sink) -> None:
    facts = {"token": "s3cret", "towards": "/join-family?token=another"}
    await post.tell(post.hanako, MessageKind.CONFIRM_ADDRESS, facts)

    await deliver_to(sink, post)

    link = "https://sharecare.example.jp/confirm?token=s3cret&next=%2Fjoin-family%3Ftoken%3Danother"
    assert link in sink.letters[0].get_content().replace("=\n", "")
    assert [message.facts for message in await post.messages()] == [{}]


async def test_a_secret_that_could_not_be_delivered_is_forgotten_with_the_last_try(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.RESET_PASSWORD, {"token": "s3cret"})
    sink.refusals = 5

    kept = []
    for tries in range(5):
        await deliver_to(sink, post, now=NOW + timedelta(hours=2 * tries))
        kept.append((await post.messages())[0].facts)

    assert kept == [{"token": "s3cret"}] * 4 + [{}]


async def test_a_name_can_not_start_a_header_of_its_own(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.FRIEND_ASKED, {"name": "花子\r\nBcc: charlie@example.jp\r\n"})

    await deliver_to(sink, post)

    assert sink.letters[0]["Bcc"] is None
    assert sink.letters[0]["Subject"] == "花子 Bcc: charlie@example.jp さんからシェア友の申し込みが届きました"
    assert [command for command in sink.heard if command.startswith("RCPT")] == ["RCPT TO:<hanako@example.jp>"]


async def test_the_letter_goes_to_where_the_person_is_reached_now(post: Post, sink: Sink) -> None:
    await post.tell(post.hanako, MessageKind.PASSWORD_CHANGED, {})

    async def move(session: AsyncSession) -> None:
        person = await session.get_one(Person, post.hanako.id)
        person.email = "hanako@new.example.jp"
        session.add(person)

    await post.database.write(move)
    await deliver_to(sink, post)

    assert sink.letters[0]["To"] == "hanako@new.example.jp"


async def test_a_password_is_not_given_to_a_server_that_offers_no_tls(sink: Sink) -> None:
    letter = Letter(to="hanako@example.jp", title="-", body="-", path=None, reference="message-1")

    with pytest.raises(Exception, match="STARTTLS"):
        await channel_to(sink, login="post:open%20sesame@").send(letter)

    assert [command for command in sink.heard if command.startswith("AUTH")] == []
    assert sink.letters == []


@pytest.mark.parametrize("url", ["http://mail.example.jp", "smtp://", "mail.example.jp:25"])
def test_an_address_that_names_no_mail_server_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://"):
        Email(url, sender="post@sharecare.example.jp", public_url=PUBLIC_URL)

"""Who was invited and has no account: signs up, opens the mail anywhere, and is back at the invitation."""

import asyncio
import re
from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from playwright.async_api import Page
from sqlmodel import col, select

from sharecare.accounts.models import Person
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from sharecare.messages.texts import secret_path
from sharecare.trust.service import invite_friend
from web.browsing import SMALL, Windows, clean, follow
from world import PASSWORD, World

ELSEWHERE = (
    "/me",
    "https://evil.example/i/a",
    "/i/a/../../me/privacy",
    "/i/a?b",
    "/join-family?token=a&b",
    "//evil.example/",
)


async def link_in_mail(world: World) -> str:
    """Return the path in the latest mail that asks Nina to confirm her address."""
    to_nina = select(Message).join(Person, col(Person.id) == col(Message.person_id))
    to_nina = to_nina.where(Person.email == "nina@example.jp", Message.kind == MessageKind.CONFIRM_ADDRESS)
    message = None
    async with asyncio.timeout(10):
        while message is None:  # it is written after the page was answered
            async with world.database.read() as session:
                message = (await session.exec(to_nina.order_by(col(Message.id).desc()))).first()
    return secret_path(MessageKind.CONFIRM_ADDRESS, message.facts) or ""


async def sign_up(page: Page) -> None:
    """Fill in what an account needs."""
    await page.get_by_label("お名前").fill("Nina")
    await page.get_by_label("メールアドレス").fill("nina@example.jp")
    await page.get_by_label("パスワード").fill(PASSWORD)
    await follow(page.get_by_role("button", name="登録する"))


async def confirm_and_sign_in(page: Page, link: str) -> None:
    """Open the mail's link, confirm, sign in."""
    await page.goto(link)
    await clean(page)
    await follow(page.get_by_role("button", name="登録を終える"))
    assert "登録が終わりました" in await page.get_by_role("status").inner_text()
    await page.get_by_label("メールアドレス").fill("nina@example.jp")
    await page.get_by_label("パスワード").fill(PASSWORD)
    await follow(page.get_by_role("button", name="サインインする"))


async def test_an_invitation_of_a_neighbour_outlasts_the_way_in_by_another_browser(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    hers = await windows.open((await world.family("Alice")).actor, scripts=False)
    await hers.goto("/neighbours/invite")
    await follow(hers.get_by_role("button", name="リンクを作る"))
    path = "/i/" + (await hers.get_by_label("招待のリンク").input_value()).partition("/i/")[2]
    chat, mail = await windows.open(size=SMALL), await windows.open(size=SMALL)

    await chat.goto(path)
    await clean(chat)
    await follow(chat.get_by_role("link", name="はじめる"))
    assert "届いた招待に戻ります" in await chat.locator("main").inner_text()
    await chat.get_by_label("手伝いたい").check()  # which needs a date of birth
    await sign_up(chat)
    await clean(chat)
    await chat.get_by_label("手伝いたい").uncheck()
    await sign_up(chat)
    await confirm_and_sign_in(mail, await link_in_mail(world))

    assert mail.url.endswith(path)
    await follow(mail.get_by_role("button", name="招待を受ける"))
    assert "招待を受けました" in await mail.get_by_role("status").inner_text()


async def test_an_invitation_into_a_family_outlasts_the_way_in(windows: Windows) -> None:
    world = windows.site.world
    hers, newcomer = await windows.open((await world.family("Alice")).actor), await windows.open()
    await hers.goto("/me/family")
    await follow(hers.get_by_role("button", name="リンクを作る"))
    path = "/join-family" + (await hers.get_by_label("招待のリンク").input_value()).partition("/join-family")[2]

    await newcomer.goto(path)
    await follow(newcomer.get_by_role("link", name="はじめる"))
    await sign_up(newcomer)
    await confirm_and_sign_in(newcomer, await link_in_mail(world))

    assert newcomer.url.endswith(path)
    await follow(newcomer.get_by_role("button", name="保護者として加わる"))
    assert await newcomer.locator(".list .strong").all_inner_texts() == ["Aliceさん", "Ninaさん"]


async def test_who_has_an_account_already_goes_on_by_signing_in(windows: Windows) -> None:
    world = windows.site.world
    await world.family("Nina")
    alice = (await world.family("Alice")).actor
    invitation = await world.do(partial(invite_friend, by=alice, now=world.now))
    page = await windows.open(language="en")
    await page.goto(f"/i/{invitation.secret}")
    await follow(page.locator("#main").get_by_role("link", name="Sign in"))
    await follow(page.locator("#main").get_by_role("link", name="Join for free"))
    await page.get_by_label("Your name").fill("Nina")
    await page.get_by_label("E-mail address").fill("nina@example.jp")
    await page.get_by_label("Password").fill(PASSWORD)
    await follow(page.get_by_role("button", name="Join", exact=True))

    await follow(page.locator("#main").get_by_role("link", name="Sign in"))
    await page.get_by_label("E-mail address").fill("nina@example.jp")
    await page.get_by_label("Password").fill(PASSWORD)
    await follow(page.get_by_role("button", name="Sign in"))

    assert page.url.endswith(f"/i/{invitation.secret}")


async def test_nothing_but_an_invitation_is_carried(windows: Windows) -> None:
    page = await windows.open(scripts=False)
    for elsewhere in ELSEWHERE:
        await page.goto(f"/sign-up?next={quote(elsewhere, safe='')}")
        assert await page.locator("input[name=next]").count() == 0, elsewhere
    await sign_up(page)

    link = await link_in_mail(windows.site.world)
    assert re.fullmatch(r"/confirm\?token=[\w-]+", link)
    for elsewhere in ELSEWHERE:
        await page.goto(f"{link}&next={quote(elsewhere, safe='')}")
        assert await page.locator("input[name=next]").count() == 0, elsewhere
    await follow(page.get_by_role("button", name="登録を終える"))
    assert page.url.endswith("/sign-in?done=confirmed")

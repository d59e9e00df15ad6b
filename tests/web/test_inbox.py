"""The notifications centre: new first, opened by a press that leads on, all at once, page by page."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus

from playwright.async_api import Page
from sqlmodel import select

from care.steps import HOUR, accept, ask, offer
from sharecare.accounts.rules import Actor
from sharecare.care.models import Ask
from sharecare.care.offers import decline_ask
from sharecare.care.requests import withdraw_request
from sharecare.care.series import open_series
from sharecare.care.series_choosing import offer_for_series
from sharecare.care.series_schemas import SeriesDraft
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell
from web.browsing import SMALL, Windows, findings, follow, overflow
from world import World


async def told(world: World, who: Actor, *names: str) -> None:
    for name in names:
        await world.do(
            partial(tell, person_id=who.person_id, kind=MessageKind.FRIEND_ASKED, facts={"name": name}, now=world.now)
        )


async def titles(page: Page, heading: str) -> list[str]:
    return await page.locator(f"section[aria-labelledby={heading}] .letter .strong").all_inner_texts()


async def test_opening_a_message_leads_to_where_one_acts_and_it_is_new_no_more(windows: Windows) -> None:
    world = windows.site.world
    alice = await world.family("Alice")
    await told(world, alice.actor, "一郎", "<script>alert(1)</script>")
    page = await windows.open(alice.actor, size=SMALL, scripts=False)

    await page.goto("/home")
    await follow(page.get_by_role("banner").get_by_role("link", name="お知らせ"))
    assert (await titles(page, "new"))[0] == "<script>alert(1)</script>さんからシェア友の申し込みが届きました"
    assert await overflow(page) == 0
    await follow(page.get_by_role("button", name="一郎さんから"))
    assert page.url.endswith("/neighbours")
    await page.goto("/messages")

    assert "一郎さんからシェア友の申し込みが届きました" not in await titles(page, "new")
    assert (await titles(page, "old"))[0] == "一郎さんからシェア友の申し込みが届きました"


async def test_everything_seen_is_marked_at_once_and_older_ones_follow_page_by_page(windows: Windows) -> None:
    world = windows.site.world
    alice = await world.family("Alice")
    await told(world, alice.actor, *(f"{number}番" for number in range(21)))
    page = await windows.open(alice.actor, language="en", dark=True, size=SMALL)
    await page.goto("/messages")
    assert await findings(page) == []

    await follow(page.get_by_role("button", name="Mark all as read"))
    assert await page.get_by_role("status").inner_text() == "All marked as read."
    assert await findings(page) == []
    first = await titles(page, "old")
    await follow(page.get_by_role("link", name="Older messages"))

    assert len(first) == 20
    assert len(await titles(page, "old")) == 2  # the first of all confirmed the address
    assert await overflow(page) == 0


async def test_nobody_opens_the_message_of_another(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    world = windows.site.world
    alice, charlie = await world.family("Alice"), await world.family("Charlie")
    for one in (alice, charlie):
        await told(world, one.actor, "一郎")
    hers = await windows.open(alice.actor)
    await hers.goto("/messages")
    target = await hers.locator("form[action$='/open']").first.get_attribute("action")
    his = await windows.open(charlie.actor)
    await his.goto("/messages")

    await his.locator("form[action$='/open']").first.evaluate("(form, target) => { form.action = target; }", target)
    await follow(his.locator("button.letter").first)

    assert await his.locator("h1").inner_text() == "ページが見つかりません"


async def unread(page: Page) -> list[str]:
    """Return what is new, apart from the papers that were confirmed."""
    await page.goto("/messages")
    return [title for title in await titles(page, "new") if "を確認しました" not in title]


async def test_what_one_was_asked_is_new_until_it_is_answered_filled_or_closed(windows: Windows) -> None:
    # A supporter had 95 unread messages, nearly all of requests that were over.
    world = windows.site.world
    family, bob, carol = await world.family("Alice"), await world.supporter("Bob"), await world.supporter("Carol")
    page, other = await windows.open(bob), await windows.open(carol)
    day, usual = 24 * HOUR, family.need()
    filled, declined, withdrawn, still = [
        await ask(world, family, urgent=True, start_at=usual.start_at + at * day, end_at=usual.end_at + at * day)
        for at in range(4)
    ]
    assert len(await unread(page)) == len(await unread(other)) == 4

    await accept(world, family, await offer(world, bob, filled))
    async with world.database.read() as session:
        asked = (
            await session.exec(select(Ask.id).where(Ask.request_id == declined.id, Ask.supporter_id == bob.person_id))
        ).one()
    await world.do(lambda s: decline_ask(s, by=bob, ask_id=asked, now=world.now))
    await world.do(lambda s: withdraw_request(s, by=family.actor, request_id=withdrawn.id, reason="", now=world.now))

    chosen, last = sorted(await unread(page), key=len, reverse=True)
    assert "予約が成立しました" in chosen
    assert "6月5日" in last
    assert len(await unread(other)) == 2  # that which Bob alone has declined, and that which nobody answered
    assert len([title for title in await titles(other, "old") if "締め切られました" in title]) == 2
    assert still.state == "open"


async def test_a_series_is_new_until_no_date_of_it_waits(windows: Windows) -> None:
    # Who had offered on every date was still told that the series waited for them.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    first = family.need()
    draft = SeriesDraft(need=first, until=first.start_at.date() + timedelta(days=14))
    series = await world.do(lambda s: open_series(s, world.index, by=family.actor, draft=draft, now=world.now))
    page = await windows.open(bob)
    assert len(await unread(page)) == 1

    await world.do(lambda s: offer_for_series(s, by=bob, series_id=series.id, note="", now=world.now))

    assert await unread(page) == []

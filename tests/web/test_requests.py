"""A request as it goes on, by clicking: followed live, chosen, taken back, asked again; whom it lost."""

from datetime import timedelta
from http import HTTPStatus

from playwright.async_api import expect
from sqlmodel import select

from care.steps import ask, book, cancel, offer, row
from sharecare.care.models import Booking, CareRequest
from web.browsing import DESK, Windows, clean, findings, follow, look_again, overflow
from web.test_ask import requests_of

EVIL = '"><script>document.title = "taken"</script>'


async def test_an_offer_appears_by_itself_and_is_chosen(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    request = await ask(world, family, urgent=True)
    page = await windows.open(family.actor, language="en", dark=True, size=DESK)
    await page.goto(f"/requests/{request.id}")
    helper = await windows.open(bob)
    await helper.goto(f"/requests/{request.id}")
    assert await findings(helper) == []
    assert "美園1-2-3" not in await helper.content()
    assert "Aliceの子" not in await helper.content()

    await helper.get_by_label("ひとこと").fill(EVIL)
    await follow(helper.get_by_role("button", name="手をあげる"))

    choosing = page.get_by_role("button", name="Choose Bob")
    await expect(choosing).to_be_visible(timeout=20_000)
    assert await page.locator("blockquote").inner_text() == EVIL
    assert await findings(page) == []
    await follow(choosing)
    assert "/bookings/" in page.url
    await expect(page).to_have_title("Booking | ShareCare")


async def test_only_those_concerned_find_a_request(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    world = windows.site.world
    family, charlie = await world.family("Alice"), await world.family("Charlie")
    bob = await world.supporter("Bob")
    request = await ask(world, family, urgent=True)
    await offer(world, bob, request)
    stranger = await windows.open(charlie.actor)

    for path in (f"/requests/{request.id}", f"/requests/{request.id}/live", "/requests/99999", "/requests/x"):
        await stranger.goto(path)
        assert await stranger.locator("h1").inner_text() == "ページが見つかりません"
    await stranger.goto(f"/ask?like={request.id}&named={bob.person_id}")
    assert await stranger.get_by_role("radio", name="相手の家で預かり").is_checked()
    assert await stranger.locator(".note").count() == 0


async def test_a_request_is_taken_back_and_asked_again(windows: Windows) -> None:
    world = windows.site.world
    family = await world.family("Alice")
    request = await ask(world, family)
    page = await windows.open(family.actor)
    await page.goto("/requests")
    await follow(page.locator("a.line").first)
    await page.locator("summary", has_text="取り下げる").click()
    await page.get_by_label("理由").fill("祖母が来られるため")

    await follow(page.get_by_role("button", name="取り下げる"))

    assert [one.state for one in await requests_of(world, family)] == ["withdrawn"]
    await follow(page.get_by_role("link", name="同じ内容でもう一度"))
    assert page.url == f"{windows.site.base}/ask?like={request.id}"


async def test_what_is_booked_and_ahead_is_no_earlier_request(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.BAD_REQUEST)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    booking = await book(world, family, bob)
    page = await windows.open(family.actor)

    await page.goto("/requests")

    assert "6月2日(火) 17:00〜19:00" in await page.locator("section", has_text="決まったお願い").inner_text()
    assert await page.get_by_role("heading", name="これまでのお願い").count() == 0
    assert (await findings(page), await overflow(page)) == ([], 0)
    world.now = booking.end_at
    await page.reload()
    assert await page.locator("h2").all_inner_texts() == ["これまでのお願い"]
    answer = await page.goto("/requests?cursor=x")
    assert answer is not None
    assert answer.status == HTTPStatus.BAD_REQUEST


async def test_the_family_sees_that_whom_it_chose_could_not_come(windows: Windows) -> None:
    # The page told of no such thing, and called her "can't this time", as if she had declined.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(family.actor)
    await page.goto(f"/requests/{booking.request_id}")
    world.now += timedelta(minutes=5)
    await cancel(world, bob, booking)

    await look_again(page)

    await expect(page.locator(".note.stop")).to_have_text("Bobさんは、来られなくなりました(6月1日(月) 9:05)。")
    assert "9:05 Bobさんが、来られなくなりました" in await page.locator(".waves").inner_text()
    assert await page.locator(".waves .chip").all_inner_texts() == ["Bob\n来られなくなりました"]
    await clean(page)
    await offer(world, bob, await row(world, CareRequest, booking.request_id))
    await page.reload()

    assert await page.locator(".note.stop").count() == 0
    assert await page.locator(".waves .chip").all_inner_texts() == ["Bob\n手をあげました"]


async def test_whoever_was_asked_by_name_and_then_could_not_come_has_not_declined(windows: Windows) -> None:
    # "Can't this time", though the booking had been agreed.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    request = await ask(world, family, named_supporter_id=bob.person_id)
    await offer(world, bob, request)
    async with world.database.read() as session:
        booking = (await session.exec(select(Booking).where(Booking.request_id == request.id))).one()
    await cancel(world, bob, booking)
    page = await windows.open(family.actor, language="en")

    await page.goto(f"/requests/{request.id}")

    said = await page.locator("main").inner_text()
    assert "Bob can't be there after all (Mon 1 Jun, 09:00)." in said
    assert "Bob can't this time" not in said
    await clean(page)

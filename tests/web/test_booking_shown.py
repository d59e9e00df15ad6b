"""What a booking's pages show first, keep current and leave alone."""

from http import HTTPStatus

from playwright.async_api import expect

from care.steps import HOUR, ask, begin, book, cancel, finish, row
from sharecare.care.diary import take_note
from sharecare.care.models import Booking
from web.browsing import PHONE, SMALL, Windows, clean, follow, look_again


async def test_a_stranger_finds_no_booking(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    stranger = await windows.open((await world.family("Charlie")).actor)

    for path in ("", "/live", "/sheet", "/pick-up-card"):
        await stranger.goto(f"/bookings/{booking.id}{path}")
        assert await stranger.locator("h1").inner_text() == "ページが見つかりません"
    await stranger.goto("/supports")
    assert await stranger.locator("a.line").count() == 0


async def test_home_shows_what_is_next_to_each(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    done = await begin(world, family, bob, urgent=True)
    world.now = done.end_at
    await finish(world, bob, done)
    ahead = await book(
        world, family, bob, urgent=True, start_at=done.start_at + 24 * HOUR, end_at=done.end_at + 24 * HOUR
    )
    waiting = await ask(world, family, urgent=True, start_at=done.start_at + 48 * HOUR, end_at=done.end_at + 48 * HOUR)
    parent = await windows.open(family.actor, size=SMALL)
    helper = await windows.open(bob, language="en", dark=True, size=SMALL)

    await parent.goto("/home")
    await helper.goto("/home")

    for page, sections in ((parent, ("next", "open", "unsettled", "news")), (helper, ("next", "asks", "news"))):
        shown = await page.locator("section[aria-labelledby]").evaluate_all(
            "all => all.map((one) => one.getAttribute('aria-labelledby'))"
        )
        assert tuple(shown) == sections
        await clean(page)
    assert await parent.locator(f"a[href='/bookings/{ahead.id}']").count() > 0
    assert await helper.locator(f"[aria-labelledby=asks] a[href='/requests/{waiting.id}']").count() == 1
    assert await parent.get_by_role("link", name="お願いする").count() == 2  # the tab, and the button


async def test_renewing_is_asked_for_only_what_changed_and_disturbs_nobody(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await begin(world, family, bob, urgent=True)
    page = await windows.open(family.actor)
    fetched = f"**/bookings/{booking.id}/live"

    async with page.expect_response(fetched) as unchanged:
        await page.goto(f"/bookings/{booking.id}")
    assert (await unchanged.value).status == HTTPStatus.NOT_MODIFIED
    await page.locator("summary", has_text="終わりの時刻を変えたい").click()
    await world.do(lambda s: take_note(s, by=bob, booking_id=booking.id, text="公園です", now=world.now))
    await look_again(page)

    await expect(page.get_by_text("公園です")).to_be_visible()
    await expect(page.get_by_role("button", name="30分のばす")).to_be_visible()  # what was unfolded stays so

    await page.get_by_label("または、この時刻に").fill("19:40")
    await page.get_by_label("または、この時刻に").blur()
    await world.do(lambda s: take_note(s, by=bob, booking_id=booking.id, text="帰ります", now=world.now))
    await look_again(page)
    assert await page.get_by_label("または、この時刻に").input_value() == "19:40"
    await page.get_by_label("または、この時刻に").fill("")
    await page.get_by_label("または、この時刻に").blur()
    await look_again(page)
    await expect(page.get_by_text("帰ります")).to_be_visible()


async def test_what_can_be_written_changes_with_the_care(windows: Windows) -> None:
    # The page that was open kept the form for notes when the care was over, and none for thanks.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await begin(world, family, bob, urgent=True)
    page = await windows.open(family.actor)
    await page.goto(f"/bookings/{booking.id}")
    await expect(page.locator("form[action$='/notes']")).to_be_visible()
    for text in ("公園です", "帰ります"):
        await page.get_by_label("ようすを書く").fill(text)
        await follow(page.locator("form[action$='/notes'] button"))
        await expect(page.get_by_text(text)).to_be_visible()

    world.now = booking.end_at
    await finish(world, bob, booking)
    await look_again(page)

    await expect(page.locator("form[action$='/thank-you']")).to_be_visible()
    assert await page.locator("form[action$='/notes']").count() == 0


async def test_what_a_supporter_may_need_first_stands_on_the_first_screen(windows: Windows) -> None:
    # "I can't be there" was the last of three folds, two screens down, under every detail of the insurance.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page, parent = await windows.open(bob), await windows.open(family.actor)
    await page.goto(f"/bookings/{booking.id}")
    await parent.goto(f"/bookings/{booking.id}")

    button = page.locator("summary", has_text="行けなくなりました")
    box = await button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < PHONE["height"]
    assert await page.get_by_role("button", name="さんに伝える").count() == 0
    assert not await page.get_by_text("補償番号").is_visible()
    assert await parent.get_by_text("補償番号").is_visible()
    assert await parent.locator("summary", has_text="行けなくなりました").count() == 0
    await clean(page)
    await page.locator("summary", has_text="保険つき").click()
    assert "5,000万円まで" in await page.get_by_role("region", name="保険つき").inner_text()
    await button.click()
    await clean(page)
    await follow(page.get_by_role("button", name="さんに伝える"))

    assert (await row(world, Booking, booking.id)).state == "cancelled"


async def test_a_cancelled_booking_stands_where_its_time_is(windows: Windows) -> None:
    # What lay ahead and had been cancelled was listed under what has been.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    later = {"start_at": booking.start_at + 24 * HOUR, "end_at": booking.end_at + 24 * HOUR}
    await book(world, family, bob, urgent=True, **later)
    await cancel(world, family.actor, booking)
    page = await windows.open(bob)

    async def listed(heading: str) -> list[str]:
        card = page.locator("section.card", has=page.get_by_role("heading", name=heading, exact=True))
        return await card.locator("a.line").all_inner_texts()

    await page.goto("/supports")
    first, second = await listed("これからの予定")
    assert "6月2日" in first
    assert "キャンセル" in first
    assert "キャンセル" not in second
    assert await listed("これまで") == []
    await clean(page)
    await page.goto("/home")
    assert "キャンセル" not in await page.locator("[aria-labelledby=next]").inner_text()
    world.now = booking.end_at
    await page.goto("/supports")

    assert len(await listed("これからの予定")) == 1
    assert "キャンセル" in (await listed("これまで"))[0]

"""What a booking's page tells of the child while the care goes on, and to whom."""

import pytest
from playwright.async_api import expect
from sqlmodel import func, select

from care.steps import HOUR, MINUTE, begin, book, get_ready, pin_of, start, well
from sharecare.accounts.rules import Actor
from sharecare.care.care_day import start_care
from sharecare.care.conditions import TooIll
from sharecare.care.models import Booking
from sharecare.care.rules import CareEnd
from sharecare.care.waves import alarm_not_started
from sharecare.journal.models import Fact
from sharecare.journal.rules import FactKind
from web.browsing import SMALL, Windows, clean, follow
from world import KEY, Family, World


async def in_care(world: World, *, children: int = 1) -> tuple[Family, Actor, Booking]:
    """Let Bob look after Alice's children."""
    family, bob = await world.family("Alice", children=children), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    return family, bob, await begin(world, family, bob)


async def test_whom_to_call_where_to_go_and_the_sheet_stay_at_hand_during_care(windows: Windows) -> None:
    # Once the care had begun, contacts, doctor and refuge were nowhere to be found.
    world = windows.site.world
    family, bob, booking = await in_care(world)
    parent, helper = [await windows.open(who, size=SMALL) for who in (family.actor, bob)]

    await helper.goto(f"/bookings/{booking.id}")
    told = await helper.get_by_role("region", name="もしものとき").inner_text()
    needed = ("鈴木 和子 (祖母)", "鈴木 一郎 (叔父)", "みその小児科 048-000-0000", "美園小学校 校庭")
    assert [one for one in needed if one not in told] == []
    assert await helper.locator('[aria-labelledby=emergency] a[href="tel:048-123-4567"]').count() == 1
    await clean(helper)
    await follow(helper.get_by_role("link", name="事前打合せ票"))
    assert "鈴木 和子" in await helper.locator("main").inner_text()
    await parent.goto(f"/bookings/{booking.id}")
    await clean(parent)
    await follow(parent.get_by_role("link", name="事前打合せ票"))


async def test_whom_to_call_closes_with_the_details(windows: Windows) -> None:
    world = windows.site.world
    _, bob, booking = await in_care(world)
    world.now = booking.end_at + 8 * 24 * HOUR
    page = await windows.open(bob)

    await page.goto(f"/bookings/{booking.id}")

    assert "鈴木" not in await page.content()
    assert await page.locator("[aria-labelledby=emergency]").count() == 0


async def test_both_sides_read_how_each_child_was_and_who_was_turned_away(windows: Windows) -> None:
    # Temperature and condition were asked for, kept, and shown to nobody.
    world = windows.site.world
    family, bob = await world.family("Alice", children=2), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    booking = await book(world, family, bob)
    await get_ready(world, bob, booking)
    world.now = booking.start_at
    warm, pin = await well(world, booking, temperature_c=38.2), pin_of(booking, CareEnd.START)
    with pytest.raises(TooIll):
        await world.do(
            lambda s: start_care(s, by=bob, booking_id=booking.id, pin=pin, checks=warm, key=KEY, now=world.now)
        )
    world.now += 20 * MINUTE
    await start(world, bob, booking)

    for who in (family.actor, bob):
        page = await windows.open(who, size=SMALL)
        await page.goto(f"/bookings/{booking.id}")
        told = await page.locator("[aria-labelledby=condition] li").all_inner_texts()
        assert [" ".join(one.split()) for one in told] == [
            *["Aliceの子さん 38.2℃ 元気 17:00 預かれませんでした"] * 2,
            *["Aliceの子さん 36.6℃ 元気 17:20"] * 2,
        ]
        await clean(page)


async def late(world: World) -> tuple[Family, Actor, Booking]:
    """Let nobody begin Bob's care of Alice's child, a quarter of an hour after its time."""
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    booking = await book(world, family, bob)
    await get_ready(world, bob, booking)
    world.now = booking.start_at + 15 * MINUTE
    await world.do(lambda s: alarm_not_started(s, booking_id=booking.id, now=world.now))
    return family, bob, booking


async def test_whoever_is_late_says_how_long_and_nobody_answers_for_themselves(windows: Windows) -> None:
    # Both sides saw "I am on it" about their own handover, and the supporter about their own call.
    world = windows.site.world
    family, bob, booking = await late(world)
    parent, helper = [await windows.open(who, size=SMALL) for who in (family.actor, bob)]
    for page in (parent, helper):
        await page.goto(f"/bookings/{booking.id}")
        assert await page.get_by_role("button", name="対応しています").count() == 0
        assert "引き渡しの記録が遅れています" in await page.locator("[aria-labelledby=alarm]").inner_text()
        await clean(page)

    await follow(parent.get_by_role("button", name="あと10分ほど"))
    await expect(parent.get_by_role("status")).to_contain_text("相手の方に伝えました")
    await helper.reload()
    assert (
        "ご家族から: 17:25ごろになります(17:15の連絡)" in await helper.locator("[aria-labelledby=alarm]").inner_text()
    )
    await follow(helper.get_by_role("button", name="家族に電話を頼む"))
    assert await helper.get_by_role("button", name="対応しています").count() == 0
    await parent.reload()
    assert await parent.get_by_role("button", name="対応しています").count() == 1

    await follow(helper.get_by_role("button", name="解決しました"))

    await expect(helper.get_by_role("status")).to_contain_text("解決したこと")
    await parent.reload()
    assert await parent.get_by_role("button", name="対応しています").count() == 0
    assert await parent.get_by_role("button", name="あと5分ほど").count() == 1
    staff = await windows.open(world.staff, size=SMALL)
    await staff.goto("/staff/misono/desk")
    assert "ご家族から: 17:25ごろ" in await staff.locator("main").inner_text()
    await clean(staff)


async def test_what_renews_itself_stays_while_nothing_happens_and_a_press_counts_once(windows: Windows) -> None:
    # With a key drawn anew at each look the buttons were replaced under the finger; with none both were told twice.
    world = windows.site.world
    _, bob, booking = await late(world)
    page = await windows.open(bob, size=SMALL)
    here = f"/bookings/{booking.id}"
    await page.goto(here)
    looks = [await (await page.request.get(f"{here}/live")).text() for _ in range(2)]
    assert looks[0] == looks[1]
    ten, status = page.get_by_role("button", name="あと10分ほど"), page.get_by_role("status")
    told = []

    pressed = page.locator("form", has=ten).locator("input")
    form = dict(await pressed.evaluate_all("all => all.map(one => [one.name, one.value])"))
    for _ in range(2):
        assert (await page.request.post(f"{here}/how-long", form=form)).ok
    for minutes in (1, 10):
        world.now += minutes * MINUTE
        await page.goto(here)
        await follow(ten)
        told.append((await status.inner_text(), await times_said(world)))
        await clean(page)
    for minutes in (20, 5, 20, 5):
        await follow(page.get_by_role("button", name=f"あと{minutes}分ほど"))

    assert [(text.partition("。")[0], said) for text, said in told] == [
        *(("その時刻は、もう伝えてあります", 1), ("相手の方に伝えました", 2))
    ]
    assert "メッセージはくり返し送りません" in await status.inner_text()
    await clean(page)


async def times_said(world: World) -> int:
    async with world.database.read() as session:
        said = select(func.count()).where(Fact.kind == FactKind.SAID_HOW_LONG)
        return (await session.exec(said)).one()

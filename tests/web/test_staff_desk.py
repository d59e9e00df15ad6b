"""The care desk on a phone: answer an alarm, let a locked handover pass, explain a gap, from the message onwards."""

from functools import partial
from http import HTTPStatus

import pytest

from care.steps import MINUTE, book, finish, get_ready, row, start
from sharecare.accounts.queries import accesses_to
from sharecare.accounts.rules import Actor
from sharecare.care.alarms import alarms_that_climb, climb
from sharecare.care.day_models import CareAlarm, CoverGap
from sharecare.care.handovers import PinLocked, WrongPin
from sharecare.care.models import Booking
from sharecare.care.waves import alarm_not_started
from sharecare.web.staff import desk
from web.browsing import DESK, SMALL, Windows, clean, follow
from world import HOME, Family, World, area

EVIL = "<script>alert('x')</script> 電話で確認"
MY_NUMBER = "番号 123456789018"


async def supported(world: World) -> tuple[Family, Actor, Booking]:
    """Let Bob be booked for tomorrow, after the pre-meeting."""
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    booking = await book(world, family, bob)
    await get_ready(world, bob, booking)
    return family, bob, booking


async def forgotten(world: World, booking: Booking) -> None:
    """Let nobody begin, and nobody answer, until the staff are told."""
    for minutes in (15, 25, 35):
        now = world.now = booking.start_at + minutes * MINUTE
        await world.do(partial(alarm_not_started, booking_id=booking.id, now=now))
        async with world.database.read() as session:
            due = await alarms_that_climb(session, now=now)
        for one in due:
            await world.do(partial(climb, alarm_id=one, now=now))


async def test_staff_come_from_the_message_call_and_answer(windows: Windows) -> None:
    world = windows.site.world
    family, bob, booking = await supported(world)
    await forgotten(world, booking)
    page = await windows.open(world.staff, scripts=False)

    await page.goto("/messages")
    await follow(page.get_by_role("button", name="だれからも返事がありません"))
    assert page.url.endswith("/staff/misono/desk")
    before = await page.locator("main").inner_text()
    assert "始まりの引き渡しが遅れています" in before
    assert "17:25 地区の運営に知らせました" in before  # no second guardian, no contact who is a member
    assert "Alice" not in before  # nobody is named before the look is noted
    await follow(page.get_by_role("button", name="連絡先を見る"))
    shown = await page.locator("li [role=status]").inner_text()
    assert [name in shown for name in ("Alice", "Bob", "鈴木 和子", "祖母", "048-123-4567")] == [True] * 5
    assert await page.locator('a[href="tel:090-1234-5678"]').count() == 3  # a parent, Bob, the second contact
    await follow(page.get_by_role("button", name="わたしが対応します"))

    assert "対応していることを伝えました" in await page.get_by_role("status").inner_text()
    assert "17:50からまたお知らせします" in await page.locator("main").inner_text()
    assert await page.get_by_role("button", name="わたしが対応します").count() == 0
    async with world.database.read() as session:
        looks = [(await accesses_to(session, one.person_id)).items for one in (family.actor, bob)]
    assert [[one.reason for one in seen if "引き渡し" in one.reason] for seen in looks] == [
        ["始まりの引き渡しが遅れています"]
    ] * 2


async def test_a_long_desk_shows_what_came_first_and_that_more_follows(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A hundred of each, with their forms, were 200 kB in a town of 20,000.
    monkeypatch.setattr(desk, "AT_ONCE", 1)
    world = windows.site.world
    _, _, booking = await supported(world)
    family, dan = await world.family("Carol"), await world.supporter("Dan")
    await world.befriend(family.actor, dan)
    for one in (booking, await book(world, family, dan)):
        await forgotten(world, one)
    page = await windows.open(world.staff, size=SMALL)

    await page.goto("/staff/misono/desk")

    assert await page.locator("main li.card").count() == 1
    assert f"予約{booking.id}" in await page.locator("main li.card").inner_text()
    assert "ほかにもあります" in await page.locator("main").inner_text()
    await clean(page)


async def test_an_alarm_that_is_over_meanwhile_is_not_answered(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    _, bob, booking = await supported(world)
    await forgotten(world, booking)
    page = await windows.open(world.staff, language="en", size=SMALL, dark=True)
    await page.goto("/staff/misono/to-do")
    assert "Handovers and calls: 1" in await page.locator("main .panels > section").first.inner_text()
    await clean(page)
    await follow(page.get_by_role("link", name="Go to the desk"))
    await clean(page)

    await start(world, bob, booking)
    await follow(page.get_by_role("button", name="I am on it"))

    assert await page.get_by_role("alert").count() == 1
    assert "Nothing needs you right now." in await page.locator("main").inner_text()
    assert (await row(world, CareAlarm, 1)).answered_by == bob.person_id


async def test_a_locked_handover_passes_for_a_reason_that_stays_when_it_is_refused(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    _, bob, booking = await supported(world)
    world.now = booking.start_at
    for _ in range(5):
        with pytest.raises((WrongPin, PinLocked)):
            await start(world, bob, booking, pin="wrong!")
    page = await windows.open(world.staff, size=SMALL)

    await page.goto("/messages")
    await follow(page.get_by_role("button", name="引き渡しの番号が止まっています"))
    await clean(page)
    await page.get_by_label("なぜ見ますか").fill(MY_NUMBER)
    await follow(page.get_by_role("button", name="連絡先を見る"))
    assert await page.get_by_label("なぜ見ますか").input_value() == MY_NUMBER
    assert await page.locator(".problem").count() == 1
    await clean(page)
    await page.get_by_label("どう確かめましたか").fill(MY_NUMBER)
    await follow(page.get_by_role("button", name="番号なしで認める"))
    assert await page.get_by_label("どう確かめましたか").input_value() == MY_NUMBER
    await page.get_by_label("どう確かめましたか").fill(EVIL)
    await follow(page.get_by_role("button", name="番号なしで認める"))

    assert "番号なしの引き渡しを認め" in await page.get_by_role("status").inner_text()
    assert "いま対応が必要な支援はありません" in await page.locator("main").inner_text()
    assert (await start(world, bob, booking, digits=False)).state == "in_care"


async def test_staff_let_an_overdue_handover_pass_where_a_parents_phone_is_dead(windows: Windows) -> None:
    # The way past the digits opened only after five wrong ones: staff told a supporter to mistype them.
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    _, bob, booking = await supported(world)
    await forgotten(world, booking)
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/desk")

    for why in (MY_NUMBER, EVIL):
        if why is MY_NUMBER:
            await page.locator("summary", has_text="番号を見せられないとき").click()
        await clean(page)
        await page.get_by_label("どう確かめましたか").fill(why)
        await follow(page.get_by_role("button", name="番号なしで認める"))

    assert "番号なしの引き渡しを認め" in await page.get_by_role("status").inner_text()
    assert await page.get_by_label("どう確かめましたか").count() == 0
    assert (await start(world, bob, booking, digits=False)).state == "in_care"


async def test_where_a_nursery_hands_over_there_are_no_digits_to_let_pass(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    nursery = {"name": "こもれび保育園", "lat": HOME[0], "lon": HOME[1]}
    facts = {"kind": "pickup", "means": "foot", "place": nursery, "handover_start": "institution"}
    booking = await book(world, family, bob, **facts)
    await get_ready(world, bob, booking)
    await forgotten(world, booking)
    page = await windows.open(world.staff)

    await page.goto("/staff/misono/desk")

    assert await page.locator("main li.card").count() == 1
    assert await page.locator("[name=why]").count() == 0


async def test_a_gap_is_told_to_both_sides_and_then_explained(windows: Windows) -> None:
    # Neither side's page said a word of time that no cover had reached.
    world = windows.site.world
    family, bob, booking = await supported(world)
    world.now = booking.start_at
    await start(world, bob, booking)
    world.now = booking.end_at + 42 * MINUTE  # twelve more than the policy's grace
    await finish(world, bob, booking)
    pages = [await windows.open(who, size=SMALL) for who in (family.actor, bob)]
    staff = await windows.open(world.staff, size=SMALL)

    for page in pages:
        await page.goto(f"/bookings/{booking.id}")
        assert "19:30からの12分は、補償されていません。 地区の運営が" in await page.locator("main").inner_text()
        await clean(page)
    await staff.goto("/staff/misono/desk")
    assert "12分" in await staff.locator("main h3").inner_text()
    await clean(staff)
    await staff.get_by_label("どうして起き、どうしましたか").fill(EVIL)
    await follow(staff.get_by_role("button", name="経緯を記録する"))
    assert "経緯を記録しました" in await staff.get_by_role("status").inner_text()

    assert (await row(world, CoverGap, booking.id)).explanation == EVIL
    for page in pages:
        await page.reload()
        assert await page.locator("[aria-labelledby=cover] blockquote").inner_text() == EVIL


async def test_no_desk_but_ones_own_is_shown_by_a_form(windows: Windows) -> None:
    # A form's route is checked by its booking: with the other area's name in its address it drew that area's desk.
    windows.expected |= {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    await world.do(partial(area, slug="urawa"))
    _, _, booking = await supported(world)
    await forgotten(world, booking)
    page = await windows.open(world.staff, size=DESK)
    await page.goto("/staff/misono/desk")

    await page.evaluate("document.querySelector('form[action*=people]').action = '/staff/urawa/desk/1/people'")
    async with page.expect_navigation() as arriving:
        await page.get_by_role("button", name="連絡先を見る").click()

    answer = await arriving.value
    assert answer is not None
    assert answer.status == HTTPStatus.NOT_FOUND

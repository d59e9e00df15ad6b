"""A no-show that was none: taken back by who reported it, or contested by the other and decided by staff."""

from datetime import timedelta
from functools import partial
from http import HTTPStatus

import pytest
from playwright.async_api import ViewportSize

from care.steps import book, record_afterwards, row
from sharecare.accounts.rules import Actor
from sharecare.care.models import Booking
from sharecare.care.no_show import contest_no_show, report_no_show, take_back_no_show
from web.browsing import DESK, SMALL, Windows, clean, follow
from world import World

OVERDUE = timedelta(minutes=15)
JA = {
    "take back": "会えたので、報告を取り消す",
    "back": "予約と保険が元に戻りました",
    "contest": "その場にいる、または事実と違うとき",
    "how": "実際にどうだったか",
    "say": "申し出る",
    "waits": "スタッフが両方の方に確かめます",
    "theirs": "Bobさんの申し出",
    "at risk": "「来なかった」という報告に、申し出があります",
    "what": "実際にどうだったか",
    "missing": "入力してください",
    "strike": "「来なかった」という記録を消す",
    "decide": "決めて両方に知らせる",
    "struck": "「来なかった」という記録を消しました",
}
EN = {
    "take back": "We met: take it back",
    "back": "Booking and cover stand again",
    "contest": "I am there, or it wasn't so",
    "how": "How it was",
    "say": "Say so",
    "waits": "The staff will ask you both",
    "theirs": "What Bob says",
    "at risk": "A no-show is contested",
    "what": "What really happened",
    "missing": "Field required",
    "strike": "Strike the no-show off",
    "decide": "Decide and tell both",
    "struck": "struck the no-show off",
}
BOTH = pytest.mark.parametrize(("language", "words", "size"), [("ja", JA, SMALL), ("en", EN, DESK)])
SAID = "門の前で15分待っていました。"


async def missed(world: World) -> tuple[Booking, list[Actor]]:
    """Let the family report that the supporter did not come."""
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    world.now = booking.start_at + OVERDUE
    await world.do(lambda s: report_no_show(s, by=family.actor, booking_id=booking.id, now=world.now))
    return booking, [family.actor, bob]


@BOTH
async def test_who_comes_after_all_is_taken_back_with_one_press(
    windows: Windows, language: str, words: dict[str, str], size: ViewportSize
) -> None:
    booking, (parent, _) = await missed(windows.site.world)
    page = await windows.open(parent, size=size, language=language)

    await page.goto(f"/bookings/{booking.id}")
    await clean(page)
    await follow(page.get_by_role("button", name=words["take back"]))

    assert words["back"] in await page.get_by_role("status").inner_text()
    await clean(page)
    assert (await row(windows.site.world, Booking, booking.id)).state == "confirmed"


async def test_once_the_time_is_over_nothing_is_taken_back(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    booking, (parent, _) = await missed(world)
    page = await windows.open(parent)
    await page.goto(f"/bookings/{booking.id}")
    world.now = booking.end_at

    await follow(page.get_by_role("button", name=JA["take back"]))

    assert "予定の時間を過ぎた" in await page.get_by_role("alert").inner_text()
    assert 'code="too-late-to-take-back"} 1.0' in windows.site.runtime.measures.text().decode()
    assert await page.get_by_role("button", name=JA["take back"]).count() == 0


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_staff_strike_off_what_they_are_told_of_by_phone(windows: Windows, language: str) -> None:
    world = windows.site.world
    booking, _ = await missed(world)
    world.now = booking.end_at
    desk = await windows.open(world.staff, size=SMALL, language=language)
    await desk.goto("/staff/misono/to-do")
    await desk.locator("summary").first.click()
    await clean(desk)

    await follow(desk.locator(f"#booking-{booking.id} button"))
    assert "090-1234-5678" in await desk.locator(f"#booking-{booking.id}").inner_text()
    await follow(desk.locator(f"#booking-{booking.id} a[href$=record]"))
    await clean(desk)
    await desk.locator("#why").fill("双方に電話で確認")
    await follow(desk.locator("form[action$=no-show] button"))

    assert not (await row(world, Booking, booking.id)).no_show


@BOTH
async def test_what_is_contested_is_read_by_both_and_decided_by_staff(
    windows: Windows, language: str, words: dict[str, str], size: ViewportSize
) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    booking, sides = await missed(world)
    here = f"/bookings/{booking.id}"
    parent, helper, desk = [await windows.open(one, size=size, language=language) for one in (*sides, world.staff)]

    await helper.goto(here)
    await helper.locator("summary", has_text=words["contest"]).click()
    await helper.get_by_label(words["how"]).evaluate("(field) => { field.required = false }")
    await follow(helper.get_by_role("button", name=words["say"], exact=True))
    assert words["missing"] in await helper.locator("main").inner_text()
    await clean(helper)
    await helper.get_by_label(words["how"]).fill(SAID)
    await follow(helper.get_by_role("button", name=words["say"], exact=True))
    assert words["waits"] in await helper.locator("[aria-labelledby=contest]").inner_text()
    await clean(helper)
    await parent.goto(here)
    told = await parent.locator("[aria-labelledby=contest]").inner_text()
    assert (words["theirs"] in told, SAID in told) == (True, True)
    await clean(parent)

    world.now = booking.end_at
    await desk.goto("/staff/misono/to-do")
    assert words["at risk"] in await desk.locator("main").inner_text()
    await clean(desk)
    await follow(desk.get_by_role("link", name=words["what"]))
    assert SAID in await desk.locator("main").inner_text()
    await clean(desk)
    await desk.locator("#why").fill("双方に電話で確認")
    await follow(desk.get_by_role("button", name=words["decide"]))
    assert words["missing"] in await desk.locator("main").inner_text()
    await clean(desk)
    await desk.get_by_label(words["strike"]).check()
    await follow(desk.get_by_role("button", name=words["decide"]))
    assert words["at risk"] not in await desk.locator("main").inner_text()
    for page in (parent, helper):
        await page.goto(here)
        told = await page.locator("main").inner_text()
        assert (words["struck"] in told, told.count("双方に電話で確認")) == (True, 1)
        await clean(page)


async def test_staff_read_what_was_said_against_a_report_that_was_taken_back(windows: Windows) -> None:
    world = windows.site.world
    booking, (parent, helper) = await missed(world)
    contest = partial(contest_no_show, by=helper, booking_id=booking.id, because=SAID, now=world.now)
    await world.do(contest)
    await world.do(lambda s: take_back_no_show(s, by=parent, booking_id=booking.id, now=world.now))
    page = await windows.open(world.staff, size=SMALL)

    for over in (False, True):
        if over:
            world.now = booking.end_at + timedelta(hours=1)
            await record_afterwards(world, booking, booking.end_at, started_at=booking.start_at)
        await page.goto(f"/staff/misono/bookings/{booking.id}/record")
        told = await page.locator("[aria-labelledby=contest-1]").inner_text()
        assert (SAID in told, "サポーターから" in told, "いまは記録に残っていません" in told) == (True, True, True)
        await clean(page)
    assert await page.locator("form[action*=bookings]").count() == 0

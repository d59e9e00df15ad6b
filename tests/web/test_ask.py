"""The way of a request, by clicking: ask, look, send, follow, choose; refusals, strangers, injected text."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from playwright.async_api import Page, expect
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import ask, book
from sharecare.areas.rules import CareKind, Circle
from sharecare.care.queries import my_requests
from sharecare.care.rules import HandoverBy
from sharecare.care.schemas import PlaceDraft, RequestView
from sharecare.trust.communities import approve_member, ask_to_join, make_community
from sharecare.trust.rules import CommunityKind
from sharecare.trust.schemas import CommunityDraft
from web.browsing import PHONE, SMALL, Windows, findings, follow, overflow
from world import Family, World

NURSERY = PlaceDraft(name="こもれび保育園", lat=35.8952, lon=139.7281)
EVIL = '"><script>document.title = "taken"</script>'


async def requests_of(world: World, family: Family) -> list[RequestView]:
    async with world.database.read() as session:
        return (await my_requests(session, by=family.actor, cursor=None, limit=20)).items


async def choose(page: Page, *labels: str) -> None:
    """Press choices by what they say."""
    for label in labels:
        await page.locator("label", has_text=label).first.click()


async def test_three_groups_of_choices_become_a_request(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    page = await windows.open(family.actor, size=SMALL)

    await page.goto("/ask")
    assert await overflow(page) == 0
    assert await findings(page) == []
    await choose(page, "明日", "17:30", "1時間", "うちで預かり")
    await follow(page.get_by_role("button", name="頼める人を見る"))

    assert await page.locator("h1").inner_text() == "頼める人"
    assert await page.get_by_role("img", name="シェア友です").count() == 1
    assert await page.locator(".when").inner_text() == "6月2日(火) 17:30〜18:30"
    assert await requests_of(world, family) == []
    assert await overflow(page) == 0
    assert await findings(page) == []

    await follow(page.get_by_role("button", name="順番に声をかける"))

    (view,) = await requests_of(world, family)
    assert page.url == f"{windows.site.base}/requests/{view.id}?done=asked"
    assert [one.name for one in view.asked] == ["Bob"]
    assert await page.locator(".waves .chip").all_inner_texts() == ["Bob\n返事待ち"]
    assert await findings(page) == []
    assert await overflow(page) == 0


async def test_the_first_time_what_stands_chosen_can_be_sent(windows: Windows) -> None:
    # A way from home to home, handed over by a nursery, was chosen beforehand, and refused.
    page = await windows.open((await windows.site.world.family("Alice")).actor, size=PHONE)
    await page.goto("/ask")
    await choose(page, "明日", "17:30")
    await follow(page.get_by_role("button", name="頼める人を見る"))

    assert page.url.endswith("/ask/who")
    assert await page.get_by_role("alert").count() == 0


async def test_what_is_missing_is_named_with_a_way_to_it(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    page = await windows.open((await windows.site.world.family("Alice")).actor, size=SMALL)
    await page.goto("/ask")
    await choose(page, "送り迎え")
    await follow(page.get_by_role("button", name="頼める人を見る"))

    named = page.get_by_role("alert").get_by_role("link")
    assert await named.all_inner_texts() == await page.locator(".problem").all_inner_texts()
    await named.first.press("Enter")
    assert page.url.endswith("#day-problem")
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_a_class_that_both_are_in_is_named(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")

    async def class_of_both(session: AsyncSession) -> None:
        draft = CommunityDraft(name="うみ組", kind=CommunityKind.NURSERY)
        made = await make_community(session, by=family.actor, draft=draft, now=world.now)
        await ask_to_join(session, by=bob, community_id=made.id, now=world.now)
        await approve_member(session, by=family.actor, community_id=made.id, person_id=bob.person_id, now=world.now)

    await world.do(class_of_both)
    page = await windows.open(family.actor, size=PHONE)
    await page.goto("/ask")
    await choose(page, "明日", "17:30", "うちで預かり")
    await follow(page.get_by_role("button", name="頼める人を見る"))

    assert await page.locator(".path > span").all_inner_texts() == ["「うみ組」でいっしょです"]


async def test_the_same_as_last_time_needs_no_script(windows: Windows) -> None:
    world = windows.site.world
    family = await world.family("Alice")
    facts = {
        "kind": CareKind.PICKUP,
        "means": "bicycle",
        "place": NURSERY,
        "handover_start": HandoverBy.INSTITUTION,
        "notes": "青い門です",
        "reach": Circle.FRIENDS,
    }
    await ask(world, family, **facts)
    world.now += timedelta(days=3)
    page = await windows.open(family.actor, scripts=False)

    await page.goto("/ask")
    await follow(page.get_by_role("link", name="前回と同じ"))
    await follow(page.get_by_role("button", name="見ずに声をかける"))

    newest, before = await requests_of(world, family)
    assert newest.start_at == before.start_at + timedelta(days=7)
    same = {"kind", "means", "place", "to_place", "children", "reach", "notes"}
    assert newest.model_dump(include=same) == before.model_dump(include=same)


async def test_the_same_again_is_a_week_after_what_is_still_to_come(windows: Windows) -> None:
    world = windows.site.world
    family = await world.family("Alice")
    await ask(world, family)
    page = await windows.open(family.actor, scripts=False)

    await page.goto("/ask")
    assert "6月9日(火)" in await page.get_by_role("link", name="前回と同じ").inner_text()
    await follow(page.get_by_role("link", name="前回と同じ"))
    await follow(page.get_by_role("button", name="見ずに声をかける"))

    newest, before = await requests_of(world, family)
    assert newest.start_at == before.start_at + timedelta(days=7)


async def test_several_days_and_a_new_place_by_keyboard_alone(windows: Windows) -> None:
    world = windows.site.world
    family = await world.family("Alice", children=2)
    page = await windows.open(family.actor)
    await page.goto("/ask")

    for label in ("今日", "明日"):
        await page.get_by_role("checkbox", name=label).focus()
        await page.keyboard.press("Space")
    # A new place stands chosen: a way begins elsewhere, and the first time no other place is known.
    for group, choice in (("何時から", "18:00"), ("どこで", "送り迎え")):
        await page.get_by_role("group", name=group).get_by_role("radio", name=choice).focus()
        await page.keyboard.press("Space")
    await page.get_by_role("checkbox", name="Aliceの子").first.focus()
    await page.keyboard.press("Space")
    await page.get_by_role("group", name="どこから").get_by_label("場所の名前").focus()
    await page.keyboard.type("みその水泳教室")
    await page.get_by_role("button", name="見ずに声をかける").focus()
    await page.keyboard.press("Enter")

    await page.wait_for_url("**/requests?done=asked_days")
    views = await requests_of(world, family)
    assert [(one.place, one.kind) for one in views] == [("みその水泳教室", CareKind.PICKUP)] * 2
    assert {(one.start_at.day, one.start_at.hour) for one in views} == {(1, 9), (2, 9)}
    assert await findings(page) == []


async def test_what_is_refused_keeps_what_was_typed(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT}
    family = await windows.site.world.family("Alice")
    page = await windows.open(family.actor)
    await page.goto("/ask")
    await choose(page, "うちで預かり", "1.5時間")
    await page.locator("summary", has_text="くわしく決める").click()
    await page.get_by_label("伝えたいこと").fill(EVIL)

    await follow(page.get_by_role("button", name="頼める人を見る"))

    assert await page.locator(".problem").all_inner_texts() == [
        "日にちを選んでください(10日まで)。",
        "始まりの時刻を選んでください。",
    ]
    await choose(page, "明日", "ほか")
    await page.get_by_label("始まりの時刻").fill("22:00")
    await follow(page.get_by_role("button", name="頼める人を見る"))
    assert "この地区で支援をお願いできるのは" in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("伝えたいこと").input_value() == EVIL
    assert await page.get_by_role("radio", name="1.5時間").is_checked()
    await expect(page).to_have_title("お願いする | ShareCare")


@pytest.mark.parametrize(
    ("language", "days", "looking", "sending", "refused"),
    [
        *[
            (
                "ja",
                ("今日", "明日"),
                "頼める人を見る",
                "見ずに声をかける",
                "6月2日(火) 17:30〜18:30は、お子さんにすでに別の予約があります。",
            )
        ],
        *[
            (
                "en",
                ("Today", "Tomorrow"),
                "See who could help",
                "Ask without looking",
                "Your child already has another booking on Tue 2 Jun, 17:30–18:30.",
            )
        ],
    ],
)
async def test_one_of_several_days_that_meets_a_booking_is_named(
    windows: Windows, language: str, days: tuple[str, ...], looking: str, sending: str, refused: str
) -> None:
    # Looking took every day, and sending said "at that time" of none of them.
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    await book(world, family, bob)
    before = await requests_of(world, family)
    page = await windows.open(family.actor, language=language)
    await page.goto("/ask")
    await choose(page, *days, "17:30", {"ja": "1時間", "en": "1 h"}[language])

    for button in (looking, sending):
        await follow(page.get_by_role("button", name=button))

        assert refused in await page.get_by_role("alert").inner_text()
        assert await page.locator("[name=day]:checked").count() == len(days)
    assert await requests_of(world, family) == before


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)  # a page looks the same on every database
@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_the_map_says_whose_its_dots_and_squares_are(windows: Windows, language: str, dark: bool) -> None:
    # The family's own home looked like that of whoever could help.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    page = await windows.open(family.actor, language=language, dark=dark, size=PHONE)
    await page.goto("/ask")
    await choose(
        page, *{"ja": ("明日", "17:30", "うちで預かり"), "en": ("Tomorrow", "17:30", "Care at our home")}[language]
    )
    await follow(page.get_by_role("button", name={"ja": "頼める人を見る", "en": "See who could help"}[language]))

    # Few homes are in a square, so that a larger one stands for it.
    assert (
        await page.locator("[data-legend] li").all_inner_texts()
        == {
            "ja": ["わが家・いつもの場所", "頼める人がいるあたり(約1km四方)"],
            "en": ["Our home and usual places", "Where helpers live (squares of about 1 km)"],
        }[language]
    )
    await page.locator(".streets.leaflet-container").wait_for()
    for sign in (".pin", ".cell"):
        colours = [
            await page.locator(f"{where} {sign}").first.evaluate(
                "one => [getComputedStyle(one).fill, getComputedStyle(one).fillOpacity]"
            )
            for where in (".streets", "[data-legend]")
        ]
        assert colours[0] == colours[1]
    assert (await findings(page), await overflow(page)) == ([], 0)

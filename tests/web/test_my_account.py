"""One's own account: what a family says of itself, in a phone's width, and what others see of it."""

from http import HTTPStatus

import pytest
from playwright.async_api import expect
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import book
from pictures import pictures
from sharecare.accounts.models import Child, Home, SignIn
from sharecare.accounts.rules import Actor
from sharecare.accounts.service import log_looks
from sharecare.areas.townblocks import TownBlockRow, add_town_blocks
from sharecare.registration.service import add_insurer
from sharecare.tiles import Tiles
from sharecare.trust.blocks import block
from web.browsing import SMALL, Site, Windows, findings, follow, overflow
from world import HOME, PASSWORD, PASSWORD_HASH, a_person, signed_in

EVIL = "<script>alert('\"')</script>"
PAGES = ("/me", "/me/profile", "/me/home", "/me/children", "/me/family", "/me/devices", "/me/password", "/me/privacy")


async def with_towns(site: Site) -> None:
    rows = [
        TownBlockRow("11109", "埼玉県", "さいたま市緑区", "美園四丁目", 35.8960, 139.7298),
        TownBlockRow("11110", "埼玉県", "さいたま市岩槻区", "美園東一丁目", 35.8987, 139.7348),
    ]
    await site.world.do(lambda session: add_town_blocks(session, rows, area_id=site.world.area_id))


async def home_of(site: Site, household_id: int) -> Home:
    async with site.runtime.database.read() as session:
        return (await session.exec(select(Home).where(Home.household_id == household_id))).one()


@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_every_page_can_be_read_by_everyone_on_a_small_phone(windows: Windows, language: str, dark: bool) -> None:
    alice = await windows.site.world.family("Alice")
    await with_towns(windows.site)
    page = await windows.open(alice.actor, language=language, dark=dark, size=SMALL)

    for path in PAGES:
        await page.goto(path)
        assert await findings(page) == []
        assert (path, await overflow(page)) == (path, 0)


async def test_a_wrong_field_keeps_the_rest_and_a_right_one_is_kept_for_good(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    windows.expected.add(HTTPStatus.CONFLICT)
    alice = await windows.site.world.family("Alice")
    page = await windows.open(alice.actor, scripts=False)
    await page.goto("/me")
    await follow(page.get_by_role("link", name="名前と連絡先"))

    await page.get_by_label("お名前").fill("鈴木 花子")
    await page.get_by_label("電話番号").fill("ない")
    await follow(page.get_by_role("button", name="保存する"))
    assert await page.locator("#phone-problem").inner_text() == "形式が正しくありません。"
    assert await page.get_by_label("お名前").input_value() == "鈴木 花子"
    await page.get_by_label("電話番号").fill("０９０ー１２３４ー５６７８")
    await page.get_by_label("お願いしたい").uncheck()
    await follow(page.get_by_role("button", name="保存する"))
    assert "どちらか" in await page.get_by_role("alert").inner_text()
    await page.get_by_label("お願いしたい").check()
    await follow(page.get_by_role("button", name="保存する"))

    assert await page.locator("h1").inner_text() == "鈴木 花子さん"
    assert await page.get_by_text("090-1234-5678").is_visible()
    await page.goto("/me/profile")
    await page.get_by_label("電話番号").fill("")
    await follow(page.get_by_role("button", name="保存する"))
    assert await page.get_by_text("電話番号がまだありません").is_visible()


async def test_what_others_see_follows_what_is_typed(windows: Windows) -> None:
    alice = await windows.site.world.family("Alice")
    page = await windows.open(alice.actor, language="en")
    await page.goto("/me/profile")

    await page.get_by_label("Your name").fill(EVIL)
    await page.get_by_label("Phone").fill("")

    assert await page.locator("[data-shows=name]").all_inner_texts() == [EVIL, EVIL]
    assert await page.locator("[data-shows=phone]").inner_text() == "no phone number"


async def test_a_town_block_is_enough_without_scripts_and_a_new_one_drops_the_old_point(windows: Windows) -> None:
    site = windows.site
    alice = await site.world.family("Alice")
    await with_towns(site)
    page = await windows.open(alice.actor, scripts=False)
    await page.goto("/me/home")
    assert await page.locator("svg rect.cell title").all_text_contents() == [
        "美園四丁目",
        "美園東一丁目",
        "ほかの人に見える、わが家の区画",
    ]

    await page.get_by_label("町名").select_option("美園東一丁目")
    await page.get_by_label("郵便番号").fill("３３９−００６７")
    await follow(page.get_by_role("button", name="保存する"))

    assert await page.get_by_role("status").inner_text() == "住まいの場所を保存しました。"
    home = await home_of(site, alice.actor.household_id)
    assert (home.lat, home.lon, home.postal_code) == (35.8987, 139.7348, "339-0067")
    await page.goto("/me/home")
    await page.get_by_label("番地").fill("1-2-3")
    await follow(page.get_by_role("button", name="保存する"))
    assert (await home_of(site, alice.actor.household_id)).address == "1-2-3"


async def test_an_area_without_town_blocks_takes_a_point_that_is_typed(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    site = windows.site
    alice = await site.world.do(lambda session: a_person(session, "Alice", now=site.world.now))
    page = await windows.open(alice, size=SMALL, scripts=False)
    await page.goto("/me/home")
    await follow(page.get_by_role("button", name="保存する"))
    assert "場所を選んで" in await page.locator("#lat-problem").inner_text()

    await page.get_by_label("緯度").fill("３５．８９６")
    await page.get_by_label("経度").fill("千葉")
    await follow(page.get_by_role("button", name="保存する"))
    assert await page.get_by_label("緯度").input_value() == "３５．８９６"
    assert await page.locator("#lon-problem").count() == 1
    await page.get_by_label("経度").fill("139.7298")
    await follow(page.get_by_role("button", name="保存する"))

    home = await home_of(site, alice.household_id)
    assert (home.lat, home.lon, home.town_block_id) == (35.896, 139.7298, None)


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_an_area_without_town_blocks_takes_a_tap_on_the_map(windows: Windows, language: str) -> None:
    site = windows.site
    alice = await site.world.do(lambda session: a_person(session, "Alice", now=site.world.now))
    page = await windows.open(alice, language=language, size=SMALL)
    await page.goto("/me/home")
    await page.locator(".streets.leaflet-container").wait_for()
    assert (await findings(page), await overflow(page)) == ([], 0)
    legend = page.locator("[data-legend]")
    await expect(legend).to_be_hidden()  # it told of a square where there was none

    await page.locator(".streets").click(position={"x": 120, "y": 100})
    await expect(legend).to_be_visible()
    tapped = await page.locator("input[name=lat]").input_value(), await page.locator("input[name=lon]").input_value()
    await follow(page.locator("form[action='/me/home'] button.wide"))

    home = await home_of(site, alice.household_id)
    assert (f"{home.lat:.6f}", f"{home.lon:.6f}") == tapped


async def test_a_tap_on_the_map_sets_the_place_and_streets_come_through_us(windows: Windows) -> None:
    site = windows.site
    alice = await site.world.family("Alice")
    await with_towns(site)
    site.runtime.settings.tile_url = "from a source on this machine"
    page = await windows.open(alice.actor)
    async with pictures() as source:
        site.runtime.tiles = Tiles(source.url)
        await page.goto("/me/home")
        await page.locator(".leaflet-tile-loaded").first.wait_for()

        await page.get_by_label("町名").select_option("美園四丁目")
        assert await page.locator("input[name=lat]").input_value() == ""
        await page.locator(".streets").click(position={"x": 160, "y": 120})
        tapped = (
            await page.locator("input[name=lat]").input_value(),
            await page.locator("input[name=lon]").input_value(),
        )
        assert await page.locator(".cell.here").count() == 1
        await page.locator(".streets").press("Enter")  # the keyboard's tap: the middle of the map
        middle = await page.locator("input[name=lat]").input_value()
        await follow(page.get_by_role("button", name="保存する"))
        await page.wait_for_url("**/me?done=home_saved")

    home = await home_of(site, alice.actor.household_id)
    assert (f"{home.lat:.6f}", await page.get_by_text("美園四丁目").count()) == (middle, 1)
    assert tapped != (middle, "")
    assert source.asked


async def test_a_child_who_is_booked_stays_and_the_page_says_what_to_do_first(windows: Windows) -> None:
    # The child was gone at once, and the booking could neither start nor its sheet be written.
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await book(world, alice, bob, urgent=True)
    page = await windows.open(alice.actor, size=SMALL)
    await page.goto(f"/me/children/{alice.child_ids[0]}")
    await page.get_by_text("一覧から外す").click()

    await follow(page.get_by_role("button", name="外す"))

    assert "先にその予約をキャンセルするか" in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("アレルギー").input_value() == "卵"
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_children_are_added_changed_and_taken_off_by_keyboard(windows: Windows) -> None:
    site = windows.site
    alice = await site.world.family("Alice", children=0)
    page = await windows.open(alice.actor)
    await page.goto("/me/children")

    await page.locator("#name").focus()
    for key in (EVIL, "Tab", "2022", "Tab", "5", "Tab", "卵", "Tab", "Tab", "Enter"):
        await (page.keyboard.press(key) if key in {"Tab", "Enter"} else page.keyboard.type(key))
    await page.wait_for_url("**/me/children?done=child_added")
    assert await page.locator(".card .strong").first.inner_text() == EVIL
    assert await page.locator(".chip").first.inner_text() == "4歳1か月"
    await follow(page.get_by_text("アレルギー: 卵"))
    await page.get_by_label("呼び名").fill("さくら")
    await follow(page.get_by_role("button", name="保存する"))
    await follow(page.get_by_text("さくら"))
    await page.get_by_text("一覧から外す").click()
    await follow(page.get_by_role("button", name="外す"))

    assert await page.get_by_role("status").inner_text() == "一覧から外しました。"
    async with site.runtime.database.read() as session:
        (child,) = (await session.exec(select(Child))).all()
    assert (child.name, child.birth_month.isoformat(), child.removed_at) == ("さくら", "2022-05-01", site.world.now)


async def test_a_child_without_a_month_of_birth_is_asked_for_it_and_of_another_family_there_is_none(
    windows: Windows,
) -> None:
    windows.expected |= {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND}
    alice = await windows.site.world.family("Alice")
    charlie = await windows.site.world.family("Charlie", children=0)
    his = await windows.open(charlie.actor, scripts=False)
    await his.goto("/me/children")
    await his.locator("form[action='/me/children']").evaluate("form => { form.noValidate = true; }")

    await his.get_by_label("呼び名").fill("そら")
    await follow(his.get_by_role("button", name="追加する"))
    assert await his.locator("#birth_month-problem").inner_text() == "入力してください。"
    assert await his.get_by_label("呼び名").input_value() == "そら"
    await his.goto(f"/me/children/{alice.child_ids[0]}")

    assert await his.locator("h1").inner_text() == "ページが見つかりません"


async def test_a_second_guardian_joins_by_the_link_once(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.GONE)
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.family("Bob", children=0)
    hers, nobody, his = [await windows.open(who, scripts=False) for who in (alice.actor, None, bob.actor)]
    await hers.goto("/me/family")
    await follow(hers.get_by_role("button", name="リンクを作る"))
    link = (await hers.get_by_label("招待のリンク").input_value()).partition("/join-family")[2]

    await nobody.goto(f"/join-family{link}")
    assert await nobody.get_by_role("link", name="サインイン").last.get_attribute("href") == (
        f"/sign-in?next=/join-family%3Ftoken%3D{link.partition('=')[2]}"
    )
    await his.goto(f"/join-family{link}")
    await follow(his.get_by_role("button", name="保護者として加わる"))
    assert await his.locator(".list .strong").all_inner_texts() == ["Aliceさん", "Bobさん"]
    await his.goto(f"/join-family{link}")
    await follow(his.get_by_role("button", name="保護者として加わる"))

    assert "使用済み" in await his.get_by_role("alert").inner_text()


async def test_another_device_is_ended_and_a_new_password_ends_all(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND}
    site = windows.site
    alice, charlie = await site.world.family("Alice"), await site.world.family("Charlie")
    page, other, his = [await windows.open(who) for who in (alice.actor, alice.actor, charlie.actor)]
    await page.goto("/me/devices")
    target = await page.locator("form[action$='/end']").first.get_attribute("action")
    await his.goto("/me/devices")
    await his.locator("form[action$='/end']").first.evaluate("(form, target) => { form.action = target; }", target)
    await follow(his.get_by_role("button", name="終了する").first)
    assert await his.locator("h1").inner_text() == "ページが見つかりません"

    for _ in range(2):  # the window beside this one, and the sign-in of the test's own making
        await follow(page.get_by_role("button", name="終了する").first)
        await page.get_by_role("status").wait_for()
    await other.goto("/me")
    assert other.url.endswith("/sign-in?next=/me")
    await page.goto("/me/password")
    await page.get_by_label("いまのパスワード").fill("not-her-password")
    await page.get_by_label("新しいパスワード").fill("kaze-no-oto-1686")
    await follow(page.get_by_role("button", name="変える"))
    assert await page.locator("#current-problem").inner_text() == "いまのパスワードが違います。"
    await page.get_by_label("いまのパスワード").fill(PASSWORD)
    await page.get_by_label("新しいパスワード").fill("kaze-no-oto-1686")
    await follow(page.get_by_role("button", name="変える"))

    assert "カレンダーのリンクをお使いの方は、作り直してください。" in await page.get_by_role("status").inner_text()
    async with site.runtime.database.read() as session:
        live = select(SignIn.id).where(SignIn.person_id == alice.actor.person_id, col(SignIn.revoked_at).is_(None))
        assert (await session.exec(live)).all() == []


async def test_what_is_seen_before_names_neither_child_nor_address_and_looks_and_blocks_are_told(
    windows: Windows,
) -> None:
    world = windows.site.world
    alice, bob = await world.family("Alice", at=HOME), await world.family("Bob")

    async def happened(session: AsyncSession) -> None:
        log_looks(
            session,
            by=world.staff,
            area_id=world.area_id,
            person_ids=[alice.actor.person_id],
            reason="相談への対応",
            now=world.now,
        )
        await session.flush()  # the others come later
        log_looks(
            session,
            by=world.staff,
            area_id=world.area_id,
            person_ids=[alice.actor.person_id] * 100,
            reason="名簿の整理",
            now=world.now,
        )
        await block(session, by=alice.actor, person_id=bob.actor.person_id, now=world.now)

    await world.do(happened)
    page = await windows.open(alice.actor)
    await page.goto("/me/privacy")

    before = await page.locator("[data-seen=before]").inner_text()
    after = await page.locator("[data-seen=after]").inner_text()
    canaries = ("Aliceの子", "美園1-2-3", "090-1234-5678", "卵")
    assert [canary in before for canary in canaries] == [False] * 4
    assert [canary in after for canary in canaries] == [True] * 4
    looked = await page.locator("section[aria-labelledby=looks] li").all_inner_texts()
    assert [one.split("\n") for one in looked] == [["名簿の整理", "6月1日(月) 9:00 · Staffさん"]] * 50
    for _ in range(2):  # a hundred later looks buried the first for good
        await follow(page.get_by_role("link", name="これより前を見る"))
    looked = await page.locator("section[aria-labelledby=looks] li").all_inner_texts()
    assert [one.split("\n") for one in looked] == [["相談への対応", "6月1日(月) 9:00 · Staffさん"]]
    await follow(page.get_by_role("button", name="元に戻す"))
    assert await page.locator("section[aria-labelledby=blocks] li").count() == 0


async def test_an_insurers_account_has_no_family_and_still_its_language_and_devices(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.FORBIDDEN)
    world = windows.site.world

    async def opened(session: AsyncSession) -> Actor:
        insurer = await add_insurer(
            session,
            area="misono",
            insurer="さくら損害保険",
            email="desk@example.jp",
            name="Desk",
            password_hash=PASSWORD_HASH,
            now=world.now,
        )
        return await signed_in(session, insurer.id, now=world.now)

    page = await windows.open(await world.do(opened), scripts=False)
    await page.goto("/me")
    assert await page.locator("main h2").all_inner_texts() == ["安心して使うために"]
    await follow(page.get_by_role("button", name="English"))
    assert await page.locator("main h2").all_inner_texts() == ["Staying safe"]
    await page.goto("/me/family")
    assert await page.get_by_role("alert").inner_text() == "Your role doesn't include this."

"""Connecting with neighbours: face to face by code, ahead by link, in a class; and keeping a distance."""

import re
from functools import partial
from http import HTTPStatus

import pytest
import segno
from playwright.async_api import Page
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import book
from sharecare.areas.rules import Level
from sharecare.trust.communities import ask_to_join, make_community
from sharecare.trust.queries import my_friends
from sharecare.trust.rules import MOST_STEWARDED, CommunityKind
from sharecare.trust.schemas import CommunityDraft
from sharecare.trust.service import accept_invitation, invite_friend, meet, show_meeting_code
from sharecare.web.ties import MOST_DRAWN, circle_of
from web.browsing import SMALL, Windows, findings, follow, overflow
from world import Family, World

EVIL = "<script>alert('\"')</script>"
PAGES = ("/neighbours", "/neighbours/code", "/neighbours/invite", "/neighbours/communities", "/meet")


async def scanned(world: World, shower: Family, other: Family) -> None:
    """Let somebody enter the code of another, who has yet to approve."""

    async def work(session: AsyncSession) -> None:
        shown = await show_meeting_code(session, by=shower.actor, now=world.now)
        await meet(session, by=other.actor, code=shown.code, now=world.now)

    await world.do(work)


async def people(page: Page, state: str) -> list[str]:
    return await page.locator(f"section[aria-labelledby={state}] li .strong").all_inner_texts()


@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_every_page_can_be_read_by_everyone_on_a_small_phone(windows: Windows, language: str, dark: bool) -> None:
    world = windows.site.world
    alice, bob, charlie, dora = [await world.family(name) for name in ("Alice", "Bob", "Charlie", "Dora")]
    await world.befriend(alice.actor, bob.actor)
    await scanned(world, alice, charlie)
    await scanned(world, dora, alice)
    page = await windows.open(alice.actor, language=language, dark=dark, size=SMALL)

    for path in (*PAGES, f"/neighbours/{bob.actor.person_id}", f"/neighbours/{charlie.actor.person_id}"):
        await page.goto(path)
        assert await findings(page) == []
        assert (path, await overflow(page)) == (path, 0)
    await page.goto("/neighbours/code")
    await follow(page.locator("form[action='/neighbours/code'] button"))
    await page.locator(".digits").wait_for()
    assert await findings(page) == []
    assert await overflow(page) == 0


async def test_two_who_meet_connect_by_code_and_the_first_approves_on_the_same_page(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.GONE)
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.family("Bob")
    hers, his = await windows.open(alice.actor), await windows.open(bob.actor, scripts=False)
    await hers.goto("/neighbours")
    assert "あと3人" in await hers.locator(".ties").inner_text()
    await follow(hers.get_by_role("button", name="QRコードを見せる"))
    code = await hers.locator(".digits").inner_text()
    assert await hers.get_by_text("9:10まで使えます").is_visible()

    await his.goto("/meet?code=WRONG-CODE")
    await follow(his.get_by_role("button", name="会いました"))
    assert "使えません" in await his.get_by_role("alert").inner_text()
    assert await his.get_by_label("コード").input_value() == "WRONG-CODE"
    await his.get_by_label("コード").fill(code.lower().replace("-", " "))
    await follow(his.get_by_role("button", name="会いました"))
    assert await people(his, "asked_by_me") == ["Aliceさん"]

    await follow(hers.get_by_role("button", name="承認する"))  # it came up by itself
    await hers.wait_for_url("**/neighbours?done=friends_made")
    assert await people(hers, "friends") == ["Bobさん"]
    assert "あと2人" in await hers.locator(".ties").inner_text()


async def test_the_qr_code_leads_a_phones_camera_to_the_code(windows: Windows) -> None:
    alice = await windows.site.world.family("Alice")
    page = await windows.open(alice.actor, language="en", scripts=False)
    await page.goto("/neighbours/code")

    await follow(page.get_by_role("button", name="Show the code"))

    code = await page.locator(".digits").inner_text()
    drawn = await page.locator("svg.qr path").get_attribute("d")
    assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", code)
    assert drawn == _drawn(f"{windows.site.runtime.settings.public_url}/meet?code={code}")
    await page.goto(f"/meet?code={code}")
    assert await page.get_by_label("Code", exact=True).input_value() == code


def _drawn(text: str) -> str:
    return str(re.findall(r' d="([^"]+)"', segno.make(text, error="m", micro=False).svg_inline(border=1))[0])


async def test_a_link_invites_one_person_who_is_a_friend_once_met(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.GONE)
    world = windows.site.world
    alice, bob, charlie = [await world.family(name) for name in ("Alice", "Bob", "Charlie")]
    hers, nobody, his, theirs = [
        await windows.open(who, scripts=False) for who in (alice.actor, None, bob.actor, charlie.actor)
    ]
    await hers.goto("/neighbours/invite")
    await follow(hers.get_by_role("button", name="リンクを作る"))
    path = "/i/" + (await hers.get_by_label("招待のリンク").input_value()).partition("/i/")[2]

    await nobody.goto(path)
    assert "Alice" not in await nobody.locator("main").inner_text()
    assert await nobody.get_by_role("link", name="サインイン").last.get_attribute("href") == f"/sign-in?next={path}"
    await theirs.goto(path)
    await his.goto(path)
    await follow(his.get_by_role("button", name="招待を受ける"))
    await follow(theirs.get_by_role("button", name="招待を受ける"))
    assert "使用済み" in await theirs.get_by_role("alert").inner_text()
    assert await people(his, "waiting_to_meet") == ["Aliceさん"]
    for spent in (path, "/i/short"):
        await theirs.goto(spent)  # without a look at the link, newcomers signed up for nothing
        assert "使用済み" in await theirs.get_by_role("alert").inner_text()


async def test_a_friend_is_vouched_for_parted_from_and_kept_at_a_distance_without_a_sign(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.CONFLICT, HTTPStatus.NOT_FOUND}
    world = windows.site.world
    alice, bob, charlie = [await world.family(name) for name in ("Alice", "Bob", "Charlie")]
    await world.befriend(alice.actor, bob.actor)
    page, his, theirs = [await windows.open(who) for who in (alice.actor, bob.actor, charlie.actor)]
    bobs = f"/neighbours/{bob.actor.person_id}"

    await page.goto(bobs)
    await follow(page.get_by_role("button", name="推薦する"))
    assert "本人確認" in await page.get_by_role("alert").inner_text()
    await world.certify(alice.actor, Level.IDENTIFIED)
    await page.goto(bobs)
    await follow(page.get_by_role("button", name="推薦する"))
    await page.get_by_role("button", name="推薦をやめる").wait_for()

    await his.goto("/neighbours")
    before = await his.locator("main").inner_text()
    await page.get_by_text("この人と距離をおく").click()
    await follow(page.get_by_role("button", name="距離をおく"))
    assert "知らされません" in await page.get_by_role("status").inner_text()
    await his.goto("/neighbours")
    assert await his.locator("main").inner_text() == before

    await page.goto(bobs)
    await page.get_by_text("シェア友をやめる").click()
    await follow(page.get_by_role("button", name="やめる", exact=True))
    assert await people(page, "parted") == ["Bobさん"]
    await theirs.goto(bobs)
    assert await theirs.locator("h1").inner_text() == "ページが見つかりません"


async def test_a_circle_is_made_joined_and_its_steward_lets_people_in(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.NOT_FOUND}
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.family("Bob")
    hers, his = await windows.open(alice.actor), await windows.open(bob.actor, scripts=False)
    await hers.goto("/neighbours/communities")
    await hers.get_by_text("新しく作る").click()
    await hers.get_by_label("名前").fill("1234 5678 9018")  # passes the check digit of a My Number
    await hers.get_by_label("種類").select_option("サークル")
    await follow(hers.get_by_role("button", name="作る"))
    assert await hers.locator("#name-problem").is_visible()
    assert await hers.get_by_label("種類").input_value() == "circle"
    await hers.get_by_label("名前").fill(EVIL)
    await follow(hers.get_by_role("button", name="作る"))
    await hers.wait_for_url("**/neighbours/communities/*?done=community_made")

    await his.goto("/neighbours/communities")
    assert EVIL in await his.locator("section[aria-labelledby=others]").inner_text()
    await follow(his.get_by_role("button", name="参加を申し込む"))
    assert await his.locator("section[aria-labelledby=mine] .chip").inner_text() == "承認待ち"
    await his.goto(hers.url)
    assert await his.locator("h1").inner_text() == "ページが見つかりません"
    await hers.goto("/neighbours/communities")
    await follow(hers.get_by_role("link", name="申し込み1件を見る"))
    assert await findings(hers) == []
    await follow(hers.get_by_role("button", name="承認する"))

    assert await people(hers, "belonging") == ["Aliceさん", "Bobさん"]
    await his.goto("/neighbours/communities")
    await follow(his.get_by_role("button", name="参加をやめる"))
    assert await his.locator("section[aria-labelledby=mine]").count() == 0


async def test_in_a_large_town_a_circle_is_found_by_name(windows: Windows) -> None:
    world = windows.site.world
    bob = (await world.family("Bob")).actor
    for family in ("Alice", "Charlie", "Dana"):
        alice = (await world.family(family)).actor
        for number in range(MOST_STEWARDED):
            draft = CommunityDraft(name=f"{family}の組{number}", kind=CommunityKind.NURSERY)
            await world.do(partial(make_community, by=alice, draft=draft, now=world.now))
    page = await windows.open(bob, size=SMALL, scripts=False)
    await page.goto("/neighbours/communities")
    others = page.locator("section[aria-labelledby=others] li")
    assert await others.count() == 20
    await follow(page.get_by_role("link", name="さらに見る"))
    assert await others.count() == 10

    await page.get_by_label("名前でさがす").fill("charlie")
    await follow(page.get_by_role("button", name="さがす"))

    assert await others.count() == MOST_STEWARDED
    await page.get_by_label("名前でさがす").fill("ない")
    await follow(page.get_by_role("button", name="さがす"))
    assert "その名前のクラスやサークルはありません" in await page.locator("main").inner_text()


async def test_nobody_lets_themselves_into_the_circle_of_another(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    world = windows.site.world
    alice, charlie = await world.family("Alice"), await world.family("Charlie")

    async def work(session: AsyncSession) -> int:
        draft = CommunityDraft(name="うみ組", kind=CommunityKind.NURSERY)
        made = await make_community(session, by=alice.actor, draft=draft, now=world.now)
        await ask_to_join(session, by=charlie.actor, community_id=made.id, now=world.now)
        return made.id

    community_id = await world.do(work)
    his = await windows.open(charlie.actor)
    await his.goto("/neighbours/communities")

    target = f"/neighbours/communities/{community_id}/members/{charlie.actor.person_id}/approve"
    await his.locator("form[action$='/leave']").evaluate("(form, target) => { form.action = target; }", target)
    await follow(his.get_by_role("button", name="申し込みを取り消す"))

    assert await his.locator("h1").inner_text() == "ページが見つかりません"


async def test_whoever_was_invited_and_then_met_is_a_friend_at_once(windows: Windows) -> None:
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.family("Bob")

    async def work(session: AsyncSession) -> None:
        made = await invite_friend(session, by=alice.actor, now=world.now)
        await accept_invitation(session, by=bob.actor, secret=made.secret, now=world.now)

    await world.do(work)
    page = await windows.open(alice.actor, scripts=False)
    await page.goto("/neighbours")
    assert await people(page, "waiting_to_meet") == ["Bobさん"]
    await scanned(world, alice, bob)

    async with windows.site.runtime.database.read() as session:
        (tie,) = await my_friends(session, by=alice.actor)
    assert tie.state == "friends"


@pytest.mark.parametrize(("friends", "free", "drawn"), [(0, 3, 3), (2, 1, 3), (3, 0, 3), (20, 0, MOST_DRAWN)])
def test_as_many_places_are_drawn_as_suffice_and_no_crowd(friends: int, free: int, drawn: int) -> None:
    seats = circle_of(["山"] * friends)

    assert (len(seats), sum(not seat.name for seat in seats)) == (drawn, free)
    assert len({(seat.x, seat.y) for seat in seats}) == drawn


async def test_whoever_keeps_a_distance_is_shown_the_booking_that_still_stands(windows: Windows) -> None:
    # Nothing said that it stood, and that it could not start.
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    booking = await book(world, alice, bob)
    page = await windows.open(alice.actor, size=SMALL)
    await page.goto(f"/neighbours/{bob.person_id}")

    await page.get_by_text("この人と距離をおく").click()
    await follow(page.get_by_role("button", name="距離をおく"))

    assert page.url.endswith(f"/bookings/{booking.id}?done=blocked_booked")
    assert "この方とのこの予約が残っています" in await page.get_by_role("status").first.inner_text()
    await page.get_by_text("キャンセルする").first.click()
    assert (await findings(page), await overflow(page)) == ([], 0)

"""The staff's own pages: what waits, members with a reason, a plan, the area's rules."""

import re
from datetime import date
from functools import partial
from http import HTTPStatus

import pytest

from care.steps import HOUR, MINUTE, ask, book, row
from sharecare.accounts.queries import accesses_to, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import Level
from sharecare.care import offers, planning, requests
from sharecare.care.models import Booking
from sharecare.care.queries import request_view
from sharecare.certification.rules import CredentialKind
from sharecare.certification.schemas import CredentialDraft
from sharecare.certification.service import submit_credential
from sharecare.web.staff import plan, to_do
from web.browsing import DESK, SMALL, Windows, findings, follow, overflow
from world import NOW, Family, World, make_urawa


async def asked(world: World, *, friend: Actor | None = None) -> tuple[Family, int]:
    """Open a request of Alice for tomorrow."""
    family = await world.family("Alice")
    if friend is not None:
        await world.befriend(family.actor, friend)
    opened = await world.do(
        lambda session: requests.open_request(session, world.index, by=family.actor, need=family.need(), now=world.now)
    )
    return family, opened.id


async def test_papers_are_checked_on_a_phone(windows: Windows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_do, "AT_ONCE", 1)
    world = windows.site.world
    bob = await world.supporter("Bob", level=Level.REGISTERED)
    for kind in (CredentialKind.IDENTITY, CredentialKind.INTERVIEW):
        draft = CredentialDraft(kind=kind, issued_on=date(2026, 5, 1), evidence="<script>alert('x')</script>")
        await world.do(partial(submit_credential, by=bob, draft=draft, now=world.now))
    page = await windows.open(world.staff, size=SMALL, scripts=False)

    await page.goto("/staff/misono/to-do")
    assert await page.get_by_text("Bob").count() == 0  # nobody is named before the look is noted
    await follow(page.get_by_role("link", name="書類を確認する"))
    assert await page.get_by_text("次の書類が表示されます").count() == 1
    await follow(page.get_by_role("button", name="確認済みにする"))
    assert "確認済みにしました" in await page.get_by_role("status").inner_text()
    assert await page.get_by_text("次の書類が表示されます").count() == 0
    await page.get_by_text("差し戻す").first.click()
    await page.get_by_label("ご本人に伝える理由").fill("写真が不鮮明でした")
    await follow(page.get_by_role("button", name="差し戻す"))

    assert "差し戻しました" in await page.get_by_role("status").inner_text()
    assert await page.get_by_text("待っている書類はありません").count() == 1
    async with world.database.read() as session:
        assert len((await accesses_to(session, bob.person_id)).items) == 2  # the third look had nobody left to see


async def test_a_long_list_shows_what_comes_first_and_counts_the_rest(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_do, "AT_ONCE", 1)
    world = windows.site.world
    for name in ("Alice", "Anna"):
        family = await world.family(name)
        asking = partial(requests.open_request, index=world.index, by=family.actor, need=family.need(), now=world.now)
        await world.do(asking)
    page = await windows.open(world.staff, language="en", size=SMALL)

    await page.goto("/staff/misono/to-do")

    assert await page.get_by_text(re.compile(r"request \d+")).count() == 1
    assert await page.get_by_text("And 1 more.").count() == 1


async def test_a_booking_at_risk_names_nobody_until_one_looks(windows: Windows) -> None:
    world = windows.site.world
    bob = await world.supporter("Bob")
    alice, request_id = await asked(world, friend=bob)
    offer = await world.do(
        lambda session: offers.make_offer(session, by=bob, request_id=request_id, note="", now=world.now)
    )
    await world.do(lambda session: offers.accept_offer(session, by=alice.actor, offer_id=offer.id, now=world.now))
    page = await windows.open(world.staff, language="en", size=SMALL, dark=True)
    await page.goto("/staff/misono/members")
    await page.get_by_label("Why do you look?").fill("a complaint")
    await follow(page.get_by_role("button", name="Show the list"))
    await page.locator("li", has_text="Bob").get_by_text("Suspend").first.click()
    await page.locator("li", has_text="Bob").get_by_label("Reason, shown to the person").fill("being looked into")
    await follow(page.locator("li", has_text="Bob").get_by_role("button", name="Suspend"))
    assert "suspended" in await page.get_by_role("status").inner_text()

    await page.goto("/staff/misono/to-do")
    before = await page.locator("main").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("button", name="Show whom to call"))

    assert "The supporter is suspended" in before
    assert "Bob" not in before
    assert "Alice" not in before
    assert "090-1234-5678" in await page.locator("li [role=status]").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_members_are_listed_after_a_reason_and_let_back_in_by_keyboard(windows: Windows) -> None:
    world = windows.site.world
    alice = await world.family("Alice")
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/members")
    await page.get_by_label("なぜ見ますか").fill("名簿の整理")
    await page.keyboard.press("Enter")
    await page.get_by_text("alice@example.jp").wait_for()

    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.locator("li", has_text="Alice").locator("summary").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.type("本人から連絡")
    await page.keyboard.press("Enter")
    assert "停止しました" in await page.get_by_role("status").inner_text()
    await page.goto("/staff/misono/members?state=suspended")
    await page.get_by_label("なぜ見ますか").fill("再開の確認")
    await page.get_by_label("お名前").fill("ali")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="再開する").press("Enter")

    assert "再開しました" in await page.get_by_role("status").inner_text()
    async with world.database.read() as session:
        assert (await person_by_id(session, alice.actor.person_id)).state == "active"
        assert {one.reason for one in (await accesses_to(session, alice.actor.person_id)).items} == {
            "名簿の整理",
            "再開の確認",
        }


async def test_a_reason_that_cannot_be_taken_stays_in_its_form(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    alice, _ = await world.family("Alice"), await world.family("Carol")
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/members")
    await page.get_by_label("なぜ見ますか").fill("名簿の整理")
    await follow(page.get_by_role("button", name="一覧を見る"))
    row = page.locator("li", has_text="alice@example.jp")
    await row.locator("summary").click()
    await row.get_by_label("ご本人に伝える理由").fill("番号 123456789018")
    await follow(row.get_by_role("button", name="停止する"))

    assert await row.get_by_label("ご本人に伝える理由").input_value() == "番号 123456789018"
    assert await page.locator(".problem").count() == 1
    assert (await findings(page), await overflow(page)) == ([], 0)
    await row.get_by_label("ご本人に伝える理由").fill("確認中です")
    await follow(row.get_by_role("button", name="停止する"))

    assert "停止しました" in await page.get_by_role("status").inner_text()
    async with world.database.read() as session:
        assert (await person_by_id(session, alice.actor.person_id)).state == "suspended"


async def test_a_plan_is_looked_at_and_then_sent(windows: Windows) -> None:
    world = windows.site.world
    _, request_id = await asked(world)
    await world.supporter("Bob")
    page, late = await windows.open(world.staff, size=SMALL), await windows.open(world.staff, language="en")
    for one, make in ((page, "組み合わせを探す"), (late, "Make a plan")):
        await one.goto("/staff/misono/plan")
        await follow(one.get_by_role("button", name=make))

    assert (await findings(page), await overflow(page)) == ([], 0)
    assert "1" in await page.locator(".big").inner_text()
    await follow(page.get_by_role("button", name="1件の声をかける"))
    await follow(late.get_by_role("button", name="Send 1 ask"))

    # Before, both read that the asks were sent, though the second sent none.
    assert await page.get_by_role("status").inner_text() == "新しく1件、声をかけました。"
    assert await late.get_by_role("status").inner_text() == "Nobody was asked anew. 1 had been sent before."
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("button", name="組み合わせを探す"))
    assert "このうち1件は、すでに声をかけています。" in await page.locator("main").inner_text()
    assert await page.get_by_role("button", name="声をかける").count() == 0
    assert (await findings(page), await overflow(page)) == ([], 0)
    async with world.database.read() as session:
        assert [one.name for one in (await request_view(session, request_id)).asked] == ["Bob"]


async def test_a_long_plan_shows_the_first_and_says_how_many_more(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "SHOWN", 1)
    world = windows.site.world
    await asked(world)
    await ask(world, await world.family("Carol"))
    page = await windows.open(world.staff, scripts=False)
    await page.goto("/staff/misono/plan")

    assert "".join((await page.locator(".big").inner_text()).split()) == "2件が待っています"
    assert await page.locator("main .list li").count() == 1
    assert "ほかに1件あります。" in await page.locator("main").inner_text()


@pytest.mark.parametrize(
    ("language", "make", "named", "later"),
    [
        ("ja", "組み合わせを探す", "ひとりの方へのお願い1件は含めていません", "あとの日時の1件は含めていません"),
        (
            "en",
            "Make a plan",
            "1 request to one person is left out",
            "A plan takes 1 at once: 1 later request is left out",
        ),
    ],
)
async def test_a_plan_shows_what_was_planned_and_says_what_was_left_out(
    windows: Windows, monkeypatch: pytest.MonkeyPatch, language: str, make: str, named: str, later: str
) -> None:
    # All three stood there as if nobody could be found for them, though two were not looked at.
    monkeypatch.setattr(planning, "MOST_PLANNED", 1)
    world = windows.site.world
    family, first = await asked(world)
    bob = await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, bob)
    carol = await world.family("Carol")
    await ask(world, carol, start_at=NOW + 50 * HOUR, end_at=NOW + 51 * HOUR)
    await ask(world, family, named_supporter_id=bob.person_id, start_at=NOW + 52 * HOUR, end_at=NOW + 53 * HOUR)
    page = await windows.open(world.staff, language=language, size=SMALL)
    await page.goto("/staff/misono/plan")
    assert await page.locator("main .list li").count() == 3

    await follow(page.get_by_role("button", name=make))

    assert await page.locator("main .list li").count() == 1
    assert str(first) in await page.locator("main .list li").inner_text()
    text = await page.locator("main").inner_text()
    assert named in text
    assert later in text
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_another_towns_list_is_not_shown_around_a_person_of_ours(windows: Windows) -> None:
    # Refused for want of a reason, the suspension of one's own member listed the members of the area in the address.
    windows.expected.add(HTTPStatus.NOT_FOUND)
    world = windows.site.world
    alice = (await world.family("Alice")).actor
    await world.do(partial(make_urawa, now=world.now))
    page = await windows.open(world.staff)
    await page.goto("/me")
    token = await page.locator("input[name='token']").first.get_attribute("value")

    answers = [
        await page.request.post(
            f"/staff/urawa/{what}", form={"look_reason": "well long enough", "token": token or ""}, max_redirects=0
        )
        for what in (f"members/{alice.person_id}/suspend", f"registrations/{alice.person_id}")
    ]

    assert [answer.status for answer in answers] == [HTTPStatus.NOT_FOUND] * 2


async def test_rules_and_goals_are_set_and_what_was_typed_stays(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    page = await windows.open(world.staff, language="en", size=SMALL, dark=True)
    await page.goto("/staff/misono/settings")
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.get_by_label("Families behind a figure, for staff").fill("2")
    await page.locator("main form").evaluate(
        "form => { form.noValidate = true }"
    )  # not every browser holds a form to its bounds
    await page.get_by_label("An hour (yen)").fill("700")
    await page.get_by_label("Certification needs a criminal-record confirmation").check()
    await follow(page.get_by_role("button", name="Keep these settings"))

    assert await page.locator(".problem").count() == 1  # k = 5 is the least that the privacy rules allow
    assert await page.get_by_label("An hour (yen)").input_value() == "700"
    await page.get_by_label("Families behind a figure, for staff").fill("8")
    course = page.get_by_label("Parts of the course")
    assert await course.input_value() == "care, health, safety, food, play, first response"
    await course.fill("care, 応急手当, swimming")
    await page.get_by_label("Phone").fill("048-123-4567")
    await follow(page.get_by_role("button", name="Keep these settings"))

    assert "changed" in await page.get_by_role("status").inner_text()
    async with world.database.read() as session:
        kept = settings_of(await area_by_id(session, world.area_id))
    assert (kept.k_staff, kept.thanks.base_yen, kept.criminal_record_check_required) == (8, 700, True)
    assert kept.open_preschool_needs_notification
    assert kept.desk_phone == "048-123-4567"
    assert kept.course_units == ("care", "first_response", "swimming")

    await page.goto("/staff/misono/goals")
    await page.get_by_label("Target").fill("100")
    await page.get_by_label("Counted from").fill("2026-06-01")
    await page.get_by_label("Due").fill("2026-05-01")
    await follow(page.get_by_role("button", name="Set the goal"))
    assert await page.locator(".problem").count() == 1
    await page.get_by_label("Due").fill("2026-12-31")
    await follow(page.get_by_role("button", name="Set the goal"))
    assert "set" in await page.get_by_role("status").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_a_policy_is_registered_and_its_covers_saved(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    page = await windows.open(windows.site.world.staff, size=DESK)
    await page.goto("/staff/misono/policies")
    await page.get_by_text("契約を登録する").click()
    await page.get_by_label("保険会社").fill("もみじ損保")
    await page.get_by_label("証券番号").fill("MO-1")
    await page.get_by_label("はじめの日").fill("2027-04-01")
    await page.get_by_label("おわりの日").fill("2026-04-01")
    await follow(page.get_by_role("button", name="登録する"))
    assert await page.get_by_label("保険会社").input_value() == "もみじ損保"
    await page.get_by_label("おわりの日").fill("2028-03-31")
    await follow(page.get_by_role("button", name="登録する"))

    assert "登録しました" in await page.get_by_role("status").inner_text()
    assert "2027年4月1日〜2028年3月31日" in await page.locator("main").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    saved = await page.request.get("/staff/misono/bordereau.csv?month=2026-06")
    assert saved.headers["content-disposition"] == 'attachment; filename="bordereau-misono-2026-06.csv"'


async def test_strangers_find_none_of_these_pages(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
    world = windows.site.world
    charlie, staff = await windows.open((await world.family("Charlie")).actor), await windows.open(world.staff)
    paths = (
        "to-do",
        "incidents",
        "papers",
        "registrations",
        "members",
        "plan",
        "settings",
        "goals",
        "policies",
        "bordereau.csv",
    )

    for path in paths:
        theirs = await charlie.goto(f"/staff/misono/{path}")
        elsewhere = await staff.goto(f"/staff/elsewhere/{path}")
        assert theirs is not None
        assert elsewhere is not None
        assert (path, theirs.status, elsewhere.status) == (path, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_staff_say_what_really_happened(windows: Windows, language: str, dark: bool) -> None:
    windows.expected.add(HTTPStatus.BAD_REQUEST)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    held = [await book(world, family, bob, start_at=NOW + n * HOUR, end_at=NOW + (n + 1) * HOUR) for n in (2, 4)]
    page = await windows.open(world.staff, language=language, dark=dark, size=SMALL)
    path = f"/staff/misono/bookings/{held[0].id}/record"
    await page.goto(path)
    assert (await page.locator("main form").count(), await findings(page), await overflow(page)) == (0, [], 0)
    world.now = held[1].end_at + HOUR

    await page.goto("/staff/misono/to-do")
    await follow(page.locator(f"a[href='{path}']"))
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.locator("[name=ended_at]").fill("2026-06-02T12:00")
    await page.locator("[name=reason]").fill("電波がなく、記録できなかった")
    await follow(page.locator("form[action$='/record'] button"))
    assert await page.get_by_role("alert").count() == 1
    assert await page.locator("[name=reason]").input_value() == "電波がなく、記録できなかった"
    await page.locator("[name=ended_at]").fill("2026-06-01T12:10")
    await follow(page.locator("form[action$='/record'] button"))
    await page.goto(f"/staff/misono/bookings/{held[1].id}/record")
    await page.locator("[name=why]").fill("双方とも来なかった")
    await follow(page.locator("form[action$='/close'] button"))

    assert await page.get_by_role("status").count() == 1
    done = [await row(world, Booking, one.id) for one in held]
    assert [one.state for one in done] == ["completed", "cancelled"]
    assert done[0].finished_at == held[0].end_at + 10 * MINUTE
    for booking, who in ((done[0], family.actor), (done[1], bob)):
        page = await windows.open(who, language=language, dark=dark, size=SMALL)
        await page.goto(f"/bookings/{booking.id}")
        assert (await findings(page), await overflow(page)) == ([], 0)

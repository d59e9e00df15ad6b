"""Who waits to be identified: counted where nobody is named, listed under a logged look, confirmed at the counter."""

from functools import partial
from http import HTTPStatus

import pytest
from playwright.async_api import expect
from sqlmodel import select

from sharecare.accounts.queries import accesses_to
from sharecare.certification.models import Credential
from sharecare.certification.registrations import LOOK_REASON
from sharecare.certification.rules import CredentialKind
from sharecare.certification.schemas import CredentialDraft
from sharecare.certification.service import submit_credential
from sharecare.web.staff import to_do
from web.browsing import SMALL, Windows, findings, follow, overflow


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_staff_confirm_at_the_counter_in_one_step(windows: Windows, language: str) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    alice = (await world.family("Alice")).actor
    page = await windows.open(world.staff, language=language, size=SMALL, dark=language == "en")

    await page.goto("/staff/misono/to-do")
    assert "Alice" not in await page.locator("main").inner_text()
    await follow(page.locator("main a[href$='/registrations']"))
    card = page.locator("li.card", has_text="Alice")
    assert (await findings(page), await overflow(page)) == ([], 0)
    await card.locator("summary").click()
    await card.locator("[name=evidence]").fill("免許証 123456789018")
    await follow(card.get_by_role("button"))
    assert await card.locator("#evidence-problem").count() == 1
    assert await card.locator("[name=evidence]").input_value() == "免許証 123456789018"
    assert await card.locator("[name=seen_on]").input_value() == "2026-06-01"
    assert (await findings(page), await overflow(page)) == ([], 0)
    await card.locator("[name=evidence]").fill("運転免許証")
    await follow(card.get_by_role("button"))

    assert await page.get_by_role("status").count() == 1
    assert await card.count() == 0
    async with world.database.read() as session:
        [made] = (await session.exec(select(Credential).where(Credential.person_id == alice.person_id))).all()
        looks = {one.reason for one in (await accesses_to(session, alice.person_id)).items}
    assert (made.kind, made.state, made.evidence) == ("identity", "confirmed", "運転免許証")
    assert made.decided_by == world.staff.person_id
    assert looks == {LOOK_REASON}


async def test_a_day_to_come_is_said_beside_its_field(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    await world.family("Alice")
    page = await windows.open(world.staff, scripts=False)
    await page.goto("/staff/misono/registrations")
    card = page.locator("li.card", has_text="Alice")
    await card.locator("summary").click()
    await card.locator("[name=evidence]").fill("パスポート")
    await card.locator("[name=seen_on]").evaluate(
        "field => { field.removeAttribute('max'); field.value = '2026-12-01' }"
    )

    await follow(card.get_by_role("button"))

    assert "今日までの日付" in await card.locator("#seen_on-problem").inner_text()
    assert await card.locator("[name=evidence]").input_value() == "パスポート"


async def test_what_was_sent_leads_to_that_paper_and_ones_own_row_has_no_form(
    windows: Windows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(to_do, "AT_ONCE", 1)
    world = windows.site.world
    alice = (await world.family("Alice")).actor
    for kind in (CredentialKind.IDENTITY, CredentialKind.INTERVIEW):  # the newer one alone would be shown
        draft = CredentialDraft(kind=kind, issued_on=world.now.date())
        await world.do(partial(submit_credential, by=alice, draft=draft, now=world.now))
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/registrations")

    assert await page.locator("form[action*='/registrations/']").count() == 0
    await follow(page.locator("li.card", has_text="Alice").get_by_role("link"))
    await expect(page.locator("li.card dd").first).to_have_text("本人確認の書類")
    await follow(page.get_by_role("button", name="確認済みにする"))

    await expect(page.get_by_role("status")).to_contain_text("確認済みにしました")
    await page.goto("/staff/misono/registrations")
    assert await page.locator("li.card", has_text="Alice").count() == 0


async def test_a_long_list_goes_on_under_the_next_page(windows: Windows) -> None:
    world = windows.site.world
    for count in range(21):
        await world.family(f"Parent{count}")
    page = await windows.open(world.staff)
    await page.goto("/staff/misono/registrations")
    first = await page.locator("li.card h2").all_inner_texts()

    await follow(page.get_by_role("button", name="続きを見る"))

    rest = await page.locator("li.card h2").all_inner_texts()
    assert len(first) == 20
    assert "Parent0" in rest[0]
    assert not set(first) & set(rest)


@pytest.mark.parametrize("scripts", [True, False])
async def test_one_is_found_by_name_and_nobody_else_is_looked_at(windows: Windows, *, scripts: bool) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    hanako, taro = [(await world.family(name)).actor for name in ("山田花子", "山本太郎")]
    page = await windows.open(world.staff, size=SMALL, scripts=scripts)
    await page.goto("/staff/misono/registrations")
    async with world.database.read() as session:
        looks_before = len((await accesses_to(session, taro.person_id)).items)

    await page.get_by_label("お名前").fill("田花")
    await follow(page.get_by_role("button", name="さがす"))

    assert await page.locator("li.card h2").count() == 1
    assert "?" not in page.url  # a name belongs into no address
    card = page.locator("li.card", has_text="山田花子")
    await card.locator("summary").click()
    await card.locator("[name=evidence]").fill("免許証 123456789018")
    await follow(card.get_by_role("button"))
    assert await page.get_by_label("お名前").input_value() == "田花"
    assert (await findings(page) if scripts else [], await overflow(page) if scripts else 0) == ([], 0)
    await page.get_by_label("お名前").fill("鈴木")
    await follow(page.get_by_role("button", name="さがす"))

    assert "あてはまる方はいません" in await page.locator("main").inner_text()
    async with world.database.read() as session:
        assert len((await accesses_to(session, taro.person_id)).items) == looks_before
        assert len((await accesses_to(session, hanako.person_id)).items) > looks_before

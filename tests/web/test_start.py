"""The start page: both languages, a phone's width, nothing from elsewhere."""

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_id
from sharecare.areas.rules import AreaSettings
from sharecare.areas.service import change_settings
from web.browsing import SMALL, Windows, findings, follow, overflow


@pytest.mark.parametrize(("language", "name", "withheld"), [("ja", "美園", "非公開"), ("en", "Misono", "withheld")])
async def test_the_page_names_the_area_and_withholds_what_concerns_few(
    windows: Windows, language: str, name: str, withheld: str
) -> None:
    page = await windows.open(language=language, size=SMALL)

    await page.goto("/")

    assert name in await page.locator("h2").all_inner_texts()
    assert withheld in await page.locator("dl").inner_text()
    assert await overflow(page) == 0
    assert await findings(page) == []


async def test_help_names_the_desk_once_the_area_has_one(windows: Windows) -> None:
    # "Call the help desk" stood in many places, and its number nowhere.
    world = windows.site.world
    page = await windows.open(size=SMALL)
    await page.goto("/help")
    assert await page.locator("a[href^='tel:']").count() == 0

    async def open_desk(session: AsyncSession) -> None:
        area = await area_by_id(session, world.area_id)
        desk = AreaSettings(desk_phone="048-123-4567", desk_email="desk@example.jp", desk_hours="平日 9:00〜17:00")
        await change_settings(session, area=area, settings=desk, by_person_id=world.staff.person_id, now=world.now)

    await world.do(open_desk)
    await page.goto("/help")

    assert await page.get_by_role("heading", name="美園の相談窓口").count() == 1
    assert await page.get_by_role("link", name="048-123-4567").get_attribute("href") == "tel:048-123-4567"
    assert await page.get_by_role("link", name="desk@example.jp").count() == 1
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_the_choice_of_a_language_stays(windows: Windows) -> None:
    page = await windows.open()
    await page.goto("/")

    await follow(page.get_by_role("button", name="English"))
    await page.goto("/sign-in")

    assert await page.locator("h1").inner_text() == "Sign in"

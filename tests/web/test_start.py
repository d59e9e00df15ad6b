"""The start page: both languages, a phone's width, nothing from elsewhere."""

import pytest

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


async def test_the_choice_of_a_language_stays(windows: Windows) -> None:
    page = await windows.open()
    await page.goto("/")

    await follow(page.get_by_role("button", name="English"))
    await page.goto("/sign-in")

    assert await page.locator("h1").inner_text() == "Sign in"

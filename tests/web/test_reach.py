"""Who can be called on the day: whoever has no phone number, or no emergency contacts, is reminded and never forced."""

from playwright.async_api import Page

from care.steps import ask, book, give_contacts, offer
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import ProfileChange
from sharecare.accounts.service import change_profile
from web.browsing import SMALL, Windows, clean, follow
from world import World


async def forget_phone(world: World, who: Actor) -> None:
    """Take the phone number of an account away."""
    change = ProfileChange(phone=None)
    await world.do(lambda s: change_profile(s, by=who, change=change, identified=False, now=world.now))


async def notes(page: Page) -> str:
    return " ".join(await page.locator(".note").all_inner_texts())


async def test_getting_started_asks_for_phone_and_contacts_until_they_are_there(windows: Windows) -> None:
    # A newcomer could book without either, and was never asked for them.
    world = windows.site.world
    family = await world.family("Alice")
    await forget_phone(world, family.actor)
    page = await windows.open(family.actor, size=SMALL)

    await page.goto("/home")
    await clean(page)
    await page.get_by_role("link", name="緊急の連絡先を2人登録する").wait_for()
    await follow(page.get_by_role("link", name="電話番号を登録する"))
    await page.get_by_label("電話番号").fill("090-1111-2222")
    await follow(page.get_by_role("button", name="保存する"))
    await give_contacts(world, family.actor)
    await page.goto("/home")

    assert await page.get_by_role("link", name="登録する").count() == 0


async def test_whoever_has_no_phone_is_reminded_before_choosing_and_the_other_side_reads_that_there_is_none(
    windows: Windows,
) -> None:
    # The other side saw a bare name under the contact, as if a number had been forgotten.
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    page, helper = await windows.open(family.actor), await windows.open(bob)
    request = await ask(world, family, urgent=True)
    await offer(world, bob, request)
    await page.goto(f"/requests/{request.id}")
    await helper.goto(f"/requests/{request.id}")
    assert "電話番号" not in await notes(page) + await notes(helper)

    await forget_phone(world, family.actor)
    await forget_phone(world, bob)
    for window in (page, helper):
        await window.reload()
        assert "あなたの電話番号がまだありません" in await notes(window)
    await clean(page)
    await follow(page.get_by_role("button", name="Bobさんに決める"))
    here = page.url.partition("?")[0]
    await helper.goto(here)
    for window in (page, helper):
        contact = window.locator("[aria-labelledby=details] dt:text-is('相手') + dd")
        assert "電話番号はまだありません" in await contact.inner_text()
        await clean(window)
    for window in (page, helper):
        await window.goto(f"{here}/sheet")
        assert "あなたの電話番号がまだありません" in await notes(window)
    assert await page.get_by_role("link", name="電話番号を登録する").get_attribute("href") == "/me/profile"


async def test_nobody_who_has_a_phone_is_reminded_on_the_sheet(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(family.actor)

    await page.goto(f"/bookings/{booking.id}/sheet")

    assert "電話番号" not in await notes(page)

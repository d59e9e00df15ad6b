"""The two emergency contacts: given and changed on a page of their own, or along with the pre-meeting sheet."""

from http import HTTPStatus

import pytest

from care.steps import book, get_ready, give_contacts
from sharecare.care.contacts import contacts_of
from sharecare.care.day_schemas import EmergencyContactDraft
from sharecare.care.pre_meeting import is_ready
from web.browsing import SMALL, Windows, findings, follow, overflow
from world import Family, World


async def known(world: World, family: Family) -> list[EmergencyContactDraft]:
    async with world.database.read() as session:
        return await contacts_of(session, family.actor.household_id)


@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_the_page_can_be_read_by_everyone_on_a_small_phone(windows: Windows, language: str, dark: bool) -> None:
    family = await windows.site.world.family("Alice")
    page = await windows.open(family.actor, language=language, dark=dark, size=SMALL)

    for path in ("/me", "/me/contacts"):
        await page.goto(path)
        assert await findings(page) == []
        assert await overflow(page) == 0


async def test_both_are_given_from_ones_own_page_and_nothing_typed_is_lost(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    family = await world.family("Alice")
    page = await windows.open(family.actor, scripts=False)
    await page.goto("/me")
    await follow(page.get_by_role("link", name="緊急の連絡先 まだ登録していません"))
    typed = {
        "連絡先1のお名前": "和子",
        "連絡先1の間がら": "祖母",
        "連絡先1の電話番号": "でんわ",
        "連絡先1のメールアドレス": "kazuko@example.jp",
        "連絡先2のお名前": "一郎",
        "連絡先2の間がら": "叔父",
        "連絡先2の電話番号": "090-1111-2222",
    }
    for label, text in typed.items():
        await page.get_by_label(label).fill(text)

    await follow(page.get_by_role("button", name="保存する"))
    assert await page.locator("[aria-invalid=true]").count() == 1
    assert {label: await page.get_by_label(label).input_value() for label in typed} == typed
    await page.get_by_label("連絡先1の電話番号").fill("048ー123ー4567")
    await follow(page.get_by_role("button", name="保存する"))

    assert "緊急の連絡先を保存しました" in await page.get_by_role("status").inner_text()
    assert [(one.name, one.phone, one.email) for one in await known(world, family)] == [
        ("和子", "048-123-4567", "kazuko@example.jp"),
        ("一郎", "090-1111-2222", None),
    ]
    await follow(page.get_by_role("link", name="緊急の連絡先 和子、一郎"))
    assert await page.get_by_label("連絡先1の電話番号").input_value() == "048-123-4567"


async def test_a_contact_is_changed_on_the_sheet_and_what_was_agreed_stays_so(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await give_contacts(world, family.actor)
    booking = await book(world, family, bob, urgent=True)
    await get_ready(world, bob, booking)
    page = await windows.open(family.actor, size=SMALL)
    await page.goto(f"/bookings/{booking.id}/sheet")
    assert "鈴木 和子" in await page.locator("main").inner_text()

    await page.locator("summary", has_text="連絡先を変える").click()
    assert await findings(page) == []
    assert await overflow(page) == 0
    await page.get_by_label("連絡先2の電話番号").fill("03-1234-5678")
    await follow(page.get_by_role("button", name="相手に見てもらう"))

    assert [one.phone for one in await known(world, family)] == ["048-123-4567", "03-1234-5678"]
    async with world.database.read() as session:
        assert await is_ready(session, booking)


async def test_nobody_reads_or_writes_the_contacts_of_another_family(windows: Windows) -> None:
    world = windows.site.world
    family, stranger = await world.family("Alice"), await world.family("Charlie")
    await give_contacts(world, family.actor)
    page = await windows.open(stranger.actor)

    await page.goto("/me/contacts?back=//evil.example/")

    assert await page.get_by_label("連絡先1のお名前").input_value() == ""
    assert await page.locator("main a[href*=evil]").count() == 0
    assert "和子" not in await page.content()

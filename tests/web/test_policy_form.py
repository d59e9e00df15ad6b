"""Staff register a policy with everything it says, and read all of it again, as its insurer does."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from playwright.async_api import Locator, Page, ViewportSize
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.service import appoint_staff
from sharecare.insurance.models import Policy
from sharecare.insurance.schedule import Exclusion
from sharecare.insurance.schemas import PolicyDraft
from sharecare.insurance.service import make_policy
from sharecare.insurance.words import EXCLUSIONS
from web.browsing import DESK, SMALL, Windows, clean, follow
from world import World, a_person, an_insurer, make_urawa, signed_in

AT = "/staff/misono/policies"
OPEN = {"ja": "契約を登録する", "en": "Register a policy"}
SEND = {"ja": "登録する", "en": "Register"}
FACTS: dict[str, Any] = {
    "insurer": "もみじ損害保険",
    "number": "MO-2027",
    "valid_from": "2027-04-01T00:00:00+09:00",
    "valid_until": "2028-04-01T00:00:00+09:00",
    "liability_yen": 100_000_000,
    "property_yen": 30_000_000,
    "terms": {
        "kinds": {"pickup": 1, "own_home": 2},
        "means": ["foot", "transit"],
        "min_child_months": 6,
        "max_child_months": 143,
        "max_children": 4,
        "several_families": True,
        "hours_from": "07:00",
        "hours_until": "24:00",
        "timezone": "Asia/Tokyo",
        "grace_minutes": 45,
        "max_temperature_c": 37.8,
    },
    "schedule": {
        "injury_yen": 3_000_000,
        "deductibles_yen": {"property": 5_000, "injury": 1_000},
        "exclusions": ["intent", "driving", "own_family"],
        "tariff": {"per_support_yen": 30, "per_hour_yen": 20},
        "supports_limit": 2_000,
        "premium_limit_yen": 60_000,
        "claims_limit_yen": 200_000_000,
    },
}
TYPED = {
    "insurer": "もみじ損害保険",
    "number": "MO-2027",
    "valid_from": "2027-04-01",
    "valid_until": "2028-03-31",
    "liability_yen": "100,000,000",
    "property_yen": "¥30,000,000",
    "injury_yen": "3000000円",
    "deductible_property": "5,000",
    "deductible_injury": "1000",
    "min_child_months": "6",
    "max_child_months": "143",
    "max_children": "4",
    "hours_from": "07:00",
    "hours_until": "24:00",
    "grace_minutes": "45",
    "max_temperature_c": "37.8",
    "per_support_yen": "30",
    "per_hour_yen": "20",
    "supports_limit": "2,000",
    "premium_limit_yen": "60,000",
    "claims_limit_yen": "200,000,000",
}
CHOSEN = {"kind_pickup": "1", "kind_own_home": "2", "kind_child_home": "", "kind_event": ""}
TICKED = {"means": ("foot", "transit"), "exclusions": ("intent", "driving", "own_family"), "several_families": ("1",)}


def named(page: Page, name: str) -> Locator:
    """Return what the form holds under a name."""
    return page.locator(f"form[method=post] [name='{name}']")


async def fill_in(page: Page, typed: dict[str, str]) -> None:
    """Type, choose and tick what the policy of these tests says."""
    for name, text in typed.items():
        await named(page, name).fill(text)
    for name, value in CHOSEN.items():
        await named(page, name).select_option(value)
    for name, values in TICKED.items():
        for box in await named(page, name).all():
            await box.set_checked(await box.get_attribute("value") in values)


async def held(page: Page) -> dict[str, list[str]]:
    """Return everything the form would send, but for what carries it."""
    sent = await page.locator(f"form[action='{AT}']").evaluate("(form) => [...new FormData(form)]")
    found: dict[str, list[str]] = {}
    for name, value in sent:
        if name not in {"token", "back"}:
            found.setdefault(name, []).append(value)
    return found


async def stored(world: World, number: str) -> dict[str, Any]:
    """Return a policy as it is kept, without what every policy has to itself."""
    async with world.database.read() as session:
        kept = (await session.exec(select(Policy).where(col(Policy.number) == number))).one()
    return kept.model_dump(exclude={"id", "version", "number", "created_at"})


async def as_the_api(world: World, **changed: object) -> None:
    """Register the same facts as a program would send them."""
    draft = PolicyDraft.model_validate(FACTS | changed)
    await world.do(lambda s: make_policy(s, by_person_id=None, area_id=world.area_id, draft=draft, now=world.now))


@pytest.mark.parametrize(("language", "size", "scripts"), [("ja", SMALL, False), ("en", DESK, True)])
async def test_a_policy_made_on_the_page_is_what_the_api_stores_from_the_same_facts(
    windows: Windows, language: str, size: ViewportSize, *, scripts: bool
) -> None:
    world = windows.site.world
    page = await windows.open(world.staff, language=language, size=size, scripts=scripts)
    await page.goto(AT)
    await page.get_by_text(OPEN[language]).click()
    if scripts:
        await clean(page)
    await fill_in(page, TYPED)
    await follow(page.get_by_role("button", name=SEND[language], exact=True))
    await as_the_api(world, number="BY-API")

    assert await page.get_by_role("status").count() == 1
    assert await stored(world, "MO-2027") == await stored(world, "BY-API")


@pytest.mark.parametrize(
    ("language", "size", "scripts", "yen", "ages"),
    [
        ("ja", SMALL, False, "整数で入力してください", "年齢の下限が上限を超えています"),
        ("en", DESK, True, "valid integer", "the youngest age can't be above the oldest"),
    ],
)
async def test_what_is_malformed_is_told_at_its_field_and_nothing_typed_is_lost(
    windows: Windows, language: str, size: ViewportSize, *, scripts: bool, yen: str, ages: str
) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    page = await windows.open(windows.site.world.staff, language=language, size=size, scripts=scripts)
    await page.goto(AT)
    await page.get_by_text(OPEN[language]).click()
    wrong = {"deductible_property": "五千", "per_hour_yen": "2.5", "claims_limit_yen": "many"}
    await fill_in(page, TYPED | wrong)
    typed = await held(page)
    await follow(page.get_by_role("button", name=SEND[language], exact=True))

    assert {name: yen in await page.locator(f"#{name}-problem").inner_text() for name in wrong} == dict.fromkeys(
        wrong, True
    )
    assert await page.locator(".problem").count() == len(wrong)
    assert await page.locator(".problem + [aria-invalid]").count() == len(wrong)
    assert await held(page) == typed
    if scripts:
        await clean(page)
    await fill_in(page, TYPED | {"min_child_months": "150"})
    await follow(page.get_by_role("button", name=SEND[language], exact=True))
    assert ages in await page.locator("#max_child_months-problem").inner_text()
    await named(page, "min_child_months").fill("6")
    await follow(page.get_by_role("button", name=SEND[language], exact=True))
    assert "MO-2027" in await page.locator(".card").first.inner_text()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"hours_from": "20:00", "hours_until": "08:00"}, "hours_until"),
        ({"valid_until": "2027-03-01"}, "valid_until"),
    ],
)
async def test_what_contradicts_itself_is_told_where_it_can_be_mended(
    windows: Windows, changed: dict[str, str], field: str
) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    page = await windows.open(windows.site.world.staff)
    await page.goto(AT)
    await page.get_by_text(OPEN["ja"]).click()
    await fill_in(page, TYPED | changed)
    await follow(page.get_by_role("button", name=SEND["ja"], exact=True))

    assert "より後に" in await page.locator(f"#{field}-problem").inner_text()


async def test_a_policy_of_nothing_and_of_no_means_is_told_at_both(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    page = await windows.open(windows.site.world.staff)
    await page.goto(AT)
    await page.get_by_text(OPEN["ja"]).click()
    await fill_in(page, TYPED)
    for name in CHOSEN:
        await named(page, name).select_option("")
    await follow(page.get_by_role("button", name=SEND["ja"], exact=True))
    assert await page.locator("#kinds-problem").count() == 1
    await named(page, "kind_pickup").select_option("0")
    for box in await named(page, "means").all():
        await box.uncheck()
    await follow(page.get_by_role("button", name=SEND["ja"], exact=True))

    assert "送迎の手段" in await page.locator("#means-problem").inner_text()


async def test_the_next_policy_begins_as_the_present_one_and_asks_for_its_number_and_days(windows: Windows) -> None:
    world = windows.site.world
    await as_the_api(world)
    page = await windows.open(world.staff, size=SMALL)
    await page.goto(AT)
    await page.get_by_text(OPEN["ja"]).click()

    begun = await held(page)
    assert {name: begun.pop(name) for name in ("number", "valid_from", "valid_until")} == {
        "number": [""],
        "valid_from": [""],
        "valid_until": [""],
    }
    assert "2028年3月31日" in await page.locator("fieldset").first.inner_text()
    await named(page, "number").fill("MO-2028")
    await named(page, "valid_from").fill("2028-04-01")
    await named(page, "valid_until").fill("2029-03-31")
    await follow(page.get_by_role("button", name=SEND["ja"], exact=True))

    days = {"valid_from", "valid_until"}
    old, new = await stored(world, "MO-2027"), await stored(world, "MO-2028")
    assert {name for name in old if old[name] != new[name]} == days
    assert new["valid_until"] - old["valid_until"] == timedelta(days=365)


async def test_an_areas_first_policy_excludes_all_until_somebody_says_otherwise(windows: Windows) -> None:
    world = windows.site.world

    async def work(session: AsyncSession) -> Any:  # noqa: ANN401  -- an actor
        area = await make_urawa(session, now=world.now)
        person = await a_person(session, "Urawa", now=world.now)
        await appoint_staff(session, email="urawa@example.jp", area_id=area.id, now=world.now)
        return await signed_in(session, person.person_id, now=world.now)

    page = await windows.open(await world.do(work), size=SMALL)
    await page.goto("/staff/urawa/policies")

    assert await page.locator("[name=exclusions]:checked").count() == len(Exclusion)
    assert not await page.locator("[name=several_families]").is_checked()
    assert await page.locator("legend").first.is_visible()
    await clean(page)


@pytest.mark.parametrize(
    ("language", "size", "said"),
    [
        (
            "ja",
            SMALL,
            (
                *("1億円", "3,000万円", "300万円", "受託者賠償責任: 5,000円", "傷害: 1,000円", "6か月〜11歳11か月"),
                *("4人", "同時に預かれる", "07:00〜24:00", "Asia/Tokyo", "45分", "37.8℃以下", "1件 30円"),
                *("1時間 20円", "0件 / 2,000件", "0円 / 60,000円", "0円 / 200,000,000円"),
            ),
        ),
        (
            "en",
            DESK,
            (
                *("¥100,000,000", "¥30,000,000", "¥3,000,000", "Property in care: ¥5,000", "Injury: ¥1,000"),
                *("6 months–11 years 11 months", "covered at one time", "07:00–24:00", "45 min", "37.8 °C or less"),
                *("¥30 a support", "¥20 an hour", "0 / 2,000", "¥0 / ¥60,000", "¥0 / ¥200,000,000"),
            ),
        ),
    ],
)
async def test_staff_and_insurer_read_everything_a_policy_says(
    windows: Windows, language: str, size: ViewportSize, said: tuple[str, ...]
) -> None:
    world = windows.site.world
    await as_the_api(world, insurer="さくら損害保険")
    insurer = await an_insurer(world)
    staff = await windows.open(world.staff, language=language, size=size)
    company = await windows.open(insurer, language=language, size=size)
    excluded = [EXCLUSIONS[one][0 if language == "ja" else 1][1:] for one in FACTS["schedule"]["exclusions"]]

    await staff.goto(AT)
    listed = await staff.locator(".cards-in > li").first.inner_text()
    assert [text for text in (*said, *excluded) if text not in listed] == []
    await clean(staff)
    await follow(staff.get_by_role("link", name="MO-2027").first)
    await company.goto(staff.url)
    for page in (staff, company):
        told = await page.locator("main").inner_text()
        assert [text for text in (*said, *excluded) if text not in told] == []
        await clean(page)


async def test_large_letters_leave_the_whole_form_within_the_window(windows: Windows) -> None:
    page = await windows.open(windows.site.world.staff, size=SMALL)
    await page.goto(AT)
    await page.get_by_text(OPEN["ja"]).click()
    await page.evaluate("document.documentElement.style.fontSize = '200%'")

    await clean(page)

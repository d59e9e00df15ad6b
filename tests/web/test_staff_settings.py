"""The area's settings: each on the staff's page with its bounds, and what is older than its bounds put right there."""

from http import HTTPStatus

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.queries import area_by_id, settings_of
from sharecare.areas.rules import AreaSettings
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from web.browsing import DESK, SMALL, Windows, clean, follow
from world import World

IN_PARTS = {
    "weights": ("distance_percent", "trust_percent", "availability_percent"),
    "thanks": ("base_yen", "certified_yen"),
}
# Only in the API, and why.
ELSEWHERE = {"cell_level": "homes keep the cell they were given, and figures are published in fixed cells"}


async def kept_in(world: World) -> AreaSettings:
    async with world.database.read() as session:
        return settings_of(await area_by_id(session, world.area_id))


async def test_every_setting_is_on_the_page_with_a_label_and_its_bounds(windows: Windows) -> None:
    world = windows.site.world
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/settings")
    await clean(page)
    before = await kept_in(world)

    for setting in AreaSettings.model_fields.keys() - ELSEWHERE:
        for name in IN_PARTS.get(setting, (setting,)):
            field = page.locator(f"main [name={name}]")
            assert await field.count() == 1, name
            assert await field.evaluate("one => one.labels.length") == 1, name
            if await field.get_attribute("type") == "number":
                assert await field.get_attribute("min"), name
                assert await field.get_attribute("max"), name

    await follow(page.get_by_role("button", name="設定を変える"))
    assert await kept_in(world) == before


async def test_what_only_the_api_took_is_changed_on_the_page(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    page = await windows.open(windows.site.world.staff, scripts=False)
    await page.goto("/staff/misono/settings")
    shares = {"近さ(%)": "50", "つながり(%)": "30", "空いている時間(%)": "30"}
    for label, share in shares.items():
        await page.get_by_label(label).fill(share)
    await page.get_by_label("返事がないとき、次の人に知らせるまで(分)").fill("7")
    await page.get_by_label("お預かりを始めるには、事前打合せが必要").uncheck()
    await follow(page.get_by_role("button", name="設定を変える"))
    assert "三つの割合の合計を100%に" in await page.locator("#distance_percent-problem").inner_text()
    await page.get_by_label("空いている時間(%)").fill("20")
    await follow(page.get_by_role("button", name="設定を変える"))

    kept = await kept_in(windows.site.world)
    assert (kept.weights, kept.escalation_minutes, kept.pre_meeting_required) == ((0.5, 0.3, 0.2), 7, False)


async def test_an_area_whose_settings_are_older_than_their_bounds_is_served_and_put_right(windows: Windows) -> None:
    # Every page that asks for the area's settings failed, and so did its figures, which read them in the journal.
    world = windows.site.world
    old = AreaSettings().model_dump(mode="json") | {"k_public": 20_000, "thanks": {"base_yen": 200_000}}

    async def keep_old(session: AsyncSession) -> None:
        area = await area_by_id(session, world.area_id)
        area.settings = old
        session.add(area)
        record(session, kind=FactKind.AREA_CHANGED, at=world.now, area_id=area.id, data={"settings": old})

    await world.do(keep_old)
    page = await windows.open(world.staff, size=DESK)
    await page.goto("/staff/misono")
    assert await page.locator("h1").count() == 1
    await page.goto("/staff/misono/settings")
    await clean(page)
    assert "20000" in await page.locator("#k_public-problem").inner_text()
    assert "200000" in await page.locator("#base_yen-problem").inner_text()
    assert await page.get_by_label("1時間の目安(円)").input_value() == "100000"

    await follow(page.get_by_role("button", name="設定を変える"))

    assert await page.locator(".problem").count() == 0
    async with world.database.read() as session:
        assert (await area_by_id(session, world.area_id)).settings["k_public"] == 10_000

"""How the staff file a claim, move it on and keep what was exchanged: the insurer reads, and writes nothing."""

from http import HTTPStatus

import pytest
from playwright.async_api import Page, expect
from sqlmodel import col, select

from sharecare.incidents.models import Claim, ClaimEntry, ClaimLetter
from web.browsing import SMALL, Windows, findings, follow, overflow
from web.test_incidents import a_photo
from web.test_insured import a_claim, in_another_town
from web.test_staff_incidents import an_incident
from world import World, an_insurer

PDF = b"%PDF-1.7\n%%EOF"
FORMS = ("form[action$='/changes']", "form[action$='/letters']")


async def the_claim(world: World) -> Claim:
    async with world.database.read() as session:
        return (await session.exec(select(Claim))).one()


async def open_file(page: Page, *, language: str = "ja") -> None:
    """Open the one incident's file."""
    why, look = {"ja": ("なぜ見ますか", "内容を見る"), "en": ("Why do you look?", "Open the file")}[language]
    await page.goto("/staff/misono/incidents")
    await page.get_by_text(look).first.click()
    await page.get_by_label(why).fill("the bills have come")
    await follow(page.get_by_role("button", name=look))


async def test_staff_file_a_claim_from_the_incidents_file(windows: Windows) -> None:
    world = windows.site.world
    await an_incident(world)
    page = await windows.open(world.staff, size=SMALL)
    await open_file(page)
    await expect(page.locator("main")).to_contain_text("請求はありません")

    await page.get_by_text("保険の請求を記録する").click()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await expect(page.locator("main")).to_contain_text("お支払いを約束するものではありません")
    await page.get_by_text("施設賠償責任").check()
    await page.get_by_text("依頼した家族").check()
    await page.get_by_label("請求額(円)").fill("12000")
    await page.get_by_text("病気そのもの").check()
    await follow(page.get_by_role("button", name="この内容で記録する"))

    await expect(page.get_by_role("status")).to_contain_text("請求を記録しました")
    await expect(page.locator("h1")).to_contain_text("SK-1-C0001")
    one = await the_claim(world)
    assert (one.peril, one.claimant, one.claimed_yen, one.reserve_yen) == ("liability", "family", 12_000, 0)
    assert (one.circumstances, one.filed_by) == (["illness"], world.staff.person_id)
    await open_file(page)
    await follow(page.get_by_role("link", name="SK-1-C0001"))
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_what_is_missing_is_said_beside_its_field_and_what_was_typed_stays(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    await an_incident(world)
    page = await windows.open(world.staff, language="en", size=SMALL, dark=True, scripts=False)
    await open_file(page, language="en")
    await page.get_by_text("File a claim").click()
    await page.get_by_label("Claimed (yen)").fill("12000")
    await page.get_by_label("Reserve (yen)").fill("20000")
    await page.get_by_text("illness itself").check()

    await follow(page.get_by_role("button", name="File it"))

    assert await page.locator("#peril-problem, #claimant-problem").count() == 2
    assert await page.get_by_label("Claimed (yen)").input_value() == "12000"
    assert await page.get_by_label("Reserve (yen)").input_value() == "20000"
    assert await page.get_by_label("illness itself").is_checked()
    assert await overflow(page) == 0
    await page.get_by_text("liability").first.check()
    await page.get_by_text("the family", exact=True).check()
    await follow(page.get_by_role("button", name="File it"))
    await expect(page.get_by_role("status")).to_contain_text("filed")


async def test_a_near_miss_has_no_form_for_a_claim(windows: Windows) -> None:
    world = windows.site.world
    await an_incident(world, kind="near_miss", injured="nobody", treatment="none", unconscious=False)
    page = await windows.open(world.staff)

    await open_file(page)

    await expect(page.locator("h1")).to_contain_text("ヒヤリハット")
    assert await page.locator("form[action$='/claims']").count() == 0


async def test_staff_move_a_claim_on_and_what_is_left_empty_stays(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    await a_claim(world)
    page = await windows.open(world.staff, size=SMALL)
    await page.goto(f"/claims/{(await the_claim(world)).id}")
    form = page.locator(FORMS[0])
    offered = await form.get_by_role("radio").evaluate_all("all => all.map(one => one.value)")
    assert offered == ["stays", "settled", "declined", "withdrawn"]

    await follow(form.get_by_role("button", name="記録する"))
    await expect(page.get_by_role("alert")).to_contain_text("変えるところを選ぶか、金額を入れてください")
    await form.get_by_label("支払備金").fill("30000")
    await follow(form.get_by_role("button", name="記録する"))
    await expect(page.get_by_role("status")).to_contain_text("請求の動きを記録しました")
    await form.get_by_label("判断済み").check()
    await form.get_by_label("支払額").fill("11000")
    await follow(form.get_by_role("button", name="記録する"))
    assert (await findings(page), await overflow(page)) == ([], 0)

    async with world.database.read() as session:
        lines = [
            (one.state, one.claimed_yen, one.reserve_yen, one.paid_yen)
            for one in await session.exec(select(ClaimEntry).order_by(col(ClaimEntry.seq)))
        ]
    assert lines[-3:] == [
        ("submitted", 12_000, 20_000, 0),
        ("submitted", 12_000, 30_000, 0),
        ("settled", 12_000, 0, 11_000),
    ]


async def test_a_move_that_no_longer_follows_is_refused_and_the_figures_stay_typed(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    await a_claim(world)
    address = f"/claims/{(await the_claim(world)).id}"
    page, second = [await windows.open(world.staff, language="en", scripts=False) for _ in range(2)]
    for window in (page, second):
        await window.goto(address)
    await page.locator(FORMS[0]).get_by_label("declined").check()
    await follow(page.get_by_role("button", name="Put it down"))

    form = second.locator(FORMS[0])
    await form.get_by_label("settled").check()
    await form.get_by_label("Paid").fill("9000")
    await follow(form.get_by_role("button"))

    await expect(second.get_by_role("alert")).to_contain_text("present state doesn't allow")
    assert await form.get_by_label("Paid").input_value() == "9000"
    assert await second.locator(FORMS[1]).get_by_label("When").input_value() != ""
    await form.get_by_label("still declined").check()
    await form.get_by_label("Paid").fill("9" * 15)
    await follow(form.get_by_role("button"))
    assert await second.locator("#paid_yen-problem").count() == 1


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_staff_keep_a_letter_and_one_of_tomorrow_is_refused(windows: Windows, language: str) -> None:
    windows.expected.add(HTTPStatus.UNPROCESSABLE_ENTITY)
    world = windows.site.world
    await a_claim(world)
    page = await windows.open(world.staff, language=language, size=SMALL)
    await page.goto(f"/claims/{(await the_claim(world)).id}")
    form = page.locator(FORMS[1])
    assert await form.locator("#at").input_value() == "2026-06-02T18:00"
    await form.locator("input[value='family']").check()
    await form.locator("input[value='false']").check()
    await form.locator("#subject").fill("領収書")
    await form.locator("#body").fill("<script>alert('x')</script>")
    await form.locator("#at").fill("2026-06-03T09:00")

    await follow(form.get_by_role("button"))

    assert await form.locator("#at-problem").count() == 1
    assert await form.locator("#at").input_value() == "2026-06-03T09:00"
    assert await form.locator("#body").input_value() == "<script>alert('x')</script>"
    assert await form.locator("input[value='family']").is_checked()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await form.locator("#at").fill("2026-06-02T09:00")
    await follow(form.get_by_role("button"))
    assert "領収書" in await page.locator("main").inner_text()
    async with world.database.read() as session:
        kept = [one for one in await session.exec(select(ClaimLetter)) if one.subject == "領収書"]
    assert [(one.correspondent, one.outgoing) for one in kept] == [("family", False)]
    assert kept[0].at == world.now.replace(hour=0, minute=0)  # nine o'clock in Saitama


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_staff_attach_papers_and_the_insurer_opens_its_own(windows: Windows, language: str) -> None:
    windows.expected.add(HTTPStatus.BAD_REQUEST)
    world = windows.site.world
    await a_claim(world)
    address = f"/claims/{(await the_claim(world)).id}"
    page = await windows.open(world.staff, language=language, size=SMALL)
    await page.goto(address)
    letters = page.locator("section[aria-labelledby='letters'] li:has(> p.strong)")
    papers = {"page.html": b"<script>alert(1)</script>", "bill.pdf": PDF, "bill.png": a_photo()}
    for number, (name, content) in enumerate(papers.items()):
        letter = letters.nth(0 if name == "bill.pdf" else 1)
        await letter.locator("summary").click()
        assert (await findings(page), await overflow(page)) == ([], 0)
        await letter.locator("input[type=file]").set_input_files({"name": name, "mimeType": "x/y", "buffer": content})
        await follow(letter.locator("form button"))
        assert await letters.locator("a").count() == number
        assert await page.get_by_role("alert").count() == (number == 0)
    assert (await findings(page), await overflow(page)) == ([], 0)

    insurer = await windows.open(await an_insurer(world), language=language, size=SMALL)
    await insurer.goto(address)
    assert await insurer.locator("input[type=file]").count() == 0
    link = insurer.locator("section[aria-labelledby='letters'] a")
    paper = str(await link.get_attribute("href"))
    async with insurer.expect_download() as saved:
        await link.click()
    assert (await saved.value).suggested_filename == "attachment-1.pdf"
    assert (await insurer.request.get(paper)).headers["content-disposition"].startswith("attachment;")
    picture = await page.request.get(str(await letters.nth(1).locator("a").get_attribute("href")))
    assert (picture.status, picture.headers["content-type"]) == (HTTPStatus.OK, "image/jpeg")
    assert (await insurer.request.get(f"{address}/attachments/2")).status == HTTPStatus.NOT_FOUND


async def test_insurers_and_other_towns_see_no_forms_and_may_send_none(windows: Windows) -> None:
    # With the rules of the two taken for `_insured`, the insurer declined its own claim.
    windows.expected |= {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
    world = windows.site.world
    await a_claim(world)
    one = await the_claim(world)
    letter = {"correspondent": "insurer", "outgoing": "false", "at": "2026-06-02T09:00", "subject": "x"}
    filing = {"reason": "a reason", "peril": "liability", "claimant": "family", "claimed_yen": "1"}
    sent = {
        f"/claims/{one.id}/changes": {"state": "declined"},
        f"/claims/{one.id}/letters": letter,
        f"/staff/misono/incidents/{one.incident_id}/claims": filing,
    }

    answers = {}
    for who, actor in {"insurer": await an_insurer(world), "foreigner": await in_another_town(world)}.items():
        page = await windows.open(actor)
        await page.goto(f"/claims/{one.id}")
        assert await page.locator(", ".join(FORMS)).count() == 0
        await page.goto("/me")
        token = await page.locator("input[name='token']").first.get_attribute("value")
        for address, form in sent.items():
            data: dict[str, str | float | bool] = {**form, "token": token or ""}
            answers[who, address] = (await page.request.post(address, form=data, max_redirects=0)).status

    assert answers == {
        **{("insurer", address): HTTPStatus.FORBIDDEN for address in sent},
        **{("foreigner", address): HTTPStatus.NOT_FOUND for address in sent},
    }
    unchanged = await the_claim(world)
    assert (unchanged.state, unchanged.changed_at) == (one.state, one.changed_at)

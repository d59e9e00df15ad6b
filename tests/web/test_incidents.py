"""If something happened: facts from a booking by clicking, a photo, the certificate; each sees what is theirs."""

from http import HTTPStatus
from io import BytesIO

from PIL import Image
from playwright.async_api import expect
from sqlmodel import select

from care.steps import HOUR, begin, book
from sharecare.incidents.models import Incident
from sharecare.incidents.schemas import IncidentChange, IncidentDraft
from sharecare.incidents.service import change_incident, report_incident
from web.browsing import SMALL, Windows, findings, follow, overflow

EVIL = '<script>document.title = "taken"</script> 段差でつまずいた'


def a_photo() -> bytes:
    """Draw a small picture."""
    kept = BytesIO()
    Image.new("RGB", (40, 30), "orange").save(kept, "PNG")
    return kept.getvalue()


async def test_an_accident_is_taken_down_with_a_photo_and_shown_to_both(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await begin(world, family, bob, urgent=True)
    world.now += HOUR
    page, parent = await windows.open(bob, size=SMALL), await windows.open(family.actor, language="en", dark=True)
    await page.goto(f"/bookings/{booking.id}")
    await follow(page.get_by_role("link", name="何かあったとき"))
    assert await findings(page) == []
    assert await overflow(page) == 0

    await page.locator("label", has_text="事故・けが・破損").click()
    await page.get_by_label("どこで").fill("園の玄関前")
    await page.get_by_label("何がありましたか").fill(EVIL)
    await page.locator("label", has_text="お子さん").first.click()
    await page.get_by_label("いつ").fill("2026-06-02T23:00")
    await follow(page.get_by_role("button", name="記録する"))
    assert "起きた時刻が、いまより後" in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("何がありましたか").input_value() == EVIL
    await page.get_by_label("いつ").fill("2026-06-02T17:30")
    await follow(page.get_by_role("button", name="記録する"))
    await page.get_by_label("写真").set_input_files({"name": "here.png", "mimeType": "image/png", "buffer": a_photo()})
    await follow(page.get_by_role("button", name="写真を加える"))

    await expect(page.get_by_role("img", name="写真")).to_be_visible()
    await parent.goto("/incidents/1")
    assert EVIL in await parent.locator("section.card").inner_text()
    assert await parent.get_by_role("img", name="Photo").evaluate("one => one.naturalWidth") == 40
    assert await findings(parent) == []
    await expect(parent).to_have_title("If something happened | ShareCare")


async def test_what_an_insurer_asks_is_taken_down_and_completed_later(windows: Windows) -> None:
    # No witness and no death could be told, "told" meant the moment of filing, and nothing could be added afterwards.
    windows.expected |= {HTTPStatus.BAD_REQUEST}
    world = windows.site.world
    family, bob = await world.family("Alice", children=2), await world.supporter("Bob")
    booking = await begin(world, family, bob, urgent=True)
    world.now += HOUR
    page = await windows.open(bob, size=SMALL)
    await page.goto(f"/bookings/{booking.id}/incidents")
    await page.locator("label", has_text="事故・けが・破損").click()
    await page.get_by_label("いつ").fill("2026-06-02T17:30")
    await page.get_by_label("どこで").fill("公園の入口")
    await page.get_by_label("何がありましたか").fill("段差でつまずいた")
    for part in ("けが・手当て・こわれた物", "見ていた人・連絡したところ"):
        await page.get_by_text(part).click()
    await page.get_by_label("けがのようす").fill("腕の痛み")
    await page.get_by_label("見ていた人", exact=False).first.fill(EVIL)
    await page.get_by_label("その人の連絡先").fill("090-0000-1111")
    await page.get_by_label("家族").fill("2026-06-02T17:40")
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.locator("label", has_text="お子さん").first.click()
    await page.get_by_label("けがをしたお子さん").select_option(index=1)
    await follow(page.get_by_role("button", name="記録する"))
    told = await page.locator("section.card").inner_text()
    assert [one for one in (EVIL, "090-0000-1111", "家族 6月2日(火) 17:40", "腕の痛み") if one not in told] == []

    await follow(page.get_by_role("link", name="書き足す・直す"))
    assert await page.get_by_label("けがのようす").input_value() == "腕の痛み"
    await page.get_by_text("見ていた人・連絡したところ").click()
    assert "すでに記録: 家族 6月2日(火) 17:40" in await page.locator("form.card").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.locator("label", has_text="いない").click()
    await follow(page.get_by_role("button", name="保存する"))
    assert "けがをした人も選んでください" in await page.get_by_role("alert").inner_text()
    await page.locator("label", has_text="お子さん").first.click()
    await page.get_by_label("わかったこと").fill("骨折でした")
    await page.get_by_label("けがのようす").fill("左腕の骨折")
    await page.get_by_label("治るまでの日数").fill("40")
    await page.get_by_text("見ていた人・連絡したところ").click()
    await page.get_by_label("医師").fill("2026-06-02T17:50")
    await follow(page.get_by_role("button", name="保存する"))

    told = await page.locator("section.card").inner_text()
    known = ("家族 6月2日(火) 17:40", "医師 6月2日(火) 17:50", "左腕の骨折", "40日", "骨折でした")
    before = ("けがのようす(前の記録): 腕の痛み", "治るまでの日数(前の記録): —", "連絡したところ(前の記録): 家族")
    assert [one for one in (*known, *before) if one not in told] == []
    assert "見ていた人(前の記録)" not in told  # nothing was said anew of who saw it
    assert (await findings(page), await overflow(page)) == ([], 0)
    async with world.database.read() as session:
        [incident] = (await session.exec(select(Incident))).all()
    assert (incident.serious, incident.child_id, len(incident.witnesses)) == (True, family.child_ids[0], 1)


async def test_a_death_is_told_and_a_near_miss_is_told_more_fully(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    world.now = booking.start_at
    page = await windows.open(bob, language="en", scripts=False)
    await page.goto(f"/bookings/{booking.id}/incidents")
    await page.locator("label", has_text="An accident").click()
    await page.get_by_label("Where").fill("the park")
    await page.get_by_label("What happened?").fill("a fall")
    await page.locator("label", has_text="someone else").click()
    await page.get_by_text("Injury, treatment, damage").click()
    await page.locator("label", has_text="Somebody died").click()
    await follow(page.get_by_role("button", name="Put it down"))
    assert "Somebody died" in await page.locator("section.card").inner_text()

    await page.locator("label", has_text="A near miss").click()
    await page.get_by_label("Where").fill("the crossing")
    await page.get_by_label("What happened?").fill("a bicycle")
    await follow(page.get_by_role("button", name="Put it down"))
    await follow(page.get_by_role("link", name="Add or correct").last)
    await page.get_by_label("What happened?").fill("a fast bicycle")
    await follow(page.get_by_role("button", name="Save"))
    assert "What happened, before: a bicycle" in await page.locator("section.card").last.inner_text()


async def test_a_form_opened_long_ago_does_not_undo_what_the_other_side_corrected(windows: Windows) -> None:
    # Bob's form held the place as it stood at first: his doctor's word put it back, and Alice's correction was lost.
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await begin(world, family, bob, urgent=True)
    facts = {"kind": "incident", "occurred_at": world.now, "place": "公園", "what": "転んだ", "injured": "child"}
    draft = IncidentDraft.model_validate(facts | {"injury": "すり傷"})
    one = await world.do(
        lambda session: report_incident(session, by=bob, booking_id=booking.id, draft=draft, now=world.now)
    )
    page = await windows.open(bob, size=SMALL)
    await page.goto(f"/incidents/{one.id}/change")
    change = IncidentChange(place="園の門", injury="打ち身", note="場所が違っていました")
    await world.do(
        lambda s: change_incident(s, by=family.actor, incident_id=one.id, change=change, now=world.now),
    )

    await page.get_by_label("わかったこと").fill("病院に行きました")
    await page.get_by_label("けがのようす").fill("ひざの骨折")
    await page.locator("label", has_text="病院・医院へ").click()
    await follow(page.get_by_role("button", name="保存する"))

    assert "この画面を開いたあとに、この記録が直されました" in await page.get_by_role("alert").inner_text()
    now = await page.locator("details", has_text="いまの記録").inner_text()
    assert [text for text in ("園の門", "打ち身", "場所が違っていました", "Alice", "公園") if text not in now] == []
    labels = ("わかったこと", "けがのようす", "どこで", "何がありましたか")
    assert [await page.get_by_label(label).input_value() for label in labels] == [
        *("病院に行きました", "ひざの骨折", "園の門", "転んだ")
    ]
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("button", name="保存する"))
    await expect(page.get_by_role("status")).to_be_visible()
    async with world.database.read() as session:
        known = await session.get_one(Incident, one.id)
    assert (known.place, known.injury, known.treatment) == ("園の門", "ひざの骨折", "doctor")


async def test_a_near_miss_stays_with_who_told_of_it(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    here = f"/bookings/{booking.id}/incidents"
    world.now = booking.start_at
    page = await windows.open(bob, scripts=False)
    await page.goto(here)
    await page.locator("label", has_text="ヒヤリハット").click()
    await page.get_by_label("どこで").fill("横断歩道")
    await page.get_by_label("何がありましたか").fill("手を離しかけた")

    await follow(page.get_by_role("button", name="記録する"))

    assert "手を離しかけた" in await page.locator("section.card").inner_text()
    parent, charlie = await windows.open(family.actor), await windows.open((await world.family("Charlie")).actor)
    await parent.goto(here)
    assert await parent.locator("section.card").count() == 0
    for path in (here, f"/bookings/{booking.id}/certificate"):
        await charlie.goto(path)
        assert await charlie.locator("h1").inner_text() == "ページが見つかりません"


async def test_the_certificate_is_a_pdf_for_its_two_sides(windows: Windows) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    page = await windows.open(family.actor)
    await page.goto(f"/bookings/{booking.id}")

    address = await page.get_by_role("link", name="補償証明書").get_attribute("href")

    answer = await page.context.request.get(str(address))
    assert answer.headers["content-type"] == "application/pdf"
    assert (await answer.body()).startswith(b"%PDF")

"""Incidents as staff see them: codes in the list, the file after a reason, closed with what was learned."""

from datetime import timedelta
from http import HTTPStatus

from playwright.async_api import expect
from sqlmodel import select

from sharecare.accounts.queries import accesses_to
from sharecare.care import offers, requests
from sharecare.incidents.models import Incident
from sharecare.incidents.photos import reencoded
from sharecare.incidents.schemas import IncidentChange, IncidentDraft
from sharecare.incidents.service import add_photo, change_incident, report_incident
from web.browsing import SMALL, Windows, findings, follow, overflow
from web.test_incidents import a_photo
from world import World, signed_in

BEGINS = "2026-06-02T17:30:00+09:00"
WHAT = "<script>alert('x')</script> 段差でつまずいた"


async def an_incident(world: World, **facts: object) -> int:
    """Let Alice report that her child lost consciousness in Bob's care, or what else `facts` say; return Bob."""
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    opened = await world.do(
        lambda session: requests.open_request(session, world.index, by=alice.actor, need=alice.need(), now=world.now)
    )
    offer = await world.do(
        lambda session: offers.make_offer(session, by=bob, request_id=opened.id, note="", now=world.now)
    )
    booking = await world.do(
        lambda session: offers.accept_offer(session, by=alice.actor, offer_id=offer.id, now=world.now)
    )
    world.now = booking.start_at + timedelta(hours=1)
    draft = IncidentDraft.model_validate(
        {
            "kind": "incident",
            "occurred_at": world.now,
            "place": "園の玄関前",
            "what": WHAT,
            "injured": "child",
            "treatment": "hospital",
            "unconscious": True,
            **facts,
        }
    )
    await world.do(
        lambda session: report_incident(session, by=alice.actor, booking_id=booking.id, draft=draft, now=world.now)
    )
    return bob.person_id


async def test_staff_open_a_file_with_a_reason_and_close_it(windows: Windows) -> None:
    world = windows.site.world
    bob = await an_incident(world)
    page = await windows.open(world.staff, size=SMALL)

    await page.goto("/staff/misono/to-do")
    first = await page.locator("section.waits").first.inner_text()
    assert "重大事故の報告" in first
    assert "24:00まで" in first  # of the day itself: 0:00 of the next reads as a day more
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("link", name="記録を見る").first)
    listed = await page.locator("main").inner_text()
    assert "重大事故" in listed
    assert "段差" not in listed
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.get_by_text("内容を見る").first.click()
    await page.get_by_label("なぜ見ますか").fill("第1報の準備")
    await follow(page.get_by_role("button", name="内容を見る"))
    assert WHAT in await page.locator("main").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.get_by_label("どこへ、どのように").fill("市の保育課へ電話")
    await follow(page.get_by_role("button", name="報告したことを記録する"))
    assert "報告を記録しました" in await page.get_by_role("status").inner_text()
    assert await page.locator(".chip.calm", has_text="報告済み").count() == 2  # the same day, so the next day too

    async with world.database.read() as session:
        assert "第1報の準備" in {one.reason for one in (await accesses_to(session, bob)).items}


async def test_what_was_learned_closes_it_and_is_kept_when_refused(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    await an_incident(world)
    page = await windows.open(world.staff, language="en", size=SMALL, dark=True, scripts=False)
    await page.goto("/staff/misono/incidents")
    await page.get_by_text("Open the file").first.click()
    await page.get_by_label("Why do you look?").fill("to close it")
    await follow(page.get_by_role("button", name="Open the file"))
    await page.get_by_label("What was learned").fill("My Number 123456789018")
    await follow(page.get_by_role("button", name="Close it"))
    assert await page.get_by_label("What was learned").input_value() == "My Number 123456789018"
    await page.get_by_label("What was learned").fill("The step is marked now.")
    await follow(page.get_by_role("button", name="Close it"))

    assert "closed" in await page.get_by_role("status").inner_text()
    assert await page.locator(".chip.calm", has_text="closed").count() == 1

    await page.get_by_text("Open the file").first.click()
    await page.get_by_label("Why do you look?").fill("the hospital called")
    await follow(page.get_by_role("button", name="Open the file"))
    await page.get_by_label("What came to be known").fill("Treated for 35 days")
    await follow(page.get_by_role("button", name="Open it again"))
    assert "open again" in await page.get_by_role("status").inner_text()
    assert await page.locator(".chip.calm", has_text="closed").count() == 0
    await page.get_by_text("Open the file").first.click()
    await page.get_by_label("Why do you look?").fill("to read on")
    await follow(page.get_by_role("button", name="Open the file"))
    history = await page.locator("main").inner_text()
    assert all(told in history for told in ("Treated for 35 days", "The step is marked now."))


async def test_staff_see_photos_who_was_told_and_what_stood_there_before(windows: Windows) -> None:
    # The file kept from them what the family and the supporter had added: photos, whom they told, and every correction.
    world = windows.site.world
    told = [{"whom": "family", "at": BEGINS, "note": "電話で"}]
    seen = [{"name": "目撃 太郎", "contact": "090-0000-1111"}]
    bob = await an_incident(world, told=told, witnesses=seen, occurred_at=BEGINS, treatment_days=40, death=True)
    async with world.database.read() as session:
        [incident] = (await session.exec(select(Incident))).all()
    change = IncidentChange(note="打撲でした", treatment_days=3, unconscious=False, death=False, place="公園")
    photo = reencoded(a_photo())
    by, now, one = await world.do(lambda session: signed_in(session, bob)), world.now, incident.id
    await world.do(lambda session: add_photo(session, by=by, incident_id=one, photo=photo, now=now))
    await world.do(lambda session: change_incident(session, by=by, incident_id=one, change=change, now=now))
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/incidents")
    await page.get_by_text("内容を見る").first.click()
    await page.get_by_label("なぜ見ますか").fill("写真の確認")
    await follow(page.get_by_role("button", name="内容を見る"))

    shown = await page.locator("main").inner_text()
    facts = ("家族 6月2日(火) 17:30 電話で", "目撃 太郎 090-0000-1111", "打撲でした", "公園")
    before = (
        "園の玄関前",
        "治るまでの日数(前の記録): 40",
        "亡くなった(前の記録): はい",
        "取り下げた報告の期限: 当日の報告",
    )
    assert [one for one in (*facts, *before) if one not in shown] == []
    assert "重大事故ではなくなり" in shown
    assert await page.get_by_role("button", name="報告したことを記録する").count() == 0
    async with world.database.read() as session:
        looks = len((await accesses_to(session, bob)).items)
    await page.get_by_text("写真を見る(1枚)").click()
    picture = page.get_by_role("img", name="写真")
    await expect(picture).to_be_visible()
    await expect(picture).to_have_js_property("naturalWidth", 40)
    assert (await findings(page), await overflow(page)) == ([], 0)
    async with world.database.read() as session:
        reasons = [one.reason for one in (await accesses_to(session, bob)).items]
    assert (len(reasons), set(reasons)) == (looks + 1, {"写真の確認"})


async def test_staff_see_what_was_corrected_while_they_wrote(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    bob = await an_incident(world, occurred_at=BEGINS)
    by = await world.do(lambda session: signed_in(session, bob))
    page = await windows.open(world.staff, language="en", size=SMALL, scripts=False)
    await page.goto("/staff/misono/incidents")
    await page.get_by_text("Open the file").first.click()
    await page.get_by_label("Why do you look?").fill("the hospital called")
    await follow(page.get_by_role("button", name="Open the file"))
    await follow(page.get_by_role("button", name="Add or correct"))
    change = IncidentChange(unconscious=False, what="つまずいた")
    await world.do(lambda session: change_incident(session, by=by, incident_id=1, change=change, now=world.now))
    await page.get_by_label("What happened?").fill("fell off the slide")

    await follow(page.get_by_role("button", name="Save"))

    assert "corrected after you opened the form" in await page.get_by_role("alert").inner_text()
    now = await page.locator("details", has_text="What stands now").inner_text()
    assert [text for text in ("つまずいた", "Lost consciousness, before: yes", "Bob") if text not in now] == []
    assert await page.get_by_label("What happened?").input_value() == "fell off the slide"
    await follow(page.get_by_role("button", name="Save"))
    async with world.database.read() as session:
        known = await session.get_one(Incident, 1)
    assert (known.what, known.unconscious) == ("fell off the slide", False)


async def test_a_photo_is_shown_to_the_areas_staff_alone_and_with_a_reason(windows: Windows) -> None:
    world = windows.site.world
    bob = await an_incident(world)
    photo, by = reencoded(a_photo()), await world.do(lambda session: signed_in(session, bob))
    await world.do(lambda session: add_photo(session, by=by, incident_id=1, photo=photo, now=world.now))
    staff, helper = await windows.open(world.staff), await windows.open(by)
    here = "/staff/misono/incidents/1/photos/1"

    answers = [
        (await page.context.request.get(path)).status
        for page, path in ((staff, f"{here}?reason=accident"), (staff, here), (helper, f"{here}?reason=accident"))
    ]

    assert answers == [HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN]

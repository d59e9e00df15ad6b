"""Somebody calls the desk: staff find the booking by its number, see whom to call, and take down what happened."""

from functools import partial
from http import HTTPStatus
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page
from sqlmodel import select

from care.steps import HOUR, MINUTE, begin, book, get_ready, row, start
from care.test_races import beside
from sharecare.accounts.queries import accesses_to
from sharecare.accounts.rules import Actor
from sharecare.accounts.service import appoint_staff
from sharecare.care.models import Booking
from sharecare.incidents.models import Incident, IncidentPhoto
from sharecare.incidents.schemas import IncidentChange
from sharecare.incidents.service import change_incident
from sharecare.insurance.models import Cover
from sharecare.messages.models import Message
from sharecare.messages.rules import MessageKind
from web.browsing import SMALL, Windows, clean, follow, token_in
from web.test_staff_incidents import an_incident
from world import World, a_person, make_urawa, signed_in

EVIL = '<script>document.title = "taken"</script> 段差でつまずいた'
MY_NUMBER = "番号 123456789018"


async def look_up(page: Page, number: object) -> None:
    """Open a booking by its number, as it is read out."""
    await page.get_by_label("予約番号から開く").fill(str(number))
    await follow(page.get_by_role("button", name="開く", exact=True))


async def open_file(page: Page, reason: str) -> None:
    """Open the file of the incident shown first."""
    await page.get_by_text("内容を見る").first.click()
    await page.get_by_label("なぜ見ますか").last.fill(reason)
    await follow(page.get_by_role("button", name="内容を見る"))


async def appoint(world: World, name: str, area_id: int) -> None:
    """Let somebody be of an area's staff, too."""
    email = f"{name.lower()}@example.jp"
    await world.do(lambda s: appoint_staff(s, email=email, area_id=area_id, now=world.now))


async def test_what_a_parent_tells_by_phone_is_taken_down_and_told_to_both(windows: Windows) -> None:
    # The API let staff do it and no page did: a parent in a hospital had to type everything themselves.
    windows.expected |= {HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    family, bob = await world.family("Alice", children=2), await world.supporter("Bob")
    booking = await begin(world, family, bob, urgent=True)
    world.now += HOUR
    parent, page = await windows.open(family.actor, size=SMALL), await windows.open(world.staff, size=SMALL)
    await parent.goto(f"/bookings/{booking.id}")
    assert f"予約番号 {booking.id}" in await parent.locator("main").inner_text()

    await page.goto("/staff/misono/to-do")
    await look_up(page, "１")  # as a Japanese keyboard gives it
    shown = await page.locator("main").inner_text()
    cover = await row(world, Cover, booking.cover_id)
    assert [one for one in (cover.number, "預かり中", "保護者と") if one not in shown] == []
    assert [name for name in ("Alice", "Bob") if name in shown] == []
    await clean(page)
    await follow(page.get_by_role("link", name="起きたことを聞きとって記録する"))
    await page.locator("label", has_text="事故・けが・破損").click()
    await page.get_by_label("どこで").fill("園の玄関前")
    await page.get_by_label("何がありましたか").fill(EVIL)
    await page.locator("label", has_text="お子さん").first.click()
    for part in ("けが・手当て・こわれた物", "見ていた人・連絡したところ"):
        await page.get_by_text(part).click()
    assert "Alice" not in await page.locator("main").inner_text()
    await page.get_by_label("けがをしたお子さん").select_option("2人目のお子さん(4歳)")
    await page.get_by_label("けがのようす").fill("腕の痛み")
    await page.get_by_label("市町村").fill("2026-06-02T17:40")
    await page.get_by_label("保険会社").fill("2026-06-02T17:45")
    await clean(page)
    await page.get_by_label("いつ").fill("2026-06-02T23:00")
    await follow(page.get_by_role("button", name="記録する"))
    assert "連絡した時刻が、起きた時刻より前" in await page.get_by_role("alert").inner_text()
    assert await page.get_by_label("けがのようす").input_value() == "腕の痛み"
    await page.get_by_label("いつ").fill("2026-06-02T17:30")
    await follow(page.get_by_role("button", name="記録する"))

    assert "記録しました" in await page.get_by_role("status").inner_text()
    incident = await row(world, Incident, 1)
    assert (incident.child_id, incident.reported_by) == (family.child_ids[1], world.staff.person_id)
    async with world.database.read() as session:
        told_to = select(Message.person_id).where(Message.kind == MessageKind.INCIDENT_TOLD)
        assert set(await session.exec(told_to)) == {family.actor.person_id, bob.person_id}
    for side in (parent, await windows.open(bob, size=SMALL)):
        await side.goto("/incidents/1")
        told = await side.locator("section.card").inner_text()
        known = (EVIL, "市町村 6月2日(火) 17:40", "保険会社 6月2日(火) 17:45", "腕の痛み", "Staff")
        assert [one for one in known if one not in told] == []
        await clean(side)


async def test_staff_complete_a_report_with_a_reason_and_both_see_what_they_changed(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    await an_incident(world, injury="腕の痛み")
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/incidents")
    await open_file(page, "病院からの電話")
    await follow(page.get_by_role("button", name="書き足す・直す"))
    assert await page.get_by_label("けがのようす").input_value() == "腕の痛み"
    await clean(page)

    await page.get_by_label("わかったこと").fill(MY_NUMBER)
    await page.get_by_label("けがのようす").fill("左腕の骨折")
    await follow(page.get_by_role("button", name="保存する"))
    assert await page.locator(".problem").count() == 1
    assert await page.get_by_label("けがのようす").input_value() == "左腕の骨折"
    await page.get_by_label("わかったこと").fill("医師の診断")
    await page.get_by_text("見ていた人・連絡したところ").click()
    await page.get_by_label("市町村").fill("2026-06-02T18:00")
    await follow(page.get_by_role("button", name="保存する"))

    assert "前の記録も残っています" in await page.get_by_role("status").inner_text()
    booking = await row(world, Booking, 1)
    for person_id in (booking.requester_id, booking.supporter_id):
        side = await windows.open(await world.do(partial(signed_in, person_id=person_id, now=world.now)), size=SMALL)
        await side.goto("/incidents/1")
        told = await side.locator("section.card").inner_text()
        known = ("左腕の骨折", "けがのようす(前の記録): 腕の痛み", "医師の診断", "· Staff", "市町村 6月2日(火) 18:00")
        assert [one for one in known if one not in told] == []
        async with world.database.read() as session:
            reasons = [look.reason for look in (await accesses_to(session, person_id)).items]
        assert reasons.count("病院からの電話") == 3  # the file, the form, and the form again


async def test_photos_that_came_by_mail_are_added_one_after_another(windows: Windows) -> None:
    # No form of staff let a photo in, and 64 KiB was the most that one could have sent.
    windows.expected |= {HTTPStatus.BAD_REQUEST}
    world = windows.site.world
    bob = await an_incident(world)
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/incidents")
    await open_file(page, "写真が届いた")

    for name, sent in (("no photo", b"no photo"), ("one", a_large_photo()), ("two", a_large_photo())):
        file = FilePayload(name=f"{name}.png", mimeType="image/png", buffer=sent)
        await page.get_by_label("写真", exact=True).set_input_files(file)
        await follow(page.get_by_role("button", name="写真を加える"))
        assert await page.get_by_role("alert").count() == (name == "no photo")

    assert "写真を加えました" in await page.get_by_role("status").inner_text()
    assert await page.get_by_text("写真を見る(2枚)").count() == 1
    await clean(page)
    helper = await windows.open(await world.do(partial(signed_in, person_id=bob, now=world.now)))
    await helper.goto("/incidents/1")
    assert await helper.get_by_role("img", name="写真").count() == 2


def a_large_photo() -> bytes:
    """Draw a picture that is larger than any form without one may be."""
    kept = BytesIO()
    Image.effect_noise((500, 500), 90).convert("RGB").save(kept, "PNG")
    return kept.getvalue()


async def test_a_number_that_opens_nothing_is_answered_alike_whatever_it_is(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.NOT_FOUND}
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    urawa = await world.do(partial(make_urawa, now=world.now))
    dan = await world.do(lambda s: a_person(s, "Dan", now=world.now))
    for name, area_id in (("Dan", urawa.id), ("Alice", world.area_id), ("Staff", urawa.id)):
        await appoint(world, name, area_id)

    answers = set()
    for who, area, number in (
        (world.staff, "misono", booking.id + 1),
        (world.staff, "misono", "Alice"),
        (dan, "urawa", booking.id),
        (world.staff, "urawa", booking.id),
        (family.actor, "misono", booking.id),
    ):
        page = await windows.open(who, size=SMALL)
        await page.goto(f"/staff/{area}/desk")
        await look_up(page, number)
        assert await page.get_by_label("予約番号から開く").input_value() == str(number)
        answers.add(await page.get_by_role("alert").inner_text())
        await clean(page)

    assert len(answers) == 1
    assert "この番号の予約は開けません" in answers.pop()


@pytest.mark.parametrize("party", ["Alice", "Bob"])
async def test_staff_open_no_staff_page_of_their_own_family_s_care(windows: Windows, party: str) -> None:
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await begin(world, family, bob, urgent=True)
    mine = f"/bookings/{booking.id}/incidents"
    fall = {"kind": "incident", "at": "2026-06-02T17:00", "place": "公園", "what": "転んだ"}
    await appoint(world, party, world.area_id)
    own = await windows.open(family.actor if party == "Alice" else bob)
    await own.goto(mine)
    form: dict[str, str | float | bool] = {"token": token_in(await own.content()), "reason": "電話で確認", **fall}
    assert (await own.context.request.post(mine, form=form)).ok  # as one of the two sides, by the door of the two sides

    here, file = f"/staff/misono/bookings/{booking.id}", "/staff/misono/incidents/1"
    doors = [await own.context.request.get(door) for door in (here, f"{here}/incidents")]
    posts = [f"{here}/{name}" for name in ("incidents", "people", "pass")]
    posts += [f"{file}/{name}" for name in ("completing", "change", "photos")]
    doors += [await own.context.request.post(door, form=form | {"note": "直した"}) for door in posts]

    assert [answer.status for answer in doors] == [HTTPStatus.NOT_FOUND] * 8
    staff = await windows.open(world.staff)
    assert (await staff.context.request.get(f"{here}/incidents")).ok


async def test_staff_see_whom_to_call_and_let_a_handover_pass_as_soon_as_it_is_due(windows: Windows) -> None:
    # It stood on the desk alone, and there only once the handover was overdue or its digits were locked.
    windows.expected |= {HTTPStatus.UNPROCESSABLE_ENTITY}
    world = windows.site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(family.actor, bob)
    booking = await book(world, family, bob)
    await get_ready(world, bob, booking)
    page = await windows.open(world.staff, size=SMALL)
    await page.goto("/staff/misono/desk")
    await look_up(page, booking.id)
    assert await page.locator("[name=why]").count() == 0  # tomorrow's
    world.now = booking.start_at + MINUTE
    await page.reload()

    for reason in (MY_NUMBER, "保護者からの電話"):
        await page.get_by_label("なぜ見ますか").fill(reason)
        await follow(page.get_by_role("button", name="連絡先を見る"))
        await clean(page)
    people = await page.locator("[role=status]").inner_text()
    assert [name for name in ("Alice", "Bob", "鈴木 和子") if name not in people] == []
    await page.locator("summary", has_text="番号を見せられないとき").click()
    for why in (MY_NUMBER, "電話で確認"):
        await page.get_by_label("どう確かめましたか").fill(why)
        await follow(page.get_by_role("button", name="番号なしで認める"))

    assert "番号なしの引き渡しを認め" in await page.get_by_role("status").inner_text()
    assert page.url.partition("?")[0].endswith(f"/staff/misono/bookings/{booking.id}")
    assert (await start(world, bob, booking, digits=False)).state == "in_care"
    async with world.database.read() as session:
        for one in (family.actor, bob):
            reasons = [look.reason for look in (await accesses_to(session, one.person_id)).items]
            assert reasons.count("保護者からの電話") == 1


async def test_who_was_told_is_kept_from_two_who_add_to_it_at_once(windows: Windows) -> None:
    # On PostgreSQL the slower of two wrote down what it had read before, and the other's was lost.
    world = windows.site.world
    bob = await an_incident(world)
    page = await windows.open(world.staff)
    await page.goto("/staff/misono/incidents")
    told = {"whom": "municipality", "at": world.now}
    form: dict[str, str | float | bool] = {"token": token_in(await page.content())}
    at = world.now.astimezone(ZoneInfo("Asia/Tokyo"))
    form |= {"reason": "病院からの電話", "injured": "child", "told_insurer": f"{at:%Y-%m-%dT%H:%M}"}
    change = IncidentChange.model_validate({"told": [told]})

    await beside(
        world,
        partial(change_incident, by=await side(world, bob), incident_id=1, change=change, now=world.now),
        page.context.request.post("/staff/misono/incidents/1/change", form=form),
    )

    assert [one["whom"] for one in (await row(world, Incident, 1)).told] == ["municipality", "insurer"]


async def test_nothing_is_changed_without_a_reason_for_the_look(windows: Windows) -> None:
    # A form that came without its fields took an injury back; a photo was kept though the answer was a refusal.
    world = windows.site.world
    await an_incident(world, injury="腕の痛み")
    before = await row(world, Incident, 1)
    page = await windows.open(world.staff)
    await page.goto("/staff/misono/incidents")
    form: dict[str, str | float | bool] = {"token": token_in(await page.content())}
    file = "/staff/misono/incidents/1"
    photo = FilePayload(name="one.png", mimeType="image/png", buffer=a_large_photo())

    answers = [
        await page.context.request.post(f"{file}/change", form=form | {"note": "電話"}),
        await page.context.request.post(f"{file}/photos", multipart={**form, "photo": photo}),
    ]

    assert [answer.ok for answer in answers] == [False, False]
    assert await row(world, Incident, 1) == before
    async with world.database.read() as session:
        assert (await session.exec(select(IncidentPhoto.id))).all() == []
    await page.context.request.post(f"{file}/change", form=form | {"reason": "病院からの電話", "note": "電話"})
    assert (await row(world, Incident, 1)).injury == "腕の痛み"


async def side(world: World, person_id: int) -> Actor:
    return await world.do(partial(signed_in, person_id=person_id, now=world.now))

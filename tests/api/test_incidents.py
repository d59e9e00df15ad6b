"""Incidents, claims and bordereaux at the JSON door, from the fall to the insurer."""

import io

import pytest
from PIL import Image

from api.door import through_the_door
from care.steps import HOUR, book, start
from doors import Someone, Town
from sharecare.accounts.service import appoint_staff
from sharecare.areas.rules import Level
from sharecare.care.models import Booking
from world import Family, signed_in

FALL = {
    "kind": "incident",
    "place": "公園の入口",
    "what": "段差でつまずいた。",
    "injured": "child",
    "injury": "ひざのすりむき",
    "treatment": "first_aid",
    "witnesses": [{"name": "目撃 太郎", "contact": "090-0000-1111"}],
    "told": [{"whom": "family", "at": "2026-06-02T17:00:00+09:00"}],
}


@pytest.fixture
async def care(town: Town) -> tuple[Family, Booking, Someone, Someone, Someone]:
    world = town.world
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    town.now = booking.start_at
    await start(world, helper, booking)
    people = [through_the_door(town, actor) for actor in (family.actor, helper, world.staff)]
    return family, booking, people[0], people[1], people[2]


def a_photo() -> bytes:
    written = io.BytesIO()
    Image.effect_noise((900, 900), 90).convert("RGB").save(written, "PNG")
    return written.getvalue()


async def test_from_the_fall_to_the_claim(town: Town, care: tuple[Family, Booking, Someone, Someone, Someone]) -> None:
    family, booking, parent, helper, staff = care
    fall = FALL | {"occurred_at": booking.start_at.isoformat(), "child_id": family.child_ids[0]}

    reported = (await helper.post(f"/bookings/{booking.id}/incidents", fall)).json()
    path = f"/incidents/{reported['id']}"
    photo = await helper.ask("POST", f"{path}/photos", content=a_photo())
    added = await parent.ask("PATCH", path, json={"note": "病院へ行きました", "treatment": "doctor"})
    listed = (await staff.get("/areas/misono/incidents")).json()["items"]
    refused = await staff.get(f"{path}/file")
    read = await staff.get(f"{path}/file?reason=accident")
    claim = (
        await staff.post(f"{path}/claims", {"peril": "liability", "claimant": "family", "claimed_yen": 8_000})
    ).json()
    moved = await staff.post(f"/claims/{claim['id']}/changes", {"state": "submitted", "reserve_yen": 8_000})
    letter = {"correspondent": "insurer", "outgoing": True, "at": town.now.isoformat(), "subject": "送付"}
    kept = await staff.post(f"/claims/{claim['id']}/letters", letter)

    assert photo.status_code == 201
    shown = await parent.get(f"{path}/photos/{photo.json()['id']}")
    assert (shown.headers["content-type"], shown.content[:2]) == ("image/jpeg", b"\xff\xd8")
    assert added.json()["notes"][0]["changes"] == {"treatment": "first_aid"}
    assert "公園" not in str(listed)
    assert listed[0]["treatment"] == "doctor"
    assert (refused.status_code, read.json()["witnesses"][0]["name"]) == (422, "目撃 太郎")
    assert [look["reason"] for look in (await parent.get("/me/record-accesses")).json()["items"]] == ["accident"]
    assert moved.json()["history"][-1]["state"] == "submitted"
    assert [one["subject"] for one in kept.json()["letters"]] == ["送付"]
    told = (await parent.get(path)).json()
    assert told["claims"] == [{"id": claim["id"], "number": "SK-1-C0001", "state": "submitted"}]
    assert "no payment" in told["notice"]["en"]


async def test_photos_may_be_larger_than_other_bodies_and_not_larger_than_five_megabytes(
    town: Town, care: tuple[Family, Booking, Someone, Someone, Someone]
) -> None:
    _, booking, _, helper, _ = care
    fall = FALL | {"occurred_at": town.now.isoformat()}
    reported = (await helper.post(f"/bookings/{booking.id}/incidents", fall)).json()
    photos, picture = f"/incidents/{reported['id']}/photos", a_photo()
    assert len(picture) > 64 * 1024

    answers = [
        await helper.ask("POST", photos, content=picture),
        await helper.ask("POST", photos, content=bytes(5 * 1024 * 1024 + 1)),
        await helper.ask("POST", photos, content=b"no picture"),
    ]

    assert [answer.status_code for answer in answers] == [201, 413, 400]


async def test_a_photo_without_room_is_not_unpacked(
    town: Town, care: tuple[Family, Booking, Someone, Someone, Someone]
) -> None:
    # Each was unpacked before anyone looked whether it may be kept: what is no picture was told as such, by 400.
    _, booking, _, helper, staff = care
    fall = FALL | {"occurred_at": town.now.isoformat()}
    full, closed = [(await helper.post(f"/bookings/{booking.id}/incidents", fall)).json()["id"] for _ in range(2)]
    picture, tenth = a_photo(), {"Idempotency-Key": "the-tenth"}
    path = f"/incidents/{full}/photos"
    kept = [await helper.ask("POST", path, content=picture, headers=tenth if i == 9 else None) for i in range(10)]
    await staff.post(f"/incidents/{closed}/close", {"conclusion": "段差に目印"})

    eleventh = await helper.ask("POST", path, content=b"no picture")
    late = await helper.ask("POST", f"/incidents/{closed}/photos", content=b"no picture")
    again = await helper.ask("POST", path, content=picture, headers=tenth)

    assert [(one.status_code, one.json()["code"]) for one in (eleventh, late)] == [
        (409, "enough-photos"),
        (409, "incident-closed"),
    ]
    assert (again.status_code, again.json()) == (201, kept[-1].json())


async def test_papers_go_with_a_letter_and_come_back_as_they_were(
    town: Town, care: tuple[Family, Booking, Someone, Someone, Someone]
) -> None:
    _, booking, parent, helper, staff = care
    reported = (
        await helper.post(f"/bookings/{booking.id}/incidents", FALL | {"occurred_at": town.now.isoformat()})
    ).json()
    filing = {"peril": "liability", "claimant": "family", "claimed_yen": 12_000}
    filed = (await staff.post(f"/incidents/{reported['id']}/claims", filing)).json()
    claim = f"/claims/{filed['id']}"
    letter = {"correspondent": "family", "outgoing": False, "at": town.now.isoformat(), "subject": "診断書"}
    kept = (await staff.post(f"{claim}/letters", letter)).json()["letters"][0]
    pdf = b"%PDF-1.7\n" + bytes(100_000) + b"%%EOF"
    papers, tenth = f"{claim}/letters/{kept['id']}/attachments", {"Idempotency-Key": "the-tenth"}

    answers = [
        await staff.ask("POST", papers, content=one) for one in (pdf, a_photo(), b"no paper", bytes(5 * 1024**2 + 1))
    ]
    for number in range(3, 11):
        last = await staff.ask("POST", papers, content=pdf, headers=tenth if number == 10 else None)
    full = await staff.ask("POST", papers, content=b"no paper")
    again = await staff.ask("POST", papers, content=pdf, headers=tenth)

    assert [answer.status_code for answer in answers] == [201, 201, 400, 413]
    assert answers[0].json() == {"id": 1, "media_type": "application/pdf", "size_bytes": len(pdf)}
    assert (full.status_code, full.json()["code"]) == (409, "enough-attachments")
    assert (again.status_code, again.json()) == (201, last.json())
    shown = (await staff.get(claim)).json()["letters"][0]["attachments"]
    assert [one["id"] for one in shown] == list(range(1, 11))
    given = [await staff.get(f"{claim}/attachments/{one['id']}") for one in shown[:2]]
    assert [(one.headers["content-type"], one.content[:4]) for one in given] == [
        ("application/pdf", b"%PDF"),
        ("image/jpeg", b"\xff\xd8\xff\xe0"),
    ]
    assert [one.headers["content-disposition"] for one in given] == ["attachment"] * 2
    assert given[0].content == pdf
    assert len((await parent.get("/me/record-accesses")).json()["items"]) == 2


async def test_the_staff_send_a_month_and_read_it_as_they_like(
    town: Town, care: tuple[Family, Booking, Someone, Someone, Someone]
) -> None:
    *_, staff = care
    policy = (await staff.get("/areas/misono/policies")).json()[0]
    town.now = town.now.replace(month=7)
    staff = through_the_door(town, town.world.staff)

    running = await staff.post(f"/policies/{policy['id']}/bordereaux", {"kind": "supports", "month": "2026-07"})
    sent = await staff.post(f"/policies/{policy['id']}/bordereaux", {"kind": "supports", "month": "2026-06"})
    again = await staff.post(f"/policies/{policy['id']}/bordereaux", {"kind": "supports", "month": "2026-06"})

    assert (running.status_code, running.json()["code"]) == (409, "month-still-runs")
    assert (sent.status_code, len(sent.json()["rows"])) == (201, 1)
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-correct")
    path = f"/bordereaux/{sent.json()['id']}"
    workbook, table = await staff.get(f"{path}?format=xlsx"), await staff.get(f"{path}?format=csv")
    assert workbook.content[:2] == b"PK"
    assert workbook.headers["content-disposition"] == 'attachment; filename="bordereau-SK-1-supports-2026-06-0.xlsx"'
    assert table.content.decode("utf-8-sig").splitlines()[1].startswith("SK-1-000001,SK-1,")
    assert (await staff.get("/areas/misono/bordereau?month=2026-06&format=xlsx")).content[:2] == b"PK"
    months = (await staff.get("/areas/misono/bordereaux")).json()
    assert [(one["month"], len(one["sent"]["supports"]), one["to_adjust"]) for one in months] == [
        ("2026-06", 1, []),
        ("2026-05", 0, []),
    ]
    listed = (await staff.get(f"/policies/{policy['id']}/bordereaux")).json()
    assert [(one["month"], one["number"]) for one in listed] == [("2026-06", 0)]
    standing = (await staff.get(f"/policies/{policy['id']}")).json()
    assert standing["aggregates"][0] == {
        "aggregate": "supports",
        "used": 1,
        "limit": None,
        "is_near": False,
        "is_reached": False,
    }
    assert not standing["insurer_is_told"]


@pytest.mark.parametrize("party", ["alice", "bob"])
async def test_staff_decide_nothing_of_their_own_family_s_care(
    town: Town, care: tuple[Family, Booking, Someone, Someone, Someone], party: str
) -> None:
    # A supporter who was staff too put down a care of their own, with no digits asked and nobody beside them.
    family, booking, _, helper, _ = care
    world = town.world
    fall = FALL | {"occurred_at": booking.start_at.isoformat(), "child_id": family.child_ids[0]}
    incident = (await helper.post(f"/bookings/{booking.id}/incidents", fall)).json()["id"]
    town.now = booking.end_at + HOUR
    person_id = booking.requester_id if party == "alice" else booking.supporter_id
    await world.do(lambda s: appoint_staff(s, email=f"{party}@example.jp", area_id=world.area_id, now=world.now))
    own = through_the_door(town, await world.do(lambda s: signed_in(s, person_id, now=world.now)))
    staff = through_the_door(town, world.staff)
    claim = {"peril": "liability", "claimant": "family", "claimed_yen": 8_000}
    record = {"ended_at": booking.end_at.isoformat(), "reason": "電話で確認"}

    refused = [
        await own.post(f"/incidents/{incident}/claims", claim),
        await own.post(f"/bookings/{booking.id}/record-care", record),
        await own.get(f"/incidents/{incident}/file?reason=accident"),
    ]

    filed = await staff.post(f"/incidents/{incident}/claims", claim)
    assert filed.status_code == 201
    refused.append(
        await own.post(f"/claims/{filed.json()['id']}/changes", {"state": "submitted", "reserve_yen": 8_000})
    )
    assert [answer.status_code for answer in refused] == [404] * 4
    assert (await staff.post(f"/bookings/{booking.id}/record-care", record)).is_success

"""The whole journey over HTTP: two parents, a supporter, staff, and a stranger who sees nothing of theirs."""

from datetime import timedelta

import httpx

from doors import Someone, Town
from world import NOW

HOME = {"lat": 35.8921, "lon": 139.7283, "address": "美園4丁目5-6"}
TOMORROW_17 = NOW + timedelta(days=1, hours=8)
SECRETS = (
    "美園4丁目5-6",
    "美園2丁目7-8",
    "35.8921",
    "35.8935",
    "090-1111-2222",
    "090-3333-4444",
    "さくらこ",
    "たまごアレルギー",
)


async def test_a_request_is_asked_accepted_insured_lived_thanked_and_counted(town: Town) -> None:
    hanako = await a_parent(town, "Hanako")
    taro = await town.sign_up("Taro")
    sachiko = await a_supporter(town, "Sachiko")
    mallory = await town.sign_up("Mallory", is_supporter=True)
    staff = await town.sign_in("staff@example.jp")

    # A second guardian joins the family by the first one's invitation.
    invitation = (await hanako.post("/me/guardian-invitations")).json()
    assert (await taro.post("/me/guardian-invitations/accept", invitation)).status_code == 200

    # Staff confirm the supporter's papers; she offers hours; she and the parent meet face to face.
    await certify(sachiko, staff)
    week = [{"weekday": day, "start": "06:00", "end": "20:00"} for day in range(7)]
    assert (await sachiko.put("/me/hours", {"weekly": week})).status_code == 200
    code = (await sachiko.post("/me/meeting-codes")).json()["code"]
    assert ok(await hanako.post("/me/meetings", {"code": code}))
    hanako_id = (await hanako.get("/me")).json()["id"]
    assert ok(await sachiko.post(f"/me/friends/{hanako_id}/approve"))

    # The request: three facts, who and when and what kind.
    child = (await hanako.get("/me/children")).json()[0]["id"]
    need = {
        "kind": "child_home",
        "children": [child],
        "start_at": TOMORROW_17.isoformat(),
        "end_at": (TOMORROW_17 + timedelta(hours=2)).isoformat(),
    }
    opened = (await hanako.post("/requests", need, headers={"Idempotency-Key": "ask-once-1"})).json()
    again = await hanako.post("/requests", need, headers={"Idempotency-Key": "ask-once-1"})
    assert again.json() == opened
    assert [(one["name"], one["circle"]) for one in opened["asked"]] == [("Sachiko", "friends")]
    request = opened["id"]
    candidates = (await hanako.get(f"/requests/{request}/candidates")).json()
    assert [one["name"] for one in candidates] == ["Sachiko"]
    assert not {"score", "trust", "distance", "availability"} & candidates[0].keys()

    # Before acceptance nothing names the child or the address to anyone but the family itself.
    asks = (await sachiko.get("/me/asks")).json()["items"]
    assert (asks[0]["request"]["id"], asks[0]["request"]["ages"]) == (request, [4])
    glimpse = await sachiko.get(f"/requests/{request}")
    for answer in (glimpse, await sachiko.get("/me/asks"), await sachiko.get("/me/messages")):
        assert leaks(answer) == []

    # An offer, the family's choice, and cover: together or not at all.
    offer = (await sachiko.post(f"/requests/{request}/offers", {"note": "17時から大丈夫です"})).json()
    booking = (await taro.post(f"/offers/{offer['id']}/accept")).json()
    assert (booking["state"], booking["cover_number"]) == ("confirmed", "SK-1-000001")
    details = (await sachiko.get(f"/bookings/{booking['id']}")).json()["details"]
    assert (details["address"], details["requester"]["phone"], details["children"][0]["allergies"]) == (
        "美園4丁目5-6",
        "090-1111-2222",
        "たまごアレルギー",
    )
    cover = (await hanako.get(f"/bookings/{booking['id']}/cover")).json()
    assert (cover["state"], cover["liability_yen"]) == ("bound", 50_000_000)

    # The care day: digits on the parent's screen, an extension both agree on, digits again.
    town.now = TOMORROW_17
    pins = (await hanako.get(f"/bookings/{booking['id']}/pins")).json()
    wrong = await sachiko.post(
        f"/bookings/{booking['id']}/start", {"pin": "000000" if pins["start"] != "000000" else "1"}
    )
    assert wrong.status_code == 409
    assert ok(await sachiko.post(f"/bookings/{booking['id']}/start", {"pin": pins["start"]}))
    later = (TOMORROW_17 + timedelta(hours=2, minutes=30)).isoformat()
    change = (await hanako.post(f"/bookings/{booking['id']}/changes", {"new_end_at": later})).json()
    assert (await taro.post(f"/changes/{change['id']}/agree")).status_code == 409
    assert ok(await sachiko.post(f"/changes/{change['id']}/agree"))
    town.now = TOMORROW_17 + timedelta(hours=2, minutes=40)  # ten minutes late: the policy's grace
    finished = await sachiko.post(f"/bookings/{booking['id']}/finish", {"pin": pins["finish"]})
    assert finished.json()["state"] == "completed"
    lines = [{"kind": "thanks", "yen": 1500}, {"kind": "food", "yen": 200, "note": "おやつ"}]
    assert ok(await hanako.post(f"/bookings/{booking['id']}/thanks", {"lines": lines}))

    # The town's figures follow, and the insurer's list.
    town.now += timedelta(days=1)
    await town.round()
    report = (await staff.get("/areas/misono/report?month=2026-06")).json()
    assert report["area"] == "misono"
    bordereau = (await staff.get("/areas/misono/bordereau?month=2026-06")).json()
    assert [(row["number"], row["open_gap_minutes"]) for row in bordereau["rows"]] == [("SK-1-000001", 0)]

    # A day after the care the address is closed again; the stranger never saw anything.
    town.now += timedelta(days=1)
    assert (await sachiko.get(f"/bookings/{booking['id']}")).json()["details"] is None
    await sees_nothing(mallory, request=request, offer=offer["id"], booking=booking["id"], change=change["id"])


async def a_parent(town: Town, name: str) -> Someone:
    parent = await town.sign_up(name, phone="090-1111-2222")
    assert ok(await parent.put("/me/home", HOME))
    child = {"name": "さくらこ", "birth_month": "2022-05-01", "allergies": "たまごアレルギー"}
    assert ok(await parent.post("/me/children", child))
    return parent


async def a_supporter(town: Town, name: str) -> Someone:
    supporter = await town.sign_up(name, is_requester=False, is_supporter=True, phone="090-3333-4444")
    assert ok(await supporter.put("/me/home", {"lat": 35.8935, "lon": 139.7290, "address": "美園2丁目7-8"}))
    offered = {"kinds": ["child_home", "pickup"], "means": ["foot"], "capacity": 2, "travel_radius_m": 2000}
    assert ok(await supporter.put("/me/supporter", offered))
    return supporter


async def certify(supporter: Someone, staff: Someone) -> None:
    units = ("care", "health", "safety", "food", "play", "first_response")
    papers: list[dict[str, str]] = [{"kind": "identity"}, *({"kind": "course_unit", "unit": unit} for unit in units)]
    papers += [{"kind": kind} for kind in ("training_session", "first_aid", "interview", "notification")]
    for paper in papers:
        shown = await supporter.post("/me/credentials", {**paper, "issued_on": "2026-01-10"})
        assert ok(await staff.post(f"/credentials/{shown.json()['id']}/confirm"))


async def sees_nothing(stranger: Someone, **ids: int) -> None:
    """Every door to another family's things answers as if they did not exist."""
    tries = (
        ("GET", f"/requests/{ids['request']}"),
        ("GET", f"/requests/{ids['request']}/candidates"),
        ("GET", f"/requests/{ids['request']}/offers"),
        ("POST", f"/requests/{ids['request']}/withdraw"),
        ("POST", f"/requests/{ids['request']}/offers"),
        ("POST", f"/offers/{ids['offer']}/accept"),
        ("POST", f"/offers/{ids['offer']}/withdraw"),
        ("GET", f"/bookings/{ids['booking']}"),
        ("GET", f"/bookings/{ids['booking']}/cover"),
        ("GET", f"/bookings/{ids['booking']}/pins"),
        ("POST", f"/bookings/{ids['booking']}/start"),
        ("POST", f"/bookings/{ids['booking']}/finish"),
        ("POST", f"/bookings/{ids['booking']}/cannot-come"),
        ("POST", f"/changes/{ids['change']}/agree"),
    )
    answers = [await stranger.ask(method, path, json={}) for method, path in tries]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not-found")}
    for path in ("/requests", "/bookings", "/me/asks"):
        assert (await stranger.get(path)).json()["items"] == []
    assert (await stranger.get("/areas/misono/report?month=2026-06")).status_code in (403, 404)


def ok(answer: httpx.Response) -> bool:
    assert answer.is_success, answer.text
    return True


def leaks(answer: httpx.Response) -> list[str]:
    return [secret for secret in SECRETS if secret in answer.text]

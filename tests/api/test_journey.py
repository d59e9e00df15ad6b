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
    taro = await a_second_guardian(town, hanako, "Taro")
    sachiko = await a_supporter(town, "Sachiko")
    mallory = await town.sign_up("Mallory", is_supporter=True)
    staff = await town.sign_in("staff@example.jp")
    await certify(sachiko, staff)
    await meet(hanako, sachiko)

    request = await ask_for_help(hanako)
    await see_only_a_glimpse(sachiko, request)
    offer = (await sachiko.post(f"/requests/{request}/offers", {"note": "17時から大丈夫です"})).json()
    booking = (await taro.post(f"/offers/{offer['id']}/accept")).json()
    assert (booking["state"], booking["cover_number"]) == ("confirmed", "SK-1-000001")
    await see_what_the_day_needs(hanako, sachiko, booking["id"])
    await hold_the_pre_meeting(hanako, sachiko, booking["id"])
    change = await live_the_care(town, (hanako, taro, sachiko), booking["id"])

    # The town's figures follow, and the insurer's list.
    town.now += timedelta(days=1)
    await town.round()
    report = (await staff.get("/areas/misono/report?month=2026-06")).json()
    assert next(one["value"] for one in report["figures"] if one["name"] == "uses") == 1
    bordereau = (await staff.get("/areas/misono/bordereau?month=2026-06")).json()
    assert [(row["number"], row["open_gap_minutes"]) for row in bordereau["rows"]] == [("SK-1-000001", 0)]

    # A day after the care the address is closed again; the stranger never saw anything.
    town.now += timedelta(days=1)
    assert (await sachiko.get(f"/bookings/{booking['id']}")).json()["details"] is None
    assert (await sachiko.get(f"/bookings/{booking['id']}/record")).status_code == 404
    await sees_nothing(mallory, request=request, offer=offer["id"], booking=booking["id"], change=change)


async def a_second_guardian(town: Town, first: Someone, name: str) -> Someone:
    """Join a family by the invitation of one who is in it."""
    second = await town.sign_up(name)
    invitation = (await first.post("/me/guardian-invitations")).json()
    assert ok(await second.post("/me/guardian-invitations/accept", invitation))
    return second


async def meet(parent: Someone, supporter: Someone) -> None:
    """Enter the code that the other shows, face to face; the other approves."""
    code = (await supporter.post("/me/meeting-codes")).json()["code"]
    assert ok(await parent.post("/me/meetings", {"code": code}))
    parent_id = (await parent.get("/me")).json()["id"]
    assert ok(await supporter.post(f"/me/friends/{parent_id}/approve"))


async def ask_for_help(parent: Someone) -> int:
    """Say who, when and what; a repeated key opens no second request."""
    need = {
        "kind": "child_home",
        "children": [(await parent.get("/me/children")).json()[0]["id"]],
        "start_at": TOMORROW_17.isoformat(),
        "end_at": (TOMORROW_17 + timedelta(hours=2)).isoformat(),
    }
    opened = (await parent.post("/requests", need, headers={"Idempotency-Key": "ask-once-1"})).json()
    again = await parent.post("/requests", need, headers={"Idempotency-Key": "ask-once-1"})
    assert again.json() == opened
    assert [(one["name"], one["circle"]) for one in opened["asked"]] == [("Sachiko", "friends")]
    candidates = (await parent.get(f"/requests/{opened['id']}/candidates")).json()
    assert [one["name"] for one in candidates] == ["Sachiko"]
    assert not {"score", "trust", "distance", "availability"} & candidates[0].keys()
    return int(opened["id"])


async def see_only_a_glimpse(supporter: Someone, request: int) -> None:
    """Before acceptance nothing names the child or the address."""
    asks = (await supporter.get("/me/asks")).json()["items"]
    assert (asks[0]["request"]["id"], asks[0]["request"]["ages"]) == (request, [4])
    for path in (f"/requests/{request}", "/me/asks", "/me/messages"):
        assert leaks(await supporter.get(path)) == []


async def see_what_the_day_needs(parent: Someone, supporter: Someone, booking: int) -> None:
    """With the booking, place and contacts open to the two, and the cover is there to see."""
    details = (await supporter.get(f"/bookings/{booking}")).json()["details"]
    assert (details["address"], details["requester"]["phone"], details["children"][0]["allergies"]) == (
        "美園4丁目5-6",
        "090-1111-2222",
        "たまごアレルギー",
    )
    cover = (await parent.get(f"/bookings/{booking}/cover")).json()
    assert (cover["state"], cover["liability_yen"]) == ("bound", 50_000_000)


async def hold_the_pre_meeting(parent: Someone, supporter: Someone, booking: int) -> None:
    """Agree on allergies, refuge, doctor and who may collect; two people to call are on file."""
    people = [{"name": name, "relation": "祖母", "phone": "048-123-4567"} for name in ("Kazuko", "Ichiro")]
    assert ok(await parent.put("/me/emergency-contacts", {"contacts": people}))
    sheet = {
        "children": [(await parent.get("/me/children")).json()[0]["id"]],
        "refuge": "美園小学校",
        "doctor": "みその小児科",
        "hand_over": [{"name": "Hanako", "relation": "母"}],
    }
    assert ok(await parent.put(f"/bookings/{booking}/pre-meeting", sheet))
    told = (await supporter.get(f"/bookings/{booking}/record")).json()
    assert (told["ready"], told["pre_meeting"]["children"][0]["allergies"]) == (False, "たまごアレルギー")
    version = {"version": told["pre_meeting"]["version"]}
    assert ok(await supporter.post(f"/bookings/{booking}/pre-meeting/agree", version))
    assert (await parent.get(f"/bookings/{booking}/record")).json()["ready"]


async def live_the_care(town: Town, people: tuple[Someone, Someone, Someone], booking: int) -> int:
    """Hand over by digits, extend by agreement, be collected ten minutes late within the policy's grace, thank."""
    parent, other_parent, supporter = people
    town.now = TOMORROW_17
    pins = (await parent.get(f"/bookings/{booking}/pins")).json()
    wrong = "000000" if pins["start"] != "000000" else "000001"
    children = [{"child_id": (await parent.get("/me/children")).json()[0]["id"], "temperature_c": 36.6}]
    for said, status in ((wrong, 409), (pins["start"], 200)):
        answer = await supporter.post(f"/bookings/{booking}/start", {"pin": said, "children": children})
        assert answer.status_code == status
    assert ok(await supporter.post(f"/bookings/{booking}/notes", {"text": "おやつを食べました"}))
    later = (TOMORROW_17 + timedelta(hours=2, minutes=30)).isoformat()
    change = (await parent.post(f"/bookings/{booking}/changes", {"new_end_at": later})).json()["id"]
    assert (await other_parent.post(f"/changes/{change}/agree")).status_code == 409
    assert ok(await supporter.post(f"/changes/{change}/agree"))
    town.now = TOMORROW_17 + timedelta(hours=2, minutes=40)
    finished = await supporter.post(f"/bookings/{booking}/finish", {"pin": pins["finish"]})
    assert finished.json()["state"] == "completed"
    lines = [{"kind": "thanks", "yen": 1500}, {"kind": "food", "yen": 200, "note": "おやつ"}]
    assert ok(await parent.post(f"/bookings/{booking}/thanks", {"lines": lines}))
    assert ok(await supporter.post(f"/bookings/{booking}/report", {"text": "元気に過ごしました"}))
    assert ok(await parent.post(f"/bookings/{booking}/thank-you", {"text": "助かりました"}))
    told = (await supporter.get(f"/bookings/{booking}/record")).json()
    assert [one["text"] for one in told["notes"]] == ["おやつを食べました"]
    assert (told["report"], told["thank_you"]) == ("元気に過ごしました", "助かりました")
    return int(change)


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
    week = [{"weekday": day, "start": "06:00", "end": "20:00"} for day in range(7)]
    assert ok(await supporter.put("/me/hours", {"weekly": week}))
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
        ("GET", f"/bookings/{ids['booking']}/record"),
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

"""Credentials at the JSON door."""

from doors import Someone, Town

SUBMITTED = {"kind": "identity", "evidence": "運転免許証", "issued_on": "2026-05-01"}


async def submitted(someone: Someone) -> int:
    answer = await someone.post("/me/credentials", SUBMITTED)
    assert (answer.status_code, answer.json()["state"]) == (201, "submitted")
    return int(answer.json()["id"])


async def test_staff_confirm_and_the_level_follows(town: Town) -> None:
    alice, staff = await town.sign_up("Alice"), await town.sign_in("staff@example.jp")
    credential_id = await submitted(alice)

    waiting = (await staff.get("/areas/misono/credentials")).json()
    confirmed = await staff.post(f"/credentials/{credential_id}/confirm", {"last_day": "2027-05-31"})

    assert [(row["id"], row["name"], row["kind"]) for row in waiting["items"]] == [(credential_id, "Alice", "identity")]
    assert (confirmed.status_code, confirmed.json()["expires_at"]) == (200, "2027-05-31T15:00:00Z")
    mine = (await alice.get("/me/credentials")).json()
    assert (mine["level"], mine["steps"][0]) == (
        1,
        {"level": 1, "until": "2027-05-31T15:00:00Z", "reached": True},
    )
    assert mine["missing"][0] == {"kind": "course_unit", "unit": "care"}


async def test_refused_and_revoked_come_with_a_reason(town: Town) -> None:
    alice, staff = await town.sign_up("Alice"), await town.sign_in("staff@example.jp")
    first = await submitted(alice)
    assert (await staff.post(f"/credentials/{first}/refuse", {"reason": "写真が不鮮明です"})).status_code == 200
    second = await submitted(alice)
    await staff.post(f"/credentials/{second}/confirm")

    revoked = await staff.post(f"/credentials/{second}/revoke", {"reason": "期限切れの書類でした"})

    assert (revoked.status_code, revoked.json()["state"]) == (200, "revoked")
    mine = (await alice.get("/me/credentials")).json()
    assert [row["reason"] for row in mine["credentials"]] == ["期限切れの書類でした", "写真が不鮮明です"]
    assert mine["level"] == 0


async def test_neighbours_decide_on_nothing(town: Town) -> None:
    alice, charlie = [await town.sign_up(name) for name in ("Alice", "Charlie")]
    credential_id = await submitted(alice)

    for path in ("confirm", "refuse", "revoke"):
        answer = await charlie.post(
            f"/credentials/{credential_id}/{path}", {"reason": "…"} if path != "confirm" else {}
        )
        assert answer.status_code == 403
    assert (await charlie.get("/areas/misono/credentials")).status_code == 403
    assert (await charlie.get("/me/credentials")).json()["credentials"] == []


async def test_record_check_takes_no_words(town: Town) -> None:
    alice = await town.sign_up("Alice")
    draft = {"kind": "criminal_record_check", "issued_on": "2026-05-01"}

    assert (await alice.post("/me/credentials", {**draft, "evidence": "該当なし"})).status_code == 422
    assert (await alice.post("/me/credentials", draft)).status_code == 201


async def test_staff_identify_at_the_counter_those_who_wait(town: Town) -> None:
    alice, staff = await town.sign_up("Alice"), await town.sign_in("staff@example.jp")
    waiting = (await staff.get("/areas/misono/registrations")).json()["items"]
    [row] = [one for one in waiting if one["name"] == "Alice"]
    seen = {"evidence": "運転免許証", "seen_on": town.now.date().isoformat()}
    path = f"/people/{row['person_id']}/identity"

    by_herself = await alice.post(path, seen)
    made, again = await staff.post(path, seen), await staff.post(path, seen)

    assert (row["credential_id"], by_herself.status_code) == (None, 403)
    assert (made.status_code, made.json()["state"], made.json()["evidence"]) == (201, "confirmed", "運転免許証")
    assert (again.status_code, again.json()["code"]) == (409, "already-identified")
    assert (await alice.get("/me/credentials")).json()["level"] == 1
    left = (await staff.get("/areas/misono/registrations")).json()["items"]
    assert "Alice" not in {one["name"] for one in left}

"""The figures over HTTP."""

from datetime import timedelta

from conftest import Staged
from doors import open_town


async def test_anyone_may_read_the_last_months_totals_and_nothing_of_few_families(staged: Staged) -> None:
    async with open_town(staged) as town:
        town.now += timedelta(days=31)
        answer = await town.http.get("/api/v1/areas/misono/figures")

    body = answer.json()
    assert (answer.status_code, body["audience"], body["k"]) == (200, "public", 10)
    assert (body["first_day"], body["last_day"]) == ("2026-06-01", "2026-06-30")
    assert {figure["name"] for figure in body["figures"]} == {"members", "fill_rate", "uses", "care_hours", "coverage"}
    assert all(figure["withheld"] for figure in body["figures"])


async def test_only_the_areas_staff_may_read_its_report(staged: Staged) -> None:
    async with open_town(staged) as town:
        await town.round()
        staff, parent = await town.sign_in("staff@example.jp"), await town.sign_up("Charlie")
        seen = await staff.get("/areas/misono/report?month=2026-06")
        refused = await parent.get("/areas/misono/report?month=2026-06")
        malformed = await staff.get("/areas/misono/report?month=2026-13")

    members = next(figure for figure in seen.json()["figures"] if figure["name"] == "members")
    assert (seen.status_code, seen.json()["audience"], members["value"]) == (200, "staff", 1)
    assert (refused.status_code, malformed.status_code) == (403, 422)

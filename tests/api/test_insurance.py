"""Policies and the bordereau at the JSON door."""

import io
from typing import Any

import pytest
from pypdf import PdfReader
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.door import through_the_door
from care.steps import book
from doors import Someone, Town
from insurance.desk import DRAFT, SUPPORT
from sharecare.accounts.models import Person
from sharecare.accounts.service import appoint_staff
from sharecare.areas.rules import Level
from sharecare.insurance.service import bind_cover
from world import make_urawa

POLICY: dict[str, Any] = DRAFT.model_dump(mode="json")
POLICIES, BORDEREAU = "/areas/misono/policies", "/areas/misono/bordereau?month=2026-11"


async def staff_of_another_town(town: Town) -> Someone:
    someone = await town.sign_up("Urawa")

    async def work(session: AsyncSession) -> None:
        area = await make_urawa(session, now=town.now)
        await appoint_staff(session, email="urawa@example.jp", area_id=area.id, now=town.now)

    await town.runtime.database.write(work)
    return someone


async def insure_someone(town: Town) -> None:
    async def work(session: AsyncSession) -> None:
        supporter = (await session.exec(select(Person.id))).first()
        assert supporter is not None
        await bind_cover(session, area_id=town.world.area_id, supporter_id=supporter, support=SUPPORT, now=town.now)

    await town.runtime.database.write(work)


async def test_staff_register_a_policy_and_read_it_back_newest_first(town: Town) -> None:
    staff = await town.sign_in("staff@example.jp")

    made = await staff.post(POLICIES, POLICY | {"valid_from": "2026-10-01T00:00:00+09:00"})
    listed = await staff.get(POLICIES)

    assert made.status_code == 201
    assert made.json() == {**POLICY, "id": made.json()["id"], "version": 2, "valid_from": "2026-09-30T15:00:00Z"}
    assert listed.json()[0] == made.json()
    assert [policy["number"] for policy in listed.json()] == ["SK-2026", "SK-1"]


async def test_staff_end_a_policy_early_and_nobody_else_does(town: Town) -> None:
    staff, other = await town.sign_in("staff@example.jp"), await staff_of_another_town(town)
    policy_id = (await staff.get(POLICIES)).json()[0]["id"]
    order, where = {"ends_at": "2026-10-01T00:00:00+09:00"}, f"/policies/{policy_id}/end"

    assert (await other.post(where, order)).status_code == 404
    assert (await staff.post(where, {"ends_at": "2026-10-01T00:00:00"})).status_code == 422
    ended = await staff.post(where, order)
    again = await staff.post(where, order)

    assert ended.json() == {"moved": 0, "cancelled": 0}
    assert (again.status_code, again.json()["code"]) == (400, "wrong-policy-end")
    assert (await staff.get(POLICIES)).json()[0]["valid_until"] == "2026-09-30T15:00:00Z"


async def test_a_policy_number_is_taken_once(town: Town) -> None:
    staff = await town.sign_in("staff@example.jp")
    await staff.post(POLICIES, POLICY)

    again = await staff.post(POLICIES, POLICY)

    assert (again.status_code, again.json()["code"]) == (409, "policy-number-taken")


@pytest.mark.parametrize("change", [{"excess_yen": 1}, {"valid_until": "2026-04-01T00:00:00"}, {"terms": {}}])
async def test_a_malformed_policy_is_refused(town: Town, change: dict[str, Any]) -> None:
    staff = await town.sign_in("staff@example.jp")

    assert (await staff.post(POLICIES, POLICY | change)).status_code == 422


async def test_members_and_another_towns_staff_see_nothing(town: Town) -> None:
    member, stranger = await town.sign_up("Hanako"), await staff_of_another_town(town)

    assert [(await member.get(path)).status_code for path in (POLICIES, BORDEREAU)] == [403, 403]
    assert [(await stranger.get(path)).status_code for path in (POLICIES, BORDEREAU)] == [404, 404]
    assert [(await who.post(POLICIES, POLICY)).status_code for who in (member, stranger)] == [403, 404]


async def test_the_bordereau_is_read_as_json_or_as_csv(town: Town) -> None:
    staff = await town.sign_in("staff@example.jp")
    await insure_someone(town)

    plain = await staff.get(BORDEREAU)
    asked = await staff.ask("GET", BORDEREAU, headers={"Accept": "text/csv"})
    named = await staff.get(f"{BORDEREAU}&format=csv")

    assert (plain.json()["month"], plain.json()["totals"]["covers"]) == ("2026-11", 1)
    assert plain.json()["rows"][0]["number"] == "SK-1-000001"
    assert asked.headers["content-type"] == "text/csv; charset=utf-8"
    assert asked.headers["content-disposition"] == 'attachment; filename="bordereau-misono-2026-11.csv"'
    assert asked.content == named.content
    assert asked.content.decode("utf-8-sig").splitlines()[1].startswith("SK-1-000001,SK-1,さくら損害保険,pickup,bound,")


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "0000-01", "2026-11-01"])
async def test_a_month_that_is_none_is_refused(town: Town, month: str) -> None:
    staff = await town.sign_in("staff@example.jp")

    assert (await staff.get(f"/areas/misono/bordereau?month={month}")).status_code == 422


async def test_a_certificate_is_a_pdf_whose_code_anyone_can_check(town: Town) -> None:
    world = town.world
    family, helper = await world.family("Alice"), await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    booking = await book(world, family, helper)
    parent = through_the_door(town, family.actor)

    pdf = await parent.get(f"/bookings/{booking.id}/certificate?language=en")
    code = (await parent.get(f"/bookings/{booking.id}/cover")).json()["code"]
    checked = await town.http.get(f"/api/v1/covers/{code}/validity")
    unknown = await town.http.get(f"/api/v1/covers/{'A' * 22}/validity")

    assert (pdf.status_code, pdf.headers["content-type"]) == (200, "application/pdf")
    assert "Certificate of cover" in PdfReader(io.BytesIO(pdf.content)).pages[0].extract_text()
    assert (checked.status_code, checked.json()["state"], checked.json()["is_valid"]) == (200, "bound", False)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    assert "Alice" not in checked.text
    assert "Bob" not in checked.text


async def test_looking_codes_up_is_limited(town: Town) -> None:
    statuses = [(await town.http.get(f"/api/v1/covers/{number:022}/validity")).status_code for number in range(61)]

    assert statuses == [404] * 60 + [429]

"""Coming in over HTTP: the same answer for everyone, limits on guessing, and what ends a sign-in."""

from collections.abc import AsyncIterator
from datetime import date
from functools import partial

import httpx
import pytest
from limits import parse
from sqlalchemy import func
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.types import Message as Event
from starlette.types import Receive, Scope, Send

from api.door import a_neighbour, through_the_door
from conftest import Staged
from doors import Someone, Town, open_town
from sharecare.accounts.models import Person
from sharecare.accounts.service import appoint_staff, dismiss_staff, log_looks
from sharecare.messages.models import Message
from sharecare.registration.service import add_insurer
from sharecare.sign_in import write_after_answer
from world import PASSWORD

ALICE = "alice@example.jp"
DRAFT = {"password": PASSWORD, "name": "Hanako", "area": "misono"}


@pytest.fixture
async def town(staged: Staged) -> AsyncIterator[Town]:
    async with open_town(staged) as opened:
        await a_neighbour(opened, "Alice")
        yield opened


def said(answer: httpx.Response) -> tuple[int, bytes, list[str]]:
    """Return all that an answer tells: status, body and the names of its headers."""
    return answer.status_code, answer.content, sorted(answer.headers)


async def test_sign_up_and_reset_answer_alike_whether_there_is_an_account_or_not(town: Town) -> None:
    post = town.http.post
    for path, bodies in (
        ("accounts", [{**DRAFT, "email": ALICE}, {**DRAFT, "email": "nobody@example.jp"}]),
        ("password-resets", [{"email": ALICE}, {"email": "nobody@example.jp"}]),
        ("token", [{"email": ALICE, "password": "x"}, {"email": "nobody@example.jp", "password": "x"}]),
    ):
        known, unknown = [said(await post(f"/api/v1/{path}", json=body)) for body in bodies]
        assert (path, known) == (path, unknown)


@pytest.mark.parametrize("email", [ALICE, "new@example.jp"])
async def test_a_sign_up_is_answered_before_anything_is_written(town: Town, email: str) -> None:
    # What was written for a new address took longer than for a known one, and the answer waited for it.
    letters: list[int] = []

    async def counted() -> int:
        async with town.runtime.database.read() as session:
            return (await session.exec(select(func.count()).select_from(Message))).one()

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Event) -> None:
            letters.append(await counted())
            await send(message)

        await town.app(scope, receive, sent)

    before = await counted()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=watched), base_url="http://testserver") as client:
        answer = await client.post("/api/v1/accounts", json={**DRAFT, "email": email})

    assert answer.status_code == 202
    assert set(letters) == {before}
    assert await counted() == before + 1


async def test_a_write_that_fails_after_its_answer_is_counted_and_logged(
    town: Town, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(session: AsyncSession) -> None:
        await session.exec(select(Person.id))
        raise ValueError(ALICE)

    await write_after_answer(town.runtime, "sign_up", work)

    assert "sign_up failed after its answer: ValueError" in caplog.text
    assert ALICE not in caplog.text


async def test_age_is_refused_alike_whether_there_is_an_account_or_not(town: Town) -> None:
    draft = {**DRAFT, "is_supporter": True, "birth_date": date(2010, 1, 1).isoformat()}

    answers = [
        await town.http.post("/api/v1/accounts", json={**draft, "email": one}) for one in (ALICE, "x@example.jp")
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(409, "too-young-to-support")] * 2


async def test_weak_passwords_are_refused_and_not_repeated(town: Town) -> None:
    draft = {**DRAFT, "email": "new@example.jp"}

    for password in ("elevenchars", "123456789012", "PasswordPassword", "aaaaaaaaaaaa", "x" * 129):
        answer = await town.http.post("/api/v1/accounts", json={**draft, "password": password})

        assert (answer.status_code, [one["field"] for one in answer.json()["errors"]]) == (422, ["body.password"])
        assert password not in answer.text


async def test_guessing_has_an_end_and_says_when_it_may_go_on(town: Town) -> None:
    town.runtime.tries = parse("3/15minutes")
    wrong = {"email": ALICE, "password": "x"}

    answers = [await town.http.post("/api/v1/token", json=wrong) for _ in range(4)]
    right = await town.http.post("/api/v1/token", json={**wrong, "password": PASSWORD})

    assert [one.status_code for one in answers] == [401, 401, 401, 429]
    assert (right.status_code, right.json()["code"]) == (429, "too-many-tries")
    assert int(answers[3].headers["retry-after"]) >= 1


async def test_a_meet_up_joins_by_one_address_and_guessing_at_many_accounts_has_an_end(town: Town) -> None:
    # Ten of all who joined or signed in from one Wi-Fi were let through; the eleventh was told to wait.
    town.runtime.tries = parse("3/15minutes")
    guesses = [{"email": f"nobody{number}@example.jp", "password": "x"} for number in range(31)]

    answers = [(await town.http.post("/api/v1/token", json=guess)).status_code for guess in guesses]

    assert answers == [401] * 30 + [429]


async def test_a_refresh_token_works_once(town: Town) -> None:
    someone = await town.sign_in(ALICE)
    old = {"refresh_token": someone.tokens["refresh_token"]}

    renewed = await town.http.post("/api/v1/token/refresh", json=old)
    again = await town.http.post("/api/v1/token/refresh", json=old)

    assert (renewed.status_code, again.status_code, again.json()["code"][:4]) == (200, 401, "sign")
    assert renewed.json()["refresh_token"] != old["refresh_token"]


async def test_signing_out_takes_effect_on_the_next_request(town: Town) -> None:
    someone, other = await town.sign_in(ALICE), await town.sign_in(ALICE)

    assert (await someone.ask("DELETE", "/token")).status_code == 204

    assert (await someone.get("/me")).status_code == 401
    left = [(one["current"], one["device"]) for one in (await other.get("/me/sign-ins")).json()]
    assert left == [(True, ""), (False, "test")]  # the second is the world's own


async def test_one_ends_ones_own_sign_ins_only(town: Town) -> None:
    alice, phone = await town.sign_in(ALICE), await town.sign_in(ALICE)
    mallory = through_the_door(town, await a_neighbour(town, "Mallory"))
    [on_phone] = [one["id"] for one in (await phone.get("/me/sign-ins")).json() if one["current"]]

    by_mallory = await mallory.ask("DELETE", f"/me/sign-ins/{on_phone}")
    by_alice = await alice.ask("DELETE", f"/me/sign-ins/{on_phone}")

    assert (by_mallory.status_code, by_alice.status_code) == (404, 204)
    assert [(await one.get("/me")).status_code for one in (phone, alice)] == [401, 200]


async def test_a_new_password_ends_every_sign_in_and_is_the_only_one(town: Town) -> None:
    someone, other = await town.sign_in(ALICE), await town.sign_in(ALICE)
    new = {"current": PASSWORD, "password": "kawazu-tobikomu-1686"}

    wrong = await someone.post("/me/password", {**new, "current": "x"})
    changed = await someone.post("/me/password", new)

    assert (wrong.status_code, changed.status_code) == (401, 204)
    assert [(await one.get("/me")).status_code for one in (someone, other)] == [401, 401]
    old = await town.http.post("/api/v1/token", json={"email": ALICE, "password": PASSWORD})
    assert old.status_code == 401
    assert (await (await town.sign_in(ALICE, new["password"])).get("/me")).status_code == 200


async def test_a_suspension_takes_effect_on_the_next_request(town: Town) -> None:
    someone, staff = await town.sign_in(ALICE), through_the_door(town, town.world.staff)
    person_id = (await someone.get("/me")).json()["id"]

    suspended = await staff.post(f"/people/{person_id}/suspend", {"reason": "確認のため"})

    assert suspended.is_success
    assert (await someone.get("/me")).status_code == 401
    assert (await town.http.post("/api/v1/token", json={"email": ALICE, "password": PASSWORD})).status_code == 401
    await staff.post(f"/people/{person_id}/restore")
    assert (await (await town.sign_in(ALICE)).get("/me")).status_code == 200


async def test_staff_suspend_no_insurer_no_colleague_and_not_themselves(town: Town) -> None:
    # Each was answered with 200: staff locked an insurer, the area's other staff and themselves out.
    staff = through_the_door(town, town.world.staff)
    colleague = through_the_door(town, await a_neighbour(town, "Carol"))
    carol = (await colleague.get("/me")).json()["id"]

    async def others(session: AsyncSession) -> int:
        await appoint_staff(session, email="carol@example.jp", area_id=town.world.area_id, now=town.now)
        facts = {"area": "misono", "insurer": "さくら損害保険", "email": "desk@sakura.example", "name": "Desk"}
        return (await add_insurer(session, **facts, password_hash="x", now=town.now)).id

    insurer = await town.runtime.database.write(others)

    why = {"reason": "確認のため"}
    answers = [await staff.post(f"/people/{one}/suspend", why) for one in (insurer, town.world.staff.person_id, carol)]

    told = [(one.status_code, one.json()["code"]) for one in answers]
    assert told == [(404, "not-found"), (409, "not-yourself"), (409, "works-for-an-area")]
    assert (await colleague.get("/me")).status_code == 200
    await town.runtime.database.write(
        lambda s: dismiss_staff(s, email="carol@example.jp", area_id=town.world.area_id, now=town.now)
    )
    assert (await colleague.get("/areas/misono/members?reason=名簿の確認")).status_code == 403
    assert (await staff.post(f"/people/{carol}/suspend", why)).status_code == 200


async def test_a_look_at_the_members_is_shown_to_each_of_them(town: Town) -> None:
    staff = through_the_door(town, town.world.staff)
    alice: Someone = await town.sign_in(ALICE)
    without_reason = await staff.get("/areas/misono/members")

    listed = await staff.get("/areas/misono/members?reason=名簿の確認&limit=1")

    assert without_reason.status_code == 422
    assert [one["name"] for one in listed.json()["items"]] == ["Alice"]
    looks = (await alice.get("/me/record-accesses")).json()["items"]
    assert [(one["reader"], one["reason"]) for one in looks] == [("Staff", "名簿の確認")]
    assert (await staff.get("/me/record-accesses")).json()["items"] == []


async def test_no_number_of_later_looks_buries_an_earlier_one(town: Town) -> None:
    # The newest hundred were told, and none before them.
    alice = await town.sign_in(ALICE)
    person_id = (await alice.get("/me")).json()["id"]

    async def looked(session: AsyncSession, reason: str, times: int) -> None:
        by, ids = town.world.staff, [person_id] * times
        log_looks(session, by=by, area_id=by.area_id, person_ids=ids, reason=reason, now=town.now)

    await town.runtime.database.write(partial(looked, reason="気になって", times=1))
    await town.runtime.database.write(partial(looked, reason="名簿の整理", times=100))
    told, cursor = [], ""
    while cursor is not None:
        page = (await alice.get(f"/me/record-accesses?limit=100{cursor and f'&cursor={cursor}'}")).json()
        told += [one["reason"] for one in page["items"]]
        cursor = page["next_cursor"]

    assert told == ["名簿の整理"] * 100 + ["気になって"]


async def test_an_account_keeps_one_spelling_of_its_address(town: Town) -> None:
    async with town.runtime.database.read() as session:
        person = await session.get(Person, (await (await town.sign_in("ALICE@example.jp")).get("/me")).json()["id"])
    assert person is not None
    assert person.email == ALICE

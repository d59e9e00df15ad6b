"""Every error is a problem, in the person's language; every operation says what it is and how it may refuse."""

import base64
import json
import re

import pytest

from api.door import operations, through_the_door
from doors import Town
from sharecare.app import create_app
from sharecare.config import Settings
from sharecare.guards import MAX_JSON_BYTES
from sharecare.policy import POLICY, PUBLIC
from world import Family

DOCUMENT = create_app(Settings()).openapi()
OPERATIONS = list(operations(DOCUMENT))
PROBLEM = "application/problem+json"


@pytest.fixture
async def family(town: Town) -> Family:
    return await town.world.family("Alice")


def test_every_operation_says_what_it_is_and_how_it_may_refuse() -> None:
    lacking = {}
    for one in OPERATIONS:
        problems = {status for status, answer in one.responses.items() if PROBLEM in answer.get("content", {})}
        missing = {"401", "403", "404", "409", "422", "503"} - problems
        missing |= {"413"} - problems if "requestBody" in one.documented else {"413"} & problems
        if missing or not one.summary or one.name not in POLICY:
            lacking[one.name] = missing

    assert lacking == {}
    assert len({one.name for one in OPERATIONS}) == len(OPERATIONS)


def test_whatever_the_document_refers_to_is_in_it() -> None:
    referred = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))

    assert "Problem" in referred
    assert referred <= DOCUMENT["components"]["schemas"].keys()


def test_only_what_takes_a_sign_in_says_so() -> None:
    for one in OPERATIONS:
        needs: list[object] = [] if POLICY[one.name] is PUBLIC else [{"HTTPBearer": []}]
        assert one.documented["security"] == needs, one.name


def test_no_parameter_is_null() -> None:
    parameters = [parameter for one in OPERATIONS for parameter in one.documented.get("parameters", ())]
    key = next(one for one in parameters if one["name"] == "idempotency-key")

    assert "null" not in json.dumps([one["schema"] for one in parameters])
    assert (key["required"], key["schema"]["type"], key["schema"]["minLength"]) == (False, "string", 8)


async def test_a_method_that_an_address_does_not_take_names_all_that_it_takes(town: Town) -> None:
    # It named those of the first route alone, and a page none at all.
    allowed = {
        path: (await town.http.delete(path)).headers["allow"]
        for path in ("/api/v1/areas", "/api/v1/requests", "/api/v1/me/hours", "/sign-in")
    }

    assert allowed == {
        "/api/v1/areas": "GET",
        "/api/v1/requests": "GET, POST",
        "/api/v1/me/hours": "GET, PUT",
        "/sign-in": "GET, POST",
    }


async def test_an_error_is_a_problem_in_both_languages(town: Town) -> None:
    nowhere = (404, "not-found", "見つかりませんでした。", "We couldn't find that.")
    errors = {
        ("GET", "/me"): (401, "not-signed-in", "サインインしてください。", "Please sign in."),
        ("GET", "/areas/nowhere"): nowhere,
        ("GET", "/no/such/path"): nowhere,
        ("DELETE", "/areas"): (
            405,
            "wrong-method",
            "この操作は、このアドレスでは使えません。",
            "This address doesn't do that.",
        ),
    }

    for (method, path), (status, code, ja, en) in errors.items():
        for language, detail in {"": ja, "ja": ja, "en-GB,en;q=0.9": en, "fr": ja}.items():
            headers = {"Accept-Language": language}
            answer = await town.http.request(method, f"/api/v1{path}", headers=headers)

            assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
            expected = {"type": f"/problems/{code}", "title": code, "status": status, "detail": detail, "code": code}
            assert answer.json() == expected


async def test_a_body_beyond_the_limit_is_called_too_large(town: Town) -> None:
    answer = await town.http.post("/api/v1/token", json={"email": "a@example.jp", "password": "x" * MAX_JSON_BYTES})

    assert (answer.status_code, answer.headers["content-type"]) == (413, PROBLEM)
    assert answer.json()["code"] == "too-large"


async def test_a_malformed_body_names_its_fields_and_repeats_nothing(town: Town) -> None:
    secret = "himitsu-no-kotoba"

    for headers, detail in (({}, "12文字以上で入力してください。"), ({"Accept-Language": "en"}, None)):
        body = {"email": "hanako@example.jp", "password": "short", "name": "花子", "area": "misono", "note": secret}
        answer = await town.http.post("/api/v1/accounts", json=body, headers=headers)
        errors = {one["field"]: one["detail"] for one in answer.json()["errors"]}

        assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
        assert errors.keys() == {"body.password", "body.note"}
        assert detail in (None, errors["body.password"])
        assert secret not in answer.text


async def test_a_body_that_is_no_body_is_the_clients_error(town: Town, family: Family) -> None:
    bearer = through_the_door(town, family.actor).tokens["access_token"]
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}
    bodies = {
        b"{": 422,
        b"": 422,
        b"[]": 422,
        b"null": 422,
        b"\xff\xfe": 422,
        b'{"a":' * 10_000: 400,
        b'{"a":' * 20_000: 413,
    }

    answers = {
        content: await town.http.post("/api/v1/me/children", content=content, headers=headers) for content in bodies
    }

    assert {content: answer.status_code for content, answer in answers.items()} == bodies
    assert {answer.headers["content-type"] for answer in answers.values()} == {PROBLEM}


HUGE = 2**63


UNSTORABLE: list[tuple[str, str, dict[str, object] | None, set[int]]] = [
    ("POST", "/me/children", {"name": "a\0b", "birth_month": "2022-05-01"}, {422}),
    ("POST", "/me/children", {"name": "\ud800", "birth_month": "2022-05-01"}, {422}),
    ("POST", "/me/children", {"name": "x", "birth_month": "0001-01-01"}, {422}),
    ("POST", "/me/children", {"name": "x", "birth_month": "1900-01-01"}, {409}),
    ("PATCH", "/me", {"name": "a\0b"}, {422}),
    ("PUT", "/me/home", {"town_block_id": HUGE}, {422}),
    ("PUT", "/me/home", {"town_block_id": 9}, {404}),
    ("PUT", "/me/home", {"town_block_id": 9, "lat": 35.8, "lon": 139.7}, {404}),
    ("PUT", "/me/home", {"lat": float("nan"), "lon": 139.7}, {422}),
    ("POST", "/requests", {"named_supporter_id": HUGE}, {422}),
    ("POST", "/requests", {"named_supporter_id": 10**9}, {404}),
    ("POST", "/requests", {"children": [HUGE]}, {404}),
    ("POST", "/requests", {"notes": "a\0b"}, {422}),
    ("POST", "/requests", {"place": {"name": "a\0b", "lat": 35.8, "lon": 139.7}}, {422}),
    ("POST", "/requests", {"place": {"name": "駅", "lat": float("inf"), "lon": 139.7}}, {422}),
    ("POST", "/requests", {"notes": "\ud800"}, {422}),
    ("POST", "/requests", {"start_at": "9999-12-31T23:59:00-12:00"}, {422}),
    ("POST", "/requests", {"start_at": "0001-01-01T00:00:00+14:00"}, {422}),
    ("POST", "/requests", {"end_at": "9999-12-31T23:59:59Z"}, {422}),
    ("GET", "/areas/%00", None, {404, 422}),
    ("GET", "/requests?cursor=%00", None, {400}),
]


async def test_what_no_database_holds_is_no_error_of_ours(town: Town, family: Family) -> None:
    # A zero byte was PostgreSQL's error, a number beyond 63 bits that of both: a 500. A town block that does not
    # exist, given together with a point, and a named person who does not exist were `conflict` instead of not found.
    needed = family.need().model_dump(mode="json", include={"kind", "children", "start_at", "end_at"})
    bearer = through_the_door(town, family.actor).tokens["access_token"]
    headers = {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"}

    for method, path, body, statuses in UNSTORABLE:
        content = json.dumps({**needed, **body} if path == "/requests" and body else body)
        answer = await town.http.request(method, f"/api/v1{path}", content=content, headers=headers)

        assert answer.status_code in statuses, (method, path, body, answer.text)
        assert answer.headers["content-type"] == PROBLEM


def cursor(value: str) -> str:
    return base64.urlsafe_b64encode(value.encode()).decode()


async def test_a_cursor_that_is_none_of_ours_is_refused(town: Town, family: Family) -> None:
    parent = through_the_door(town, family.actor)

    for bad in ("x", "!!!!", cursor("x"), cursor("1.5"), cursor("9" * 5000), "%C3%A9"):
        for path in ("/requests", "/bookings", "/me/messages"):
            answer = await parent.get(f"{path}?cursor={bad}")
            assert (bad, answer.status_code, answer.json()["code"]) == (bad, 400, "bad-cursor")


async def test_a_page_has_a_size(town: Town, family: Family) -> None:
    parent = through_the_door(town, family.actor)

    statuses = [(await parent.get(f"/requests?limit={limit}")).status_code for limit in ("0", "101", "x", "1", "100")]

    assert statuses == [422, 422, 422, 200, 200]


async def test_pages_stay_as_they_are_while_rows_are_added(town: Town, family: Family) -> None:
    parent = through_the_door(town, family.actor)
    needed = family.need().model_dump(mode="json", include={"kind", "children", "start_at", "end_at"})
    made = [(await parent.post("/requests", needed)).json()["id"] for _ in range(5)]

    first = (await parent.get("/requests?limit=2")).json()
    await parent.post("/requests", needed)
    second = (await parent.get(f"/requests?limit=2&cursor={first['next_cursor']}")).json()
    last = (await parent.get(f"/requests?limit=2&cursor={second['next_cursor']}")).json()

    pages = [[one["id"] for one in page["items"]] for page in (first, second, last)]
    assert pages == [made[4:2:-1], made[2:0:-1], made[:1]]
    assert last["next_cursor"] is None

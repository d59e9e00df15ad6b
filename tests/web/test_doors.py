"""The page door: the same table as the API, forms of our own only, and nothing typed is lost."""

import io
import re
from collections import Counter
from functools import partial
from http import HTTPStatus

import httpx
import pytest
from fastapi.routing import APIRoute
from limits import parse
from PIL import Image
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import book
from sharecare.accounts.rules import Actor
from sharecare.accounts.sign_ins import start_sign_in
from sharecare.app import create_app
from sharecare.config import Settings
from sharecare.guards import HEADERS
from sharecare.messages.texts import PLACES, SECRET_PATHS
from sharecare.policy import PAGES, POLICY
from sharecare.web import ROUTERS
from sharecare.web.staff.dashboard import LED_TO
from web.browsing import SMALL, Site, Windows, findings, follow, live_sign_ins, overflow, token_in
from world import PASSWORD

POLICY_TYPED = {
    "insurer": "もみじ損保",
    "number": "MO-1",
    "valid_until": "2027-03-31",
    "liability_yen": "1",
    "property_yen": "1",
    "kind_own_home": "0",
    "means": "foot",
    "hours_from": "06:00",
    "hours_until": "20:00",
    "max_temperature_c": "37.5",
    "min_child_months": "12",
    "max_child_months": "155",
    "max_children": "3",
    "grace_minutes": "30",
}
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_a_page_has_a_row_in_the_table(route: APIRoute) -> None:
    rule = PAGES.get(str(route.operation_id)) or POLICY[str(route.operation_id)]

    assert rule.thing is None or f"{{{rule.thing}}}" in route.path


def test_no_row_is_left_without_a_page() -> None:
    assert {route.operation_id for route in ROUTES} & PAGES.keys() == PAGES.keys()
    assert PAGES.keys() & POLICY.keys() == set()


def test_no_address_has_two_pages() -> None:
    addresses = Counter((method, route.path) for route in ROUTES for method in route.methods or ())

    assert [address for address, count in addresses.items() if count > 1] == []


def test_every_message_leads_to_a_page() -> None:
    pages = {route.path for route in ROUTES if "GET" in (route.methods or ())}
    led_to = {path.split("?")[0] for path in (*PLACES.values(), *SECRET_PATHS.values())}

    assert led_to - pages == set()
    assert {f"/staff/{{slug}}/{to}" for to in LED_TO} - pages == set()
    for thing in ("bookings/{booking_id}", "requests/{request_id}", "series/{series_id}", "incidents/{incident_id}"):
        assert f"/{thing}" in pages


def test_pages_stand_apart_from_the_api() -> None:
    documented = create_app(Settings()).openapi()["paths"]

    assert {path for path in documented if not path.startswith("/api/")} == set()


async def test_a_form_from_elsewhere_is_refused(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.base) as stranger:
        shown = await stranger.get("/sign-in")
        fields = {"token": token_in(shown.text), "email": "staff@example.jp", "password": PASSWORD}

        answers = {
            "theirs": await stranger.post("/sign-in", data=fields, headers={"sec-fetch-site": "cross-site"}),
            "old": await stranger.post("/sign-in", data=fields | {"token": "0" * 64}),
            "unsigned": await stranger.post("/sign-in", data={"email": "a", "password": "b"}),
            "ours": await stranger.post("/sign-in", data=fields, headers={"sec-fetch-site": "same-origin"}),
        }

    assert {name: answer.status_code for name, answer in answers.items()} == {
        "theirs": HTTPStatus.FORBIDDEN,
        "old": HTTPStatus.FORBIDDEN,
        "unsigned": HTTPStatus.FORBIDDEN,
        "ours": HTTPStatus.SEE_OTHER,
    }
    assert "HttpOnly" in answers["ours"].headers["set-cookie"]


async def test_signing_in_again_ends_the_sign_in_before(site: Site) -> None:
    # The one before stayed alive for thirty days, and whoever had its cookie signed in.
    await site.world.family("Alice")
    before = await live_sign_ins(site)
    async with httpx.AsyncClient(base_url=site.base) as browser:
        token, secrets = token_in((await browser.get("/sign-in")).text), []
        for password in (PASSWORD, "not-her-password", PASSWORD):
            fields = {"token": token, "email": "alice@example.jp", "password": password}
            await browser.post("/sign-in", data=fields)
            secrets.append(browser.cookies["sharecare"])
            token = token_in((await browser.get("/home")).text)

    assert len(set(secrets)) == 2
    assert secrets[0] == secrets[1]  # a wrong password ends nothing
    assert await live_sign_ins(site) == before + 1
    for secret, code in ((secrets[0], HTTPStatus.SEE_OTHER), (secrets[2], HTTPStatus.OK)):
        async with httpx.AsyncClient(base_url=site.base, cookies={"sharecare": secret}) as thief:
            assert (await thief.get("/home")).status_code == code


async def test_too_many_tries_say_when_it_may_go_on(site: Site) -> None:
    # Programs were told by Retry-After; pages said it in words only.
    site.runtime.tries = parse("1/15minutes")
    async with httpx.AsyncClient(base_url=site.base) as browser:
        token = token_in((await browser.get("/sign-in")).text)
        fields = {"token": token, "email": "alice@example.jp", "password": "x"}
        for _ in range(2):
            form = await browser.post("/sign-in", data=fields)
        page = await browser.post("/forgot", data=fields)
        program = await browser.post("/api/v1/token", json={"email": fields["email"], "password": "x"})

    answers = (form, page, program)
    assert [one.status_code for one in answers] == [HTTPStatus.TOO_MANY_REQUESTS] * 3
    assert [one for one in answers if int(one.headers["retry-after"]) < 1] == []


async def secret_of(site: Site, actor: Actor) -> str:
    _, secret = await site.runtime.database.write(
        lambda session: start_sign_in(session, person_id=actor.person_id, device="", now=site.world.now, days=1)
    )
    return secret


async def test_a_part_of_a_page_is_kept_nowhere_and_sent_once(site: Site) -> None:
    # It carried its tag alone: browsers put the address, telephone numbers and names in it on their disk.
    world = site.world
    family, bob = await world.family("Alice"), await world.supporter("Bob")
    booking = await book(world, family, bob, urgent=True)
    secret = await secret_of(site, family.actor)
    async with httpx.AsyncClient(base_url=site.base, cookies={"sharecare": secret}) as browser:
        first = await browser.get(f"/bookings/{booking.id}/live")
        again = await browser.get(f"/bookings/{booking.id}/live", headers={"If-None-Match": first.headers["etag"]})

    assert [one.status_code for one in (first, again)] == [HTTPStatus.OK, HTTPStatus.NOT_MODIFIED]
    assert [one.headers.get("cache-control") for one in (first, again)] == ["no-store"] * 2


async def test_no_day_breaks_a_page(site: Site) -> None:
    # At the calendar's ends a midnight can't be moved to another zone: pages owned up to a fault of ours.
    world = site.world
    family = await world.family("Alice")
    policies, end = "/staff/misono/policies", "/staff/misono/policies/1/end"
    async with (
        httpx.AsyncClient(base_url=site.base, cookies={"sharecare": await secret_of(site, family.actor)}) as parent,
        httpx.AsyncClient(base_url=site.base, cookies={"sharecare": await secret_of(site, world.staff)}) as clerk,
    ):
        saved = await clerk.get("/staff/misono/bordereau.csv?month=0001-01")
        token = token_in((await clerk.get(policies)).text)
        for day in ("0001-01-01", "9999-12-31"):
            gone = await parent.get(f"/supports/{day}/sheet")
            looked = await clerk.get(f"{end}?last_day={day}")
            drafted = await clerk.post(policies, data=POLICY_TYPED | {"token": token, "valid_from": day})
            ended = await clerk.post(end, data={"token": token, "last_day": day})

            codes = [one.status_code for one in (gone, looked, drafted, ended)]
            unread = HTTPStatus.UNPROCESSABLE_ENTITY
            assert codes == [HTTPStatus.NOT_FOUND, HTTPStatus.OK, unread, unread], day

    assert 'filename="bordereau-misono-2026-05.csv"' in saved.headers["content-disposition"]


@pytest.mark.parametrize(
    "number", ["9" * 5000, str(2**63), "0", "-1", "x"], ids=["5000 digits", "2^63", "0", "-1", "x"]
)
async def test_no_id_breaks_a_page(site: Site, number: str) -> None:
    # Python reads no more than 4,300 digits and SQLite no more than 64 bits: pages owned up to a fault of ours.
    world = site.world
    family = await world.family("Alice")
    async with (
        httpx.AsyncClient(base_url=site.base, cookies={"sharecare": await secret_of(site, family.actor)}) as parent,
        httpx.AsyncClient(base_url=site.base, cookies={"sharecare": await secret_of(site, world.staff)}) as clerk,
    ):
        gone = [await parent.get(f"/bookings/{number}"), await parent.get(f"/neighbours/communities/{number}")]
        gone += [await clerk.get(f"/staff/misono/incidents/{number}/photos/{number}?reason=none")]
        shown = [await parent.get(f"/ask?named={number}"), await clerk.get(f"/staff/misono/papers?paper={number}")]
        fields = {"token": token_in((await clerk.get("/staff/misono/to-do")).text), "booking": number}
        gone += [await clerk.post("/staff/misono/to-do/contacts", data=fields)]
        fields = {"token": fields["token"], "ask": f"{number}:{number}"}
        unreadable = await clerk.post("/staff/misono/plan/send", data=fields)

    assert [one.status_code for one in gone] == [HTTPStatus.NOT_FOUND] * 4
    assert [one.status_code for one in shown] == [HTTPStatus.OK] * 2
    assert unreadable.status_code == HTTPStatus.BAD_REQUEST


async def test_signing_in_leads_where_one_was_going(windows: Windows) -> None:
    await windows.site.world.family("Alice")
    page = await windows.open()

    await page.goto("/home")
    await page.get_by_label("メールアドレス").fill("alice@example.jp")
    await page.get_by_label("パスワード").fill(PASSWORD)
    await follow(page.get_by_role("button", name="サインインする"))

    assert page.url == f"{windows.site.base}/home"
    assert await page.locator("h1").inner_text() == "Aliceさん"


@pytest.mark.parametrize(
    ("language", "length", "said"), [("ja", 9_000_000, "64 KBまでです"), ("en", 70_000, "Up to 64 KB")]
)
async def test_a_form_that_is_too_large_is_answered_by_a_page(
    windows: Windows, language: str, length: int, said: str
) -> None:
    # Without the rest of the form taken in and thrown away, Chromium showed an error of its own.
    windows.expected.add(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    page = await windows.open((await windows.site.world.family("Alice")).actor, language=language, size=SMALL)
    await page.goto("/me/profile")
    await page.locator("input[name=name]").evaluate(
        "(field, length) => { field.removeAttribute('maxlength'); field.value = 'x'.repeat(length); }", length
    )
    await follow(page.locator("form[action='/me/profile'] button.wide"))

    assert said in await page.get_by_role("alert").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_what_breaks_is_owned_up_to_with_a_way_on(windows: Windows, caplog: pytest.LogCaptureFixture) -> None:
    # A white page said "Internal Server Error", without our headers; programs got that line instead of a problem.
    windows.expected.add(HTTPStatus.INTERNAL_SERVER_ERROR)
    world = windows.site.world
    page = await windows.open((await world.family("Alice")).actor, size=SMALL)

    async def lose(session: AsyncSession, table: str) -> None:
        await (await session.connection()).execute(text(f"ALTER TABLE {table} RENAME TO {table}_gone"))

    await world.database.write(partial(lose, table="calendar_link"))
    answer = await page.goto("/supports/calendar")

    assert answer is not None
    assert (answer.status, answer.headers["content-security-policy"]) == (500, HEADERS["Content-Security-Policy"])
    assert "calendar_link" in caplog.text
    assert "こちらの不具合です" in await page.get_by_role("alert").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.locator("main").get_by_role("link", name="戻る"))
    assert page.url == f"{windows.site.base}/home"

    await world.database.write(partial(lose, table="area"))
    async with httpx.AsyncClient(base_url=windows.site.base) as program:
        problem = await program.get("/api/v1/areas")
    assert (problem.status_code, problem.json()["code"]) == (500, "broken")


async def test_phones_get_pictures_of_our_sign(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.base) as phone:
        told = (await phone.get("/manifest.webmanifest")).json()["icons"]
        touch = re.search(r'rel="apple-touch-icon" href="([^"]+)"', (await phone.get("/")).text)
        assert touch is not None
        files = {one["src"]: (await phone.get(one["src"])).content for one in (*told, {"src": touch[1]})}

    drawn = {one["src"]: one for one in told if one["type"] == "image/png"}
    assert {(one["sizes"], one["purpose"]) for one in drawn.values()} == {
        (f"{pixels}x{pixels}", purpose) for pixels in (192, 512) for purpose in ("any", "maskable")
    }
    sizes = {src: Image.open(io.BytesIO(files[src])).size for src in (*drawn, touch[1])}
    assert {src: "{}x{}".format(*sizes[src]) for src in drawn} == {src: one["sizes"] for src, one in drawn.items()}
    assert sizes[touch[1]] == (180, 180)


async def test_a_wrong_password_keeps_the_address(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNAUTHORIZED)
    page = await windows.open()

    await page.goto("/sign-in")
    await page.get_by_label("メールアドレス").fill("alice@example.jp")
    await page.get_by_label("パスワード").fill("not-her-password")
    await follow(page.get_by_role("button", name="サインインする"))

    assert (await page.get_by_role("alert").inner_text()).startswith("メールアドレスかパスワードが違います。")
    assert await page.get_by_label("メールアドレス").input_value() == "alice@example.jp"


async def test_signing_out_ends_the_sign_in(windows: Windows) -> None:
    alice = await windows.site.world.family("Alice")
    page = await windows.open(alice.actor)
    await page.goto("/home")
    await page.evaluate(
        """() => {
            const form = document.querySelector("form[action='/language']");
            form.action = "/sign-out";
            form.submit();
        }"""
    )
    await page.wait_for_url("**/?done=signed_out")

    await page.goto("/home")

    assert page.url.startswith(f"{windows.site.base}/sign-in")

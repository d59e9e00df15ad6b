"""The page door: the same table as the API, forms of our own only, and nothing typed is lost."""

from collections import Counter
from http import HTTPStatus

import httpx
import pytest
from fastapi.routing import APIRoute

from sharecare.app import create_app
from sharecare.config import Settings
from sharecare.messages.texts import PLACES, SECRET_PATHS
from sharecare.policy import PAGES, POLICY
from sharecare.web import ROUTERS
from sharecare.web.staff.dashboard import LED_TO
from web.browsing import Site, Windows
from world import PASSWORD

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
        token = shown.text.partition('name="token" value="')[2].partition('"')[0]
        fields = {"token": token, "email": "staff@example.jp", "password": PASSWORD}

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


async def test_signing_in_leads_where_one_was_going(windows: Windows) -> None:
    await windows.site.world.family("Alice")
    page = await windows.open()

    await page.goto("/home")
    await page.get_by_label("メールアドレス").fill("alice@example.jp")
    await page.get_by_label("パスワード").fill(PASSWORD)
    await page.get_by_role("button", name="サインインする").click()

    assert page.url == f"{windows.site.base}/home"
    assert await page.locator("h1").inner_text() == "Aliceさん"


async def test_a_wrong_password_keeps_the_address(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.UNAUTHORIZED)
    page = await windows.open()

    await page.goto("/sign-in")
    await page.get_by_label("メールアドレス").fill("alice@example.jp")
    await page.get_by_label("パスワード").fill("not-her-password")
    await page.get_by_role("button", name="サインインする").click()

    assert await page.get_by_role("alert").inner_text() == "メールアドレスかパスワードが違います。"
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


async def test_the_demo_bar_is_for_demos_only(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.base) as visitor:
        shown = await visitor.get("/sign-in")
        token = shown.text.partition('name="token" value="')[2].partition('"')[0]
        tried = await visitor.post("/demo/eyes", data={"token": token, "who": "staff"})

    assert "/demo/eyes" not in shown.text
    assert tried.status_code == HTTPStatus.NOT_FOUND

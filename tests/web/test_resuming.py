"""A form that came after its sign-in had ended: kept for its owner alone, shown, and never with a password in it."""

import re
from base64 import urlsafe_b64encode
from html import unescape
from http import HTTPStatus
from urllib.parse import urlencode

import httpx
import pytest
from jinja2 import nodes

from sharecare.accounts.sign_ins import revoke_all_sign_ins
from sharecare.web.catalogue import catalogue
from sharecare.web.resuming import LABELS, PAGES, SECRETS, Held
from web.browsing import PHONE, Site, Windows, findings, follow, overflow
from web.test_words import TEMPLATES, parsed
from world import PASSWORD

OURS = {"sec-fetch-site": "same-origin", "origin": "null"}
THEIRS = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
PROFILE = {"name": "Mallory", "phone": "+819012345678"}


def hidden(page: httpx.Response, name: str) -> str | None:
    """Return what a hidden field of a page holds."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page.text)
    return unescape(found[1]) if found else None


async def come_back(browser: httpx.AsyncClient, page: httpx.Response, **more: str) -> httpx.Response:
    """Sign in as Alice on the page that asks for it."""
    known = {"token": hidden(page, "token"), "kept": hidden(page, "kept"), "next": hidden(page, "next")}
    fields = {name: text for name, text in known.items() if text is not None}
    told = {"email": "alice@example.jp", "password": PASSWORD}
    return await browser.post("/sign-in", data=fields | told | more, headers=OURS)


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_what_was_typed_is_shown_and_sent_after_signing_in_again(windows: Windows, language: str) -> None:
    # The page that asked whether to send it said neither what nor where to.
    windows.expected.add(HTTPStatus.UNAUTHORIZED)
    world = windows.site.world
    alice = await world.family("Alice")
    page = await windows.open(alice.actor, language=language, size=PHONE)
    await page.goto("/me/profile")
    await page.locator("[name=phone]").fill("090-1234-5678")
    await world.database.write(
        lambda session: revoke_all_sign_ins(session, person_id=alice.actor.person_id, now=world.now)
    )

    await follow(page.locator("form[action='/me/profile'] button.wide"))
    await page.locator("[name=email]").fill("alice@example.jp")
    await page.locator("[name=password]").fill("not-her-password")
    await follow(page.locator("form[action='/sign-in'] button"))
    await page.locator("[name=password]").fill(PASSWORD)
    await follow(page.locator("form[action='/sign-in'] button"))

    assert await page.locator("main h2").inner_text() == catalogue()["profile.title"][language]
    labels, texts = page.locator("main dl dt"), page.locator("main dl dd")
    shown = dict(zip(await labels.all_inner_texts(), await texts.all_inner_texts(), strict=True))
    assert shown[catalogue()["staff_members.name"][language]] == "Alice"
    assert shown[catalogue()["profile.phone"][language]] == "090-1234-5678"
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.locator("form[action='/me/profile'] button"))
    assert page.url.endswith("/me?done=profile_saved")


async def test_a_form_that_another_site_posts_is_not_kept(site: Site) -> None:
    # It came back inside our own sign-in page, and after that stood behind one button with a valid token.
    await site.world.family("Alice")
    async with httpx.AsyncClient(base_url=site.base) as browser:
        answers = [
            await browser.post("/me/profile", data=PROFILE, headers=headers)
            for headers in (THEIRS, {"origin": "https://evil.example"}, {"sec-fetch-site": "same-site"}, OURS)
        ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 401]
    assert [bool(hidden(answer, "kept")) for answer in answers] == [False, False, False, True]


async def test_a_kept_form_that_was_forged_or_altered_is_dropped(site: Site) -> None:
    # Whatever stood there was taken; 40,000 brackets were an error of ours after a valid sign-in.
    await site.world.family("Alice")
    plain = urlsafe_b64encode(b'["/me/profile", [["name", "Mallory"]]]').decode()
    deep = urlsafe_b64encode(b"[" * 40_000).decode()
    async with httpx.AsyncClient(base_url=site.base) as other:
        elsewhere = await other.post("/me/profile", data=PROFILE, headers=OURS)
    async with httpx.AsyncClient(base_url=site.base) as browser:
        page = await browser.post("/me/profile", data=PROFILE, headers=OURS)
        kept = hidden(page, "kept") or ""
        forged = [
            plain,
            f"{plain}.{kept.rpartition('.')[2]}",
            f"{plain}.é",
            "A" + kept[1:],
            hidden(elsewhere, "kept") or "",
            deep,
            f"{deep}.0",
        ]
        wrong = await come_back(browser, page, kept=plain, password="not-her-password")
        for one in forged:
            again = await come_back(browser, page, kept=one)
            assert (again.status_code, again.headers.get("location")) == (303, "/home"), one[:100]
            browser.cookies.delete("sharecare")
            browser.cookies.set("visit", page.cookies["visit"])
        taken = await come_back(browser, page)

    assert (wrong.status_code, hidden(wrong, "kept")) == (401, None)
    assert (taken.status_code, hidden(taken, "name")) == (200, "Mallory")


async def test_letters_in_a_token_are_no_error_of_ours(site: Site) -> None:
    # A token that was not ASCII was answered with 500.
    async with httpx.AsyncClient(base_url=site.base) as browser:
        await browser.get("/sign-in")

        answer = await browser.post("/sign-in", data={"token": "é"}, headers=OURS)

    assert answer.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("path", "fields", "page"),
    [
        ("/me/password", {"current": "the-one-she-has", "password": "the-one-she-wants"}, "/me/password"),
        ("/bookings/7/start", {"pin": "123 456"}, "/bookings/7"),
        ("/meet", {"code": "the-code"}, "/meet"),
    ],
)
async def test_a_form_with_a_secret_is_filled_in_again(
    site: Site, path: str, fields: dict[str, str], page: str
) -> None:
    # Both passwords stood in the page that asked to sign in, and in the one after it.
    await site.world.family("Alice")
    async with httpx.AsyncClient(base_url=site.base) as browser:
        asked = await browser.post(path, data=fields | {"reason": "雨"}, headers=OURS | {"accept-language": "ja"})
        after = await come_back(browser, asked)

    assert (asked.status_code, hidden(asked, "kept")) == (401, None)
    assert catalogue()["sign_in.again"]["ja"] in asked.text
    assert not [text for text in fields.values() if text in asked.text or urlencode({"": text})[1:] in asked.text]
    assert (after.status_code, after.headers["location"]) == (303, page)


def test_every_field_that_people_fill_in_has_its_label() -> None:
    calls = (call for template in TEMPLATES for call in parsed(template).find_all(nodes.Call))
    fields = {
        call.args[0].value
        for call in calls
        if isinstance(call.node, nodes.Name) and call.node.name == "field" and isinstance(call.args[0], nodes.Const)
    }

    assert fields - LABELS.keys() - SECRETS == {"file"}
    assert {*LABELS.values(), *PAGES.values()} - catalogue().keys() == set()


def test_what_is_no_page_of_its_own_is_shown_by_its_address() -> None:
    held = Held("/askance", [("contact2_name", "Oma"), ("item", "7")])

    def t(key: str, **facts: object) -> str:
        return f"{key} {facts}"

    assert held.title(t) == "/askance"
    assert held.named(t) == [("sheet.contact_name {'n': 2}", "Oma")]
    assert held.others(t) == [("item", "7")]

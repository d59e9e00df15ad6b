"""Every page is held to what axe finds in both languages and themes: here those that no other test opens in both."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from fastapi.routing import APIRoute
from sqlmodel import select

from care.steps import ask, children_of, parent_of
from sharecare.accounts.rules import Actor
from sharecare.care.models import Booking
from sharecare.care.series import open_series
from sharecare.care.series_schemas import SeriesDraft
from sharecare.certification.rules import CredentialKind
from sharecare.certification.schemas import CredentialDraft
from sharecare.certification.service import submit_credential
from sharecare.insurance.models import Cover
from sharecare.trust.communities import make_community
from sharecare.trust.rules import CommunityKind
from sharecare.trust.schemas import CommunityDraft
from sharecare.web import ROUTERS
from web.browsing import Windows, findings, overflow
from web.test_insured import a_claim
from world import Family, World, an_insurer, signed_in

# Whose eyes, and what they open; a name in braces is one of `a_lived_in_town`.
HERE = {
    "nobody": (
        "/",
        "/help",
        "/sign-up",
        "/sign-up/sent",
        "/confirm",
        "/forgot",
        "/reset",
        "/join-family",
        "/c/{code}",
        "/offline",
    ),
    "parent": (
        *("/ask", "/requests", "/supports", "/bookings/{booking_id}/sheet", "/me/children/{child_id}"),
        *("/series", "/series/{series_id}", "/neighbours/communities/{community_id}"),
    ),
    "supporter": ("/requests/{request_id}", "/series/{series_id}", "/supports/calendar", "/supporter/year"),
    "staff": tuple(
        f"/staff/misono/{name}"
        for name in (
            *("papers", "members", "plan", "settings", "goals", "policies", "claims", "bordereaux", "incidents"),
            *("bookings", "bookings/{booking_id}", "bookings/{booking_id}/incidents"),
        )
    ),
    "insurer": ("/policies/{policy_id}",),
}
# Opened in both by the tests of what is done on them.
ELSEWHERE = {
    *("/sign-in", "/home", "/asks", "/hours", "/hours/exceptions", "/hours/import", "/messages", "/insurer"),
    *("/bookings/{booking_id}", "/bookings/{booking_id}/no-show", "/bookings/{booking_id}/incidents"),
    "/incidents/{incident_id}/change",
    *("/me", "/me/profile", "/me/home", "/me/children", "/me/contacts", "/me/family", "/me/devices", "/me/password"),
    *("/me/privacy", "/neighbours", "/neighbours/code", "/neighbours/invite", "/neighbours/communities"),
    *("/neighbours/{person_id}", "/meet", "/i/{secret}"),
    *("/supporter", "/supporter/profile", "/supporter/credentials", "/claims/{claim_id}", "/bordereaux/{bordereau_id}"),
    *("/staff/{slug}", "/staff/{slug}/to-do", "/staff/{slug}/desk", "/staff/{slug}/registrations"),
    "/staff/{slug}/bookings/{booking_id}/record",
    "/staff/{slug}/bordereaux/{policy_id}/{month}/{kind}",
    "/staff/{slug}/policies/{policy_id}/end",
}
# Answered by a file, a part of a page or another address.
NO_PAGES = {
    *("/bookings/{booking_id}/pick-up-card", "/supports/{day}/sheet", "/bookings/{booking_id}/certificate"),
    *("/incidents/{incident_id}", "/incidents/{incident_id}/photos/{photo_id}", "/bordereaux/{bordereau_id}/{written}"),
    *("/staff/{slug}/incidents/{incident_id}/photos/{photo_id}", "/claims/{claim_id}/photos/{photo_id}"),
    "/claims/{claim_id}/attachments/{attachment_id}",
    *("/calendar/{secret}.ics", "/tiles/{z}/{x}/{y}.png", "/manifest.webmanifest", "/offline.js", "/staff"),
    *("/staff/{slug}/figures/{name}.csv", "/staff/{slug}/bordereau.csv"),
}


def test_a_page_that_is_new_is_opened_somewhere() -> None:
    got = {
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ()) and not route.path.endswith("/live")
    }
    opened = {address.replace("misono", "{slug}") for addresses in HERE.values() for address in addresses}

    assert got - NO_PAGES == opened | ELSEWHERE


async def a_lived_in_town(world: World) -> tuple[dict[str, Actor], dict[str, object]]:
    """Let there be something on every page; return people, and what their addresses name."""
    await a_claim(world)
    async with world.database.read() as session:
        booking = (await session.exec(select(Booking))).one()
        cover = (await session.exec(select(Cover))).one()
    parent = await parent_of(world, booking)
    bob = await world.do(lambda session: signed_in(session, booking.supporter_id, now=world.now))
    family = Family(parent, await children_of(world, booking))
    later = {name: getattr(booking, name) + timedelta(days=2) for name in ("start_at", "end_at")}
    circle = CommunityDraft(name="うみ組", kind=CommunityKind.NURSERY)
    paper = CredentialDraft(kind=CredentialKind.IDENTITY, issued_on=world.now.date())
    weekly = SeriesDraft(need=family.need(**later), until=(world.now + timedelta(days=10)).date())
    made = await world.do(lambda s: make_community(s, by=parent, draft=circle, now=world.now))
    series = await world.do(lambda s: open_series(s, world.index, by=parent, draft=weekly, now=world.now))
    request = await ask(world, family, start_at=later["end_at"], end_at=later["end_at"] + timedelta(hours=1))
    await world.do(lambda s: submit_credential(s, by=bob, draft=paper, now=world.now))
    people = {"parent": parent, "supporter": bob, "staff": world.staff, "insurer": await an_insurer(world)}
    return people, {
        "booking_id": booking.id,
        "child_id": family.child_ids[0],
        "code": cover.code,
        "community_id": made.id,
        "policy_id": cover.policy_id,
        "request_id": request.id,
        "series_id": series.id,
    }


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)  # a page looks the same on every database
@pytest.mark.parametrize(("language", "dark"), [("ja", False), ("en", True)])
async def test_the_other_pages_can_be_read_by_everyone(windows: Windows, language: str, dark: bool) -> None:
    windows.expected.add(HTTPStatus.NOT_FOUND)
    people, names = await a_lived_in_town(windows.site.world)

    told: list[object] = []
    for who, addresses in (*HERE.items(), ("nobody", ("/nowhere",))):
        page = await windows.open(people.get(who), language=language, dark=dark)
        for address in addresses:
            answer = await page.goto(address.format(**names))
            expected = HTTPStatus.NOT_FOUND if address == "/nowhere" else HTTPStatus.OK
            if answer is None or answer.status != expected:
                told.append((who, address, answer and answer.status))
            if pixels := await overflow(page):
                told.append((who, address, pixels))
            told += await findings(page)
            await page.evaluate("document.documentElement.style.fontSize = '200%'")  # WCAG 1.4.4
            if pixels := await overflow(page):
                told.append((who, address, pixels, "at 200%"))

    assert told == []

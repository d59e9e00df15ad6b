"""An insurer's own pages, and how the staff send it a month: nobody else finds either."""

from datetime import date, timedelta
from http import HTTPStatus

import pytest
from playwright.async_api import Page, expect
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import MINUTE, book, parent_of, record_afterwards
from sharecare.accounts.queries import accesses_to
from sharecare.accounts.rules import Actor
from sharecare.accounts.service import appoint_staff
from sharecare.care.models import Booking
from sharecare.incidents.bordereaux import send_bordereau
from sharecare.incidents.claim_schemas import ClaimChange, ClaimDraft, LetterDraft
from sharecare.incidents.claims import change_claim, file_claim
from sharecare.incidents.letters import keep_letter
from sharecare.incidents.models import Incident
from sharecare.incidents.photos import reencoded
from sharecare.incidents.service import add_photo
from sharecare.insurance.models import Policy, SentBordereau
from sharecare.insurance.rules import VoidReason
from sharecare.insurance.sent import BordereauKind
from sharecare.insurance.service import void_cover
from web.browsing import DESK, SMALL, Windows, findings, follow, overflow
from web.test_incidents import a_photo
from web.test_staff_incidents import WHAT, an_incident
from world import World, a_person, an_insurer, make_urawa, signed_in

CANARIES = ("Alice", "Bob", "美園1-2-3", "090-1234-5678")


async def a_claim(world: World) -> None:
    """File a claim because of an accident, submit it, and keep a letter of each side."""
    await an_incident(world)
    filing = ClaimDraft.model_validate(
        {"peril": "liability", "claimant": "family", "claimed_yen": 12_000, "reserve_yen": 20_000}
    )
    submitting = ClaimChange.model_validate({"state": "submitted"})

    async def work(session: AsyncSession) -> None:
        incident_id = (await session.exec(select(Incident.id))).one()
        claim = await file_claim(session, by=world.staff, incident_id=incident_id, draft=filing, now=world.now)
        await change_claim(session, by=world.staff, claim_id=claim.id, change=submitting, now=world.now)
        for whom in ("insurer", "family"):
            draft = LetterDraft.model_validate(
                {"correspondent": whom, "outgoing": True, "at": world.now, "subject": f"letter to the {whom}"}
            )
            await keep_letter(session, by=world.staff, claim_id=claim.id, draft=draft, now=world.now)

    await world.do(work)


async def in_another_town(world: World) -> Actor:
    """Return the staff of a neighbouring area."""

    async def work(session: AsyncSession) -> Actor:
        area = await make_urawa(session, now=world.now)
        person = await a_person(session, "Foreign", now=world.now)
        await appoint_staff(session, email="foreign@example.jp", area_id=area.id, now=world.now)
        return await signed_in(session, person.person_id, now=world.now)

    return await world.do(work)


async def send_may(page: Page) -> None:
    """Send the supports of May, as staff do it."""
    await page.goto("/staff/misono/to-do")
    await follow(page.get_by_role("link", name="月ごとの一覧を送る"))
    await follow(page.get_by_role("link", name="支援の一覧 2026年5月"))
    await follow(page.get_by_role("button", name="確かめたので送る"))
    await expect(page.get_by_role("status")).to_contain_text("送りました")


async def test_staff_look_at_a_month_send_it_and_save_what_was_sent(windows: Windows) -> None:
    world = windows.site.world
    await a_claim(world)
    world.now += timedelta(days=30)  # July: June is over, and the support of its second day in it
    page = await windows.open(world.staff, size=SMALL)

    await send_may(page)
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.goto("/staff/misono/bordereaux")
    assert (await findings(page), await overflow(page)) == ([], 0)
    assert await page.locator("main h2").all_inner_texts() == ["2026年6月", "2026年5月"]
    await follow(page.get_by_role("link", name="支援の一覧 2026年6月"))
    assert (await findings(page), await overflow(page)) == ([], 0)
    assert "SK-1-" in await page.locator("main").inner_text()
    await follow(page.get_by_role("button", name="確かめたので送る"))
    sent = await page.locator("main").inner_text()
    assert not any(canary in sent for canary in CANARIES)
    saved = {form: await page.request.get(f"{page.url.split('?')[0]}/{form}") for form in ("csv", "xlsx", "json")}
    assert (await saved["json"].json())["month"] == "2026-06"
    assert (await saved["csv"].text()).startswith("\ufeffnumber,policy_number")
    assert (await saved["xlsx"].body())[:2] == b"PK"
    assert "bordereau-SK-1-supports-2026-06-0.csv" in saved["csv"].headers["content-disposition"]

    await page.goto("/staff/misono/bordereaux")
    await follow(page.get_by_role("link", name="支援の一覧 2026年6月"))
    assert "その後の変更はありません" in await page.locator("main").inner_text()
    assert await page.get_by_role("button", name="確かめたので送る").count() == 0
    async with world.database.read() as session:
        told = [(one.month, one.number) for one in await session.exec(select(SentBordereau))]
    assert told == [("2026-05", 0), ("2026-06", 0)]


async def test_a_long_month_shows_its_first_rows_and_says_where_the_others_are(windows: Windows) -> None:
    world = windows.site.world
    await an_incident(world)
    world.now += timedelta(days=30)
    month = date(2026, 6, 1)

    async def work(session: AsyncSession) -> int:
        policy = (await session.exec(select(Policy))).one()
        kind = BordereauKind.SUPPORTS
        sent = await send_bordereau(session, by=world.staff, policy_id=policy.id, kind=kind, month=month, now=world.now)
        many = sent.content | {"rows": sent.content["rows"] * 51}
        later = SentBordereau(**sent.model_dump(exclude={"id", "month", "content"}), month="2026-04", content=many)
        session.add(later)
        await session.flush()  # its address names it
        return later.id

    sent_id = await world.do(work)
    page = await windows.open(world.staff, language="en", size=SMALL)
    await page.goto(f"/bordereaux/{sent_id}")

    assert await page.locator(".ledger").last.locator("tbody tr").count() == 50
    assert await page.get_by_text("The first 50 of 51 rows").count() == 1


async def test_what_changed_since_a_month_was_sent_follows_as_an_adjustment(windows: Windows) -> None:
    world = windows.site.world
    await an_incident(world)
    world.now += timedelta(days=30)
    page = await windows.open(world.staff, language="en", size=SMALL, dark=True)
    await page.goto("/staff/misono/bordereaux")
    await follow(page.get_by_role("link", name="Supports Jun 2026"))
    draft = page.url
    await follow(page.get_by_role("button", name="I have checked it: send"))
    reason = VoidReason.NEVER_STARTED
    await world.do(lambda session: void_cover(session, cover_id=1, reason=reason, now=world.now))

    await page.goto("/staff/misono/bordereaux")
    june = page.get_by_role("link", name="Supports Jun 2026")
    assert "needs an adjustment" in await june.inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.goto("/staff/misono/to-do")
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("link", name="Jun 2026 Supports"))
    assert page.url == draft
    told = await page.locator("main").inner_text()
    assert "Something has changed since it was sent" in told
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("button", name="I have checked it: send"))

    assert await page.locator("h1").inner_text() == "Jun 2026 Supports adjustment 1"
    assert "removed" in await page.locator("main").inner_text()
    assert (await findings(page), await overflow(page)) == ([], 0)
    await page.goto("/staff/misono/to-do")
    assert await page.get_by_role("link", name="Jun 2026 Supports").count() == 0


async def test_what_is_sent_twice_is_refused_and_a_running_month_has_no_button(windows: Windows) -> None:
    windows.expected.add(HTTPStatus.CONFLICT)
    world = windows.site.world
    page, second = await windows.open(world.staff), await windows.open(world.staff)
    await page.goto("/staff/misono/bordereaux")
    policy = (await page.get_by_role("link", name="支援の一覧 2026年5月").get_attribute("href") or "").split("/")[4]
    await second.goto(f"/staff/misono/bordereaux/{policy}/2026-05/supports")
    await send_may(page)

    await follow(second.get_by_role("button", name="確かめたので送る"))

    await expect(second.get_by_role("alert")).to_contain_text("その後の変更はありません")
    await second.goto(f"/staff/misono/bordereaux/{policy}/2026-06/claims")
    await expect(second.locator("main")).to_contain_text("まだ終わっていません")
    assert await second.get_by_role("button", name="確かめたので送る").count() == 0


async def test_staff_find_the_areas_claims_from_what_waits(windows: Windows) -> None:
    world = windows.site.world
    await a_claim(world)
    page = await windows.open(world.staff, language="en", size=SMALL, dark=True)

    await page.goto("/staff/misono/to-do")
    await follow(page.get_by_role("link", name="See claims"))
    assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("link", name="SK-1-C0001"))

    told = await page.locator("main").inner_text()
    assert WHAT in told
    assert "letter to the family" in told
    assert (await findings(page), await overflow(page)) == ([], 0)


async def test_time_beyond_the_agreed_window_stands_in_its_own_row(windows: Windows) -> None:
    # It stood in the month's total alone: nobody could tell which support it was.
    world = windows.site.world
    alice, bob = await world.family("Alice"), await world.supporter("Bob")
    await world.befriend(alice.actor, bob)
    bookings = [
        await book(world, alice, bob, **{name: getattr(alice.need(), name) + days for name in ("start_at", "end_at")})
        for days in (timedelta(), timedelta(days=1))
    ]
    world.now += timedelta(days=3)
    for booking, late in zip(bookings, (40 * MINUTE, 0 * MINUTE), strict=True):
        await record_afterwards(world, booking, booking.end_at + late)
    world.now += timedelta(days=30)
    staff, insurer = await windows.open(world.staff, size=SMALL), await an_insurer(world)
    await staff.goto("/staff/misono/bordereaux")
    await follow(staff.get_by_role("link", name="支援の一覧 2026年6月"))
    beyond = ["猶予 30分\n補償の外 10分", ""]

    async def shown(page: Page) -> list[str]:
        cells = page.locator(".ledger").last.locator("tbody tr td:nth-of-type(4)")
        assert (await findings(page), await overflow(page)) == ([], 0)
        return [told.partition("\n")[2] for told in await cells.all_inner_texts()]

    assert await shown(staff) == beyond
    await follow(staff.get_by_role("button", name="確かめたので送る"))
    sent = staff.url.split("?")[0]
    page = await windows.open(insurer, size=SMALL)
    await page.goto(sent)
    assert await shown(page) == beyond
    rows = (await (await page.request.get(f"{sent}/json")).json())["rows"]
    assert [(row["grace_used_minutes"], row["open_gap_minutes"]) for row in rows] == [(30, 10), (0, 0)]


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_an_insurer_is_led_to_a_claim_and_looks_at_its_photos(windows: Windows, language: str) -> None:
    world = windows.site.world
    insurer = await an_insurer(world)
    await a_claim(world)
    async with world.database.read() as session:
        booking = (await session.exec(select(Booking))).one()
    by, photo = await parent_of(world, booking), reencoded(a_photo())
    await world.do(lambda session: add_photo(session, by=by, incident_id=1, photo=photo, now=world.now))
    page = await windows.open(insurer, language=language, size=SMALL)

    await page.goto("/messages")
    assert (await findings(page), await overflow(page)) == ([], 0)
    letters = await page.locator(".letter").all_inner_texts()
    assert (len(letters), all("SK-1-C0001" in one for one in letters)) == (4, True)
    assert not any(canary in one for canary in (*CANARIES, WHAT) for one in letters)
    await follow(page.locator(".letter").first)
    await page.locator("summary").click()
    picture = page.locator("details img")
    await expect(picture).to_have_js_property("naturalWidth", 40)
    assert (await findings(page), await overflow(page)) == ([], 0)

    async with world.database.read() as session:
        looks = [one.reason for one in (await accesses_to(session, by.person_id)).items]
    assert [("SK-1-C0001" in one, "さくら損害保険" in one) for one in looks] == [(True, True)]


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_an_insurer_comes_in_to_its_policies_and_reads_all_of_them(windows: Windows, language: str) -> None:
    world = windows.site.world
    await a_claim(world)
    await send_may(await windows.open(world.staff))
    page = await windows.open(await an_insurer(world), language=language, size=SMALL)

    await page.goto("/home")
    assert page.url.endswith("/insurer")
    await expect(page.locator("h1")).to_have_text("さくら損害保険")
    assert (await findings(page), await overflow(page)) == ([], 0)
    assert await page.get_by_role("navigation").first.get_by_role("link").count() == 1
    led_to = await page.locator("a[href^='/']:not([href*='#'])").evaluate_all(
        "links => [...new Set(links.map(a => a.getAttribute('href')))]"
    )
    statuses = {address: (await page.request.get(address)).status for address in led_to}
    assert statuses == dict.fromkeys(led_to, HTTPStatus.OK)
    await follow(page.locator("main a[href^='/policies/']"))
    assert (await findings(page), await overflow(page)) == ([], 0)
    policy = page.url
    await follow(page.locator("main a[href^='/claims/']"))
    assert (await findings(page), await overflow(page)) == ([], 0)
    told = await page.locator("main").inner_text()
    assert "letter to the insurer" in told
    assert "letter to the family" not in told
    assert not any(canary in told for canary in CANARIES)
    await page.goto(policy)
    await follow(page.locator("main a[href^='/bordereaux/']"))
    assert (await findings(page), await overflow(page)) == ([], 0)
    for form in ("csv", "xlsx", "json"):
        assert (await page.request.get(f"{page.url}/{form}")).status == HTTPStatus.OK


async def test_an_insurer_keeps_its_account_in_order(windows: Windows) -> None:
    page = await windows.open(await an_insurer(windows.site.world), size=SMALL)

    for address in ("/me", "/me/devices", "/me/password", "/messages"):
        shown = await page.goto(address)
        assert shown is not None
        assert (address, shown.status) == (address, HTTPStatus.OK)
        assert (await findings(page), await overflow(page)) == ([], 0)
    await follow(page.get_by_role("button", name="English"))
    await follow(page.get_by_role("link", name="ShareCare", exact=True))
    assert page.url.endswith("/insurer")


async def test_strangers_other_staff_and_other_insurers_find_nothing(windows: Windows) -> None:
    windows.expected |= {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
    world = windows.site.world
    await a_claim(world)
    staff = await windows.open(world.staff)
    await send_may(staff)
    sent = staff.url.split("?")[0].removeprefix(windows.site.base)
    await staff.goto("/staff/misono/policies")
    policy = await staff.locator("main a[href^='/policies/']").get_attribute("href") or ""
    await staff.goto("/staff/misono/claims")
    claim = await staff.locator("main a[href^='/claims/']").get_attribute("href") or ""
    shared = (policy, claim, f"{claim}/photos/1", sent, f"{sent}/csv")
    of_staff = ("/staff/misono/claims", "/staff/misono/bordereaux")
    month = f"/staff/misono/bordereaux/{policy.split('/')[2]}/2026-05/supports"
    foreign = await in_another_town(world)
    people = {
        "neighbour": (await world.family("Charlie")).actor,
        "foreign staff": foreign,
        "other insurer": await an_insurer(world, "もみじ損害保険", "desk@momiji.example"),
    }

    answers = {}
    for who, actor in people.items():
        page = await windows.open(actor, size=DESK)
        for address in (*shared, *of_staff, month):
            answers[who, address] = (await page.request.get(address)).status
    own = await windows.open(await an_insurer(world))
    for address in (*of_staff, month):
        answers["own insurer", address] = (await own.request.get(address)).status

    none, closed = HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN
    assert answers == {
        **{("neighbour", address): closed for address in (*shared, *of_staff, month)},
        **{("foreign staff", address): none for address in (*shared, *of_staff, month)},
        ("foreign staff", f"{claim}/photos/1"): closed,
        **{("other insurer", address): none for address in shared},
        **{("other insurer", address): closed for address in (*of_staff, month)},
        **{("own insurer", address): closed for address in (*of_staff, month)},
    }
    elsewhere = await windows.open(foreign)
    swapped = month.replace("misono", "urawa")  # another area's name before a policy of this one
    assert (await elsewhere.request.get(swapped)).status == none
    assert (await staff.request.get(swapped)).status == none

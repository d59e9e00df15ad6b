"""What is printed: it names whom it must, says what the day needs, and is for the two sides alone."""

import io
from datetime import date, timedelta

import pytest
from pypdf import PdfReader

from care.steps import HOUR, book, cancel, get_ready
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import CareKind, Means
from sharecare.care.day_rules import card_code
from sharecare.care.models import Booking
from sharecare.care.papers import NoCardNeeded, day_sheet, pick_up_card
from sharecare.care.rules import HandoverBy
from sharecare.errors import NotFound
from sharecare.trust.blocks import block
from world import HOME, KEY, Family, World

TUESDAY = date(2026, 6, 2)
PLACE = {"name": "こもれび保育園", "lat": HOME[0], "lon": HOME[1]}


async def picked_up(world: World, family: Family, helper: Actor) -> Booking:
    facts = {"kind": CareKind.PICKUP, "means": Means.FOOT, "place": PLACE, "handover_start": HandoverBy.INSTITUTION}
    booking = await book(world, family, helper, **facts)
    await get_ready(world, helper, booking)
    return booking


async def card(world: World, booking: Booking, by: Actor, language: str = "ja") -> PdfReader:
    async with world.database.read() as session:
        drawn = await pick_up_card(session, booking.id, by=by, language=language, key=KEY, now=world.now)
    return PdfReader(io.BytesIO(drawn))


async def sheet(world: World, by: Actor, *, day: date = TUESDAY, language: str = "ja") -> str:
    async with world.database.read() as session:
        drawn = await day_sheet(session, by=by, day=day, language=language, now=world.now)
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(drawn)).pages)


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_card_names_the_supporter_to_the_nursery_and_no_more_than_it_needs(
    world: World, family: Family, helper: Actor, language: str
) -> None:
    booking = await picked_up(world, family, helper)

    for by in (family.actor, helper):
        document = await card(world, booking, by, language)
        [page] = document.pages
        text = "".join(page.extract_text().split())
        assert [one in text for one in ("Bob", "Aliceの子", "こもれび保育園", "17:00")] == [True] * 4
        assert card_code(KEY, booking.id, helper.person_id) in text
        assert [one for one in ("090-1234-5678", "美園1-2-3", "卵") if one in text] == []
        assert (round(page.mediabox.width / 72 * 25.4), round(page.mediabox.height / 72 * 25.4)) == (90, 160)


async def test_a_card_ends_with_its_booking_and_is_for_its_two_sides(
    world: World, family: Family, helper: Actor
) -> None:
    booking = await picked_up(world, family, helper)
    stranger = await world.supporter("Dave")

    with pytest.raises(NotFound):
        await card(world, booking, stranger)
    await cancel(world, helper, booking)
    for by in (family.actor, helper):
        with pytest.raises(NotFound):
            await card(world, booking, by)


async def test_where_only_parents_hand_over_there_is_no_card(world: World, family: Family, helper: Actor) -> None:
    booking = await book(world, family, helper)

    with pytest.raises(NoCardNeeded):
        await card(world, booking, helper)


async def test_the_day_sheet_says_what_the_day_needs_in_both_languages(
    world: World, family: Family, helper: Actor
) -> None:
    await picked_up(world, family, helper)
    needed = (
        "Aliceの子",
        "卵",
        "090-1234-5678",
        "こもれび保育園",
        "みその小児科048-000-0000",
        "048-123-4567",
        "SK-1-000001",
    )

    ja, en = await sheet(world, helper), await sheet(world, helper, language="en")

    for text in (ja, en):
        assert [one for one in needed if one not in text] == []
    assert ("6月2日(火)" in ja, "17:00〜19:00" in ja, "かかりつけ医" in ja) == (True, True, True)
    assert ("Tue2Jun" in en, "17:00–19:00" in en, "Doctor" in en) == (True, True, True)


async def test_a_day_sheet_has_a_line_for_each_childs_temperature(world: World, helper: Actor) -> None:
    # There was one line, however many children.
    family = await world.family("Carol", children=2)
    await world.befriend(family.actor, helper)
    await book(world, family, helper)

    text = await sheet(world, helper)

    assert [text.count(one) for one in ("体温", "様子", "引き渡した人のサイン")] == [2, 2, 1]


async def test_a_day_sheet_holds_ones_own_day_alone(world: World, family: Family, helper: Actor) -> None:
    booking = await picked_up(world, family, helper)
    stranger = await world.supporter("Dave")

    for by, day in ((stranger, TUESDAY), (helper, TUESDAY + timedelta(days=1))):
        text = await sheet(world, by, day=day)
        assert ("この日の予定はありません" in text, "Alice" in text) == (True, False)
    await cancel(world, family.actor, booking)
    assert "Alice" not in await sheet(world, helper)


async def test_a_block_changes_no_sheet(world: World, family: Family, helper: Actor) -> None:
    # The blocked read "see the booking's page" where the other's name and telephone had been, of a care that stood.
    await picked_up(world, family, helper)
    before = await sheet(world, family.actor), await sheet(world, helper)

    await world.do(lambda s: block(s, by=helper, person_id=family.actor.person_id, now=world.now))

    assert (await sheet(world, family.actor), await sheet(world, helper)) == before


async def test_a_care_that_never_began_stays_on_a_past_days_sheet_without_its_details(
    world: World, family: Family, helper: Actor
) -> None:
    # A day later its details closed, and the sheet of its day could not be drawn any more.
    booking = await picked_up(world, family, helper)
    world.now = booking.end_at + 25 * HOUR

    text = await sheet(world, helper)

    assert ("17:00〜19:00" in text, "Alice" in text) == (True, False)

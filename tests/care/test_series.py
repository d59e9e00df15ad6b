"""A series asks, books and insures each date by itself, skips what can't be, and says which and why."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import col, select

from care.steps import HOUR, accept, ask, asks_of, book, cancel, facts_after, last_ids, messages_after, offer
from sharecare.accounts.rules import Actor
from sharecare.areas.rules import AreaSettings, Level
from sharecare.care.day_models import CareSeries
from sharecare.care.models import Booking, CareRequest
from sharecare.care.requests import withdraw_request
from sharecare.care.rules import NotNow
from sharecare.care.series import NoDateLeft, TooManyDates, cancel_series, open_series
from sharecare.care.series_choosing import accept_for_series, offer_for_series
from sharecare.care.series_queries import series_view
from sharecare.care.series_schemas import SeriesDraft, SeriesOutcome, SeriesView
from sharecare.care.waves import open_due_wave, requests_with_due_wave
from sharecare.insurance.models import Cover
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.verify import verify
from world import Family, World

M = MessageKind
TUESDAYS = [date(2026, 6, 2) + timedelta(weeks=number) for number in range(8)]


@pytest.fixture
async def family(world: World) -> Family:
    return await world.family("Alice", children=2)


async def open_weekly(
    world: World, family: Family, *, until: date = TUESDAYS[3], every_weeks: int = 1, **need: object
) -> CareSeries:
    """Ask for help every Tuesday at 17:00 in Japan."""
    draft = SeriesDraft(need=family.need(**need), until=until, every_weeks=every_weeks)
    return await world.do(lambda s: open_series(s, world.index, by=family.actor, draft=draft, now=world.now))


async def seen(world: World, series: CareSeries) -> SeriesView:
    async with world.database.read() as session:
        return await series_view(session, series.id, language="ja")


async def offer_all(world: World, helper: Actor, series: CareSeries) -> list[SeriesOutcome]:
    return await world.do(lambda s: offer_for_series(s, by=helper, series_id=series.id, note="", now=world.now))


async def accept_all(world: World, family: Family, helper: Actor, series: CareSeries) -> list[SeriesOutcome]:
    one, by = series.id, family.actor
    return await world.do(
        lambda s: accept_for_series(s, by=by, series_id=one, supporter_id=helper.person_id, now=world.now)
    )


async def end(world: World, by: Actor, series: CareSeries) -> list[date]:
    return await world.do(
        lambda s: cancel_series(s, world.index, by=by, series_id=series.id, reason="引っ越し", now=world.now)
    )


async def test_every_tuesday_is_asked_for_and_everyone_hears_once(world: World, family: Family, helper: Actor) -> None:
    fact_id, message_id = await last_ids(world)

    series = await open_weekly(world, family)

    view = await seen(world, series)
    assert [(one.day, one.state, one.reason) for one in view.dates] == [(day, "open", None) for day in TUESDAYS[:4]]
    facts = Counter(await facts_after(world, fact_id))
    assert (facts[FactKind.SERIES_OPENED], facts[FactKind.REQUEST_OPENED]) == (1, 4)
    assert await messages_after(world, message_id) == {(helper.person_id, M.SERIES_ASKED): 1}
    async with world.database.read() as session:
        requests = (await session.exec(select(CareRequest).order_by(col(CareRequest.id)))).all()
    async with world.database.read() as session:
        assert await verify(session) == []
    assert {one.series_id for one in requests} == {series.id}
    assert {(one.start_at.hour, one.end_at - one.start_at) for one in requests} == {(8, 2 * HOUR)}


async def test_who_is_found_later_for_one_more_date_hears_of_it(world: World, family: Family, helper: Actor) -> None:
    # Who had heard of any date, ever, was asked for the others without a word.
    week = timedelta(weeks=1)
    need, other = family.need(), await world.family("Carol")
    await world.befriend(other.actor, helper)
    await world.befriend(family.actor, await world.supporter("Dave", level=Level.REGISTERED))
    elsewhere = await book(world, other, helper, start_at=need.start_at + week, end_at=need.end_at + week)
    series = await open_weekly(world, family)
    async with world.database.read() as session:
        at_second = select(CareRequest).where(
            CareRequest.series_id == series.id, CareRequest.start_at == need.start_at + week
        )
        second = (await session.exec(at_second)).one()
    _, told_before = await last_ids(world)

    await cancel(world, helper, elsewhere)
    world.now += timedelta(minutes=AreaSettings().friends_of_friends_after_minutes)
    async with world.database.read() as session:
        due = await requests_with_due_wave(session, now=world.now)
    for request_id in due:
        await world.do(partial(open_due_wave, index=world.index, request_id=request_id, now=world.now))

    assert helper.person_id in {person_id for person_id, *_ in await asks_of(world, second)}
    assert (await messages_after(world, told_before))[helper.person_id, M.SERIES_ASKED] == 1


async def test_dates_that_cannot_be_asked_for_say_why(world: World, family: Family, helper: Actor) -> None:
    second = {
        "start_at": family.need().start_at + timedelta(weeks=1),
        "end_at": family.need().end_at + timedelta(weeks=1),
    }
    await book(world, family, helper, **second)
    until = date(2026, 12, 15)

    series = await open_weekly(world, family, until=until, every_weeks=1)

    view = await seen(world, series)
    skipped = {one.day: one.reason for one in view.dates if one.state == "skipped"}
    assert skipped == {
        date(2026, 6, 9): "6月9日(火) 17:00〜19:00は、お子さんにすでに別の予約があります。",
        date(2026, 8, 11): "祝日です(山の日)。",
        date(2026, 9, 22): "祝日です(国民の休日)。",
        date(2026, 11, 3): "祝日です(文化の日)。",
        date(2026, 12, 1): "お願いできるのは180日先までです。",
        date(2026, 12, 8): "お願いできるのは180日先までです。",
        date(2026, 12, 15): "お願いできるのは180日先までです。",
    }
    assert sum(one.state == "open" for one in view.dates) == len(view.dates) - 7


async def test_a_series_without_a_single_date_is_refused_with_its_reason(world: World, family: Family) -> None:
    late = datetime(2026, 6, 2, 11, 30, tzinfo=UTC)

    with pytest.raises(NoDateLeft) as refused:
        await open_weekly(world, family, start_at=late, end_at=late + HOUR)

    assert "06:00" in refused.value.text("ja")


async def test_a_series_has_an_end_that_one_can_oversee(world: World, family: Family) -> None:
    with pytest.raises(TooManyDates):
        await open_weekly(world, family, until=TUESDAYS[0] + timedelta(weeks=60))


async def test_a_date_on_which_nobody_offered_keeps_no_reason(world: World, family: Family, helper: Actor) -> None:
    # It went on saying that nobody had offered when somebody had.
    series = await open_weekly(world, family)
    first = (await rows(world, [one.request_id for one in (await seen(world, series)).dates]))[0]
    await offer(world, helper, first)

    outcomes = await accept_all(world, family, helper, series)

    assert [one.code for one in outcomes] == [None, "not-offered", "not-offered", "not-offered"]
    assert [one.reason for one in (await seen(world, series)).dates] == [None] * 4


async def test_choosing_a_supporter_books_what_can_be_and_lists_what_cannot(
    world: World, family: Family, helper: Actor
) -> None:
    # With `attempt` replaced by plain awaits the first refused date undid all the others.
    other, rival = await world.family("Carol"), await world.supporter("Dave", level=Level.REGISTERED)
    await world.befriend(other.actor, helper)
    await world.befriend(family.actor, rival)
    series = await open_weekly(world, family)
    requests = [one.request_id for one in (await seen(world, series)).dates]
    rivals = (await rows(world, requests))[1]
    rivals_offer = await offer(world, rival, rivals)
    await offer_all(world, helper, series)
    await accept(world, family, rivals_offer)  # the second date goes to another
    third = {
        "start_at": family.need().start_at + timedelta(weeks=2),
        "end_at": family.need().end_at + timedelta(weeks=2),
    }
    await accept(world, other, await offer(world, helper, await ask(world, other, named_supporter_id=None, **third)))
    _, message_id = await last_ids(world)

    outcomes = await accept_all(world, family, helper, series)

    assert [(one.day, one.done, one.code) for one in outcomes] == [
        (TUESDAYS[0], True, None),
        (TUESDAYS[2], False, "slot-taken"),
        (TUESDAYS[3], True, None),
    ]
    covers = [await cover_number(world, one.booking_id) for one in outcomes if one.done]
    assert [one.cover_number for one in outcomes if one.done] == covers
    assert len(set(covers)) == 2
    view = await seen(world, series)
    assert [one.state for one in view.dates] == ["booked", "booked", "open", "booked"]
    why = "その時間、サポーターにはすでに別の予約があります。"
    assert [one.reason for one in view.dates] == [None, None, why, None]  # the family was left to wonder
    told = await messages_after(world, message_id)
    assert told == {
        (family.actor.person_id, M.SERIES_BOOKED): 1,
        (helper.person_id, M.SERIES_BOOKED): 1,
        (rival.person_id, M.SERIES_ASK_CLOSED): 1,
    }
    async with world.database.read() as session:
        assert await verify(session) == []


async def cover_number(world: World, booking_id: int | None) -> str:
    async with world.database.read() as session:
        number = select(Cover.number).join(Booking, col(Booking.cover_id) == col(Cover.id))
        return (await session.exec(number.where(Booking.id == booking_id))).one()


async def rows(world: World, ids: list[int | None]) -> list[CareRequest]:
    async with world.database.read() as session:
        found = select(CareRequest).where(col(CareRequest.id).in_(ids)).order_by(col(CareRequest.start_at))
        return list(await session.exec(found))


async def test_offering_for_a_series_says_on_which_dates_one_was_not_asked(world: World, family: Family) -> None:
    helper = await world.supporter("Bob", level=Level.REGISTERED)
    await world.befriend(family.actor, helper)
    second = {
        "start_at": family.need().start_at + timedelta(weeks=1),
        "end_at": family.need().end_at + timedelta(weeks=1),
    }
    other = await world.family("Carol")
    await world.befriend(other.actor, helper)
    await book(world, other, helper, **second)
    series = await open_weekly(world, family)
    _, message_id = await last_ids(world)

    outcomes = await offer_all(world, helper, series)

    assert [(one.done, one.code) for one in outcomes] == [
        (True, None),
        (False, "not-asked"),
        (True, None),
        (True, None),
    ]
    assert await messages_after(world, message_id) == {(family.actor.person_id, M.SERIES_OFFERED): 1}
    [offers] = (await seen(world, series)).offers
    assert (offers.name, offers.dates) == ("Bob", [TUESDAYS[0], TUESDAYS[2], TUESDAYS[3]])


async def booked(world: World, family: Family, helper: Actor) -> CareSeries:
    series = await open_weekly(world, family)
    await offer_all(world, helper, series)
    await accept_all(world, family, helper, series)
    return series


async def test_one_date_is_cancelled_by_itself(world: World, family: Family, helper: Actor) -> None:
    series = await booked(world, family, helper)
    async with world.database.read() as session:
        first = (await session.exec(select(Booking).order_by(col(Booking.id)))).all()[0]

    await cancel(world, family.actor, first)

    assert [one.state for one in (await seen(world, series)).dates] == ["cancelled", "booked", "booked", "booked"]


async def test_a_family_cancels_the_rest_and_the_supporter_hears_once(
    world: World, family: Family, helper: Actor
) -> None:
    series = await booked(world, family, helper)
    one = (await seen(world, series)).dates[3].booking_id
    async with world.database.read() as session:
        last = (await session.exec(select(Booking).where(Booking.id == one))).one()
    await cancel(world, helper, last)  # so that one date is open again
    world.now = last.start_at - timedelta(weeks=3) + HOUR  # the first has begun
    _, message_id = await last_ids(world)

    days = await end(world, family.actor, series)

    assert days == TUESDAYS[1:4]
    view = await seen(world, series)
    assert [date_.state for date_ in view.dates] == ["booked", "cancelled", "cancelled", "withdrawn"]
    assert view.closed_at == world.now
    assert await messages_after(world, message_id) == {(helper.person_id, M.SERIES_CANCELLED): 1}
    with pytest.raises(NotNow):
        await end(world, family.actor, series)


async def test_a_supporter_who_leaves_a_series_frees_their_dates(world: World, family: Family, helper: Actor) -> None:
    series = await booked(world, family, helper)
    _, message_id = await last_ids(world)

    days = await end(world, helper, series)

    assert days == TUESDAYS[:4]
    view = await seen(world, series)
    assert ([one.state for one in view.dates], view.closed_at) == (["open"] * 4, None)
    assert await messages_after(world, message_id) == {(family.actor.person_id, M.SERIES_CANCELLED): 1}


async def test_a_withdrawn_date_leaves_the_others(world: World, family: Family, helper: Actor) -> None:
    series = await open_weekly(world, family)
    second = (await seen(world, series)).dates[1].request_id or 0

    await world.do(lambda s: withdraw_request(s, by=family.actor, request_id=second, reason="", now=world.now))

    assert [one.state for one in (await seen(world, series)).dates] == ["open", "withdrawn", "open", "open"]
    assert [one.day for one in await offer_all(world, helper, series)] == [TUESDAYS[0], *TUESDAYS[2:4]]


async def test_who_was_turned_away_hears_once_that_a_series_is_open_again(
    world: World, family: Family, helper: Actor
) -> None:
    # Their asks stood again and nobody said so: with all friends asked before, every date waited unseen.
    other = await world.supporter("Dave", level=Level.REGISTERED)
    await world.befriend(family.actor, other)
    series = await open_weekly(world, family)
    await offer_all(world, helper, series)
    await accept_all(world, family, helper, series)
    _, told_before = await last_ids(world)

    await end(world, helper, series)

    told = await messages_after(world, told_before)
    assert told[other.person_id, M.REQUEST_REOPENED] == 1


async def test_where_the_first_acceptance_decides_the_others_hear_that_a_series_is_filled(
    world: World, family: Family, helper: Actor
) -> None:
    # Only the two who were booked heard of it.
    other = await world.supporter("Dave", level=Level.REGISTERED)
    await world.befriend(family.actor, other)
    series = await open_weekly(world, family, first_acceptance_decides=True)
    _, told_before = await last_ids(world)

    await offer_all(world, helper, series)

    told = await messages_after(world, told_before)
    assert told[other.person_id, M.SERIES_ASK_CLOSED] == 1

"""Around a care: the sheet agreed on before, notes and calls meanwhile, report and thanks after, papers to print."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child
from sharecare.accounts.queries import children_of
from sharecare.care.alarms import call_family
from sharecare.care.answering import answer_alarm, say_how_long, settle_call
from sharecare.care.bookings import booking_by_id, side_of
from sharecare.care.contacts import contacts_of, set_contacts
from sharecare.care.day_rules import Saying
from sharecare.care.day_schemas import (
    Agreement,
    CareRecord,
    HandOverPerson,
    HowLongDraft,
    NoteDraft,
    PreMeetingDraft,
    PreMeetingView,
    ThanksDraft,
)
from sharecare.care.diary import send_thanks, take_note, write_report
from sharecare.care.papers import day_sheet, pick_up_card
from sharecare.care.people import children_in
from sharecare.care.pre_meeting import agree_to_sheet, rides_to_agree_on, write_sheet
from sharecare.care.record import care_record
from sharecare.care.requests import request_by_id
from sharecare.care.rules import Side
from sharecare.drafts import Day
from sharecare.web.again import or_again
from sharecare.web.bookings import at_booking
from sharecare.web.browser import page_router
from sharecare.web.forms import Form
from sharecare.web.my_contacts import NAMES as CONTACT_NAMES
from sharecare.web.my_contacts import PLACES as CONTACT_PLACES
from sharecare.web.my_contacts import contacts_in, filled
from sharecare.web.page import Looking, View

router = page_router()
PDF = "application/pdf"
PEOPLE = (1, 2, 3)  # rows for those who may hand over
HEARD = {Saying.TOLD: "said_how_long", Saying.SHOWN: "how_long_shown", Saying.KNOWN: "how_long_known"}


@router.get("/bookings/{booking_id}/sheet", operation_id="read_care_record")
async def show_sheet(look: Looking, booking_id: int) -> Response:
    """Show the pre-meeting sheet: to the family to write, to the supporter to agree."""
    return await _sheet(look, booking_id)


@router.post("/bookings/{booking_id}/sheet", operation_id="write_pre_meeting")
async def write(look: Looking, booking_id: int) -> Response:
    """Write the sheet, and whom to call where that is new."""
    form = look.form

    async def work(session: AsyncSession) -> str:
        contacts = contacts_in(form)
        if contacts != await contacts_of(session, look.actor.household_id):
            await set_contacts(session, by=look.actor, contacts=contacts, now=look.now)
        await write_sheet(session, by=look.actor, booking_id=booking_id, draft=_draft(form), now=look.now)
        return f"/bookings/{booking_id}?done=sheet_written"

    return await or_again(look, lambda: look.do(work), lambda code: _sheet(look, booking_id, code=code))


@router.post("/bookings/{booking_id}/sheet/agree", operation_id="agree_to_pre_meeting")
async def agree(look: Looking, booking_id: int) -> Response:
    """Agree to the sheet as it was read."""

    async def work(session: AsyncSession) -> str:
        version = look.form.read(Agreement, version=look.form.maybe("version")).version
        await agree_to_sheet(session, by=look.actor, booking_id=booking_id, version=version, now=look.now)
        return f"/bookings/{booking_id}?done=sheet_agreed"

    return await or_again(look, lambda: look.do(work), lambda code: _sheet(look, booking_id, code=code))


@router.post("/bookings/{booking_id}/notes", operation_id="take_note")
async def note(look: Looking, booking_id: int) -> Response:
    """Write a note that both sides read."""

    async def work(session: AsyncSession) -> str:
        text = look.form.read(NoteDraft, text=look.form.maybe("text")).text
        await take_note(session, by=look.actor, booking_id=booking_id, text=text, now=look.now)
        return f"/bookings/{booking_id}?done=noted"

    return await at_booking(look, booking_id, work)


@router.post("/bookings/{booking_id}/report", operation_id="write_activity_report")
async def report(look: Looking, booking_id: int) -> Response:
    """Report on a care that is done."""

    async def work(session: AsyncSession) -> str:
        text = look.form.read(NoteDraft, text=look.form.maybe("text")).text
        await write_report(session, by=look.actor, booking_id=booking_id, text=text, now=look.now)
        return f"/bookings/{booking_id}?done=care_reported"

    return await at_booking(look, booking_id, work)


@router.post("/bookings/{booking_id}/thank-you", operation_id="send_thank_you")
async def thank_you(look: Looking, booking_id: int) -> Response:
    """Send a kind word."""

    async def work(session: AsyncSession) -> str:
        text = look.form.read(ThanksDraft, text=look.form.maybe("text")).text
        await send_thanks(session, by=look.actor, booking_id=booking_id, text=text, now=look.now)
        return f"/bookings/{booking_id}?done=thanks_sent"

    return await at_booking(look, booking_id, work)


@router.post("/bookings/{booking_id}/call", operation_id="call_family")
async def call(look: Looking, booking_id: int) -> Response:
    """Ask the family to call at once."""
    return await _pressed(look, booking_id, call_family, "called")


@router.post("/bookings/{booking_id}/answer", operation_id="answer_alarm")
async def answer(look: Looking, booking_id: int) -> Response:
    """Say that one is looking into it."""
    return await _pressed(look, booking_id, answer_alarm, "answered")


@router.post("/bookings/{booking_id}/how-long", operation_id="say_how_long")
async def how_long(look: Looking, booking_id: int) -> Response:
    """Say how long one still needs to a handover that is late."""

    async def work(session: AsyncSession) -> str:
        minutes = look.form.read(HowLongDraft, minutes=look.form.maybe("minutes")).minutes
        heard = await say_how_long(session, by=look.actor, booking_id=booking_id, minutes=minutes, now=look.now)
        return f"/bookings/{booking_id}?done={HEARD[heard]}"

    return await at_booking(look, booking_id, work)


@router.post("/bookings/{booking_id}/settle-call", operation_id="settle_call")
async def settled(look: Looking, booking_id: int) -> Response:
    """Say that the call one asked for is settled."""
    return await _pressed(look, booking_id, settle_call, "call_settled")


@router.get("/bookings/{booking_id}/pick-up-card", operation_id="read_pick_up_card")
async def card(look: Looking, booking_id: int) -> Response:
    """Print the card that names the authorised supporter to a nursery."""
    key, language = look.here.settings.signing_key, look.language
    return _pdf(await pick_up_card(look.session, booking_id, by=look.actor, language=language, key=key, now=look.now))


@router.get("/supports/{day}/sheet", operation_id="read_day_sheet")
async def print_day(look: Looking, day: Day) -> Response:
    """Print what one has to do and to know on a day, for when the network is down."""
    return _pdf(await day_sheet(look.session, by=look.actor, day=day, language=look.language, now=look.now))


async def _pressed(look: View, booking_id: int, verb: Callable[..., Awaitable[object]], done: str) -> Response:
    """Run a verb that takes no more than a press, and say what is done."""

    async def work(session: AsyncSession) -> str:
        await verb(session, by=look.actor, booking_id=booking_id, now=look.now)
        return f"/bookings/{booking_id}?done={done}"

    return await at_booking(look, booking_id, work)


async def _sheet(look: View, booking_id: int, *, code: int = 200) -> Response:
    session = look.session
    booking = await booking_by_id(session, booking_id)
    family = side_of(booking, look.actor) is Side.FAMILY
    record = await care_record(session, booking_id, by=look.actor, now=look.now)
    children = await children_of(session, look.actor.household_id) if family else []
    request = await request_by_id(session, booking.request_id)
    cared_for = {child.id for child in await children_in(session, request.id)}
    if not look.form.values:
        contacts = await contacts_of(session, look.actor.household_id) if family else []
        look.form = _filled(record, children, cared_for, request.means, filled(contacts))
    facts: dict[str, Any] = {
        "booking_id": booking_id,
        "family": family,
        "record": record,
        "children": children,
        "rides": await rides_to_agree_on(session, booking, now=look.now) if family else [],
        "places": CONTACT_PLACES,
        "contact_names": CONTACT_NAMES,
        "people": PEOPLE,
    }
    return await look.show("sheet.html", code=code, **facts)


def _filled(
    record: CareRecord, children: Sequence[Child], cared_for: set[int], ride: str | None, contacts: dict[str, Any]
) -> Form:
    """Fill the sheet in with what was agreed before; this care's children and ride are chosen already."""
    sheet = record.pre_meeting
    held = {child.id for child in sheet.children} if sheet else set()
    rides = {*(sheet.rides if sheet else ()), *([ride] if ride else [])}
    people = {f"person{at}_{part}": getattr(one, part) for at, one in _numbered(sheet) for part in ("name", "relation")}
    return Form.of(
        children=[child.id for child in children if child.id in held | cared_for],
        refuge=sheet.refuge if sheet else None,
        doctor=sheet.doctor if sheet else None,
        costs=sheet.costs or None if sheet else None,
        notes=sheet.notes or None if sheet else None,
        rides=sorted(rides),
        **people,
        **contacts,
    )


def _numbered(sheet: PreMeetingView | None) -> list[tuple[int, HandOverPerson]]:
    return list(enumerate(sheet.hand_over, start=1)) if sheet else []


def _draft(form: Form) -> PreMeetingDraft:
    people = [
        {"name": form.text(f"person{at}_name"), "relation": form.text(f"person{at}_relation")}
        for at in PEOPLE
        if form.ticked(f"person{at}_name")
    ]
    return form.read(
        PreMeetingDraft,
        names={"hand_over": "person1_name"},
        children=form.all("children"),
        refuge=form.maybe("refuge"),
        doctor=form.maybe("doctor"),
        hand_over=people,
        costs=form.text("costs"),
        rides=form.all("rides"),
        notes=form.text("notes"),
    )


def _pdf(content: bytes) -> Response:
    return Response(content, media_type=PDF, headers={"Cache-Control": "no-store"})

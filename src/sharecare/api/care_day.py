"""Around the care itself: the sheet before, notes and alarms meanwhile, report and thanks after; the staff's desk."""

from fastapi import Response, status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.schemas import LookReason, Reason
from sharecare.api.door import api_router
from sharecare.api.parameters import PDF, Id, Language
from sharecare.areas.queries import area_by_slug
from sharecare.care import (
    afterwards,
    alarms,
    answering,
    contacts,
    diary,
    gaps,
    handovers,
    no_show,
    papers,
    pre_meeting,
    qr,
    record,
)
from sharecare.care.booking_schemas import NoShowDecision
from sharecare.care.day_schemas import (
    Agreement,
    CareRecord,
    CareToRecord,
    Desk,
    EmergencyContactDraft,
    EmergencyContacts,
    GapView,
    HowLongDraft,
    NoteDraft,
    PassingHandover,
    PeopleToCall,
    PreMeetingDraft,
    ThanksDraft,
    Written,
)
from sharecare.care.rules import CareEnd
from sharecare.deps import Do, Here, Now, Reader, Who
from sharecare.drafts import Day

router = api_router("care day")
# What is told of a child is read with the record, which closes; a command's kept answer would not.
NO_CONTENT = status.HTTP_204_NO_CONTENT


@router.get("/me/emergency-contacts", operation_id="read_emergency_contacts")
async def read_contacts(actor: Who, session: Reader) -> list[EmergencyContactDraft]:
    """Read whom to call when no guardian answers."""
    return await contacts.contacts_of(session, actor.household_id)


@router.put("/me/emergency-contacts", status_code=NO_CONTENT, operation_id="set_emergency_contacts")
async def set_contacts(draft: EmergencyContacts, actor: Who, do: Do, now: Now) -> None:
    """Put down two people to call when no guardian answers, in this order."""
    await do(lambda session: contacts.set_contacts(session, by=actor, contacts=draft.contacts, now=now))


@router.get("/bookings/{booking_id}/record", operation_id="read_care_record")
async def read_record(booking_id: Id, actor: Who, session: Reader, now: Now) -> CareRecord:
    """Read everything told of a care; a supporter as long as they see the address."""
    return await record.care_record(session, booking_id, by=actor, now=now)


@router.put("/bookings/{booking_id}/pre-meeting", status_code=NO_CONTENT, operation_id="write_pre_meeting")
async def write_sheet(booking_id: Id, draft: PreMeetingDraft, actor: Who, do: Do, now: Now) -> None:
    """Write the pre-meeting sheet of a booking's two sides, kept for the next time."""

    async def work(session: AsyncSession) -> None:
        await pre_meeting.write_sheet(session, by=actor, booking_id=booking_id, draft=draft, now=now)

    await do(work)


@router.post("/bookings/{booking_id}/pre-meeting/agree", status_code=NO_CONTENT, operation_id="agree_to_pre_meeting")
async def agree_to_sheet(booking_id: Id, agreement: Agreement, actor: Who, do: Do, now: Now) -> None:
    """Agree to the sheet as one has read it."""
    version = agreement.version
    await do(
        lambda session: pre_meeting.agree_to_sheet(session, by=actor, booking_id=booking_id, version=version, now=now)
    )


@router.get(
    "/bookings/{booking_id}/handover-codes/{end}",
    operation_id="read_handover_code",
    response_class=Response,
    responses={200: {"content": {"image/svg+xml": {}}, "description": "A QR code."}},
)
async def read_code(booking_id: Id, end: CareEnd, session: Reader, here: Here) -> Response:
    """Read the QR code that a parent shows at one end, an SVG; it says what the six digits say."""
    settings = here.settings
    code = await qr.handover_code(session, booking_id, end, key=settings.signing_key, public_url=settings.public_url)
    return Response(code, media_type="image/svg+xml")


@router.post("/bookings/{booking_id}/notes", status_code=status.HTTP_201_CREATED, operation_id="take_note")
async def take_note(booking_id: Id, draft: NoteDraft, actor: Who, do: Do, now: Now) -> Written:
    """Write a note about a care; the other side is told."""

    async def work(session: AsyncSession) -> Written:
        note = await diary.take_note(session, by=actor, booking_id=booking_id, text=draft.text, now=now)
        return Written(id=note.id)

    return await do(work)


@router.post("/bookings/{booking_id}/report", status_code=NO_CONTENT, operation_id="write_activity_report")
async def write_report(booking_id: Id, draft: NoteDraft, actor: Who, do: Do, now: Now) -> None:
    """Report on a care that is done."""
    await do(lambda session: diary.write_report(session, by=actor, booking_id=booking_id, text=draft.text, now=now))


@router.post("/bookings/{booking_id}/thank-you", status_code=NO_CONTENT, operation_id="send_thank_you")
async def send_thanks(booking_id: Id, draft: ThanksDraft, actor: Who, do: Do, now: Now) -> None:
    """Send a kind word for a care."""
    await do(lambda session: diary.send_thanks(session, by=actor, booking_id=booking_id, text=draft.text, now=now))


@router.post("/bookings/{booking_id}/call", status_code=NO_CONTENT, operation_id="call_family")
async def call_family(booking_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Ask the family to call at once; unanswered, it reaches second guardian and contacts, then staff."""

    async def work(session: AsyncSession) -> None:
        await alarms.call_family(session, by=actor, booking_id=booking_id, now=now)

    await do(work)


@router.post("/bookings/{booking_id}/answer", status_code=NO_CONTENT, operation_id="answer_alarm")
async def answer_alarm(booking_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Say that one is looking into an alarm, and it stops climbing; not where it is about oneself."""
    await do(lambda session: answering.answer_alarm(session, by=actor, booking_id=booking_id, now=now))


@router.post("/bookings/{booking_id}/how-long", status_code=NO_CONTENT, operation_id="say_how_long")
async def say_how_long(booking_id: Id, draft: HowLongDraft, actor: Who, do: Do, now: Now) -> None:
    """Say how long one still needs to a handover of one's own that is late; its alarm climbs on all the same.

    The same time again is no error and tells nobody; after five messages about one handover a new time is only shown.
    """

    async def work(session: AsyncSession) -> None:
        await answering.say_how_long(session, by=actor, booking_id=booking_id, minutes=draft.minutes, now=now)

    await do(work)


@router.post("/bookings/{booking_id}/settle-call", status_code=NO_CONTENT, operation_id="settle_call")
async def settle_call(booking_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Say that the call one asked for is settled; it ends, and everybody hears who was told of it."""
    await do(lambda session: answering.settle_call(session, by=actor, booking_id=booking_id, now=now))


@router.get(
    "/bookings/{booking_id}/pick-up-card",
    operation_id="read_pick_up_card",
    response_class=Response,
    responses={200: {"content": {PDF: {}}, "description": "A card of a phone's size."}},
)
async def read_card(
    booking_id: Id, actor: Who, session: Reader, here: Here, now: Now, language: Language | None = None
) -> Response:
    """Read the card that names the authorised supporter to a nursery, school or lesson; in one's own language."""
    spoken, key = language or actor.language, here.settings.signing_key
    card = await papers.pick_up_card(session, booking_id, by=actor, language=spoken, key=key, now=now)
    return Response(card, media_type=PDF)


@router.get(
    "/me/day-sheet",
    operation_id="read_day_sheet",
    response_class=Response,
    responses={200: {"content": {PDF: {}}, "description": "One or more A4 pages."}},
)
async def read_day_sheet(day: Day, actor: Who, session: Reader, now: Now, language: Language | None = None) -> Response:
    """Read what one has to do and to know on a day, to print it for when the network is down."""
    sheet = await papers.day_sheet(session, by=actor, day=day, language=language or actor.language, now=now)
    return Response(sheet, media_type=PDF)


@router.get("/areas/{slug}/desk", operation_id="read_desk")
async def read_desk(slug: str, session: Reader) -> Desk:
    """Read what the area's staff must look into: alarms, locked handovers, gaps in cover."""
    area = await area_by_slug(session, slug)
    return await record.desk(session, area_id=area.id)


@router.post("/bookings/{booking_id}/people-to-call", operation_id="read_people_to_call")
async def read_people(booking_id: Id, why: LookReason, actor: Who, do: Do, now: Now) -> PeopleToCall:
    """Read whom to call about a care; each look is logged, and those concerned can see it."""
    reason = why.reason
    return await do(
        lambda session: record.people_to_call(session, by=actor, booking_id=booking_id, reason=reason, now=now)
    )


@router.post("/bookings/{booking_id}/pass-handover", status_code=NO_CONTENT, operation_id="pass_handover")
async def pass_handover(booking_id: Id, draft: PassingHandover, actor: Who, do: Do, now: Now) -> None:
    """Let one end pass without digits, as staff who made sure by other means; both sides are told why."""
    end, reason = draft.end, draft.reason
    await do(
        lambda session: handovers.pass_handover(
            session, by=actor, booking_id=booking_id, end=end, reason=reason, now=now
        )
    )


@router.post("/bookings/{booking_id}/gap", operation_id="explain_gap")
async def explain_gap(booking_id: Id, why: Reason, actor: Who, do: Do, now: Now) -> GapView:
    """Say how uncovered time came about; the gap stays on record."""

    async def work(session: AsyncSession) -> GapView:
        gap = await gaps.explain_gap(session, by=actor, booking_id=booking_id, explanation=why.reason, now=now)
        return GapView.model_validate(gap)

    return await do(work)


@router.post("/bookings/{booking_id}/record-care", status_code=NO_CONTENT, operation_id="record_care")
async def record_care(booking_id: Id, draft: CareToRecord, actor: Who, do: Do, now: Now) -> None:
    """Put down a care that was not recorded on the day, as staff who asked both sides; both are told."""
    facts = draft.model_dump()

    async def work(session: AsyncSession) -> None:
        await afterwards.record_care(session, by=actor, booking_id=booking_id, now=now, **facts)

    await do(work)


@router.post("/bookings/{booking_id}/close", status_code=NO_CONTENT, operation_id="close_never_started")
async def close_never_started(booking_id: Id, why: Reason, actor: Who, do: Do, now: Now) -> None:
    """Close a booking that never took place, as staff who asked both sides: cover is voided, both are told."""

    async def work(session: AsyncSession) -> None:
        await afterwards.close_never_started(session, by=actor, booking_id=booking_id, reason=why.reason, now=now)

    await do(work)


@router.post("/bookings/{booking_id}/no-show/decide", status_code=NO_CONTENT, operation_id="decide_no_show")
async def decide_no_show(booking_id: Id, decision: NoShowDecision, actor: Who, do: Do, now: Now) -> None:
    """Let a contested no-show stand or strike it, as staff who asked both sides; where care took place, record that."""

    async def work(session: AsyncSession) -> None:
        await no_show.decide_no_show(session, by=actor, booking_id=booking_id, now=now, **decision.model_dump())

    await do(work)

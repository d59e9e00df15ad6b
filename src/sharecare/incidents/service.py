"""Taking incidents in: what happened, what came to be known later, photos, reports to the authority, the conclusion."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import guardian_ids_of, person_by_id
from sharecare.accounts.rules import Actor
from sharecare.accounts.schemas import Reason
from sharecare.care.bookings import booking_by_id, had_incident, record_booking
from sharecare.care.models import Booking, BookingChild
from sharecare.care.rules import BookingState
from sharecare.errors import NotFound, Refusal
from sharecare.incidents.insurers import tell_of_photo
from sharecare.incidents.marks import message_facts, start_clock, stop_clock, tell_staff
from sharecare.incidents.models import Incident, IncidentNote, IncidentPhoto, ReportMark
from sharecare.incidents.photos import Photo
from sharecare.incidents.rules import REPORT_OF, IncidentKind, IncidentState, Injured, is_serious
from sharecare.incidents.schemas import Conclusion, IncidentChange, IncidentDraft, ReportDraft
from sharecare.journal.rules import FactKind
from sharecare.malformed import in_words
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell
from sharecare.trust.service import take_back_support

MAX_PHOTOS = 10
HARMLESS = frozenset({"place", "what", "third_party", "witnesses", "told"})
REPORTED = {
    IncidentKind.NEAR_MISS: FactKind.NEAR_MISS_REPORTED,
    IncidentKind.INCIDENT: FactKind.INCIDENT_REPORTED,
}


class NotYetHappened(Refusal):
    """An incident lies in the past."""

    status = 400
    ja = "起きた時刻が、いまより後になっています。時刻を確かめてください。"
    en = "The time given lies in the future. Please check it."


class IncidentClosed(Refusal):
    """The staff have closed it."""

    ja = "この記録はすでに完了しています。新しくわかったことは、相談窓口へご連絡ください。"
    en = "This record is closed. Tell the staff what else you know."


class IncidentOpen(Refusal):
    """The staff still work on it."""

    ja = "この記録はまだ対応中です。そのまま追記できます。"
    en = "This record is open already. It can be completed as it is."


class EnoughPhotos(Refusal):
    """An incident holds so many photos."""

    ja = "写真は{limit}枚までです。"
    en = "Up to {limit} photos can be added."


class NoReportDue(Refusal):
    """The accident is not serious, or this report was recorded."""

    ja = "この報告は必要ないか、すでに記録されています。"
    en = "This report isn't due, or was recorded already."


class NothingNew(Refusal):
    """There is nothing to write down."""

    status = 400
    ja = "変わったところがありません。わかったことを書いてから保存してください。"
    en = "Nothing was changed. Write down what you know, then save."


class Contradiction(Refusal):
    """A report can't say two things that exclude each other."""

    status = 400
    ja = "内容が食い違っています。{why_ja}"
    en = "The report would contradict itself: {why_en}."


class NearMissHurtsNobody(Refusal):
    """A near miss that hurt someone is an incident."""

    ja = "けがや損害があったときは、ヒヤリハットではなく事故として報告してください。"
    en = "If someone was hurt or something broke, report an incident instead of a near miss."


async def report_incident(
    session: AsyncSession, *, by: Actor, booking_id: int, draft: IncidentDraft, now: datetime
) -> Incident:
    """Take an incident in; the staff hear of it at once, and of an accident the other side too.

    Raises:
        NotYetHappened: a time given lies in the future.
        NotFound: the child named was not in this care.

    """
    booking = await booking_by_id(session, booking_id, hold=True)  # it may be finished at this moment
    await _require_possible(session, draft, booking_id=booking_id, now=now)
    serious = is_serious(death=draft.death, unconscious=draft.unconscious, treatment_days=draft.treatment_days)
    incident = Incident(
        area_id=booking.area_id,
        booking_id=booking_id,
        state=IncidentState.OPEN,
        reported_by=by.person_id,
        reported_at=now,
        serious=serious,
        occurred_at=draft.occurred_at,
        **draft.model_dump(mode="json", exclude={"occurred_at"}),
    )
    session.add(incident)
    await session.flush()  # the fact, the marks and the messages name it
    if draft.kind is IncidentKind.INCIDENT:
        await _take_from_trust(session, booking, now=now)
    _record(session, REPORTED[draft.kind], incident, booking, by=by.person_id, now=now)
    await tell_staff(session, MessageKind.INCIDENT_FILED, incident, booking, now=now)
    if draft.kind is IncidentKind.INCIDENT:
        await _tell_other_side(session, incident, booking, by, now=now)
    if serious:
        await start_clock(session, incident, booking, since=draft.occurred_at, now=now)
    return incident


async def change_incident(
    session: AsyncSession, *, by: Actor, incident_id: int, change: IncidentChange, now: datetime
) -> Incident:
    """Complete or correct a report; what was said before stays in the notes.

    Raises:
        IncidentClosed: the staff have closed it.
        NothingNew: it says what is known, and no more.
        NearMissHurtsNobody: a near miss would become an accident.
        Contradiction: with this the report would contradict itself.
        NotYetHappened: somebody is told in the future.
        NotFound: the child named was not in this care.

    """
    incident = await held_incident(session, incident_id)
    booking = await booking_by_id(session, incident.booking_id)
    said = change.said()
    if said.get("injured", Injured.CHILD) != Injured.CHILD:
        said.setdefault("child_id", None)
    changes = {name: value for name, value in said.items() if value != getattr(incident, name)}
    if not changes and not change.note:
        raise NothingNew
    if incident.kind == IncidentKind.NEAR_MISS and not changes.keys() <= HARMLESS:
        raise NearMissHurtsNobody
    if changes:
        await _require_consistent(session, incident, changes, now)
    before = {name: getattr(incident, name) for name in changes}
    incident.sqlmodel_update(changes)
    was_serious, incident.serious = (
        incident.serious,
        is_serious(death=incident.death, unconscious=incident.unconscious, treatment_days=incident.treatment_days),
    )
    session.add(incident)
    if was_serious and not incident.serious:
        before["marks"] = await stop_clock(session, incident, booking, now=now)
    note = IncidentNote(incident_id=incident_id, written_by=by.person_id, at=now, text=change.note, changes=before)
    session.add(note)
    _record(session, FactKind.INCIDENT_CHANGED, incident, booking, by=by.person_id, now=now)
    if incident.serious and not was_serious:
        await start_clock(session, incident, booking, since=now, now=now)
    return incident


async def _require_consistent(
    session: AsyncSession, incident: Incident, changes: Mapping[str, Any], now: datetime
) -> None:
    """Hold the whole report, as it would stand, to what a new one is held to."""
    whole = incident.model_dump(include=set(IncidentDraft.model_fields)) | dict(changes)
    try:
        draft = IncidentDraft.model_validate(whole)
    except ValidationError as error:
        why = error.errors()[0]
        raise Contradiction(why_ja=in_words(why, "ja"), why_en=in_words(why, "en")) from error
    await _require_possible(session, draft, booking_id=incident.booking_id, now=now)


async def _require_possible(session: AsyncSession, draft: IncidentDraft, *, booking_id: int, now: datetime) -> None:
    if max([draft.occurred_at, *(one.at for one in draft.told)]) > now:
        raise NotYetHappened
    if draft.child_id is not None and await session.get(BookingChild, (booking_id, draft.child_id)) is None:
        raise NotFound


async def add_photo(
    session: AsyncSession, *, by: Actor, incident_id: int, photo: Photo, now: datetime
) -> IncidentPhoto:
    """Keep a photo with an incident.

    Raises:
        IncidentClosed: the staff have closed it.
        EnoughPhotos: it holds as many as it may.

    """
    incident = await held_incident(session, incident_id)
    await require_photo_room(session, incident_id)
    kept = IncidentPhoto(
        incident_id=incident_id,
        taken_by=by.person_id,
        at=now,
        width=photo.width,
        height=photo.height,
        jpeg=photo.jpeg,
    )
    session.add(kept)
    await session.flush()  # the answer names the photo
    booking = await booking_by_id(session, incident.booking_id)
    _record(session, FactKind.INCIDENT_CHANGED, incident, booking, by=by.person_id, now=now)
    await tell_of_photo(session, incident_id, now=now)
    return kept


async def require_photo_room(session: AsyncSession, incident_id: int) -> None:
    """Pass where an incident takes one more photo.

    Raises:
        IncidentClosed: the staff have closed it.
        EnoughPhotos: it holds as many as it may.

    """
    if (await session.get_one(Incident, incident_id)).state != IncidentState.OPEN:
        raise IncidentClosed
    count = select(func.count()).select_from(IncidentPhoto).where(IncidentPhoto.incident_id == incident_id)
    if (await session.exec(count)).one() >= MAX_PHOTOS:
        raise EnoughPhotos(limit=MAX_PHOTOS)


async def record_report(
    session: AsyncSession, *, by: Actor, incident_id: int, draft: ReportDraft, now: datetime
) -> Incident:
    """Note that a report went to the authority; its clock stops.

    Raises:
        NoReportDue: the accident is not serious, or this report was recorded.

    """
    incident = (await session.exec(select(Incident).where(Incident.id == incident_id))).one()
    steps = [step for step, report in REPORT_OF.items() if report is draft.report]
    met = await session.exec(
        update(ReportMark)
        .where(col(ReportMark.incident_id) == incident_id, col(ReportMark.step).in_(steps))
        .where(col(ReportMark.met_at).is_(None))
        .values(met_at=now)
    )
    if met.rowcount == 0:
        raise NoReportDue
    changes = {"report": draft.report.value}
    note = IncidentNote(incident_id=incident_id, written_by=by.person_id, at=now, text=draft.note, changes=changes)
    session.add(note)
    booking = await booking_by_id(session, incident.booking_id)
    _record(session, FactKind.ACCIDENT_REPORTED, incident, booking, by=by.person_id, now=now, **changes)
    return incident


async def close_incident(
    session: AsyncSession, *, by: Actor, incident_id: int, draft: Conclusion, now: datetime
) -> Incident:
    """Close an incident with what was learned.

    Raises:
        IncidentClosed: it is closed already.

    """
    incident = await held_incident(session, incident_id)
    incident.state, incident.closed_at, incident.conclusion = IncidentState.CLOSED, now, draft.conclusion
    session.add(incident)
    booking = await booking_by_id(session, incident.booking_id)
    _record(session, FactKind.INCIDENT_CLOSED, incident, booking, by=by.person_id, now=now)
    return incident


async def reopen_incident(
    session: AsyncSession, *, by: Actor, incident_id: int, draft: Reason, now: datetime
) -> Incident:
    """Open a closed incident again, because more came to be known; what was concluded stays in the notes.

    Raises:
        IncidentOpen: it is not closed.

    """
    incident = await _held(session, incident_id)
    if incident.state != IncidentState.CLOSED or incident.closed_at is None:
        raise IncidentOpen
    before = {"conclusion": incident.conclusion, "closed_at": incident.closed_at.isoformat()}
    incident.state, incident.closed_at, incident.conclusion = IncidentState.OPEN, None, ""
    note = IncidentNote(incident_id=incident_id, written_by=by.person_id, at=now, text=draft.reason, changes=before)
    session.add_all([incident, note])
    booking = await booking_by_id(session, incident.booking_id)
    _record(session, FactKind.INCIDENT_REOPENED, incident, booking, by=by.person_id, now=now)
    return incident


async def held_incident(session: AsyncSession, incident_id: int) -> Incident:
    """Return an open incident, held so that nobody changes it meanwhile.

    Raises:
        IncidentClosed: the staff have closed it.

    """
    incident = await _held(session, incident_id)
    if incident.state != IncidentState.OPEN:
        raise IncidentClosed
    return incident


async def _held(session: AsyncSession, incident_id: int) -> Incident:
    held = select(Incident).where(Incident.id == incident_id).with_for_update(key_share=True)
    return (await session.exec(held, execution_options={"populate_existing": True})).one()


async def _take_from_trust(session: AsyncSession, booking: Booking, *, now: datetime) -> None:
    """Let a completed care count no longer between the two, once; of one under way, its end asks."""
    if booking.state == BookingState.COMPLETED and not await had_incident(session, booking.id):
        await take_back_support(session, one=booking.requester_id, other=booking.supporter_id, now=now)


async def _tell_other_side(
    session: AsyncSession, incident: Incident, booking: Booking, by: Actor, *, now: datetime
) -> None:
    facts = message_facts(incident, booking) | {"name": (await person_by_id(session, by.person_id)).name}
    people = {booking.supporter_id}
    if by.household_id != booking.household_id:
        people.update(await guardian_ids_of(session, booking.household_id))
    for person_id in sorted(people - {by.person_id}):
        await tell(session, person_id=person_id, kind=MessageKind.INCIDENT_TOLD, facts=facts, now=now)


def _record(
    session: AsyncSession,
    kind: FactKind,
    incident: Incident,
    booking: Booking,
    *,
    by: int,
    now: datetime,
    **more: Any,
) -> None:
    data = {"incident_id": incident.id, "serious": incident.serious, "treatment": incident.treatment, **more}
    record_booking(session, kind, booking, by=by, now=now, data=data)

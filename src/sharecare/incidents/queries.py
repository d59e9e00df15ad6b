"""Reading incidents and claims: families see their own, staff give a reason, insurers see facts without names."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from sharecare.accounts.models import Person
from sharecare.accounts.queries import names_of
from sharecare.accounts.rules import Actor
from sharecare.accounts.service import log_looks
from sharecare.care.bookings import booking_by_id
from sharecare.care.models import Booking, BookingChild
from sharecare.errors import NotFound
from sharecare.incidents.claim_schemas import ClaimFacts, ClaimLine, ClaimRow, ClaimView
from sharecare.incidents.letters import letters_of, paper_of
from sharecare.incidents.models import Claim, ClaimEntry, Incident, IncidentNote, IncidentPhoto, ReportMark
from sharecare.incidents.papers import Paper
from sharecare.incidents.rules import CLOSED, IncidentKind, IncidentState
from sharecare.incidents.schemas import ClaimGlimpse, IncidentGlimpse, IncidentView, MarkView, NoteView
from sharecare.incidents.words import NOTICE
from sharecare.insurance.models import Cover, CoverEntry, Policy
from sharecare.insurance.rules import LedgerKind, Terms, covered_until
from sharecare.insurance.schedule import Exclusion, Loss, Peril, Point, Schedule, limits, points_of
from sharecare.paging import Page, page_of, read_cursor

LOOK_REASON = "保険の請求の写真 (a photo of an insurance claim)"
PAPER_REASON = "保険の請求の書類 (a paper of an insurance claim)"


async def incident_view(session: AsyncSession, incident_id: int) -> IncidentView:
    """Return an incident in full."""
    incident = (await session.exec(select(Incident).where(Incident.id == incident_id))).one()
    notes = select(IncidentNote).where(IncidentNote.incident_id == incident_id).order_by(col(IncidentNote.id))
    written = (await session.exec(notes)).all()
    names = await names_of(session, [incident.reported_by, *(note.written_by for note in written)])
    told = incident.model_dump(include=set(IncidentView.model_fields) - {"reported_by"})
    return IncidentView(
        **told,
        reported_by=names[incident.reported_by],
        marks=await _marks(session, incident_id),
        claims=await _claims_of(session, incident_id),
        notes=[NoteView(**one.model_dump(exclude={"written_by"}), written_by=names[one.written_by]) for one in written],
        photos=await _photos(session, incident_id),
        notice=NOTICE,
    )


async def incident_file(
    session: AsyncSession, *, by: Actor, incident_id: int, reason: str, now: datetime
) -> IncidentView:
    """Return an incident to the staff, and log the look for the two sides to see."""
    view = await incident_view(session, incident_id)
    booking = await booking_by_id(session, view.booking_id)
    people = (booking.requester_id, booking.supporter_id)
    log_looks(session, by=by, area_id=booking.area_id, person_ids=people, reason=reason, now=now)
    return view


async def incidents_of_booking(session: AsyncSession, *, by: Actor, booking_id: int) -> list[IncidentView]:
    """Return what was reported of a booking, as far as the person may see it: near misses only one's own."""
    booking = await booking_by_id(session, booking_id)
    found = await session.exec(select(Incident).where(Incident.booking_id == booking_id).order_by(col(Incident.id)))
    seen = [one.id for one in found.all() if await may_see(session, one, booking, by)]
    return [await incident_view(session, incident_id) for incident_id in seen]


async def may_see(session: AsyncSession, incident: Incident, booking: Booking, by: Actor) -> bool:
    """Say whether one of the two sides may read a report: an accident both, a near miss whoever told of it."""
    if by.person_id != booking.supporter_id and by.household_id != booking.household_id:
        return False
    if incident.kind != IncidentKind.NEAR_MISS or incident.reported_by == by.person_id:
        return True
    reporters_side = incident.reported_by != booking.supporter_id and by.household_id == booking.household_id
    return reporters_side and incident.reported_by in await _household(session, booking.household_id)


async def incidents_of_area(
    session: AsyncSession, *, area_id: int, cursor: str | None, limit: int
) -> Page[IncidentGlimpse]:
    """Return one page of an area's incidents, newest first: codes and moments alone."""
    incidents = select(Incident).where(Incident.area_id == area_id)
    if (before := read_cursor(cursor)) is not None:
        incidents = incidents.where(col(Incident.id) < before)
    rows = (await session.exec(incidents.order_by(col(Incident.id).desc()).limit(limit + 1))).all()
    return page_of([await _glimpse(session, row) for row in rows], limit=limit, key=lambda one: one.id)


async def glimpses_of_booking(session: AsyncSession, booking_id: int) -> list[IncidentGlimpse]:
    """Return a booking's incidents, newest first: codes and moments alone."""
    found = select(Incident).where(Incident.booking_id == booking_id).order_by(col(Incident.id).desc())
    return [await _glimpse(session, one) for one in (await session.exec(found)).all()]


async def count_open_incidents(session: AsyncSession, *, area_id: int) -> int:
    """Return how many incidents and near misses the staff still work on."""
    still = select(func.count()).where(Incident.area_id == area_id, Incident.state == IncidentState.OPEN)
    return (await session.exec(still)).one()


async def reports_waiting(session: AsyncSession, *, area_id: int) -> dict[int, list[MarkView]]:
    """Return which reports on an area's serious accidents were not made yet, by incident, the most pressing first."""
    unmet = (
        select(ReportMark)
        .join(Incident, col(Incident.id) == col(ReportMark.incident_id))
        .where(Incident.area_id == area_id, Incident.state == IncidentState.OPEN, col(ReportMark.met_at).is_(None))
        .order_by(col(ReportMark.due_at), col(ReportMark.incident_id))
    )
    found: dict[int, list[MarkView]] = {}
    for mark in await session.exec(unmet):
        found.setdefault(mark.incident_id, []).append(MarkView.model_validate(mark))
    return found


async def photo_of(session: AsyncSession, *, incident_id: int, photo_id: int) -> bytes:
    """Return a photo of an incident.

    Raises:
        NotFound: the incident has no such photo.

    """
    found = select(IncidentPhoto.jpeg).where(IncidentPhoto.id == photo_id, IncidentPhoto.incident_id == incident_id)
    jpeg = (await session.exec(found)).first()
    if jpeg is None:
        raise NotFound
    return jpeg


async def claim_photo(session: AsyncSession, *, by: Actor, claim_id: int, photo_id: int, now: datetime) -> bytes:
    """Return a photo of what a claim is about to its insurer, and log the look for the two sides to see.

    Raises:
        NotFound: the claim's incident has no such photo, or had none when the claim was decided.

    """
    claim = (await session.exec(select(Claim).where(Claim.id == claim_id))).one()
    if photo_id not in await _photos_for(session, claim):
        raise NotFound
    reason = f"{LOOK_REASON} {claim.number} ({by.insurer})"
    await incident_file(session, by=by, incident_id=claim.incident_id, reason=reason, now=now)
    return await photo_of(session, incident_id=claim.incident_id, photo_id=photo_id)


async def claim_attachment(
    session: AsyncSession, *, by: Actor, claim_id: int, attachment_id: int, now: datetime
) -> Paper:
    """Return a paper that is with a letter of a claim, and log the look for the two sides to see.

    Raises:
        NotFound: no letter of the claim that they may read has such a paper.

    """
    claim = (await session.exec(select(Claim).where(Claim.id == claim_id))).one()
    paper = await paper_of(session, by=by, claim_id=claim_id, attachment_id=attachment_id)
    reason = f"{PAPER_REASON} {claim.number}" + (f" ({by.insurer})" if by.insurer else "")
    await incident_file(session, by=by, incident_id=claim.incident_id, reason=reason, now=now)
    return paper


async def claims_of_policy(session: AsyncSession, policy_id: int, *, cursor: str | None, limit: int) -> Page[ClaimRow]:
    """Return one page of a policy's claims, newest first."""
    return await _page(session, col(Claim.policy_id) == policy_id, cursor=cursor, limit=limit)


async def claims_of_area(session: AsyncSession, area_id: int, *, cursor: str | None, limit: int) -> Page[ClaimRow]:
    """Return one page of the claims under an area's policies, newest first."""
    return await _page(session, col(Policy.area_id) == area_id, cursor=cursor, limit=limit)


async def count_claims(session: AsyncSession, policy_id: int) -> int:
    """Return how many claims there are under a policy."""
    return (await session.exec(select(func.count()).where(Claim.policy_id == policy_id))).one()


async def count_open_claims(session: AsyncSession, *, area_id: int) -> int:
    """Return how many claims are not decided."""
    still = select(func.count()).select_from(Claim).join(Policy, col(Policy.id) == col(Claim.policy_id))
    return (await session.exec(still.where(Policy.area_id == area_id, col(Claim.state).not_in(CLOSED)))).one()


async def claim_view(session: AsyncSession, claim_id: int, *, by: Actor) -> ClaimView:
    """Return a claim; an insurer sees only what was exchanged with the insurer."""
    claim = (await session.exec(select(Claim).where(Claim.id == claim_id))).one()
    incident = (await session.exec(select(Incident).where(Incident.id == claim.incident_id))).one()
    booking = await booking_by_id(session, incident.booking_id)
    lines = select(ClaimEntry).where(ClaimEntry.claim_id == claim_id).order_by(col(ClaimEntry.seq))
    return ClaimView(
        **(await _rows(session, col(Claim.id) == claim_id))[0].model_dump(),
        circumstances=[Exclusion(one) for one in claim.circumstances],
        points=await _points(session, claim, incident, booking),
        facts=await _facts(session, claim, incident, booking),
        history=[ClaimLine.model_validate(line) for line in await session.exec(lines)],
        letters=await letters_of(session, claim_id, by=by),
        notice=NOTICE,
    )


async def _page(session: AsyncSession, which: ColumnElement[bool], *, cursor: str | None, limit: int) -> Page[ClaimRow]:
    if (before := read_cursor(cursor)) is not None:
        which &= col(Claim.id) < before
    return page_of(await _rows(session, which, limit=limit + 1), limit=limit, key=lambda one: one.id)


async def _rows(session: AsyncSession, which: ColumnElement[bool], *, limit: int | None = None) -> list[ClaimRow]:
    found = (
        select(Claim, Policy.number, Cover.number)
        .join(Incident, col(Incident.id) == col(Claim.incident_id))
        .join(Booking, col(Booking.id) == col(Incident.booking_id))
        .join(Cover, col(Cover.id) == col(Booking.cover_id))
        .join(Policy, col(Policy.id) == col(Cover.policy_id))
        .where(which)
        .order_by(col(Claim.id).desc())
        .limit(limit)
    )
    return [
        ClaimRow(
            **claim.model_dump(include=set(ClaimRow.model_fields)),
            policy_number=policy_number,
            cover_number=cover_number,
        )
        for claim, policy_number, cover_number in await session.exec(found)
    ]


async def _facts(session: AsyncSession, claim: Claim, incident: Incident, booking: Booking) -> ClaimFacts:
    age = None
    if incident.child_id is not None:
        child = await session.get(BookingChild, (booking.id, incident.child_id))
        age = child.age_months if child else None
    told = incident.model_dump(include=set(ClaimFacts.model_fields) - {"witnesses"})
    return ClaimFacts(
        **told,
        child_age_months=age,
        witnesses=len(incident.witnesses),
        photos=await _photos_for(session, claim),
        agreed_start_at=booking.start_at,
        agreed_end_at=booking.end_at,
    )


async def _points(session: AsyncSession, claim: Claim, incident: Incident, booking: Booking) -> list[Point]:
    cover, policy = (
        await session.exec(
            select(Cover, Policy)
            .join(Policy, col(Policy.id) == col(Cover.policy_id))
            .where(Cover.id == booking.cover_id)
        )
    ).one()
    begun = select(CoverEntry.id).where(CoverEntry.cover_id == cover.id, CoverEntry.kind == LedgerKind.IN_FORCE)
    schedule, peril = Schedule.model_validate(policy.schedule), Peril(claim.peril)
    until = covered_until(Terms.model_validate(cover.terms), cover.end_at, policy.valid_until)
    loss = Loss(
        peril=peril,
        inside_window=cover.start_at <= incident.occurred_at <= until,
        in_force=(await session.exec(begun)).first() is not None,
        circumstances=frozenset(Exclusion(one) for one in claim.circumstances),
        amount_yen=claim.claimed_yen,
    )
    insured = limits(schedule, liability_yen=policy.liability_yen, property_yen=policy.property_yen)
    return points_of(insured[peril], schedule, loss)


async def _glimpse(session: AsyncSession, incident: Incident) -> IncidentGlimpse:
    return IncidentGlimpse(
        **incident.model_dump(include=set(IncidentGlimpse.model_fields)),
        marks=await _marks(session, incident.id),
        claims=await _claims_of(session, incident.id),
    )


async def _marks(session: AsyncSession, incident_id: int) -> list[MarkView]:
    marks = select(ReportMark).where(ReportMark.incident_id == incident_id).order_by(col(ReportMark.due_at))
    return [MarkView.model_validate(mark) for mark in await session.exec(marks)]


async def _photos(session: AsyncSession, incident_id: int) -> list[int]:
    return list(await session.exec(_photos_of(incident_id)))


async def _photos_for(session: AsyncSession, claim: Claim) -> list[int]:
    """Return the photos that a claim's insurer may see; of one that is decided, or withdrawn, none that came later."""
    photos = _photos_of(claim.incident_id)
    if claim.state in CLOSED:
        moved_last = select(func.max(ClaimEntry.at)).where(ClaimEntry.claim_id == claim.id).scalar_subquery()
        photos = photos.where(col(IncidentPhoto.at) <= moved_last)
    return list(await session.exec(photos))


def _photos_of(incident_id: int) -> SelectOfScalar[int]:
    return select(IncidentPhoto.id).where(IncidentPhoto.incident_id == incident_id).order_by(col(IncidentPhoto.id))


async def _claims_of(session: AsyncSession, incident_id: int) -> list[ClaimGlimpse]:
    claims = select(Claim).where(Claim.incident_id == incident_id).order_by(col(Claim.id))
    return [ClaimGlimpse.model_validate(claim) for claim in await session.exec(claims)]


async def _household(session: AsyncSession, household_id: int) -> Sequence[int]:
    return (await session.exec(select(Person.id).where(Person.household_id == household_id))).all()

"""Claims: filed with their facts, moved by what the insurer decides; every change is a line in the claims ledger."""

from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.bookings import booking_by_id, record_booking
from sharecare.care.models import Booking
from sharecare.errors import Refusal
from sharecare.incidents.claim_schemas import ClaimChange, ClaimDraft
from sharecare.incidents.insurers import tell_of_claim
from sharecare.incidents.models import Claim, ClaimEntry, Incident
from sharecare.incidents.rules import (
    CLOSED,
    FOR_INSURER,
    ClaimState,
    IncidentKind,
    claim_may_become,
    claim_number,
)
from sharecare.insurance.ledger import hold_policy
from sharecare.insurance.models import Cover, Policy
from sharecare.insurance.rules import CoverState, entry_hash
from sharecare.insurance.usage import usage_of, use
from sharecare.journal.rules import GENESIS, FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell


class NothingHappened(Refusal):
    """A near miss has no loss."""

    ja = "ヒヤリハットからは請求できません。けがや損害があったときは、事故として報告してください。"
    en = "There is no claim from a near miss. If there was a loss, report an incident."


class IllegalClaimMove(Refusal):
    """The claim is not in a state from which this can follow."""

    ja = "この請求は、いまの状態ではその変更ができません。"
    en = "The claim's present state doesn't allow this."


class NoCover(Refusal):
    """The booking was cancelled or never took place, and with it its cover."""

    ja = "この予約は行われなかったものとして補償が取り消されているため、請求できません。"
    en = "This booking ended as not taken place and its cover was voided, so nothing can be claimed under it."


async def file_claim(session: AsyncSession, *, by: Actor, incident_id: int, draft: ClaimDraft, now: datetime) -> Claim:
    """File a claim because of an incident, under the policy that covered its care.

    Raises:
        NothingHappened: it was only a near miss.
        NoCover: the cover was voided.

    """
    incident = (await session.exec(select(Incident).where(Incident.id == incident_id))).one()
    if incident.kind == IncidentKind.NEAR_MISS:
        raise NothingHappened
    booking = await booking_by_id(session, incident.booking_id, hold=True)  # it may be cancelled at this moment
    await _require_cover(session, booking)
    policy = await _policy_of(session, booking)
    await hold_policy(session, policy.id)
    count = (await session.exec(select(func.count()).select_from(Claim).where(Claim.policy_id == policy.id))).one()
    claim = Claim(
        incident_id=incident_id,
        policy_id=policy.id,
        number=claim_number(policy.number, count + 1),
        paid_yen=0,
        state=ClaimState.FILED,
        filed_by=by.person_id,
        filed_at=now,
        changed_at=now,
        **draft.model_dump(mode="json"),
    )
    session.add(claim)
    await session.flush()  # the ledger line names the claim
    await _write_line(session, claim, now=now)
    await use(session, policy, await usage_of(session, policy.id), claims_yen=claim.reserve_yen, now=now)
    record_claim(session, FactKind.CLAIM_FILED, claim, booking, by=by, now=now)
    await _tell(session, claim, incident, booking, now=now)
    return claim


async def change_claim(session: AsyncSession, *, by: Actor, claim_id: int, change: ClaimChange, now: datetime) -> Claim:
    """Move a claim or its figures; once it is closed nothing is set aside for it any more.

    Raises:
        IllegalClaimMove: the state can't follow the present one.
        NoCover: it was withdrawn, and its cover was voided since.

    """
    claim = (await session.exec(select(Claim).where(Claim.id == claim_id))).one()
    incident = (await session.exec(select(Incident).where(Incident.id == claim.incident_id))).one()
    booking = await booking_by_id(session, incident.booking_id, hold=True)  # it may be closed at this moment
    policy = (await session.exec(select(Policy).where(Policy.id == claim.policy_id))).one()
    await hold_policy(session, policy.id)
    await session.refresh(claim)
    before, state_before = claim.reserve_yen + claim.paid_yen, ClaimState(claim.state)
    if not claim_may_become(state_before, change.state or state_before):
        raise IllegalClaimMove
    if state_before is ClaimState.WITHDRAWN and change.state not in {None, ClaimState.WITHDRAWN}:
        await _require_cover(session, booking)
    claim.sqlmodel_update(change.model_dump(mode="json", exclude_none=True))
    if claim.state in CLOSED:
        claim.reserve_yen = 0
    claim.changed_at = now
    session.add(claim)
    await _write_line(session, claim, now=now)
    usage, more_yen = await usage_of(session, policy.id), claim.reserve_yen + claim.paid_yen - before
    await use(session, policy, usage, claims_yen=more_yen, now=now)
    record_claim(session, FactKind.CLAIM_CHANGED, claim, booking, by=by, now=now)
    if claim.state != state_before:
        await _tell(session, claim, incident, booking, now=now)
    return claim


def record_claim(
    session: AsyncSession, kind: FactKind, claim: Claim, booking: Booking, *, by: Actor, now: datetime
) -> None:
    """Write one fact of a claim."""
    data = {"claim_id": claim.id, "incident_id": claim.incident_id, "state": claim.state}
    record_booking(session, kind, booking, by=by.person_id, now=now, data=data)


def claim_line_hash(entry: ClaimEntry) -> str:
    """Return the hash that a line of the claims ledger must carry."""
    return entry_hash(entry.before, entry.model_dump(exclude={"id", "before", "hash"}))


async def _write_line(session: AsyncSession, claim: Claim, *, now: datetime) -> None:
    last = (
        select(ClaimEntry.seq, ClaimEntry.hash)
        .where(ClaimEntry.policy_id == claim.policy_id)
        .order_by(col(ClaimEntry.seq).desc())
        .limit(1)
    )
    seq, before = (await session.exec(last)).first() or (0, GENESIS)
    entry = ClaimEntry(
        policy_id=claim.policy_id,
        seq=seq + 1,
        claim_id=claim.id,
        at=now,
        state=claim.state,
        claimed_yen=claim.claimed_yen,
        reserve_yen=claim.reserve_yen,
        paid_yen=claim.paid_yen,
        before=before,
        hash="",
    )
    entry.hash = claim_line_hash(entry)
    session.add(entry)


async def _policy_of(session: AsyncSession, booking: Booking) -> Policy:
    of_cover = select(Policy).join(Cover, col(Cover.policy_id) == col(Policy.id)).where(Cover.id == booking.cover_id)
    return (await session.exec(of_cover)).one()


async def _require_cover(session: AsyncSession, booking: Booking) -> None:
    state = select(Cover.state).where(Cover.id == booking.cover_id)
    if (await session.exec(state)).one() == CoverState.VOIDED:
        raise NoCover


async def _tell(session: AsyncSession, claim: Claim, incident: Incident, booking: Booking, *, now: datetime) -> None:
    """Tell both families how a claim stands, and the insurer where it did not say so itself."""
    facts = {"incident_id": incident.id, "claim_number": claim.number, "claim_state": claim.state}
    for person_id in (booking.requester_id, booking.supporter_id):
        await tell(session, person_id=person_id, kind=MessageKind.CLAIM_MOVED, facts=facts, now=now)
    if claim.state in FOR_INSURER:
        await tell_of_claim(session, claim, MessageKind.CLAIM_FOR_INSURER, now=now)

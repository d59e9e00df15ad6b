"""Telling a policy's insurer what came in for it: a number and a place to look, and nobody who is in it."""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import insurer_ids_of
from sharecare.incidents.models import Claim
from sharecare.incidents.rules import CLOSED
from sharecare.insurance.models import Policy, SentBordereau
from sharecare.insurance.queries import policy_by_id
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import have_unread, tell_all


async def tell_of_bordereau(session: AsyncSession, policy: Policy, sent: SentBordereau, *, now: datetime) -> None:
    """Tell the insurer's people that a month, or what corrects it, was sent."""
    facts = {
        "bordereau_id": sent.id,
        "bordereau": sent.kind,
        "month": sent.month,
        "adjustment": sent.number,
        "policy_number": policy.number,
    }
    to = dict.fromkeys(await insurer_ids_of(session, policy.insurer), facts)
    await tell_all(session, to=to, kind=MessageKind.BORDEREAU_SENT, now=now)


async def tell_of_claim(
    session: AsyncSession, claim: Claim, kind: MessageKind, *, unless_unread: bool = False, now: datetime
) -> None:
    """Tell the insurer's people of a claim under their policy; with `unless_unread` only who has opened the last."""
    policy = await policy_by_id(session, claim.policy_id)
    people = set(await insurer_ids_of(session, policy.insurer))
    if unless_unread:
        people -= await have_unread(session, people=people, kind=kind, fact="claim_id", key=claim.id)
    facts = {
        "claim_id": claim.id,
        "claim_number": claim.number,
        "claim_state": claim.state,
        "policy_number": policy.number,
    }
    await tell_all(session, to=dict.fromkeys(sorted(people), facts), kind=kind, now=now)


async def tell_of_photo(session: AsyncSession, incident_id: int, *, now: datetime) -> None:
    """Tell the insurers who have not decided on an incident's claims that there is one photo more."""
    undecided = select(Claim).where(Claim.incident_id == incident_id, col(Claim.state).not_in(CLOSED))
    for claim in await session.exec(undecided.order_by(col(Claim.id))):
        # Photos are taken one by one: until somebody has looked, once is enough.
        await tell_of_claim(session, claim, MessageKind.PHOTO_FOR_INSURER, unless_unread=True, now=now)

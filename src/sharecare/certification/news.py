"""What is said of a decision on a credential: a fact for the journal, and a message to the person."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.certification.models import Credential
from sharecare.certification.rules import CredentialState
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell

_NEWS = {
    CredentialState.CONFIRMED: (FactKind.CREDENTIAL_CONFIRMED, MessageKind.CREDENTIAL_CONFIRMED),
    CredentialState.REFUSED: (FactKind.CREDENTIAL_REFUSED, MessageKind.CREDENTIAL_REFUSED),
    CredentialState.REVOKED: (FactKind.CREDENTIAL_REVOKED, MessageKind.CREDENTIAL_REVOKED),
}


async def announce(session: AsyncSession, credential: Credential, *, area_id: int, by: Actor, now: datetime) -> None:
    """Write the fact of the state that a credential came to, and tell the person."""
    kind, message = _NEWS[CredentialState(credential.state)]
    record_credential(session, kind, credential, area_id=area_id, by=by, now=now)
    news = {"credential": credential.kind, "reason": credential.reason, "expires_at": _iso(credential.expires_at)}
    await tell(session, person_id=credential.person_id, kind=message, facts=news, now=now)


def record_credential(
    session: AsyncSession, kind: FactKind, credential: Credential, *, area_id: int, by: Actor, now: datetime
) -> None:
    """Write a fact about a credential."""
    what = {"credential_id": credential.id, "kind": credential.kind, "unit": credential.unit}
    data = {**what, "expires_at": _iso(credential.expires_at)}
    record(
        session,
        kind=kind,
        at=now,
        area_id=area_id,
        actor_id=by.person_id,
        person_id=credential.person_id,
        data=data,
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

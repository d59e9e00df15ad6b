"""Credentials: showing one's own, and deciding on those of the area."""

from fastapi import status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.api.door import api_router
from sharecare.api.parameters import Id, Limit, NamePart
from sharecare.care import standing
from sharecare.certification import registrations, service
from sharecare.certification.queries import my_ladder
from sharecare.certification.schemas import (
    Confirmation,
    CredentialDraft,
    CredentialView,
    Decision,
    IdentitySeen,
    LadderView,
    RegistrationView,
    SubmittedView,
)
from sharecare.deps import Do, Now, Reader, Who
from sharecare.paging import Page

router = api_router("certification")


@router.get("/me/credentials", operation_id="list_my_credentials")
async def list_mine(actor: Who, session: Reader, now: Now) -> LadderView:
    """Read where you stand on the ladder, what the next step lacks, what lapses when, and what you have shown."""
    return await my_ladder(session, by=actor, now=now)


@router.post("/me/credentials", status_code=status.HTTP_201_CREATED, operation_id="submit_credential")
async def submit(draft: CredentialDraft, actor: Who, do: Do, now: Now) -> CredentialView:
    """Show evidence; the area's staff confirm it when they have seen the document."""

    async def work(session: AsyncSession) -> CredentialView:
        return CredentialView.model_validate(await service.submit_credential(session, by=actor, draft=draft, now=now))

    return await do(work)


@router.get("/areas/{slug}/credentials", operation_id="list_submitted_credentials")
async def list_submitted(
    slug: str, actor: Who, do: Do, now: Now, cursor: str | None = None, limit: Limit = 50
) -> Page[SubmittedView]:
    """List what waits for a decision, newest first; each look is logged, and the person concerned can see it."""
    return await do(
        lambda session: service.read_submitted(session, by=actor, slug=slug, cursor=cursor, limit=limit, now=now)
    )


@router.post("/credentials/{credential_id}/confirm", operation_id="confirm_credential")
async def confirm(credential_id: Id, until: Confirmation, actor: Who, do: Do, now: Now) -> CredentialView:
    """Confirm what was shown, and until when it holds."""

    async def work(session: AsyncSession) -> CredentialView:
        confirmed = await service.confirm_credential(
            session, by=actor, credential_id=credential_id, last_day=until.last_day, now=now
        )
        return CredentialView.model_validate(confirmed)

    return await do(work)


@router.post("/credentials/{credential_id}/refuse", operation_id="refuse_credential")
async def refuse(credential_id: Id, why: Decision, actor: Who, do: Do, now: Now) -> CredentialView:
    """Turn down what was shown; the reason is shown to the person."""

    async def work(session: AsyncSession) -> CredentialView:
        refused = await service.refuse_credential(
            session, by=actor, credential_id=credential_id, reason=why.reason, now=now
        )
        return CredentialView.model_validate(refused)

    return await do(work)


@router.post("/credentials/{credential_id}/revoke", operation_id="revoke_credential")
async def revoke(credential_id: Id, why: Decision, actor: Who, do: Do, now: Now) -> CredentialView:
    """Take back a confirmation at once; the reason is shown to the person."""

    async def work(session: AsyncSession) -> CredentialView:
        revoked = await standing.take_back_credential(
            session, by=actor, credential_id=credential_id, reason=why.reason, now=now
        )
        return CredentialView.model_validate(revoked)

    return await do(work)


@router.get("/areas/{slug}/registrations", operation_id="list_registrations")
async def list_registrations(
    slug: str,
    actor: Who,
    do: Do,
    now: Now,
    name: NamePart = "",
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[RegistrationView]:
    """List members whose identity is not confirmed, newest first; each look is logged, and the person can see it."""
    return await do(
        lambda session: registrations.read_registrations(
            session, by=actor, slug=slug, name=name, cursor=cursor, limit=limit, now=now
        )
    )


@router.post("/people/{person_id}/identity", status_code=status.HTTP_201_CREATED, operation_id="confirm_identity")
async def confirm_identity(person_id: Id, seen: IdentitySeen, actor: Who, do: Do, now: Now) -> CredentialView:
    """Confirm who a member is, having seen their document at the counter; the person is told."""

    async def work(session: AsyncSession) -> CredentialView:
        return CredentialView.model_validate(
            await registrations.confirm_identity(session, by=actor, person_id=person_id, seen=seen, now=now)
        )

    return await do(work)

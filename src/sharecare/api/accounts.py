"""One's own account, family and profile."""

from fastapi import status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts import service
from sharecare.accounts.queries import accesses_to, children_of, my_account, supporter_profile
from sharecare.accounts.schemas import (
    ChildDraft,
    ChildView,
    HomeDraft,
    PersonView,
    ProfileChange,
    RecordAccessView,
    Secret,
    SupporterDraft,
    SupporterView,
)
from sharecare.api.door import api_router
from sharecare.api.parameters import Id, Limit
from sharecare.areas.rules import Level
from sharecare.care import children
from sharecare.care.families import join_family
from sharecare.certification.queries import level_of
from sharecare.deps import Do, Now, Reader, Who
from sharecare.errors import NotFound
from sharecare.paging import Page
from sharecare.registration.service import invite_guardian

router = api_router("me", under="/me")


@router.get("", operation_id="read_my_account")
async def read(actor: Who, session: Reader) -> PersonView:
    """Read one's own account."""
    return await my_account(session, by=actor)


@router.get("/record-accesses", operation_id="list_record_accesses")
async def list_accesses(
    actor: Who, session: Reader, cursor: str | None = None, limit: Limit = 50
) -> Page[RecordAccessView]:
    """List who of the area's staff looked at one's record, and why."""
    return await accesses_to(session, actor.person_id, cursor=cursor, limit=limit)


@router.patch("", operation_id="change_my_account")
async def change(change: ProfileChange, actor: Who, do: Do, now: Now) -> PersonView:
    """Change what one says about oneself; a field left out stays."""

    async def work(session: AsyncSession) -> PersonView:
        identified = await level_of(session, person_id=actor.person_id, now=now) >= Level.IDENTIFIED
        await service.change_profile(session, by=actor, change=change, identified=identified, now=now)
        return await my_account(session, by=actor)

    return await do(work)


@router.put("/home", operation_id="set_home")
async def set_home(draft: HomeDraft, actor: Who, do: Do, now: Now) -> PersonView:
    """Set the family's home: exact for the day of care, a cell for everyone before."""

    async def work(session: AsyncSession) -> PersonView:
        await service.set_home(session, by=actor, draft=draft, now=now)
        return await my_account(session, by=actor)

    return await do(work)


@router.get("/children", operation_id="list_children")
async def list_children(actor: Who, session: Reader) -> list[ChildView]:
    """List the family's children."""
    return [ChildView.model_validate(child) for child in await children_of(session, actor.household_id)]


@router.post("/children", status_code=status.HTTP_201_CREATED, operation_id="add_child")
async def add_child(draft: ChildDraft, actor: Who, do: Do, now: Now) -> ChildView:
    """Add a child."""

    async def work(session: AsyncSession) -> ChildView:
        return ChildView.model_validate(await service.add_child(session, by=actor, draft=draft, now=now))

    return await do(work)


@router.put("/children/{child_id}", operation_id="change_child")
async def change_child(child_id: Id, draft: ChildDraft, actor: Who, do: Do, now: Now) -> ChildView:
    """Replace what is known of a child."""

    async def work(session: AsyncSession) -> ChildView:
        child = await children.change_child(session, by=actor, child_id=child_id, draft=draft, now=now)
        return ChildView.model_validate(child)

    return await do(work)


@router.delete("/children/{child_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="remove_child")
async def remove_child(child_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Take a child off the list; not one who is in a live booking or in an open request."""
    await do(lambda session: children.remove_child(session, by=actor, child_id=child_id, now=now))


@router.post("/guardian-invitations", status_code=status.HTTP_201_CREATED, operation_id="invite_guardian")
async def invite(actor: Who, do: Do, now: Now) -> Secret:
    """Get a token with which one person may join the family as a guardian."""

    async def work(session: AsyncSession) -> Secret:
        return Secret(token=await invite_guardian(session, by=actor, now=now))

    return await do(work)


@router.post("/guardian-invitations/accept", operation_id="join_family")
async def join(secret: Secret, actor: Who, do: Do, now: Now) -> None:
    """Join the family that gave the token."""
    await do(lambda session: join_family(session, by=actor, token=secret.token, now=now))


@router.get("/supporter", operation_id="read_supporter_profile")
async def read_supporter(actor: Who, session: Reader) -> SupporterView:
    """Read what one offers."""
    profile = await supporter_profile(session, actor.person_id)
    if profile is None:
        raise NotFound
    return SupporterView(**profile.model_dump(), paused=profile.paused_at is not None)


@router.put("/supporter", operation_id="offer_support")
async def offer_support(draft: SupporterDraft, actor: Who, do: Do, now: Now) -> SupporterDraft:
    """Say what one offers."""

    async def work(session: AsyncSession) -> SupporterDraft:
        await service.offer_support(session, by=actor, draft=draft, now=now)
        return draft

    return await do(work)

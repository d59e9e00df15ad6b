"""Friends, vouches, blocks and communities."""

from fastapi import status
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.api.door import api_router
from sharecare.api.parameters import Id, Limit, NamePart
from sharecare.care.standing import keep_apart
from sharecare.certification.queries import level_of
from sharecare.deps import Do, Now, Reader, Who
from sharecare.paging import Page
from sharecare.trust import blocks, communities, queries, service
from sharecare.trust.schemas import (
    BlockView,
    CommunityDraft,
    CommunityMemberView,
    CommunityView,
    FriendView,
    InvitationDraft,
    InvitationView,
    MeetingCodeView,
    MeetingDraft,
)

router = api_router("trust")


@router.get("/me/friends", operation_id="list_friends")
async def list_friends(actor: Who, session: Reader) -> list[FriendView]:
    """List everyone one is tied to: friends, who asks, who was asked, who is yet to be met, who was a friend."""
    return await queries.my_friends(session, by=actor)


@router.post("/me/meeting-codes", status_code=status.HTTP_201_CREATED, operation_id="show_meeting_code")
async def show_meeting_code(actor: Who, do: Do, now: Now) -> MeetingCodeView:
    """Get a code to show face to face, as text or QR code; whoever enters it within ten minutes has met you."""
    return await do(lambda session: service.show_meeting_code(session, by=actor, now=now))


@router.post("/me/meetings", operation_id="meet")
async def meet(meeting: MeetingDraft, actor: Who, do: Do, now: Now) -> FriendView:
    """Enter the code the other person shows: you have met, and you approve them."""

    async def work(session: AsyncSession) -> FriendView:
        person_id = await service.meet(session, by=actor, code=meeting.code, now=now)
        return await queries.my_friend(session, by=actor, person_id=person_id)

    return await do(work)


@router.post("/me/friend-invitations", status_code=status.HTTP_201_CREATED, operation_id="invite_friend")
async def invite_friend(actor: Who, do: Do, now: Now) -> InvitationView:
    """Get the secret of a link that invites one person; the friendship waits until you have met."""
    return await do(lambda session: service.invite_friend(session, by=actor, now=now))


@router.post("/friend-invitations/accept", operation_id="accept_friend_invitation")
async def accept_invitation(invitation: InvitationDraft, actor: Who, do: Do, now: Now) -> FriendView:
    """Accept an invitation: each approves the other, and friends you are once you have met."""

    async def work(session: AsyncSession) -> FriendView:
        person_id = await service.accept_invitation(session, by=actor, secret=invitation.secret, now=now)
        return await queries.my_friend(session, by=actor, person_id=person_id)

    return await do(work)


@router.post("/me/friends/{person_id}/approve", operation_id="approve_friend")
async def approve_friend(person_id: Id, actor: Who, do: Do, now: Now) -> FriendView:
    """Approve someone you met, someone who asked, or someone with whom a support was completed."""

    async def work(session: AsyncSession) -> FriendView:
        await service.approve_friend(session, by=actor, person_id=person_id, now=now)
        return await queries.my_friend(session, by=actor, person_id=person_id)

    return await do(work)


@router.delete("/me/friends/{person_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="end_friendship")
async def end_friendship(person_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Part: both approvals end, and your own vouch."""
    await do(lambda session: service.unfriend(session, by=actor, person_id=person_id, now=now))


@router.put("/me/vouches/{person_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="vouch")
async def vouch(person_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Speak for someone you have met; it counts while your own identity is confirmed."""

    async def work(session: AsyncSession) -> None:
        level = await level_of(session, person_id=actor.person_id, now=now)
        await service.vouch(session, by=actor, person_id=person_id, level=level, now=now)

    await do(work)


@router.delete("/me/vouches/{person_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="withdraw_vouch")
async def withdraw_vouch(person_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Speak for them no longer."""
    await do(lambda session: service.withdraw_vouch(session, by=actor, person_id=person_id, now=now))


@router.get("/me/blocks", operation_id="list_blocks")
async def list_blocks(actor: Who, session: Reader) -> list[BlockView]:
    """List whom you keep at a distance, latest first; nobody else can see it."""
    return await queries.my_blocks(session, by=actor)


@router.put("/me/blocks/{person_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="block")
async def block(person_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Keep someone at a distance: neither is matched with the other, and they never learn why."""
    await do(lambda session: keep_apart(session, by=actor, person_id=person_id, now=now))


@router.delete("/me/blocks/{person_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="unblock")
async def unblock(person_id: Id, actor: Who, do: Do, now: Now) -> None:
    """End the distance."""
    await do(lambda session: blocks.unblock(session, by=actor, person_id=person_id, now=now))


@router.get("/communities", operation_id="list_communities")
async def list_communities(
    actor: Who, session: Reader, name: NamePart = "", cursor: str | None = None, limit: Limit = 50
) -> Page[CommunityView]:
    """List the communities of your area, newest first, and how you stand to each."""
    return await queries.communities_of_area(session, by=actor, name=name, cursor=cursor, limit=limit)


@router.post("/communities", status_code=status.HTTP_201_CREATED, operation_id="make_community")
async def make_community(draft: CommunityDraft, actor: Who, do: Do, now: Now) -> CommunityView:
    """Open a community; you look after it and say who belongs."""

    async def work(session: AsyncSession) -> CommunityView:
        community = await communities.make_community(session, by=actor, draft=draft, now=now)
        return queries.community_view(community, None, by=actor)

    return await do(work)


@router.post("/communities/{community_id}/join", status_code=status.HTTP_204_NO_CONTENT, operation_id="join_community")
async def join_community(community_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Ask the steward to be let in."""
    await do(lambda session: communities.ask_to_join(session, by=actor, community_id=community_id, now=now))


@router.delete("/me/communities/{community_id}", status_code=status.HTTP_204_NO_CONTENT, operation_id="leave_community")
async def leave_community(community_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Leave, or take back the wish to join; a steward hands over to the longest-standing member."""
    await do(lambda session: communities.leave_community(session, by=actor, community_id=community_id, now=now))


@router.get("/communities/{community_id}/members", operation_id="list_community_members")
async def list_members(community_id: Id, actor: Who, session: Reader) -> list[CommunityMemberView]:
    """List who asks to join, then who belongs; for the steward."""
    return await queries.members_of_community(session, by=actor, community_id=community_id)


@router.post(
    "/communities/{community_id}/members/{person_id}/approve",
    status_code=status.HTTP_204_NO_CONTENT,
    operation_id="approve_community_member",
)
async def approve_member(community_id: Id, person_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Let in someone who asked."""
    await do(
        lambda session: communities.approve_member(
            session, by=actor, community_id=community_id, person_id=person_id, now=now
        )
    )


@router.delete(
    "/communities/{community_id}/members/{person_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    operation_id="remove_community_member",
)
async def remove_member(community_id: Id, person_id: Id, actor: Who, do: Do, now: Now) -> None:
    """Turn down someone who asked, or take a member off the list."""
    await do(
        lambda session: communities.remove_member(
            session, by=actor, community_id=community_id, person_id=person_id, now=now
        )
    )

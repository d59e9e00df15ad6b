"""Nursery classes, schools, circles: finding, making, joining; a steward says who belongs."""

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.trust import communities
from sharecare.trust.queries import (
    communities_of_area,
    community_name,
    members_of_community,
    my_communities,
    waiting_for_steward,
)
from sharecare.trust.rules import CommunityKind, MembershipState
from sharecare.trust.schemas import CommunityDraft
from sharecare.web.again import or_again
from sharecare.web.browser import page_router
from sharecare.web.page import Looking, View
from sharecare.web.parameters import Id

router = page_router()
AT_ONCE = 20
HERE = "/neighbours/communities"


@router.get(HERE, operation_id="list_communities")
async def list_all(look: Looking, name: str = "", cursor: str | None = None) -> Response:
    """Show one's own communities, then the area's or those of a name."""
    return await _all(look, name=name, cursor=cursor)


@router.post(HERE, operation_id="make_community")
async def make(look: Looking) -> Response:
    """Open a community and look after it."""

    async def deed() -> Response:
        form = look.form
        draft = form.read(CommunityDraft, name=form.maybe("name"), kind=form.maybe("kind"))
        return await look.do(lambda session: _made(session, look, draft))

    return await or_again(look, deed, lambda code: _all(look, code=code))


async def _made(session: AsyncSession, look: View, draft: CommunityDraft) -> str:
    made = await communities.make_community(session, by=look.actor, draft=draft, now=look.now)
    return f"{HERE}/{made.id}?done=community_made"


async def _all(look: View, *, name: str = "", cursor: str | None = None, code: int = 200) -> Response:
    page = await communities_of_area(look.session, by=look.actor, name=name, cursor=cursor, limit=AT_ONCE)
    return await look.show(
        "communities.html",
        code=code,
        mine=await my_communities(look.session, by=look.actor),
        others=[one for one in page.items if one.mine is MembershipState.NONE],
        waiting=await waiting_for_steward(look.session, by=look.actor),
        searched=name,
        many=bool(name or cursor or page.next_cursor),
        further=page.next_cursor,
        kinds=[(kind.value, look.t(f"communities.kind.{kind.value}")) for kind in CommunityKind],
    )


@router.post(HERE + "/{community_id}/join", operation_id="join_community")
async def join(look: Looking, community_id: Id) -> Response:
    """Ask the steward to be let in."""

    async def work(session: AsyncSession) -> str:
        await communities.ask_to_join(session, by=look.actor, community_id=community_id, now=look.now)
        return "/neighbours/communities?done=join_asked"

    return await look.do(work)


@router.post(HERE + "/{community_id}/leave", operation_id="leave_community")
async def leave(look: Looking, community_id: Id) -> Response:
    """Leave, or take back the wish to join."""

    async def work(session: AsyncSession) -> str:
        await communities.leave_community(session, by=look.actor, community_id=community_id, now=look.now)
        return "/neighbours/communities?done=community_left"

    return await look.do(work)


@router.get(HERE + "/{community_id}", operation_id="list_community_members")
async def members(look: Looking, community_id: Id) -> Response:
    """Show who asks to join and who belongs, to the steward."""
    found = await members_of_community(look.session, by=look.actor, community_id=community_id)
    name = await community_name(look.session, community_id)
    asking = [one for one in found if one.approved_at is None]
    belonging = [one for one in found if one.approved_at is not None]
    return await look.show("community.html", id=community_id, name=name, asking=asking, belonging=belonging)


@router.post(HERE + "/{community_id}/members/{other_id}/approve", operation_id="approve_community_member")
async def approve(look: Looking, community_id: Id, other_id: Id) -> Response:
    """Let in someone who asked."""

    async def work(session: AsyncSession) -> str:
        await communities.approve_member(
            session, by=look.actor, community_id=community_id, person_id=other_id, now=look.now
        )
        return f"{HERE}/{community_id}?done=member_approved"

    return await look.do(work)


@router.post(HERE + "/{community_id}/members/{other_id}/remove", operation_id="remove_community_member")
async def remove(look: Looking, community_id: Id, other_id: Id) -> Response:
    """Turn down someone who asked, or take a member off the list."""

    async def work(session: AsyncSession) -> str:
        await communities.remove_member(
            session, by=look.actor, community_id=community_id, person_id=other_id, now=look.now
        )
        return f"{HERE}/{community_id}?done=member_removed"

    return await look.do(work)

"""Reading trust: one's own ties for people, everybody's for matching."""

from collections.abc import AsyncIterator, Iterable

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Mapped
from sqlmodel import col
from sqlmodel import select as fetch
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select as Fetch

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.batches import SOME_IDS, read_by_ids, stream_columns
from sharecare.batches import Page as ColumnPage
from sharecare.columns import reads_like
from sharecare.errors import NotFound
from sharecare.paging import Page, page_of, read_cursor
from sharecare.trust.models import Block, Community, Membership, Tie
from sharecare.trust.rules import FriendState, MembershipState, friend_state, pair
from sharecare.trust.schemas import BlockView, CommunityMemberView, CommunityView, FriendView

TieRow = tuple[int, int, bool, bool, bool, int]
"""Low id, high id, friends, low vouches for high, high for low, supports completed without incident."""

_MET = col(Tie.met_at).is_not(None)
_FRIENDS = and_(_MET, col(Tie.low_approved_at).is_not(None), col(Tie.high_approved_at).is_not(None))
_APPROVED = col(Membership.approved_at).is_not(None)
# A vouch from someone never met would count nothing.
_LOW_VOUCHES = and_(_MET, col(Tie.low_vouched_at).is_not(None))
_HIGH_VOUCHES = and_(_MET, col(Tie.high_vouched_at).is_not(None))


async def my_friends(session: AsyncSession, *, by: Actor) -> list[FriendView]:
    """Return everyone the person is tied to, by id; a block on either side changes nothing in it."""
    either = or_(col(Tie.low_id) == by.person_id, col(Tie.high_id) == by.person_id)
    return await _friend_views(session, by, either)


async def my_friend(session: AsyncSession, *, by: Actor, person_id: int) -> FriendView:
    """Return how the person stands to one other.

    Raises:
        NotFound: there is nothing between the two.

    """
    low, high = pair(by.person_id, person_id)
    views = await _friend_views(session, by, and_(col(Tie.low_id) == low, col(Tie.high_id) == high))
    if not views:
        raise NotFound
    return views[0]


def state_for(tie: Tie, person_id: int) -> FriendState | None:
    """Return how one of a tie's two people stands to the other."""
    low, high = tie.low_approved_at is not None, tie.high_approved_at is not None
    mine, theirs = (low, high) if person_id == tie.low_id else (high, low)
    return friend_state(mine=mine, theirs=theirs, met=tie.met_at is not None)


async def my_blocks(session: AsyncSession, *, by: Actor) -> list[BlockView]:
    """Return whom the person keeps at a distance, latest first.

    Names only where the two are tied: blocking one id after the other must not read out who they are.
    """
    blocks = (
        fetch(Block, Person.name, Tie.low_id)
        .join(Person, col(Person.id) == Block.blocked_id)
        .join(Tie, _tied(col(Block.blocker_id), col(Block.blocked_id)), isouter=True)
        .where(Block.blocker_id == by.person_id)
        .order_by(col(Block.blocked_at).desc(), col(Block.blocked_id))
    )
    return [
        BlockView(person_id=row.blocked_id, name=None if tie is None else name, blocked_at=row.blocked_at)
        for row, name, tie in await session.exec(blocks)
    ]


async def my_communities(session: AsyncSession, *, by: Actor) -> list[CommunityView]:
    """Return the communities that the person belongs to, asks to join or looks after, newest first."""
    theirs = or_(col(Membership.person_id) == by.person_id, col(Community.steward_id) == by.person_id)
    rows = await session.exec(_communities(by).where(theirs).order_by(col(Community.id).desc()))
    return [community_view(community, membership, by=by) for community, membership in rows]


async def communities_of_area(
    session: AsyncSession, *, by: Actor, name: str = "", cursor: str | None = None, limit: int
) -> Page[CommunityView]:
    """Return one page of the communities of the person's area, newest first, with how they stand to each.

    With a name, only those that are called so, or so in part.
    """
    found = _communities(by).where(Community.area_id == by.area_id)
    if name:
        found = found.where(reads_like(col(Community.name), name))
    if (before := read_cursor(cursor)) is not None:
        found = found.where(col(Community.id) < before)
    rows = (await session.exec(found.order_by(col(Community.id).desc()).limit(limit + 1))).all()
    views = [community_view(community, membership, by=by) for community, membership in rows]
    return page_of(views, limit=limit, key=lambda view: view.id)


def _communities(by: Actor) -> Fetch[Community, Membership]:
    own = and_(col(Membership.community_id) == col(Community.id), col(Membership.person_id) == by.person_id)
    return fetch(Community, Membership).join(Membership, own, isouter=True)


def community_view(community: Community, membership: Membership | None, *, by: Actor) -> CommunityView:
    """Return a community as the person sees it; a steward's membership goes without saying."""
    return CommunityView(
        **community.model_dump(include={"id", "name", "kind"}), mine=_standing(community, membership, by)
    )


async def community_name(session: AsyncSession, community_id: int) -> str:
    """Return what a community that is known to exist is called."""
    return (await session.exec(fetch(Community.name).where(Community.id == community_id))).one()


async def waiting_for_steward(session: AsyncSession, *, by: Actor) -> dict[int, int]:
    """Return how many ask to be let into each community that the person looks after, where anybody does."""
    waiting = (
        fetch(Membership.community_id, func.count())
        .join(Community, col(Community.id) == Membership.community_id)
        .where(Community.steward_id == by.person_id, col(Membership.approved_at).is_(None))
        .group_by(col(Membership.community_id))
    )
    return dict((await session.exec(waiting)).all())


async def members_of_community(session: AsyncSession, *, by: Actor, community_id: int) -> list[CommunityMemberView]:
    """Return who asks to join, then who belongs, longest-standing first.

    Raises:
        NotFound: one is not the steward.

    """
    community = await session.get(Community, community_id)
    if community is None or community.steward_id != by.person_id:
        raise NotFound
    rows = await session.exec(
        fetch(Membership, Person.name)
        .join(Person, col(Person.id) == Membership.person_id)
        .where(Membership.community_id == community_id, Person.state != PersonState.LEFT)
        .order_by(col(Membership.approved_at).is_not(None), col(Membership.approved_at), col(Membership.asked_at))
        .order_by(col(Membership.person_id))
    )
    return [
        CommunityMemberView(**row.model_dump(include={"person_id", "asked_at", "approved_at"}), name=name)
        for row, name in rows
    ]


async def ties_of(session: AsyncSession, person_ids: Iterable[int]) -> list[TieRow]:
    """Return the ties of some people that count for something."""
    return await read_by_ids(session, person_ids, _TIES_OF)


def stream_ties(session: AsyncSession) -> AsyncIterator[ColumnPage]:
    """Yield every tie that counts for something, fields as in `TieRow`."""
    return stream_columns(session, col(Tie.low_id), lambda some: _tie_rows().where(some))


async def blocks_of(session: AsyncSession, person_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return the blocks that some people set or suffer: `(blocker_id, blocked_id)`."""
    return await read_by_ids(session, person_ids, _BLOCKS_OF)


def stream_blocks(session: AsyncSession) -> AsyncIterator[ColumnPage]:
    """Yield all blocks, fields as `blocks_of` gives them."""
    return stream_columns(session, col(Block.blocker_id), lambda some: _block_rows().where(some))


async def memberships_of(session: AsyncSession, person_ids: Iterable[int]) -> list[tuple[int, int, int]]:
    """Return the approved memberships of some people: `(person_id, community_id, members of the community)`."""
    return await read_by_ids(session, person_ids, _MEMBERSHIPS_OF)


async def sizes_of(session: AsyncSession, community_ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return how many members some communities have, where anybody belongs: `(community_id, members)`."""
    return await read_by_ids(session, community_ids, _SIZES_OF)


def stream_memberships(session: AsyncSession) -> AsyncIterator[ColumnPage]:
    """Yield all approved memberships: person and community id; who has read them all can count the members."""
    approved = select(col(Membership.person_id), col(Membership.community_id)).where(_APPROVED)
    return stream_columns(session, col(Membership.person_id), approved.where)


async def _friend_views(session: AsyncSession, by: Actor, which: ColumnElement[bool]) -> list[FriendView]:
    other_id = case((col(Tie.low_id) == by.person_id, col(Tie.high_id)), else_=col(Tie.low_id))
    ties = fetch(Tie, Person.name).join(Person, col(Person.id) == other_id).where(which)
    ties = ties.where(Person.state != PersonState.LEFT).order_by(other_id)
    views = [_as_seen(tie, name, by.person_id) for tie, name in await session.exec(ties)]
    return [view for view in views if view is not None]


def _tie_rows() -> Select[*TieRow]:
    return (
        select(col(Tie.low_id), col(Tie.high_id), _FRIENDS, _LOW_VOUCHES, _HIGH_VOUCHES, col(Tie.supports))
        .where(or_(_FRIENDS, _LOW_VOUCHES, _HIGH_VOUCHES, col(Tie.supports) > 0))
        .order_by(col(Tie.low_id), col(Tie.high_id))
    )


def _block_rows() -> Select[int, int]:
    return select(col(Block.blocker_id), col(Block.blocked_id)).order_by(col(Block.blocker_id), col(Block.blocked_id))


def _sizes(which: ColumnElement[bool]) -> Select[int, int]:
    sizes = select(col(Membership.community_id), func.count().label("members"))
    return sizes.where(_APPROVED, which).group_by(col(Membership.community_id))


def _membership_rows() -> Select[int, int, int]:
    theirs = and_(_APPROVED, col(Membership.person_id).in_(SOME_IDS))
    sizes = _sizes(col(Membership.community_id).in_(select(col(Membership.community_id)).where(theirs))).subquery()
    return (
        select(col(Membership.person_id), col(Membership.community_id), sizes.c.members)
        .join(sizes, sizes.c.community_id == col(Membership.community_id))
        .where(theirs)
        .order_by(col(Membership.person_id), col(Membership.community_id))
    )


_TIES_OF = _tie_rows().where(or_(col(Tie.low_id).in_(SOME_IDS), col(Tie.high_id).in_(SOME_IDS)))
_BLOCKS_OF = _block_rows().where(or_(col(Block.blocker_id).in_(SOME_IDS), col(Block.blocked_id).in_(SOME_IDS)))
_MEMBERSHIPS_OF = _membership_rows()
_SIZES_OF = _sizes(col(Membership.community_id).in_(SOME_IDS))


def _as_seen(tie: Tie, name: str, by_id: int) -> FriendView | None:
    """Return a tie as one of its two people sees it; None where nothing was asked and they never met."""
    state = state_for(tie, by_id)
    if state is None:
        return None
    first = by_id == tie.low_id
    return FriendView(
        person_id=tie.high_id if first else tie.low_id,
        name=name,
        state=state,
        met_at=tie.met_at,
        vouched=(tie.low_vouched_at if first else tie.high_vouched_at) is not None,
    )


def _standing(community: Community, membership: Membership | None, by: Actor) -> MembershipState:
    if community.steward_id == by.person_id:
        return MembershipState.STEWARD
    if membership is None:
        return MembershipState.NONE
    return MembershipState.ASKED if membership.approved_at is None else MembershipState.MEMBER


def _tied(one_id: Mapped[int], other_id: Mapped[int]) -> ColumnElement[bool]:
    return or_(
        and_(col(Tie.low_id) == one_id, col(Tie.high_id) == other_id),
        and_(col(Tie.low_id) == other_id, col(Tie.high_id) == one_id),
    )

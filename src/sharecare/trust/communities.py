"""Making a community, asking to belong, being let in, leaving."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.queries import names_of
from sharecare.accounts.rules import Actor, PersonState
from sharecare.errors import NotFound, Refusal
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell
from sharecare.trust.models import Community, Membership
from sharecare.trust.rules import MOST_STEWARDED
from sharecare.trust.schemas import CommunityDraft
from sharecare.trust.telling import tell_unless_blocked


class TooManyCommunities(Refusal):
    """One person looks after too many already."""

    ja = "お一人で世話役になれるグループは{most}つまでです。"
    en = "One person can look after {most} communities at most."


class StewardStays(Refusal):
    """A steward is a member as long as they look after the community."""

    ja = "世話役の方は、メンバーから外せません。「退会する」を使ってください。"
    en = "The steward can't be taken off the list. Leave the community instead."


async def make_community(session: AsyncSession, *, by: Actor, draft: CommunityDraft, now: datetime) -> Community:
    """Open a community of one's area with oneself as steward and first member.

    Raises:
        TooManyCommunities: one looks after as many as one can.

    """
    held = select(func.count()).select_from(Community).where(Community.steward_id == by.person_id)
    if (await session.exec(held)).one() >= MOST_STEWARDED:
        raise TooManyCommunities(most=MOST_STEWARDED)
    community = Community(area_id=by.area_id, steward_id=by.person_id, created_at=now, **draft.model_dump())
    session.add(community)
    await session.flush()  # membership and fact name the community
    session.add(Membership(community_id=community.id, person_id=by.person_id, asked_at=now, approved_at=now))
    _record(session, FactKind.COMMUNITY_MADE, community.id, by=by, person_id=by.person_id, now=now)
    return community


async def ask_to_join(session: AsyncSession, *, by: Actor, community_id: int, now: datetime) -> None:
    """Ask the steward to be let in.

    Raises:
        NotFound: one's area has no such community.

    """
    there = select(Community).where(Community.id == community_id, Community.area_id == by.area_id)
    community = (await session.exec(there)).first()
    if community is None:
        raise NotFound
    row = insert(Membership).values(community_id=community_id, person_id=by.person_id, asked_at=now)
    fresh = await session.exec(row.on_conflict_do_nothing().returning(col(Membership.person_id)))
    if fresh.first() is None:
        return
    _record(session, FactKind.MEMBERSHIP_ASKED, community_id, by=by, person_id=by.person_id, now=now)
    facts = {"name": (await names_of(session, [by.person_id]))[by.person_id], "community": community.name}
    await tell_unless_blocked(
        session, to_id=community.steward_id, by=by, kind=MessageKind.MEMBERSHIP_ASKED, facts=facts, now=now
    )


async def approve_member(session: AsyncSession, *, by: Actor, community_id: int, person_id: int, now: datetime) -> None:
    """Let in someone who asked.

    Raises:
        NotFound: one is not the steward, or nobody of this id asked.

    """
    community = await _stewarded(session, by, community_id)
    asked = update(Membership).where(_is(community_id, person_id), col(Membership.approved_at).is_(None))
    if (await session.exec(asked.values(approved_at=now))).rowcount:
        _record(session, FactKind.COMMUNITY_JOINED, community_id, by=by, person_id=person_id, now=now)
        facts = {"community": community.name}
        await tell(session, person_id=person_id, kind=MessageKind.MEMBERSHIP_APPROVED, facts=facts, now=now)
    elif await session.get(Membership, (community_id, person_id)) is None:
        raise NotFound


async def remove_member(session: AsyncSession, *, by: Actor, community_id: int, person_id: int, now: datetime) -> None:
    """Turn down someone who asked, or take a member off the list.

    Raises:
        NotFound: one is not the steward, or nobody of this id is on the list.
        StewardStays: it is the steward.

    """
    await _stewarded(session, by, community_id)
    if person_id == by.person_id:
        raise StewardStays
    await _take_off(session, community_id, person_id, by=by, now=now)


async def leave_community(session: AsyncSession, *, by: Actor, community_id: int, now: datetime) -> None:
    """Leave, or take back the wish to join; a steward hands over to the longest-standing member.

    Raises:
        NotFound: one is not on the list.

    """
    locked = select(Community).where(Community.id == community_id).with_for_update()
    community = (await session.exec(locked)).first()
    await _take_off(session, community_id, by.person_id, by=by, now=now)
    if community is not None and community.steward_id == by.person_id:
        await _hand_over(session, community, by=by, now=now)


async def _take_off(session: AsyncSession, community_id: int, person_id: int, *, by: Actor, now: datetime) -> None:
    if not (await session.exec(delete(Membership).where(_is(community_id, person_id)))).rowcount:
        raise NotFound
    _record(session, FactKind.COMMUNITY_LEFT, community_id, by=by, person_id=person_id, now=now)


async def _hand_over(session: AsyncSession, community: Community, *, by: Actor, now: datetime) -> None:
    """Make the longest-standing member steward; a community that nobody is left in ends."""
    heirs = (
        select(Membership.person_id)
        .join(Person, col(Person.id) == Membership.person_id)
        .where(Membership.community_id == community.id, col(Membership.approved_at).is_not(None))
        .where(Person.state == PersonState.ACTIVE)
        .order_by(col(Membership.approved_at), col(Membership.person_id))
    )
    heir_id = (await session.exec(heirs)).first()
    if heir_id is not None:
        community.steward_id = heir_id
        session.add(community)
        return
    rest = delete(Membership).where(col(Membership.community_id) == community.id)
    for person_id in (await session.exec(rest.returning(col(Membership.person_id)))).scalars():
        _record(session, FactKind.COMMUNITY_LEFT, community.id, by=by, person_id=person_id, now=now)
    await session.delete(community)


async def _stewarded(session: AsyncSession, by: Actor, community_id: int) -> Community:
    mine = select(Community).where(Community.id == community_id, Community.steward_id == by.person_id)
    community = (await session.exec(mine.with_for_update())).first()
    if community is None:
        raise NotFound
    return community


def _is(community_id: int, person_id: int) -> ColumnElement[bool]:
    return and_(col(Membership.community_id) == community_id, col(Membership.person_id) == person_id)


def _record(
    session: AsyncSession, kind: FactKind, community_id: int, *, by: Actor, person_id: int, now: datetime
) -> None:
    record(
        session,
        kind=kind,
        at=now,
        area_id=by.area_id,
        actor_id=by.person_id,
        person_id=person_id,
        data={"community_id": community_id},
    )

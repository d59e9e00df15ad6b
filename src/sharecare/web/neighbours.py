"""The people around one: who is a friend, who waits for what, and keeping a distance."""

from collections import defaultdict

from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import supporter_profile
from sharecare.care.overviews import booked_with
from sharecare.care.standing import keep_apart
from sharecare.certification.queries import level_of
from sharecare.trust import service
from sharecare.trust.queries import my_friend, my_friends
from sharecare.trust.rules import TIES_THAT_SUFFICE, FriendState
from sharecare.trust.schemas import FriendView
from sharecare.web.browser import page_router
from sharecare.web.page import Looking
from sharecare.web.parameters import Id
from sharecare.web.ties import circle_of

router = page_router()
# Whoever waits for oneself comes first.
ORDER = (
    FriendState.ASKED_BY_THEM,
    FriendState.WAITING_TO_MEET,
    FriendState.ASKED_BY_ME,
    FriendState.FRIENDS,
    FriendState.PARTED,
)


@router.get("/neighbours", operation_id="list_friends")
async def neighbours(look: Looking) -> Response:
    """Show everyone one is tied to, with the next step for each."""
    groups: dict[FriendState, list[FriendView]] = defaultdict(list)
    for one in await my_friends(look.session, by=look.actor):
        groups[one.state].append(one)
    friends = groups[FriendState.FRIENDS]
    return await look.show(
        "neighbours.html",
        groups=[(state, groups[state]) for state in ORDER if groups[state]],
        friends=len(friends),
        seats=circle_of([one.name for one in friends]),
        enough=TIES_THAT_SUFFICE,
    )


@router.get("/neighbours/{person_id}", operation_id="list_friends")
async def neighbour(look: Looking, person_id: Id) -> Response:
    """Show how one stands to one person, and what one can do."""
    friend = await my_friend(look.session, by=look.actor, person_id=person_id)
    profile = await supporter_profile(look.session, person_id)
    helps = profile is not None and profile.paused_at is None
    return await look.show("neighbour.html", friend=friend, helps=helps)


@router.post("/neighbours/{person_id}/approve", operation_id="approve_friend")
async def approve(look: Looking, person_id: Id) -> Response:
    """Approve someone."""

    async def work(session: AsyncSession) -> str:
        await service.approve_friend(session, by=look.actor, person_id=person_id, now=look.now)
        friend = await my_friend(session, by=look.actor, person_id=person_id)
        now_friends = friend.state is FriendState.FRIENDS
        return "/neighbours?done=friends_made" if now_friends else "/neighbours?done=friend_approved"

    return await look.do(work)


@router.post("/neighbours/{person_id}/part", operation_id="end_friendship")
async def part(look: Looking, person_id: Id) -> Response:
    """Be friends no longer."""

    async def work(session: AsyncSession) -> str:
        await service.unfriend(session, by=look.actor, person_id=person_id, now=look.now)
        return "/neighbours?done=parted"

    return await look.do(work)


@router.post("/neighbours/{person_id}/vouch", operation_id="vouch")
async def vouch(look: Looking, person_id: Id) -> Response:
    """Speak for someone."""

    async def work(session: AsyncSession) -> str:
        level = await level_of(session, person_id=look.actor.person_id, now=look.now)
        await service.vouch(session, by=look.actor, person_id=person_id, level=level, now=look.now)
        return f"/neighbours/{person_id}?done=vouched"

    return await look.do(work)


@router.post("/neighbours/{person_id}/unvouch", operation_id="withdraw_vouch")
async def withdraw_vouch(look: Looking, person_id: Id) -> Response:
    """Speak for them no longer."""

    async def work(session: AsyncSession) -> str:
        await service.withdraw_vouch(session, by=look.actor, person_id=person_id, now=look.now)
        return f"/neighbours/{person_id}?done=unvouched"

    return await look.do(work)


@router.post("/neighbours/{person_id}/block", operation_id="block")
async def block(look: Looking, person_id: Id) -> Response:
    """Keep someone at a distance; nothing tells them. A booking that still stands between the two is shown."""

    async def work(session: AsyncSession) -> str:
        await keep_apart(session, by=look.actor, person_id=person_id, now=look.now)
        booking_id = await booked_with(session, by=look.actor, person_id=person_id)
        return f"/bookings/{booking_id}?done=blocked_booked" if booking_id else "/neighbours?done=blocked"

    return await look.do(work)

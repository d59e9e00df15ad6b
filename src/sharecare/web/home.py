"""What waits for a person, and what is next."""

from dataclasses import dataclass
from typing import Any

from fastapi.responses import Response

from sharecare.accounts.queries import children_of, home_of, supporter_profile
from sharecare.availability.queries import my_hours
from sharecare.care.contacts import reach_of
from sharecare.care.overviews import asks_unanswered, bookings_ahead, open_requests, unsettled_bookings
from sharecare.messages.queries import messages_of
from sharecare.policy import NotForYourRole
from sharecare.trust.queries import my_friends
from sharecare.trust.rules import TIES_THAT_SUFFICE, FriendState
from sharecare.web.browser import page_router
from sharecare.web.offline import with_ahead
from sharecare.web.page import Looking, View, go

router = page_router()
MOST_SHOWN = 3  # of each kind; the rest stands on pages of its own


@dataclass(frozen=True, slots=True)
class ToDo:
    """One step that is still open, and where it is done."""

    name: str
    target: str


@router.get("/home", operation_id="show_home")
async def home(look: Looking) -> Response:
    """Show what is next, and what is still to be set up; insurers and staff have a place of their own."""
    by = look.actor
    if by.insurer is not None:
        return go("/insurer")
    if by.staff_of and not (by.is_requester or by.is_supporter):
        return go("/staff")
    waiting = await _waiting(look)
    return with_ahead(await look.show("home.html", **waiting, steps=await _steps(look)), waiting["ahead"])


@router.get("/home/live", operation_id="show_home")
async def home_now(look: Looking) -> Response:
    """Show what waits now, for the page that is open."""
    if look.actor.insurer is not None:
        raise NotForYourRole
    return await look.fragment("home_live.html", **await _waiting(look))


async def _waiting(look: View) -> dict[str, Any]:
    by, session = look.actor, look.session
    new = await messages_of(session, person_id=by.person_id, limit=MOST_SHOWN, opened=False, language=look.language)
    return {
        "ahead": await bookings_ahead(session, by=by),
        "asks": await asks_unanswered(session, by=by, now=look.now, limit=MOST_SHOWN) if by.is_supporter else [],
        "open_now": await open_requests(session, by=by) if by.is_requester else [],
        "unsettled": await unsettled_bookings(session, by=by) if by.is_requester else [],
        "unread": new.items,
    }


async def _steps(look: View) -> list[ToDo]:
    by, session = look.actor, look.session
    steps = []
    if await home_of(session, by.household_id) is None:
        steps.append(ToDo("address", "/me/home"))
    if by.is_requester and not await children_of(session, by.household_id):
        steps.append(ToDo("children", "/me/children"))
    if by.is_requester:
        reach = await reach_of(session, by=by)
        if not reach.phone:
            steps.append(ToDo("phone", "/me/profile"))
        if not reach.contacts:
            steps.append(ToDo("contacts", "/me/contacts"))
    if by.is_supporter:
        if await supporter_profile(session, by.person_id) is None:
            steps.append(ToDo("profile", "/supporter"))
        elif not (await my_hours(session, by=by, now=look.now)).weekly:
            steps.append(ToDo("hours", "/hours"))
    friends = [friend for friend in await my_friends(session, by=by) if friend.state is FriendState.FRIENDS]
    if len(friends) < TIES_THAT_SUFFICE:
        steps.append(ToDo("friends", "/neighbours"))
    return steps

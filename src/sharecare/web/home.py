"""What waits for a person, and what is next."""

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from sharecare.accounts.queries import children_of, home_of, supporter_profile
from sharecare.availability.queries import my_hours
from sharecare.trust.queries import my_friends
from sharecare.trust.rules import FriendState
from sharecare.web.page import Looking, View

router = APIRouter()
TIES_THAT_SUFFICE = 3  # domain.md: about three people to turn to


@dataclass(frozen=True, slots=True)
class ToDo:
    """One step that is still open, and where it is done."""

    name: str
    target: str


@router.get("/home", operation_id="show_home")
async def home(look: Looking) -> Response:
    """Show what is next, and what is still to be set up."""
    return await look.show("home.html", steps=await _steps(look))


async def _steps(look: View) -> list[ToDo]:
    by, session = look.actor, look.session
    steps = []
    if await home_of(session, by.household_id) is None:
        steps.append(ToDo("address", "/me/home"))
    if by.is_requester and not await children_of(session, by.household_id):
        steps.append(ToDo("children", "/me/children"))
    if by.is_supporter:
        if await supporter_profile(session, by.person_id) is None:
            steps.append(ToDo("profile", "/supporter"))
        elif not (await my_hours(session, by=by, now=look.now)).weekly:
            steps.append(ToDo("hours", "/hours"))
    friends = [friend for friend in await my_friends(session, by=by) if friend.state is FriendState.FRIENDS]
    if len(friends) < TIES_THAT_SUFFICE:
        steps.append(ToDo("friends", "/neighbours"))
    return steps

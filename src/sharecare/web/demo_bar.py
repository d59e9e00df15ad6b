"""Looking at a demo through the eyes of a parent, a supporter, the staff or the insurer; never anywhere else."""

from enum import StrEnum

from fastapi.responses import Response
from sqlalchemy import case
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import InsurerRole, Person, StaffRole
from sharecare.accounts.rules import PersonState
from sharecare.accounts.sign_ins import start_sign_in
from sharecare.care.models import Booking
from sharecare.care.rules import LIVE
from sharecare.errors import NotFound
from sharecare.mark import is_demo
from sharecare.web.browser import SIGN_IN, VISIT, forget, keep, page_router
from sharecare.web.page import Looking, go

router = page_router()


class Eyes(StrEnum):
    """Whose eyes one can look through."""

    PARENT = "parent"
    SUPPORTER = "supporter"
    STAFF = "staff"
    INSURER = "insurer"


@router.post("/demo/eyes", operation_id="see_as_another")
async def see_as_another(look: Looking) -> Response:
    """Sign this browser in as one of the demo's people.

    Raises:
        NotFound: this is no demo, or it has no such person.

    """
    chosen = look.form.text("who")
    if not look.here.shows_demo or chosen not in set(Eyes) or not await is_demo(look.session):
        raise NotFound
    person_id = await _somebody(look.session, Eyes(chosen))
    await look.session.close()
    days = look.here.settings.session_days
    _, secret = await look.here.database.write(
        lambda session: start_sign_in(
            session, person_id=person_id, device="demo", now=look.now, days=days, instead_of=look.browser.actor
        )
    )
    response = go("/staff" if chosen == Eyes.STAFF else "/home")
    keep(response, look.here, SIGN_IN, secret, days=days)
    forget(response, look.here, VISIT)
    return response


async def _somebody(session: AsyncSession, eyes: Eyes) -> int:
    """Return the one of a kind with the most to show."""
    if eyes is Eyes.STAFF:
        found = (await session.exec(select(StaffRole.person_id).order_by(col(StaffRole.person_id)))).first()
    elif eyes is Eyes.INSURER:
        found = (await session.exec(select(InsurerRole.person_id).order_by(col(InsurerRole.person_id)))).first()
    else:
        found = await _busiest(session, parent=eyes is Eyes.PARENT)
    if found is None:
        raise NotFound
    return found


async def _busiest(session: AsyncSession, *, parent: bool) -> int | None:
    side = col(Booking.requester_id if parent else Booking.supporter_id)
    busiest = (
        select(Person.id)
        .join(Booking, side == col(Person.id))
        .where(Person.state == PersonState.ACTIVE, col(Person.is_requester) == parent)
        .where(col(Person.is_supporter) != parent, col(Person.id).not_in(select(StaffRole.person_id)))
        .group_by(col(Person.id))
        .order_by(func.count(case((col(Booking.state).in_(LIVE), 1))).desc(), func.count().desc(), col(Person.id))
    )
    return (await session.exec(busiest)).first()

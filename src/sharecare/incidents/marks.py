"""The moments by which a serious accident is reported: set when it is known to be one, withdrawn when it is none."""

from datetime import datetime
from typing import Any

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.queries import staff_ids_of
from sharecare.areas.queries import zone_of_area
from sharecare.care.bookings import window_facts
from sharecare.care.models import Booking
from sharecare.incidents.models import Incident, ReportMark
from sharecare.incidents.rules import LEAD, due_dates
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import tell_all


def message_facts(incident: Incident, booking: Booking) -> dict[str, object]:
    """Return what messages about an incident say; nothing of what happened."""
    return window_facts(booking) | {"incident_id": incident.id, "incident": incident.kind}


async def start_clock(
    session: AsyncSession, incident: Incident, booking: Booking, *, since: datetime, now: datetime
) -> None:
    """Set the moments by which the authority is told, and tell the staff the first of them."""
    zone = await zone_of_area(session, incident.area_id)
    due = due_dates(since, zone)
    known = set(await session.exec(select(ReportMark.step).where(ReportMark.incident_id == incident.id)))
    session.add_all(
        ReportMark(incident_id=incident.id, step=step, near_at=due_at - LEAD[step], due_at=due_at)
        for step, due_at in due.items()
        if step not in known
    )
    facts = {"due_at": min(due.values()).isoformat()}
    await tell_staff(session, MessageKind.SERIOUS_ACCIDENT, incident, booking, now=now, **facts)


async def stop_clock(session: AsyncSession, incident: Incident, booking: Booking, *, now: datetime) -> list[Any]:
    """Withdraw what was still to be reported, tell the staff, and return it for the notes."""
    unmet = (col(ReportMark.incident_id) == incident.id, col(ReportMark.met_at).is_(None))
    due = select(ReportMark.step, ReportMark.due_at).where(*unmet).order_by(col(ReportMark.due_at))
    withdrawn = [{"step": step, "due_at": due_at.isoformat()} for step, due_at in await session.exec(due)]
    await session.exec(delete(ReportMark).where(*unmet))
    await tell_staff(session, MessageKind.NO_LONGER_SERIOUS, incident, booking, now=now)
    return withdrawn


async def tell_staff(
    session: AsyncSession, kind: MessageKind, incident: Incident, booking: Booking, *, now: datetime, **more: object
) -> None:
    """Tell the staff of the area."""
    facts = message_facts(incident, booking) | more
    to = dict.fromkeys(await staff_ids_of(session, incident.area_id), facts)
    await tell_all(session, to=to, kind=kind, now=now)

"""What quiets an alarm: an answer for a while, a handover or an agreement for good."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.care.day_models import CareAlarm
from sharecare.care.day_rules import QUIET, AlarmKind

OVERDUE = (AlarmKind.START_OVERDUE, AlarmKind.FINISH_OVERDUE)
UNANSWERED = col(CareAlarm.answered_at).is_(None)
# An overdue handover is still one after somebody has answered: it climbs on at its next step.
STANDING = or_(UNANSWERED, col(CareAlarm.next_step_at).is_not(None))


async def quiet_alarms(
    session: AsyncSession, booking_id: int, kinds: Sequence[AlarmKind], *, by: int, now: datetime
) -> bool:
    """Let one answer: a call is settled by that, an overdue handover keeps quiet for a while; say if any waited."""
    quieted = 0
    for kind in kinds:
        until = now + QUIET if kind in OVERDUE else None
        waiting = update(CareAlarm).where(
            col(CareAlarm.booking_id) == booking_id, col(CareAlarm.kind) == kind, UNANSWERED
        )
        answered = await session.exec(waiting.values(answered_at=now, answered_by=by, next_step_at=until))
        quieted += answered.rowcount
    return quieted > 0


async def resume_alarm(session: AsyncSession, booking_id: int, kind: AlarmKind, *, now: datetime) -> None:
    """Let an alarm that was called off climb on after a while: what it was about may come to pass once more."""
    last = select(func.max(CareAlarm.id)).where(CareAlarm.booking_id == booking_id, CareAlarm.kind == kind)
    resumed = update(CareAlarm).where(col(CareAlarm.id) == last.scalar_subquery())
    await session.exec(resumed.values(next_step_at=now + QUIET))


async def end_alarms(
    session: AsyncSession, booking_id: int, kinds: Sequence[AlarmKind], *, by: int | None, now: datetime
) -> None:
    """Stop a booking's alarms for good: what they were about is done, or called off."""
    standing = update(CareAlarm).where(
        col(CareAlarm.booking_id) == booking_id, col(CareAlarm.kind).in_(kinds), STANDING
    )
    await session.exec(standing.values(answered_at=now, answered_by=by, next_step_at=None))

"""A password is set: whatever else somebody could come in by, or read along with, ends with the old one."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.rules import Actor
from sharecare.care.calendar import revoke_calendar_link
from sharecare.registration import service as registration
from sharecare.trust.service import end_invitations


async def reset_password(session: AsyncSession, *, token: str, password_hash: str, now: datetime) -> None:
    """Set a password by the secret from a message, and end every sign-in and every secret of the person's.

    Raises:
        TokenSpent: the token is of no use.

    """
    person_id = await registration.reset_password(session, token=token, password_hash=password_hash, now=now)
    await _end_secrets(session, person_id, now)


async def change_password(session: AsyncSession, *, by: Actor, password_hash: str, now: datetime) -> None:
    """Set a password, and end every sign-in, this one too, and every secret of the person's."""
    await registration.change_password(session, by=by, password_hash=password_hash, now=now)
    await _end_secrets(session, by.person_id, now)


async def _end_secrets(session: AsyncSession, person_id: int, now: datetime) -> None:
    await revoke_calendar_link(session, person_id=person_id)
    await end_invitations(session, person_id=person_id, now=now)

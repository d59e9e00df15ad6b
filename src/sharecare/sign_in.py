"""Signing up and signing in by address and password, the same at every door."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.passwords import password_fits
from sharecare.accounts.queries import person_by_email
from sharecare.accounts.rules import PersonState
from sharecare.accounts.schemas import Credentials
from sharecare.deps import Runtime
from sharecare.errors import Refusal
from sharecare.tries import limit_tries

log = logging.getLogger(__name__)


class WrongCredentials(Refusal):
    """The address and the password don't fit together; which of them is wrong stays unsaid."""

    status = 401
    ja = "メールアドレスかパスワードが違います。登録したばかりのときは、先に確認メールのリンクを開いてください。"
    en = "That e-mail address and password don't match. If you have just joined, open the link in our mail first."


async def person_who_knows(here: Runtime, session: AsyncSession, request: Request, credentials: Credentials) -> Person:
    """Return whose address and password these are.

    Raises:
        WrongCredentials: nobody's.
        TooManyTries: too many were tried.

    """
    await limit_tries(here, request, credentials.email)
    person = await person_by_email(session, credentials.email)
    active = person is not None and person.state == PersonState.ACTIVE
    fits = await password_fits(credentials.password, person.password_hash if person and active else None)
    if person is None or not fits:
        raise WrongCredentials
    return person


async def write_after_answer(here: Runtime, name: str, work: Callable[[AsyncSession], Awaitable[None]]) -> None:
    """Do what an answer must not tell by the time it takes; nobody hears of a failure any more, so the log does."""
    try:
        await here.database.write(work)
    except Exception as error:  # noqa: BLE001  -- whatever it was, the answer is out
        here.measures.step_failed(name)
        log.error("%s failed after its answer: %s", name, type(error).__name__)  # noqa: TRY400  -- its words quote what was given

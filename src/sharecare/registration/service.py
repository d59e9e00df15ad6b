"""Coming in, coming back, and being shown out.

Answers never tell whether an address has an account: whoever asks gets the same words, the owner gets a message.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Household, InsurerRole, OneTimeToken, Person
from sharecare.accounts.queries import (
    children_of,
    guardian_ids_of,
    guardians_of,
    person_by_email,
    person_by_id,
    works_for_an_area,
)
from sharecare.accounts.rules import Actor, PersonState, TokenPurpose
from sharecare.accounts.schemas import SignUp
from sharecare.accounts.service import require_supporter_age
from sharecare.accounts.sign_ins import revoke_all_sign_ins
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_slug
from sharecare.db import attempt
from sharecare.errors import NotFound, Refusal
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.messages.rules import SECRET, TOWARDS, MessageKind
from sharecare.messages.service import mark_kind_read, tell
from sharecare.registration.tokens import TokenSpent, issue, spend_secrets, usable, use


class AlreadyAFamily(Refusal):
    """A person with children of their own, or with another guardian, can't move into another family."""

    ja = "すでにご家族の登録があるため、ほかのご家族には参加できません。相談窓口へご連絡ください。"
    en = "You already have a family here, so you can't join another. Please contact the help desk."


class AddressTaken(Refusal):
    """Two sign-ups with one address at the same moment."""

    constraints = ("uq_person_email", "person.email")
    ja = "登録が重なりました。もう一度お試しください。"
    en = "Two sign-ups crossed. Please try again."


class NotYourself(Refusal):
    """Whoever suspends their own account can't let themselves back in."""

    ja = "ご自分のアカウントは停止できません。"
    en = "You can't suspend your own account."


class WorksForAnArea(Refusal):
    """Staff can't shut each other out: who may work for an area is the operator's to say."""

    ja = "この方は地区の運営スタッフです。停止するには、先にシステムの運用者がスタッフの役割を外す必要があります。"
    en = "This person is staff. The operator has to take back that role before the account can be suspended."


class HasAnAccount(Refusal):
    """An insurer's account is no neighbour's: it can't be both."""

    ja = "このメールアドレスには、すでにアカウントがあります。保険会社用に、別のアドレスを使ってください。"
    en = "This address has an account. An insurer's account needs one of its own."


async def add_insurer(
    session: AsyncSession, *, area: str, insurer: str, email: str, name: str, password_hash: str, now: datetime
) -> Person:
    """Open an account that sees what concerns one insurer, as its policies name it, and nothing else.

    It joins no area: it is no member, and no figure counts it. The area only lends it a clock.

    Raises:
        NotFound: there is no such area.
        HasAnAccount: the address has one.

    """
    if await person_by_email(session, email) is not None:
        raise HasAnAccount
    facts = {
        "area_id": (await area_by_slug(session, area)).id,
        "password_hash": password_hash,
        "name": name,
        "birth_date": None,
        "is_requester": False,
        "is_supporter": False,
    }
    person = await _new_person(session, email=email.casefold(), facts=facts, now=now)
    person.state, person.confirmed_at = PersonState.ACTIVE, now
    session.add_all([person, InsurerRole(person_id=person.id, insurer=insurer, granted_at=now)])
    record(session, kind=FactKind.INSURER_ADDED, at=now, area_id=person.area_id, person_id=person.id)
    return person


async def require_sign_up(session: AsyncSession, *, draft: SignUp, now: datetime) -> Area:
    """Say what is wrong with a sign-up before its address is looked up, or a refusal would tell that it is free.

    Raises:
        NotFound: there is no such area.
        TooYoungToSupport: a supporter is below the area's age.

    """
    area = await area_by_slug(session, draft.area)
    if draft.is_supporter:
        require_supporter_age(area, draft.birth_date, now)
    return area


async def sign_up(
    session: AsyncSession, *, draft: SignUp, password_hash: str, now: datetime, towards: str | None = None
) -> None:
    """Open an account that waits for its address to be confirmed; `towards` is where the mail leads on to after that.

    An address that waits already may sign up again: each message confirms the sign-up that it was sent for, so nobody
    can slip a password of theirs under the link that somebody else is about to open.

    Raises:
        Refusal: everything that `require_sign_up` names.

    """
    area = await require_sign_up(session, draft=draft, now=now)
    facts = draft.model_dump(mode="json", exclude={"email", "password", "area"})
    facts |= {"password_hash": password_hash, "area_id": area.id}
    person = await person_by_email(session, draft.email)
    if person is None:
        person = await _first_of_address(session, email=draft.email.casefold(), facts=facts, now=now)
    if person.state != PersonState.UNCONFIRMED:
        await tell(session, person_id=person.id, kind=MessageKind.ALREADY_REGISTERED, facts={}, now=now)
        return
    secret = await issue(session, person.id, TokenPurpose.CONFIRM, now, facts=facts)
    sealed = {SECRET: secret} | ({TOWARDS: towards} if towards else {})
    await tell(session, person_id=person.id, kind=MessageKind.CONFIRM_ADDRESS, facts=sealed, now=now)


async def confirm_address(session: AsyncSession, *, token: str, now: datetime) -> None:
    """Open the account to its owner.

    Raises:
        TokenSpent: the token is of no use, or the account is open already.

    """
    used = await use(session, token, TokenPurpose.CONFIRM, now)
    person = await person_by_id(session, used.person_id)
    if person.state != PersonState.UNCONFIRMED:  # a second link must not undo a suspension
        raise TokenSpent
    person.sqlmodel_update(_columns(used.facts))
    person.state, person.confirmed_at = PersonState.ACTIVE, now
    used.facts = {}
    session.add_all([person, used])
    await session.exec(update(Household).where(col(Household.id) == person.household_id).values(area_id=person.area_id))
    await mark_kind_read(session, person_id=person.id, kind=MessageKind.CONFIRM_ADDRESS, now=now)
    record(
        session,
        kind=FactKind.PERSON_JOINED,
        at=now,
        area_id=person.area_id,
        actor_id=person.id,
        person_id=person.id,
        data={"requester": person.is_requester, "supporter": person.is_supporter, "household_id": person.household_id},
    )


async def ask_for_reset(session: AsyncSession, *, email: str, now: datetime) -> None:
    """Send a way back in, if the address has an active account."""
    person = await person_by_email(session, email)
    if person is not None and person.state == PersonState.ACTIVE:
        secret = await issue(session, person.id, TokenPurpose.RESET, now)
        await tell(session, person_id=person.id, kind=MessageKind.RESET_PASSWORD, facts={"token": secret}, now=now)


async def require_reset_token(session: AsyncSession, *, token: str, now: datetime) -> None:
    """Look whether a reset's secret is of use, before any costly work is done for it.

    Raises:
        TokenSpent: it is not.

    """
    waiting = select(OneTimeToken.id).where(*usable(token, TokenPurpose.RESET, now))
    if (await session.exec(waiting)).first() is None:
        raise TokenSpent


async def reset_password(session: AsyncSession, *, token: str, password_hash: str, now: datetime) -> int:
    """Set a password by the secret from a message, and end every sign-in; return whose it was.

    Raises:
        TokenSpent: the token is of no use.

    """
    used = await use(session, token, TokenPurpose.RESET, now)
    await _set_password(session, used.person_id, password_hash, now)
    return used.person_id


async def change_password(session: AsyncSession, *, by: Actor, password_hash: str, now: datetime) -> None:
    """Set a password, and end every sign-in, this one too."""
    await _set_password(session, by.person_id, password_hash, now)


async def invite_guardian(session: AsyncSession, *, by: Actor, now: datetime) -> str:
    """Return a secret with which one other person may join this family as a guardian."""
    return await issue(session, by.person_id, TokenPurpose.GUARDIAN, now)


async def join_family(session: AsyncSession, *, by: Actor, token: str, now: datetime) -> None:
    """Become a guardian in the family of whoever gave the token.

    Raises:
        TokenSpent: the token is of no use.
        AlreadyAFamily: the person has children here, or shares a family with someone.

    """
    used = await use(session, token, TokenPurpose.GUARDIAN, now)
    person, inviter = await person_by_id(session, by.person_id), await person_by_id(session, used.person_id)
    alone = len(await guardians_of(session, person.household_id)) == 1
    if not alone or await children_of(session, person.household_id) or inviter.state != PersonState.ACTIVE:
        raise AlreadyAFamily
    others = await guardian_ids_of(session, inviter.household_id)
    person.household_id = inviter.household_id
    session.add(person)
    record(
        session,
        kind=FactKind.GUARDIAN_JOINED,
        at=now,
        area_id=person.area_id,
        actor_id=person.id,
        person_id=person.id,
        other_id=inviter.id,
        data={"household_id": inviter.household_id},
    )
    for guardian_id in others:
        await tell(
            session, person_id=guardian_id, kind=MessageKind.GUARDIAN_JOINED, facts={"name": person.name}, now=now
        )


async def suspend(session: AsyncSession, *, person_id: int, by: Actor, reason: str, now: datetime) -> None:
    """Stop an account at once: its sign-ins end, it is matched no more, and its bookings can't start.

    Raises:
        NotFound: there is no active account of this id.
        NotYourself: it is one's own.
        WorksForAnArea: it is a staff member's.

    """
    if person_id == by.person_id:
        raise NotYourself
    if await works_for_an_area(session, person_id):
        raise WorksForAnArea
    person = await _moved(session, person_id, PersonState.ACTIVE, PersonState.SUSPENDED, reason)
    await revoke_all_sign_ins(session, person_id=person_id, now=now)
    await spend_secrets(session, person_id, now)
    record(
        session,
        kind=FactKind.PERSON_SUSPENDED,
        at=now,
        area_id=person.area_id,
        actor_id=by.person_id,
        person_id=person_id,
    )
    await tell(session, person_id=person_id, kind=MessageKind.SUSPENDED, facts={"reason": reason}, now=now)


async def restore(session: AsyncSession, *, person_id: int, by: Actor, now: datetime) -> None:
    """Let a suspended account back in.

    Raises:
        NotFound: there is no suspended account of this id.

    """
    person = await _moved(session, person_id, PersonState.SUSPENDED, PersonState.ACTIVE, None)
    record(
        session,
        kind=FactKind.PERSON_RESTORED,
        at=now,
        area_id=person.area_id,
        actor_id=by.person_id,
        person_id=person_id,
    )


async def _first_of_address(session: AsyncSession, *, email: str, facts: dict[str, Any], now: datetime) -> Person:
    """Return a new account; where another sign-up of the same moment came first, the account that it made."""
    made = await attempt(session, lambda: _new_person(session, email=email, facts=facts, now=now))
    if isinstance(made, Refusal):
        first = await person_by_email(session, email)
        if first is None:
            raise made
        return first
    return made


async def _new_person(session: AsyncSession, *, email: str, facts: dict[str, Any], now: datetime) -> Person:
    household = Household(area_id=facts["area_id"], created_at=now)
    session.add(household)
    await session.flush()  # the person belongs to the household
    person = Person(
        household_id=household.id, email=email, state=PersonState.UNCONFIRMED, created_at=now, **_columns(facts)
    )
    session.add(person)
    await session.flush()  # the token names the person
    return person


def _columns(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a token kept of a sign-up as columns; JSON knows no dates."""
    born = facts["birth_date"]
    return {**facts, "birth_date": date.fromisoformat(born) if born else None}


async def _set_password(session: AsyncSession, person_id: int, password_hash: str, now: datetime) -> None:
    person = await person_by_id(session, person_id)
    person.password_hash = password_hash
    session.add(person)
    await revoke_all_sign_ins(session, person_id=person_id, now=now)
    await spend_secrets(session, person_id, now)
    record(
        session,
        kind=FactKind.PERSON_CHANGED,
        at=now,
        area_id=person.area_id,
        actor_id=person_id,
        person_id=person_id,
        data={"password": True},
    )
    await tell(session, person_id=person_id, kind=MessageKind.PASSWORD_CHANGED, facts={}, now=now)


async def _moved(
    session: AsyncSession, person_id: int, before: PersonState, after: PersonState, reason: str | None
) -> Person:
    moved = await session.exec(
        update(Person)
        .where(col(Person.id) == person_id, col(Person.state) == before)
        .values(state=after, state_reason=reason)
    )
    if moved.rowcount != 1:
        raise NotFound
    return await person_by_id(session, person_id)

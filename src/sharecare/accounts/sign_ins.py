"""Sign-ins: opened, renewed, kept alive and ended."""

from datetime import datetime, timedelta

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person, SignIn
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.tokens import NotSignedIn, hash_secret, new_secret
from sharecare.errors import NotFound

LONGEST_SIGN_IN = timedelta(days=180)


class SignInEnded(NotSignedIn):
    """The sign-in can't be renewed; that a copied secret ended it stays written."""

    keeps_writes = True


async def start_sign_in(
    session: AsyncSession,
    *,
    person_id: int,
    device: str,
    now: datetime,
    days: int,
    password_hash: str | None = None,
    instead_of: Actor | None = None,
) -> tuple[SignIn, str]:
    """Open a sign-in; return it and the secret that keeps it alive.

    `password_hash` is what the password was checked against: a change meanwhile has ended every sign-in, this one too.
    `instead_of` is whose sign-in the same browser held: it ends, as nothing holds its secret any more that should.

    Raises:
        NotSignedIn: the password was changed, or the account is no longer active.

    """
    held = select(Person.id).where(Person.id == person_id, Person.state == PersonState.ACTIVE)
    if password_hash is not None:
        held = held.where(Person.password_hash == password_hash)
    if (await session.exec(held.with_for_update(key_share=True))).first() is None:
        raise NotSignedIn
    if instead_of is not None:
        held_before = update(SignIn).where(col(SignIn.id) == instead_of.sign_in_id, col(SignIn.revoked_at).is_(None))
        await session.exec(held_before.values(revoked_at=now))
    secret, secret_hash = new_secret()
    sign_in = SignIn(
        person_id=person_id,
        secret_hash=secret_hash,
        device=device,
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(sign_in)
    await session.flush()  # the access token names the sign-in
    return sign_in, secret


async def renew_sign_in(session: AsyncSession, *, secret: str, now: datetime, days: int) -> tuple[SignIn, str]:
    """Replace a sign-in's secret; the old one is of no use to whoever may have copied it.

    Raises:
        SignInEnded: the secret was replaced, revoked or has expired, or the account is not active.

    """
    fresh, fresh_hash = new_secret()
    active = col(SignIn.person_id).in_(select(Person.id).where(Person.state == PersonState.ACTIVE))
    used = hash_secret(secret)
    renewed = await session.exec(
        update(SignIn)
        .where(col(SignIn.secret_hash) == used, col(SignIn.revoked_at).is_(None), active)
        .where(col(SignIn.expires_at) > now, col(SignIn.created_at) > now - LONGEST_SIGN_IN)
        .values(secret_hash=fresh_hash, before_hash=used, seen_at=now, expires_at=now + timedelta(days=days))
        .returning(SignIn)
    )
    sign_in = renewed.scalars().first()
    if sign_in is None:
        # A secret that was replaced comes back: two hold it, and nobody knows which of them is the owner.
        copied = update(SignIn).where(col(SignIn.before_hash) == used, col(SignIn.revoked_at).is_(None))
        await session.exec(copied.values(revoked_at=now))
        raise SignInEnded
    return sign_in, fresh


async def note_sign_in_used(session: AsyncSession, *, by: Actor, now: datetime, days: int) -> None:
    """Keep a sign-in that is used alive, up to its longest life."""
    used = update(SignIn).where(col(SignIn.id) == by.sign_in_id, col(SignIn.created_at) > now - LONGEST_SIGN_IN)
    await session.exec(used.values(seen_at=now, expires_at=now + timedelta(days=days)))


async def revoke_sign_in(session: AsyncSession, *, by: Actor, sign_in_id: int, now: datetime) -> None:
    """End one of one's own sign-ins.

    Raises:
        NotFound: it is not one's own, or already ended.

    """
    sign_in = await session.get(SignIn, sign_in_id)
    if sign_in is None or sign_in.person_id != by.person_id or sign_in.revoked_at is not None:
        raise NotFound
    sign_in.revoked_at = now
    session.add(sign_in)


async def revoke_all_sign_ins(session: AsyncSession, *, person_id: int, now: datetime) -> None:
    """End every sign-in of a person."""
    live = update(SignIn).where(col(SignIn.person_id) == person_id, col(SignIn.revoked_at).is_(None))
    await session.exec(live.values(revoked_at=now))

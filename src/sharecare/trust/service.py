"""Meeting, approving, inviting, parting, vouching.

A block changes nothing here: whoever is blocked can meet, ask and be approved as before, and matching leaves them out.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.queries import names_of
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.tokens import hash_secret, new_secret
from sharecare.areas.rules import Level
from sharecare.errors import NotFound, Refusal
from sharecare.journal.rules import FactKind
from sharecare.messages.rules import MessageKind
from sharecare.messages.service import was_told
from sharecare.trust.models import FriendInvitation, MeetingCode, Tie
from sharecare.trust.queries import state_for
from sharecare.trust.rules import (
    CODE_ALPHABET,
    CODE_LENGTH,
    CODE_LIFE,
    INVITATION_LIFE,
    TOLD_AGAIN_AFTER,
    VOUCH_NEEDS,
    FriendState,
    pair,
    read_code,
)
from sharecare.trust.schemas import InvitationView, MeetingCodeView
from sharecare.trust.telling import record_between, tell_unless_blocked


class CodeUnknown(Refusal):
    """The code was never shown, or has run out."""

    status = 410
    ja = "このコードは使えません。相手の画面で新しいコードを表示してもらってください。"
    en = "This code can't be used. Ask the other person to show a new one."


class InvitationSpent(Refusal):
    """The invitation was used, has run out or never was."""

    status = 410
    ja = "この招待は使用済みか、期限が切れています。もう一度招待してもらってください。"
    en = "This invitation has been used or has expired. Ask to be invited again."


class OnlyYou(Refusal):
    """A code or an invitation of one's own."""

    ja = "ご自身のコードや招待は使えません。"
    en = "This code or invitation is your own."


class VouchNeedsMeeting(Refusal):
    """Nobody can speak for someone they have never met."""

    ja = "推薦できるのは、実際に会ってコードを交わした方だけです。"
    en = "You can vouch only for someone you have met and exchanged a code with."


class VouchNeedsIdentity(Refusal):
    """Someone whose own identity is not confirmed can't speak for others."""

    ja = "推薦するには、まずご自身の本人確認を済ませてください。"
    en = "Have your own identity confirmed first; then you can vouch for others."


async def show_meeting_code(session: AsyncSession, *, by: Actor, now: datetime) -> MeetingCodeView:
    """Make a code to show face to face; those shown before run out by themselves."""
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    expires_at = now + CODE_LIFE
    await session.exec(
        delete(MeetingCode).where(col(MeetingCode.person_id) == by.person_id, col(MeetingCode.expires_at) <= now)
    )
    session.add(MeetingCode(code_hash=hash_secret(code), person_id=by.person_id, expires_at=expires_at))
    return MeetingCodeView(code=f"{code[:4]}-{code[4:]}", expires_at=expires_at)


async def meet(session: AsyncSession, *, by: Actor, code: str, now: datetime) -> int:
    """Record that two people stood face to face, and that whoever scanned approves; return who showed the code.

    Raises:
        CodeUnknown: the code is of no use.
        OnlyYou: it is one's own.

    """
    shown = select(MeetingCode.person_id).join(Person, col(Person.id) == MeetingCode.person_id)
    shown = shown.where(MeetingCode.code_hash == hash_secret(read_code(code)), col(MeetingCode.expires_at) > now)
    shower_id = (await session.exec(shown.where(Person.state == PersonState.ACTIVE))).first()
    if shower_id is None:
        raise CodeUnknown
    if shower_id == by.person_id:
        raise OnlyYou
    tie = await _tie_made(session, by.person_id, shower_id, now)
    async with _change(session, tie, by=by, now=now):
        tie.met_at = tie.met_at or now
        _approve(tie, by.person_id, now)
    return shower_id


async def approve_friend(session: AsyncSession, *, by: Actor, person_id: int, now: datetime) -> None:
    """Approve someone who was met, supported or who asked.

    Raises:
        NotFound: there is nothing between the two.

    """
    tie = await _tie_known(session, by.person_id, person_id)
    if not (tie.met_at or tie.supports or tie.low_approved_at or tie.high_approved_at):
        raise NotFound
    async with _change(session, tie, by=by, now=now):
        _approve(tie, by.person_id, now)


async def unfriend(session: AsyncSession, *, by: Actor, person_id: int, now: datetime) -> None:
    """Take back both approvals, and one's own vouch; that they met, and what they did for each other, stays.

    Raises:
        NotFound: neither has approved the other.

    """
    tie = await _tie_known(session, by.person_id, person_id)
    if not (tie.low_approved_at or tie.high_approved_at):
        raise NotFound
    async with _change(session, tie, by=by, now=now):
        tie.low_approved_at = tie.high_approved_at = None
        _speak(tie, by.person_id, None)


async def invite_friend(session: AsyncSession, *, by: Actor, now: datetime) -> InvitationView:
    """Return the secret of a link for one person; the friendship it opens waits until the two have met."""
    secret, secret_hash = new_secret()
    expires_at = now + INVITATION_LIFE
    session.add(FriendInvitation(secret_hash=secret_hash, person_id=by.person_id, expires_at=expires_at))
    return InvitationView(secret=secret, expires_at=expires_at)


async def accept_invitation(session: AsyncSession, *, by: Actor, secret: str, now: datetime) -> int:
    """Approve each other on the word of a link; return who invited.

    Raises:
        InvitationSpent: the link is of no use.
        OnlyYou: it is one's own.

    """
    usable = update(FriendInvitation).where(*_usable(secret, now))
    used = await session.exec(usable.values(used_at=now).returning(col(FriendInvitation.person_id)))
    inviter_id = used.scalars().first()
    if inviter_id is None:
        raise InvitationSpent
    if inviter_id == by.person_id:
        raise OnlyYou
    tie = await _tie_made(session, by.person_id, inviter_id, now)
    async with _change(session, tie, by=by, now=now):
        _approve(tie, by.person_id, now)
        _approve(tie, inviter_id, now)
    return int(inviter_id)


async def require_invitation(session: AsyncSession, *, secret: str, now: datetime) -> None:
    """Hold a link to what it promises, before anyone signs up for it.

    Raises:
        InvitationSpent: it is of no use.

    """
    if (await session.exec(select(FriendInvitation.person_id).where(*_usable(secret, now)))).first() is None:
        raise InvitationSpent


async def end_invitations(session: AsyncSession, *, person_id: int, now: datetime) -> None:
    """Make every link and code that a person gave out useless, before anyone has used it."""
    open_links = update(FriendInvitation).where(
        col(FriendInvitation.person_id) == person_id, col(FriendInvitation.used_at).is_(None)
    )
    await session.exec(open_links.values(used_at=now))
    await session.exec(delete(MeetingCode).where(col(MeetingCode.person_id) == person_id))


def _usable(secret: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(FriendInvitation.secret_hash) == hash_secret(secret),
        col(FriendInvitation.used_at).is_(None),
        col(FriendInvitation.expires_at) > now,
        col(FriendInvitation.person_id).in_(select(Person.id).where(Person.state == PersonState.ACTIVE)),
    )


async def vouch(session: AsyncSession, *, by: Actor, person_id: int, level: Level, now: datetime) -> None:
    """Speak for someone met; `level` is the voucher's own, now.

    Raises:
        NotFound: there is nothing between the two.
        VouchNeedsMeeting: they have not met.
        VouchNeedsIdentity: the voucher is not identified.

    """
    tie = await _tie_known(session, by.person_id, person_id)
    if tie.met_at is None:
        raise VouchNeedsMeeting
    if level < VOUCH_NEEDS:
        raise VouchNeedsIdentity
    async with _change(session, tie, by=by, now=now):
        _speak(tie, by.person_id, now)


async def withdraw_vouch(session: AsyncSession, *, by: Actor, person_id: int, now: datetime) -> None:
    """Speak for someone no longer.

    Raises:
        NotFound: one never did.

    """
    tie = await _tie_known(session, by.person_id, person_id)
    if (tie.low_vouched_at if by.person_id == tie.low_id else tie.high_vouched_at) is None:
        raise NotFound
    async with _change(session, tie, by=by, now=now):
        _speak(tie, by.person_id, None)


async def record_support(session: AsyncSession, *, one: int, other: int, now: datetime) -> None:
    """Count one support completed without incident; the caller's fact of the completion names both people."""
    low, high = pair(one, other)
    row = insert(Tie).values(low_id=low, high_id=high, supports=1, changed_at=now)
    counted = {"supports": col(Tie.supports) + 1, "changed_at": now}
    await session.exec(row.on_conflict_do_update(index_elements=["low_id", "high_id"], set_=counted))


async def take_back_support(session: AsyncSession, *, one: int, other: int, now: datetime) -> None:
    """Count one support less; the caller's fact of the incident names both people."""
    low, high = pair(one, other)
    tie = update(Tie).where(col(Tie.low_id) == low, col(Tie.high_id) == high, col(Tie.supports) > 0)
    await session.exec(tie.values(supports=col(Tie.supports) - 1, changed_at=now))


async def _tie_made(session: AsyncSession, one_id: int, other_id: int, now: datetime) -> Tie:
    """Return the pair's row, locked; two people who make it at once both get the same one."""
    low, high = pair(one_id, other_id)
    row = insert(Tie).values(low_id=low, high_id=high, supports=0, changed_at=now)
    await session.exec(row.on_conflict_do_nothing())
    return await _tie_known(session, low, high)


async def _tie_known(session: AsyncSession, one_id: int, other_id: int) -> Tie:
    """Return the pair's row, locked, so that approvals from both sides at once both count.

    Raises:
        NotFound: there is none.

    """
    low, high = pair(one_id, other_id)
    row = select(Tie).where(Tie.low_id == low, Tie.high_id == high).with_for_update()
    tie = (await session.exec(row.execution_options(populate_existing=True))).first()
    if tie is None:
        raise NotFound
    return tie


@asynccontextmanager
async def _change(session: AsyncSession, tie: Tie, *, by: Actor, now: datetime) -> AsyncIterator[None]:
    """Write the one fact that says what the block did to a tie, and tell the other; nothing if it did nothing."""
    before = state_for(tie, by.person_id)
    yield
    if not session.is_modified(tie):
        return
    tie.changed_at = now
    after, other_id = state_for(tie, by.person_id), tie.high_id if by.person_id == tie.low_id else tie.low_id
    kind = FactKind.TIE_CHANGED
    if FriendState.FRIENDS in (before, after) and before is not after:
        kind = FactKind.FRIENDS_MADE if after is FriendState.FRIENDS else FactKind.FRIENDS_PARTED
    record_between(session, kind, by=by, other_id=other_id, now=now)
    told = {FriendState.FRIENDS: MessageKind.FRIENDS_MADE, FriendState.ASKED_BY_ME: MessageKind.FRIEND_ASKED}
    if before is not after and after in told:
        await _tell(session, told[after], by=by, other_id=other_id, now=now)


async def _tell(session: AsyncSession, kind: MessageKind, *, by: Actor, other_id: int, now: datetime) -> None:
    """Tell the other side once a day: who asks and parts in turn would send mail without end."""
    since, me = now - TOLD_AGAIN_AFTER, by.person_id
    if await was_told(session, person_id=other_id, kind=kind, fact="by_id", key=me, since=since):
        return
    facts = {"name": (await names_of(session, [me]))[me], "by_id": me}
    await tell_unless_blocked(session, to_id=other_id, by=by, kind=kind, facts=facts, now=now)


def _approve(tie: Tie, person_id: int, now: datetime) -> None:
    if person_id == tie.low_id:
        tie.low_approved_at = tie.low_approved_at or now
    else:
        tie.high_approved_at = tie.high_approved_at or now


def _speak(tie: Tie, person_id: int, at: datetime | None) -> None:
    """Set since when a person vouches for the other; a vouch that stands keeps its date."""
    if person_id == tie.low_id:
        tie.low_vouched_at = at and (tie.low_vouched_at or at)
    else:
        tie.high_vouched_at = at and (tie.high_vouched_at or at)

"""Members whose identity is not confirmed: counted, listed, and confirmed at the counter."""

from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import InsurerRole, Person
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.service import log_looks
from sharecare.areas.queries import area_by_slug, zone_of_area
from sharecare.certification.models import Credential
from sharecare.certification.news import announce
from sharecare.certification.rules import CredentialKind, CredentialState
from sharecare.certification.schemas import IdentitySeen, RegistrationView
from sharecare.certification.service import AlreadySubmitted, OwnCredential
from sharecare.columns import reads_like
from sharecare.errors import NotFound, Refusal
from sharecare.paging import Page, page_of, read_cursor

LOOK_REASON = "本人確認がまだの登録の確認 (registrations to confirm)"


class SeenLater(Refusal):
    """What was seen lies in the past."""

    status = 400
    ja = "確認した日には、今日までの日付を入れてください。"
    en = "The day on which you saw it can't lie in the future."


class AlreadyIdentified(Refusal):
    """There is nothing left to confirm."""

    ja = "この方の本人確認は、すでに済んでいます。"
    en = "This person's identity is confirmed already."


class NotInUse(Refusal):
    """Nothing is confirmed about an account that is suspended, or whose address nobody has confirmed."""

    ja = "停止中か、メールアドレスの確認がまだのため、本人確認を記録できません。"
    en = "The account is suspended, or its address isn't confirmed yet, so its identity can't be confirmed."


async def count_unidentified(session: AsyncSession, *, area_id: int, now: datetime) -> int:
    """Return how many members of an area nobody has identified."""
    counted = select(func.count()).select_from(Person).where(*_unidentified(area_id, now))
    return (await session.exec(counted)).one()


async def read_registrations(
    session: AsyncSession, *, by: Actor, slug: str, name: str = "", cursor: str | None = None, limit: int, now: datetime
) -> Page[RegistrationView]:
    """Return one page of the members to identify, newest first, and log one look at each.

    With a name, only those are looked at who are called so.

    Raises:
        NotFound: one does not work for this area.

    """
    area = await area_by_slug(session, slug)
    if area.id not in by.staff_of:
        raise NotFound
    waiting = select(Person).where(*_unidentified(area.id, now))
    if name:
        waiting = waiting.where(reads_like(col(Person.name), name))
    if (before := read_cursor(cursor)) is not None:
        waiting = waiting.where(col(Person.id) < before)
    people = (await session.exec(waiting.order_by(col(Person.id).desc()).limit(limit + 1))).all()
    submitted = await _submitted(session, [one.id for one in people])
    shown = set(RegistrationView.model_fields) - {"person_id", "credential_id"}
    views = [
        RegistrationView(**one.model_dump(include=shown), person_id=one.id, credential_id=submitted.get(one.id))
        for one in people
    ]
    page = page_of(views, limit=limit, key=lambda view: view.person_id)
    looked_at = [view.person_id for view in page.items]
    log_looks(session, by=by, area_id=area.id, person_ids=looked_at, reason=LOOK_REASON, now=now)
    return page


async def confirm_identity(
    session: AsyncSession, *, by: Actor, person_id: int, seen: IdentitySeen, now: datetime
) -> Credential:
    """Confirm who somebody is by a document seen at the counter: its kind, the day and the checker are kept.

    Raises:
        NotFound: there is no such member in an area that one works for.
        OwnCredential: it is oneself.
        NotInUse: the account is suspended, or its address not confirmed.
        SeenLater: the day lies in the future.
        AlreadyIdentified: somebody was faster.
        AlreadySubmitted: a document that they sent waits to be checked.

    """
    person = await _member(session, by, person_id)
    if seen.seen_on > now.astimezone(await zone_of_area(session, person.area_id)).date():
        raise SeenLater
    if (await session.exec(select(Credential.id).where(*_in_force(now), Credential.person_id == person_id))).first():
        raise AlreadyIdentified
    if await _submitted(session, [person_id]):
        raise AlreadySubmitted
    credential = Credential(
        person_id=person_id,
        kind=CredentialKind.IDENTITY,
        evidence=seen.evidence,
        state=CredentialState.CONFIRMED,
        issued_on=seen.seen_on,
        submitted_at=now,
        decided_at=now,
        decided_by=by.person_id,
    )
    session.add(credential)
    await session.flush()  # the fact names the credential
    await announce(session, credential, area_id=person.area_id, by=by, now=now)
    return credential


async def _member(session: AsyncSession, by: Actor, person_id: int) -> Person:
    """Return a member that the actor may identify, held: two at the counter can't both confirm them."""
    held = select(Person).where(Person.id == person_id, col(Person.area_id).in_(by.staff_of), _NO_INSURER)
    person = (await session.exec(held.with_for_update(key_share=True))).first()
    if person is None:
        raise NotFound
    if person_id == by.person_id:
        raise OwnCredential
    if person.state != PersonState.ACTIVE:
        raise NotInUse
    return person


async def _submitted(session: AsyncSession, person_ids: list[int]) -> dict[int, int]:
    """Return the identity documents that wait to be checked, by the person who sent them."""
    waiting = select(Credential.person_id, Credential.id).where(
        col(Credential.person_id).in_(person_ids),
        Credential.kind == CredentialKind.IDENTITY,
        Credential.state == CredentialState.SUBMITTED,
    )
    return dict((await session.exec(waiting)).all())


_NO_INSURER = col(Person.id).not_in(select(InsurerRole.person_id))  # they live nowhere


def _in_force(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Credential.kind) == CredentialKind.IDENTITY,
        col(Credential.state) == CredentialState.CONFIRMED,
        or_(col(Credential.expires_at).is_(None), col(Credential.expires_at) > now),
    )


def _unidentified(area_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Person.area_id) == area_id,
        col(Person.state) == PersonState.ACTIVE,
        _NO_INSURER,
        ~exists().where(col(Credential.person_id) == col(Person.id), *_in_force(now)),
    )

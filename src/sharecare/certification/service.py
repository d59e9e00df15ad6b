"""Showing evidence, and deciding on it."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.rules import Actor
from sharecare.accounts.service import log_looks
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id, area_by_slug, settings_of
from sharecare.certification.models import Credential
from sharecare.certification.news import announce, record_credential
from sharecare.certification.queries import credentials_to_decide
from sharecare.certification.rules import MOVES, CredentialKind, CredentialState, lapses_at
from sharecare.certification.schemas import CredentialDraft, SubmittedView
from sharecare.errors import Conflict, NotFound, Refusal
from sharecare.journal.rules import FactKind
from sharecare.paging import Page

LOOK_REASON = "提出書類の確認 (checking submitted credentials)"


class UnknownUnit(Refusal):
    """The area's course has no such part."""

    status = 400
    ja = "「{unit}」は、この地域の講習にない項目です。"
    en = "The area's course has no part called “{unit}”."


class IssuedLater(Refusal):
    """Evidence can't be dated in the future."""

    status = 400
    ja = "発行日・受講日には、今日までの日付を入れてください。"
    en = "The date of issue can't lie in the future."


class AlreadySubmitted(Refusal):
    """The same is waiting for a decision."""

    ja = "同じ書類がすでに確認待ちです。結果をお待ちください。"
    en = "The same evidence is already waiting to be checked."


class AlreadyDecided(Refusal):
    """The state that the credential is in doesn't allow this."""

    ja = "この書類は、すでに手続きが済んでいます。"
    en = "This credential has already been dealt with."


class OwnCredential(Refusal):
    """Nobody checks their own papers."""

    ja = "ご自身の書類は確認できません。ほかの担当者に依頼してください。"
    en = "You can't decide on your own credential. Ask a colleague."


class AlreadyLapsed(Refusal):
    """It would count for nothing."""

    ja = "有効期限が過ぎているため、確認済みにできません。"
    en = "This has lapsed already, so it can't be confirmed."


class LapseNeeded(Refusal):
    """A criminal-record check always lapses."""

    ja = "犯罪事実確認には、有効期限が必要です。"
    en = "A criminal-record check needs the day on which it lapses."


class ReasonNeeded(Refusal):
    """People are told why."""

    status = 400
    ja = "ご本人に伝える理由を書いてください。"
    en = "Give a reason; it is shown to the person."


class NoWordsOnChecks(Refusal):
    """Any word could give away a result."""

    status = 400
    ja = "犯罪事実確認には、文章を記録できません(結果が分かるおそれがあるため)。"
    en = "Nothing may be written about a criminal-record check: it could give away its result."


async def submit_credential(session: AsyncSession, *, by: Actor, draft: CredentialDraft, now: datetime) -> Credential:
    """Show evidence of one's own, for the area's staff to confirm.

    Raises:
        UnknownUnit: the area's course has no such part.
        IssuedLater: it is dated in the future.
        AlreadySubmitted: the same waits already.

    """
    area = await area_by_id(session, by.area_id)
    if draft.unit is not None and draft.unit not in settings_of(area).course_units:
        raise UnknownUnit(unit=draft.unit)
    if draft.issued_on > now.astimezone(ZoneInfo(area.timezone)).date():
        raise IssuedLater
    waiting = select(Credential.id).where(
        Credential.person_id == by.person_id, Credential.kind == draft.kind, Credential.unit == draft.unit
    )
    if (await session.exec(waiting.where(Credential.state == CredentialState.SUBMITTED))).first() is not None:
        raise AlreadySubmitted
    credential = Credential(
        person_id=by.person_id, state=CredentialState.SUBMITTED, submitted_at=now, **draft.model_dump()
    )
    session.add(credential)
    await session.flush()  # the fact names the credential
    record_credential(session, FactKind.CREDENTIAL_SUBMITTED, credential, area_id=by.area_id, by=by, now=now)
    return credential


async def read_submitted(
    session: AsyncSession, *, by: Actor, slug: str, cursor: str | None = None, limit: int, now: datetime
) -> Page[SubmittedView]:
    """Return one page of what an area's staff have to decide, and log one look at each person's papers.

    Raises:
        NotFound: one does not work for this area.

    """
    area = await area_by_slug(session, slug)
    if area.id not in by.staff_of:
        raise NotFound
    page = await credentials_to_decide(session, area_id=area.id, cursor=cursor, limit=limit)
    looked_at = sorted({view.person_id for view in page.items})
    log_looks(session, by=by, area_id=area.id, person_ids=looked_at, reason=LOOK_REASON, now=now)
    return page


async def confirm_credential(
    session: AsyncSession, *, by: Actor, credential_id: int, last_day: date | None, now: datetime
) -> Credential:
    """Confirm what was shown, until the end of `last_day` or, for first aid, five years from its issue.

    Raises:
        NotFound: it is not of an area that one works for.
        OwnCredential: it is one's own.
        AlreadyDecided: it does not wait for a decision.
        LapseNeeded: a criminal-record check without a last day.
        AlreadyLapsed: it would count for nothing.

    """
    credential, area = await _of_my_area(session, by, credential_id)
    kind = CredentialKind(credential.kind)
    if kind is CredentialKind.CRIMINAL_RECORD_CHECK and last_day is None:
        raise LapseNeeded
    expires_at = lapses_at(kind, credential.issued_on, last_day, ZoneInfo(area.timezone))
    if expires_at is not None and expires_at <= now:
        raise AlreadyLapsed
    change = {"state": CredentialState.CONFIRMED, "expires_at": expires_at}
    return await _move(session, credential, change, area_id=area.id, by=by, now=now)


async def refuse_credential(
    session: AsyncSession, *, by: Actor, credential_id: int, reason: str, now: datetime
) -> Credential:
    """Turn down what was shown, and say why; a criminal-record check is not confirmed, without a word.

    Raises:
        NotFound: it is not of an area that one works for.
        OwnCredential: it is one's own.
        AlreadyDecided: it does not wait for a decision.
        ReasonNeeded: no reason was given.
        NoWordsOnChecks: one was, for a criminal-record check.

    """
    return await _end(session, CredentialState.REFUSED, by=by, credential_id=credential_id, reason=reason, now=now)


async def revoke_credential(
    session: AsyncSession, *, by: Actor, credential_id: int, reason: str, now: datetime
) -> Credential:
    """Take back a confirmation, at once.

    Raises:
        NotFound: it is not of an area that one works for.
        OwnCredential: it is one's own.
        AlreadyDecided: it is not confirmed.
        ReasonNeeded: no reason was given.
        NoWordsOnChecks: one was, for a criminal-record check.

    """
    return await _end(session, CredentialState.REVOKED, by=by, credential_id=credential_id, reason=reason, now=now)


async def _end(
    session: AsyncSession, to: CredentialState, *, by: Actor, credential_id: int, reason: str, now: datetime
) -> Credential:
    credential, area = await _of_my_area(session, by, credential_id)
    # A care that rests on it may begin at this moment: before this, or not at all.
    await session.exec(select(Person.id).where(Person.id == credential.person_id).with_for_update(key_share=True))
    wordless = credential.kind == CredentialKind.CRIMINAL_RECORD_CHECK
    if wordless and reason:
        raise NoWordsOnChecks
    if not (wordless or reason.strip()):
        raise ReasonNeeded
    return await _move(session, credential, {"state": to, "reason": reason}, area_id=area.id, by=by, now=now)


async def _of_my_area(session: AsyncSession, by: Actor, credential_id: int) -> tuple[Credential, Area]:
    """Return a credential that the actor may decide on, and the area of its owner.

    Raises:
        NotFound: it is not of an area that one works for.
        OwnCredential: it is one's own.

    """
    found = (
        select(Credential, Area)
        .join(Person, col(Person.id) == Credential.person_id)
        .join(Area, col(Area.id) == Person.area_id)
        .where(Credential.id == credential_id, col(Area.id).in_(by.staff_of))
    )
    row = (await session.exec(found)).first()
    if row is None:
        raise NotFound
    credential, area = row
    if credential.person_id == by.person_id:
        raise OwnCredential
    return credential, area


async def _move(
    session: AsyncSession, credential: Credential, change: dict[str, Any], *, area_id: int, by: Actor, now: datetime
) -> Credential:
    """Move a credential to `change["state"]`, if nobody else moved it meanwhile, write the fact and tell the person.

    Raises:
        AlreadyDecided: the move is not legal.
        Conflict: someone else was faster.

    """
    before, after = CredentialState(credential.state), change["state"]
    if after not in MOVES[before]:
        raise AlreadyDecided
    moved = update(Credential).where(col(Credential.id) == credential.id, col(Credential.state) == before)
    if (await session.exec(moved.values(**change, decided_at=now, decided_by=by.person_id))).rowcount != 1:
        raise Conflict
    await announce(session, credential, area_id=area_id, by=by, now=now)
    return credential

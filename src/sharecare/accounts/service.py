"""Changing accounts: profile, home, children, what a supporter offers."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child, Home, Person, RecordAccess, StaffRole, SupporterProfile
from sharecare.accounts.queries import child_of, home_of, members_of, person_by_email, person_by_id, supporter_profile
from sharecare.accounts.rules import MAX_CHILD_YEARS, Actor, PersonState, age_in_years
from sharecare.accounts.schemas import ChildDraft, HomeDraft, MemberView, ProfileChange, SupporterDraft
from sharecare.areas.models import Area
from sharecare.areas.queries import area_by_id, settings_of, town_block
from sharecare.errors import NotFound, Refusal
from sharecare.geo import cell_of
from sharecare.journal.rules import FactKind
from sharecare.journal.service import record
from sharecare.paging import Page


class NotASupporter(Refusal):
    """The person has not chosen to support others."""

    ja = "サポーターとして登録されていません。「わたしの設定」で「手伝いたい」を選んでください。"
    en = "You are not registered as a supporter. Choose “I support others” in your account."


class TooYoungToSupport(Refusal):
    """The area asks supporters to be older."""

    ja = "サポーターは{years}歳以上の方にお願いしています。"
    en = "Supporters need to be {years} or older."


class IdentityFixed(Refusal):
    """Name and date of birth were confirmed; a level rests on them."""

    ja = "本人確認のあとは、お名前と生年月日を変更できません。相談窓口へご連絡ください。"
    en = "Your name and date of birth were confirmed and can't be changed here. Please contact the staff."


class NoRoleLeft(Refusal):
    """Someone who neither asks nor helps has no use for an account."""

    ja = "「お願いしたい」か「手伝いたい」のどちらかは選んでください。"
    en = "Keep at least one of the two: asking for help, or helping others."


class NotAChildsAge(Refusal):
    """The birth month lies in the future or too far back."""

    ja = "お子さんの生まれた月を確かめてください。"
    en = "Please check the child's month of birth."


class NoSuchZone(Refusal):
    """The time zone has no such name."""

    status = 400
    ja = "タイムゾーン「{timezone}」は存在しません。"
    en = "There is no time zone “{timezone}”."


async def change_profile(
    session: AsyncSession, *, by: Actor, change: ProfileChange, identified: bool, now: datetime
) -> None:
    """Change what a person says about themselves.

    Raises:
        IdentityFixed: they were identified under this name and date of birth.
        NoRoleLeft: they would neither ask nor help.
        TooYoungToSupport: they would become a supporter below the area's age.

    """
    person = await person_by_id(session, by.person_id)
    changes = change.model_dump(exclude_unset=True)
    # A phone can be taken back; the rest can only be replaced.
    changes = {fact: told for fact, told in changes.items() if told is not None or fact == "phone"}
    if identified and any(changes.get(fact, known) != known for fact, known in _identity(person).items()):
        raise IdentityFixed
    person.sqlmodel_update(changes)
    chose_roles = not changes.keys().isdisjoint({"is_requester", "is_supporter"})
    if chose_roles and not (person.is_requester or person.is_supporter):
        raise NoRoleLeft
    if person.is_supporter:
        require_supporter_age(await area_by_id(session, person.area_id), person.birth_date, now)
    session.add(person)
    record(
        session,
        kind=FactKind.PERSON_CHANGED,
        at=now,
        area_id=by.area_id,
        actor_id=by.person_id,
        person_id=by.person_id,
        data=_roles(person),
    )


def require_supporter_age(area: Area, birth_date: date | None, now: datetime) -> None:
    """Hold a supporter to the area's least age, counted on the area's own calendar.

    Raises:
        TooYoungToSupport: they are younger, or gave no date of birth.

    """
    years, today = settings_of(area).supporter_min_years, now.astimezone(ZoneInfo(area.timezone)).date()
    if birth_date is None or age_in_years(birth_date, today) < years:
        raise TooYoungToSupport(years=years)


async def set_home(session: AsyncSession, *, by: Actor, draft: HomeDraft, now: datetime) -> Home:
    """Store where the family lives, and the cell that stands for it.

    Raises:
        NotFound: the town block does not exist.

    """
    lat, lon = draft.lat, draft.lon
    if lat is None or lon is None or draft.town_block_id is not None:
        block = await town_block(session, draft.town_block_id or 0)
        lat, lon = lat or block.lat, lon or block.lon
    level = settings_of(await area_by_id(session, by.area_id)).cell_level
    facts = {**draft.model_dump(exclude={"lat", "lon"}), "lat": lat, "lon": lon, "set_at": now}
    facts["cell"] = int(cell_of(lat, lon, level).code)
    home = await home_of(session, by.household_id) or Home(household_id=by.household_id, **facts)
    home.sqlmodel_update(facts)
    session.add(home)
    record(
        session,
        kind=FactKind.HOME_MOVED,
        at=now,
        area_id=by.area_id,
        actor_id=by.person_id,
        person_id=by.person_id,
        cell=home.cell,
        data={"household_id": by.household_id},
    )
    return home


async def add_child(session: AsyncSession, *, by: Actor, draft: ChildDraft, now: datetime) -> Child:
    """Add a child to the family.

    Raises:
        NotAChildsAge: the birth month is not a child's.

    """
    _require_childs_age(draft, now)
    child = Child(household_id=by.household_id, created_at=now, **draft.model_dump())
    session.add(child)
    await session.flush()  # the answer names the child
    _record_child(session, FactKind.CHILD_ADDED, by, now)
    return child


async def change_child(session: AsyncSession, *, by: Actor, child_id: int, draft: ChildDraft, now: datetime) -> Child:
    """Replace what is known of a child.

    Raises:
        NotFound: the family has no such child.
        NotAChildsAge: the birth month is not a child's.

    """
    _require_childs_age(draft, now)
    child = await child_of(session, by.household_id, child_id)
    child.sqlmodel_update(draft.model_dump())
    session.add(child)
    _record_child(session, FactKind.CHILD_CHANGED, by, now)
    return child


async def remove_child(session: AsyncSession, *, by: Actor, child_id: int, now: datetime) -> None:
    """Take a child off the list; past supports keep their record.

    Raises:
        NotFound: the family has no such child.

    """
    child = await child_of(session, by.household_id, child_id)
    child.removed_at = now
    session.add(child)
    _record_child(session, FactKind.CHILD_REMOVED, by, now)


async def offer_support(session: AsyncSession, *, by: Actor, draft: SupporterDraft, now: datetime) -> SupporterProfile:
    """Say what one offers as a supporter.

    Raises:
        NotASupporter: the account lacks the role.
        NoSuchZone: the time zone has no such name.

    """
    if not by.is_supporter:
        raise NotASupporter
    if draft.timezone not in available_timezones():
        raise NoSuchZone(timezone=draft.timezone)
    profile = await supporter_profile(session, by.person_id)
    paused_at = (profile.paused_at if profile and profile.paused_at else now) if draft.paused else None
    facts = {**draft.model_dump(mode="json", exclude={"paused"}), "paused_at": paused_at, "changed_at": now}
    profile = profile or SupporterProfile(person_id=by.person_id, **facts)
    profile.sqlmodel_update(facts)
    session.add(profile)
    record(
        session,
        kind=FactKind.SUPPORTER_CHANGED,
        at=now,
        area_id=by.area_id,
        actor_id=by.person_id,
        person_id=by.person_id,
    )
    return profile


async def appoint_staff(session: AsyncSession, *, email: str, area_id: int, now: datetime) -> None:
    """Let a person work for an area.

    Raises:
        NotFound: no confirmed account has this address.

    """
    person = await person_by_email(session, email)
    if person is None or person.state != PersonState.ACTIVE:
        raise NotFound
    if await session.get(StaffRole, (person.id, area_id)) is None:
        session.add(StaffRole(person_id=person.id, area_id=area_id, granted_at=now))
        record(session, kind=FactKind.STAFF_ADDED, at=now, area_id=area_id, person_id=person.id)


async def dismiss_staff(session: AsyncSession, *, email: str, area_id: int, now: datetime) -> None:
    """Let a person work for an area no longer; what they could do there ends at once.

    Raises:
        NotFound: nobody of this address works for the area.

    """
    person = await person_by_email(session, email)
    role = None if person is None else await session.get(StaffRole, (person.id, area_id))
    if person is None or role is None:
        raise NotFound
    await session.delete(role)
    record(session, kind=FactKind.STAFF_REMOVED, at=now, area_id=area_id, person_id=person.id)


async def read_members(
    session: AsyncSession,
    *,
    by: Actor,
    area_id: int,
    reason: str,
    state: PersonState | None = None,
    name: str = "",
    cursor: str | None,
    limit: int,
    now: datetime,
) -> Page[MemberView]:
    """Return one page of an area's accounts, and log one look at each; with a name, only who is called so."""
    page = await members_of(session, area_id=area_id, state=state, name=name, cursor=cursor, limit=limit)
    ids = [member.id for member in page.items]
    log_looks(session, by=by, area_id=area_id, person_ids=ids, reason=reason, now=now)
    return page


def log_looks(
    session: AsyncSession, *, by: Actor, area_id: int, person_ids: Iterable[int], reason: str, now: datetime
) -> None:
    """Note that staff or an insurer looked at some people's records: one row each, which the person can see."""
    looks = [RecordAccess(person_id=one, reader_id=by.person_id, reason=reason, at=now) for one in person_ids]
    session.add_all(looks)
    record(
        session,
        kind=FactKind.PERSONAL_RECORD_READ,
        at=now,
        area_id=area_id,
        actor_id=by.person_id,
        data={"records": len(looks)},
    )


def _identity(person: Person) -> dict[str, object]:
    return {"name": person.name, "birth_date": person.birth_date}


def _roles(person: Person) -> dict[str, bool]:
    return {"requester": person.is_requester, "supporter": person.is_supporter}


def _require_childs_age(draft: ChildDraft, now: datetime) -> None:
    if not 0 <= (now.date() - draft.birth_month).days < MAX_CHILD_YEARS * 365:
        raise NotAChildsAge


def _record_child(session: AsyncSession, kind: FactKind, by: Actor, now: datetime) -> None:
    record(session, kind=kind, at=now, area_id=by.area_id, actor_id=by.person_id, person_id=by.person_id)

"""Reading accounts."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal
from sqlalchemy import select as select_columns
from sqlalchemy.orm import Mapped
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from sharecare.accounts.models import (
    Child,
    Home,
    InsurerRole,
    Person,
    RecordAccess,
    SignIn,
    StaffRole,
    SupporterProfile,
)
from sharecare.accounts.rules import Actor, PersonState
from sharecare.accounts.schemas import HomeView, MemberView, PersonView, RecordAccessView, SignInView
from sharecare.accounts.tokens import AccessClaims, NotSignedIn, hash_secret
from sharecare.areas.models import Area
from sharecare.batches import Page as ColumnPage
from sharecare.batches import stream_columns
from sharecare.columns import has_word, reads_like
from sharecare.errors import NotFound
from sharecare.paging import MAX_PAGE, Page, page_of, read_cursor


def _signed_in(named: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Select whom a live sign-in stands for, once for each area they work for; `actor_and` knows the columns."""
    return (
        select_columns(
            col(Person.id),
            col(Person.household_id),
            col(Person.area_id),
            col(SignIn.id),
            col(Person.language),
            col(Person.is_requester),
            col(Person.is_supporter),
            col(StaffRole.area_id),
            col(InsurerRole.insurer),
        )
        .join(SignIn, col(SignIn.person_id) == col(Person.id))
        .join(StaffRole, col(StaffRole.person_id) == col(Person.id), isouter=True)
        .join(InsurerRole, col(InsurerRole.person_id) == col(Person.id), isouter=True)
        .where(
            named,
            col(SignIn.revoked_at).is_(None),
            col(SignIn.expires_at) > bindparam("now"),
            col(Person.state) == PersonState.ACTIVE,
        )
    )


# Every request asks one of them: built once, and columns only.
SIGNED_IN = _signed_in((col(SignIn.id) == bindparam("sign_in_id")) & (col(Person.id) == bindparam("person_id")))
_BY_SECRET = _signed_in(col(SignIn.secret_hash) == bindparam("secret_hash")).add_columns(col(SignIn.seen_at))
_STAFF_OF = 7


async def actor_of(session: AsyncSession, claims: AccessClaims, *, now: datetime) -> Actor:
    """Return who a valid token stands for, as of now: revocation and suspension count at once.

    Raises:
        NotSignedIn: the sign-in was revoked or has expired, or the account is not active.

    """
    actor, _ = await actor_and(session, SIGNED_IN, now=now, **asdict(claims))
    return actor


async def actor_by_secret(session: AsyncSession, secret: str, *, now: datetime) -> tuple[Actor, datetime]:
    """Return whose sign-in a browser's secret keeps alive, and when that was last noted.

    Raises:
        NotSignedIn: the sign-in was revoked or has expired, or the account is not active.

    """
    actor, (seen_at,) = await actor_and(session, _BY_SECRET, now=now, secret_hash=hash_secret(secret))
    return actor, seen_at


async def actor_and(
    session: AsyncSession, signed_in: Select[*tuple[Any, ...]], *, now: datetime, **given: object
) -> tuple[Actor, Sequence[Any]]:
    """Return whom a statement such as `SIGNED_IN` finds, and the columns added to it; `given` are its parameters.

    Raises:
        NotSignedIn: the sign-in was revoked or has expired, or the account is not active.

    """
    rows = (await (await session.connection()).execute(signed_in, {"now": now} | given)).all()
    if not rows:
        raise NotSignedIn
    person_id, household_id, area_id, sign_in_id, language, is_requester, is_supporter, _, insurer, *beside = rows[0]
    actor = Actor(
        person_id=person_id,
        household_id=household_id,
        area_id=area_id,
        sign_in_id=sign_in_id,
        language=language,
        is_requester=is_requester,
        is_supporter=is_supporter,
        staff_of=frozenset(row[_STAFF_OF] for row in rows if row[_STAFF_OF] is not None),
        insurer=insurer,
    )
    return actor, beside


async def person_by_id(session: AsyncSession, person_id: int) -> Person:
    """Return an account.

    Raises:
        NotFound: there is none of this id.

    """
    person = await session.get(Person, person_id)
    if person is None:
        raise NotFound
    return person


async def person_by_email(session: AsyncSession, email: str) -> Person | None:
    """Return the account of an address, whatever its case."""
    return (await session.exec(select(Person).where(Person.email == email.casefold()))).first()


async def names_of(session: AsyncSession, person_ids: Sequence[int]) -> dict[int, str]:
    """Return display names by person id."""
    rows = await session.exec(select(Person.id, Person.name).where(col(Person.id).in_(person_ids)))
    return dict(rows.all())


async def guardians_of(session: AsyncSession, household_id: int) -> Sequence[Person]:
    """Return the active guardians of a family, longest-standing first."""
    guardians = (
        select(Person)
        .where(Person.household_id == household_id, Person.state == PersonState.ACTIVE)
        .order_by(col(Person.id))
    )
    return (await session.exec(guardians)).all()


async def guardian_ids_of(session: AsyncSession, household_id: int) -> Sequence[int]:
    """Return the active guardians of a family, to tell them something."""
    return [guardian.id for guardian in await guardians_of(session, household_id)]


async def staff_ids_of(session: AsyncSession, area_id: int) -> Sequence[int]:
    """Return the people who work for an area."""
    return (await session.exec(select(StaffRole.person_id).where(StaffRole.area_id == area_id))).all()


async def insurer_ids_of(session: AsyncSession, insurer: str) -> Sequence[int]:
    """Return the active people who work for an insurer, as its policies name it."""
    people = (
        select(InsurerRole.person_id)
        .join(Person, col(Person.id) == col(InsurerRole.person_id))
        .where(InsurerRole.insurer == insurer, Person.state == PersonState.ACTIVE)
        .order_by(col(InsurerRole.person_id))
    )
    return (await session.exec(people)).all()


def insurers_with_people() -> SelectOfScalar[str]:
    """Select the insurers for whom `insurer_ids_of` finds somebody, for a statement to look into."""
    people = select(InsurerRole.insurer).join(Person, col(Person.id) == col(InsurerRole.person_id))
    return people.where(Person.state == PersonState.ACTIVE)


async def works_for_an_area(session: AsyncSession, person_id: int) -> bool:
    """Say whether a person is staff of any area."""
    return (await session.exec(select(StaffRole.area_id).where(StaffRole.person_id == person_id))).first() is not None


async def home_of(session: AsyncSession, household_id: int) -> Home | None:
    """Return a family's home, exact: for its own family and the day of care."""
    return (await session.exec(select(Home).where(Home.household_id == household_id))).first()


async def children_of(session: AsyncSession, household_id: int) -> Sequence[Child]:
    """Return a family's children, oldest entry first."""
    children = select(Child).where(Child.household_id == household_id, col(Child.removed_at).is_(None))
    return (await session.exec(children.order_by(col(Child.id)))).all()


async def child_of(session: AsyncSession, household_id: int, child_id: int) -> Child:
    """Return one child of a family.

    Raises:
        NotFound: the family has no such child.

    """
    found = next((c for c in await children_of(session, household_id) if c.id == child_id), None)
    if found is None:
        raise NotFound
    return found


async def supporter_profile(session: AsyncSession, person_id: int) -> SupporterProfile | None:
    """Return what a supporter offers, if they have said so."""
    return (await session.exec(select(SupporterProfile).where(SupporterProfile.person_id == person_id))).first()


async def supporter_zones(session: AsyncSession) -> Sequence[str]:
    """Return the time zones that supporters live in."""
    return (await session.exec(select(SupporterProfile.timezone).distinct())).all()


def stream_supporters(
    session: AsyncSession, *, zones: Sequence[str], kinds: Mapping[str, int], means: Mapping[str, int]
) -> AsyncIterator[ColumnPage]:
    """Yield every supporter with a home who isn't pausing.

    Columns: person, household, cell, radius in metres, capacity, least and most age in months, the zone's place among
    `zones` (-1 for one that came up since), sums of the kinds' and the means' figures, day of birth.
    """
    places = {name: at for at, name in enumerate(zones)}
    zone = case(places, value=col(SupporterProfile.timezone), else_=-1) if places else literal(-1)
    found = (
        select_columns(
            col(Person.id),
            col(Person.household_id),
            col(Home.cell),
            col(SupporterProfile.travel_radius_m),
            col(SupporterProfile.capacity),
            col(SupporterProfile.min_age_months),
            col(SupporterProfile.max_age_months),
            zone.label("zone"),
            _sum_of_words(col(SupporterProfile.kinds), kinds).label("kinds"),
            _sum_of_words(col(SupporterProfile.means), means).label("means"),
            col(Person.birth_date),
        )
        .join(SupporterProfile, col(SupporterProfile.person_id) == col(Person.id))
        .join(Home, col(Home.household_id) == col(Person.household_id))
        .where(col(Person.is_supporter), col(SupporterProfile.paused_at).is_(None))
        .where(col(Person.state) != PersonState.UNCONFIRMED)
    )
    return stream_columns(session, col(Person.id), found.where)


async def hidden_ids(session: AsyncSession) -> Sequence[int]:
    """Return everyone who was once active and is no more."""
    shown = (PersonState.ACTIVE, PersonState.UNCONFIRMED)
    return (await session.exec(select(Person.id).where(col(Person.state).not_in(shown)))).all()


async def ids_of_area(session: AsyncSession, area_id: int) -> Sequence[int]:
    """Return everyone of an area, by id."""
    return (await session.exec(select(Person.id).where(Person.area_id == area_id).order_by(col(Person.id)))).all()


async def my_account(session: AsyncSession, *, by: Actor) -> PersonView:
    """Return the signed-in person's own account."""
    person = await person_by_id(session, by.person_id)
    home = await home_of(session, by.household_id)
    areas = select(Area.id, Area.slug).where(col(Area.id).in_({by.area_id, *by.staff_of}))
    slugs = dict((await session.exec(areas)).all())
    return PersonView(
        **person.model_dump(include=set(PersonView.model_fields)),
        area=slugs[by.area_id],
        staff_of=sorted(slugs[area_id] for area_id in by.staff_of),
        guardians=[guardian.name for guardian in await guardians_of(session, by.household_id)],
        home=HomeView(**home.model_dump(include=set(HomeView.model_fields))) if home else None,
    )


async def my_sign_ins(session: AsyncSession, *, by: Actor, now: datetime) -> list[SignInView]:
    """Return the person's live sign-ins, newest first."""
    live = (
        select(SignIn)
        .where(SignIn.person_id == by.person_id, col(SignIn.revoked_at).is_(None), col(SignIn.expires_at) > now)
        .order_by(col(SignIn.id).desc())
    )
    return [
        SignInView(**row.model_dump(include=set(SignInView.model_fields)), current=row.id == by.sign_in_id)
        for row in await session.exec(live)
    ]


async def accesses_to(
    session: AsyncSession, person_id: int, *, cursor: str | None = None, limit: int = MAX_PAGE
) -> Page[RecordAccessView]:
    """Return one page of who looked at a person's record and why, newest first."""
    looks = (
        select(RecordAccess, Person.name)
        .join(Person, col(Person.id) == col(RecordAccess.reader_id))
        .where(RecordAccess.person_id == person_id)
    )
    if (before := read_cursor(cursor)) is not None:
        looks = looks.where(col(RecordAccess.id) < before)
    rows = (await session.exec(looks.order_by(col(RecordAccess.id).desc()).limit(limit + 1))).all()
    page = page_of(rows, limit=limit, key=lambda row: row[0].id)
    items = [RecordAccessView(at=look.at, reason=look.reason, reader=name) for look, name in page.items]
    return Page(items=items, next_cursor=page.next_cursor)


async def count_of_area(session: AsyncSession, *, area_id: int, state: PersonState) -> int:
    """Return how many accounts of an area are in a state."""
    counted = select(func.count()).where(Person.area_id == area_id, Person.state == state)
    return (await session.exec(counted)).one()


async def members_of(
    session: AsyncSession,
    *,
    area_id: int,
    state: PersonState | None = None,
    name: str = "",
    cursor: str | None,
    limit: int,
) -> Page[MemberView]:
    """Return one page of an area's accounts, newest first; with a name, only who is called so."""
    insurers = select(InsurerRole.person_id)  # they live nowhere
    members = select(Person).where(Person.area_id == area_id, col(Person.id).not_in(insurers))
    if state is not None:
        members = members.where(Person.state == state)
    if name:
        members = members.where(reads_like(col(Person.name), name))
    if (before := read_cursor(cursor)) is not None:
        members = members.where(col(Person.id) < before)
    rows = (await session.exec(members.order_by(col(Person.id).desc()).limit(limit + 1))).all()
    return page_of([MemberView.model_validate(row) for row in rows], limit=limit, key=lambda member: member.id)


def _sum_of_words(words: Mapped[list[str]], figures: Mapping[str, int]) -> ColumnElement[int]:
    terms = [case((has_word(words, word), figure), else_=0) for word, figure in figures.items()]
    total: ColumnElement[int] = terms[0]
    for term in terms[1:]:
        total += term
    return total

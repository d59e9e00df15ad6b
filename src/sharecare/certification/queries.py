"""Reading credentials: one's own, those to decide, and what matching needs."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal, select
from sqlmodel import col
from sqlmodel import select as fetch
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Person
from sharecare.accounts.queries import person_by_id
from sharecare.accounts.rules import Actor, PersonState
from sharecare.areas.queries import all_areas, area_by_id, settings_of
from sharecare.areas.rules import Level
from sharecare.batches import NULL, SOME_IDS, Ints, columns_by_ids, read_by_ids, stream_columns
from sharecare.batches import Page as ColumnPage
from sharecare.certification.columns import OPEN_MIN, all_needed, standing_columns
from sharecare.certification.models import Credential
from sharecare.certification.rules import (
    OPEN,
    STEPS,
    CredentialKind,
    CredentialState,
    Held,
    Ladder,
    notification_until,
)
from sharecare.certification.schemas import CredentialView, LadderView, NeededView, StepView, SubmittedView
from sharecare.clock import from_minutes
from sharecare.paging import Page, page_of, read_cursor

StandingRow = tuple[int, datetime | None, datetime | None, datetime | None, datetime | None]
"""Person id, the ends of the three steps as in `StepExpiries`, the end of the accepted notification."""


async def my_ladder(session: AsyncSession, *, by: Actor, now: datetime) -> LadderView:
    """Return where the person stands, what the next step lacks and what lapses when."""
    mine = fetch(Credential).where(Credential.person_id == by.person_id).order_by(col(Credential.id).desc())
    credentials = (await session.exec(mine)).all()
    ladder, held = await ladder_and_held(session, person_id=by.person_id)
    level = ladder.level_at(held, now)
    above = Level(min(level + 1, max(STEPS)))
    ends = zip(STEPS, ladder.step_expiries(held), strict=True)
    return LadderView(
        level=level,
        steps=[StepView(level=step, until=_shown(end), reached=level >= step) for step, end in ends],
        missing=[NeededView.model_validate(needed) for needed in ladder.missing_for(above, held, now)],
        notification_until=_shown(notification_until(held)),
        credentials=[CredentialView.model_validate(credential) for credential in credentials],
    )


async def ladder_and_held(session: AsyncSession, *, person_id: int) -> tuple[Ladder, list[Held]]:
    """Return the ladder of a person's own area, and the confirmed credentials they hold, lapsed ones included.

    Raises:
        NotFound: there is no such person.

    """
    area = await area_by_id(session, (await person_by_id(session, person_id)).area_id)
    confirmed = await session.exec(_CONFIRMED, params={"person_id": person_id})
    held = [Held(CredentialKind(kind), unit, end) for kind, unit, end in confirmed]
    return Ladder.of(settings_of(area)), held


_CONFIRMED = fetch(Credential.kind, Credential.unit, Credential.expires_at).where(
    Credential.person_id == bindparam("person_id"), Credential.state == CredentialState.CONFIRMED
)


async def level_of(session: AsyncSession, *, person_id: int, now: datetime) -> Level:
    """Return the level that a person holds now.

    Raises:
        NotFound: there is no such person.

    """
    ladder, held = await ladder_and_held(session, person_id=person_id)
    return ladder.level_at(held, now)


async def credentials_to_decide(
    session: AsyncSession, *, area_id: int, cursor: str | None = None, limit: int
) -> Page[SubmittedView]:
    """Return one page of what an area's staff have to decide, newest first."""
    waiting = (
        fetch(Credential, Person.name)
        .join(Person, col(Person.id) == Credential.person_id)
        .where(Credential.state == CredentialState.SUBMITTED, Person.area_id == area_id)
        .where(Person.state == PersonState.ACTIVE)
    )
    if (before := read_cursor(cursor)) is not None:
        waiting = waiting.where(col(Credential.id) < before)
    rows = (await session.exec(waiting.order_by(col(Credential.id).desc()).limit(limit + 1))).all()
    views = [
        SubmittedView(**row.model_dump(include=set(SubmittedView.model_fields) - {"name"}), name=name)
        for row, name in rows
    ]
    return page_of(views, limit=limit, key=lambda view: view.id)


async def count_to_decide(session: AsyncSession, *, area_id: int) -> int:
    """Return how many credentials wait for an area's staff."""
    theirs = fetch(Person.id).where(
        Person.id == Credential.person_id, Person.area_id == area_id, Person.state == PersonState.ACTIVE
    )
    # Not joined: SQLite would begin with everybody of the area.
    waiting = fetch(func.count()).where(Credential.state == CredentialState.SUBMITTED, theirs.exists())
    return (await session.exec(waiting)).one()


async def standings_of(
    session: AsyncSession, person_ids: Iterable[int], *, ladders: Mapping[int, Ladder] | None = None
) -> list[StandingRow]:
    """Return until when some people hold each step, by the ladder of their own area; nothing for who has nothing.

    Who keeps every area's ladder by its id gives them, and spares reading all areas.
    """
    if ladders is None:
        ladders = {area.id: Ladder.of(settings_of(area)) for area in await all_areas(session)}
    held: dict[tuple[int, int], list[Held]] = {}
    for person_id, area_id, kind, unit, end in await read_by_ids(session, person_ids, _HELD_BY):
        held.setdefault((person_id, area_id), []).append(Held(CredentialKind(kind), unit, end))
    standings = ((person_id, ladders[area_id].standing(theirs)) for (person_id, area_id), theirs in held.items())
    return [(person_id, *steps, notified) for person_id, (steps, notified) in standings]


async def standings_of_many(session: AsyncSession, person_ids: Collection[int]) -> list[StandingRow]:
    """Return what `standings_of` does: for hundreds in a quarter of its time, for a few in twice as much."""
    found: list[StandingRow] = []
    for ladder, whose in (await _ladders(session)).items():
        async for columns in columns_by_ids(
            session, col(Credential.person_id), person_ids, partial(_credential_rows, ladder, whose)
        ):
            found += _with_moments(standing_columns(ladder, *columns))
    return found


def _with_moments(columns: list[Ints]) -> Iterator[StandingRow]:
    people, *minutes = (column.tolist() for column in columns)
    ends = [
        [None if end == NULL else OPEN if end == OPEN_MIN else from_minutes(end) for end in each] for each in minutes
    ]
    return zip(people, *ends, strict=True)


async def stream_standings(session: AsyncSession) -> AsyncIterator[ColumnPage]:
    """Yield everybody's standing, fields as in `StandingRow`: a million people hold four million credentials."""
    ladders = await _ladders(session)
    for at, (ladder, there) in enumerate(ladders.items()):
        everywhere = len(ladders) == 1
        rows = partial(_credential_rows, ladder, None if everywhere else there)
        async for columns, done in stream_columns(session, col(Credential.person_id), rows):
            yield ColumnPage(standing_columns(ladder, *columns), (at + done) / len(ladders))


async def _ladders(session: AsyncSession) -> dict[Ladder, ColumnElement[bool]]:
    """Return the ladders in use, mostly one for all, each with the condition that a person's area uses it."""
    users: dict[Ladder, list[int]] = {}
    for area in await all_areas(session):
        users.setdefault(Ladder.of(settings_of(area)), []).append(area.id)
    return {ladder: col(Person.area_id).in_(area_ids) for ladder, area_ids in users.items()}


def _held_rows() -> Select[int, int, str, str | None, datetime | None]:
    return (
        select(
            col(Credential.person_id),
            col(Person.area_id),
            col(Credential.kind),
            col(Credential.unit),
            col(Credential.expires_at),
        )
        .join(Person, col(Person.id) == col(Credential.person_id))
        .where(col(Credential.state) == CredentialState.CONFIRMED, col(Credential.person_id).in_(SOME_IDS))
        .order_by(col(Credential.person_id))
    )


_HELD_BY = _held_rows()


def _credential_rows(
    ladder: Ladder, whose: ColumnElement[bool] | None, some: ColumnElement[bool]
) -> Select[int, int, datetime | None]:
    """Select who holds what until when: the place of it in `all_needed`, -1 for what this ladder doesn't rest on."""
    places = {needed: at for at, needed in enumerate(all_needed(ladder))}
    units = {needed.unit: at for needed, at in places.items() if needed.unit is not None}
    whole = {needed.kind.value: at for needed, at in places.items() if needed.unit is None}
    of_unit = case(units, value=col(Credential.unit), else_=-1) if units else literal(-1)
    what = case(
        (col(Credential.kind) == CredentialKind.COURSE_UNIT, of_unit),
        (col(Credential.unit).is_(None), case(whole, value=col(Credential.kind), else_=-1)),
        else_=-1,
    )
    rows = select(col(Credential.person_id), what.label("what"), col(Credential.expires_at)).where(
        some, col(Credential.state) == CredentialState.CONFIRMED
    )
    return rows if whose is None else rows.join(Person, col(Person.id) == col(Credential.person_id)).where(whose)


def _shown(end: datetime | None) -> datetime | None:
    return None if end == OPEN else end

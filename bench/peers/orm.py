"""What comes to mind first: rows of an object-relational mapper, geopy's geodesic, a loop."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from bench.peers import plain
from bench.peers.peer import Found
from bench.peers.tables import Tables
from geopy.distance import geodesic
from sqlalchemy import Engine, ForeignKey, create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from sharecare.matching.model import Column, Query
from sharecare.matching.words import Level

_DAY = 1440
_BATCH = 20_000


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    lat: Mapped[float]
    lon: Mapped[float]
    radius_m: Mapped[float]
    kinds: Mapped[int]
    capacity: Mapped[int]
    min_age_months: Mapped[int]
    max_age_months: Mapped[int]
    certified_until: Mapped[int]
    hours: Mapped[list["Hours"]] = relationship()
    bookings: Mapped[list["Booking"]] = relationship()
    links: Mapped[list["Link"]] = relationship()
    memberships: Mapped[list["Membership"]] = relationship()


class Hours(Base):
    __tablename__ = "hours"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    week_minute: Mapped[int]
    minutes: Mapped[int]
    from_day: Mapped[int]
    until_day: Mapped[int]


class Booking(Base):
    __tablename__ = "booking"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    start_min: Mapped[int]
    end_min: Mapped[int]


class Link(Base):
    __tablename__ = "link"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    other_id: Mapped[int]
    strength: Mapped[float]


class Membership(Base):
    __tablename__ = "membership"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    community_id: Mapped[int] = mapped_column(index=True)
    weight: Mapped[float]


class Orm:
    def __init__(self, folder: Path, tables: Tables) -> None:
        self._engine = create_engine(f"sqlite:///{folder / f'{len(tables.supporters)}.db'}")
        Base.metadata.create_all(self._engine)
        _fill(self._engine, tables)

    def rank(self, query: Query) -> Found:
        with Session(self._engine) as session:
            doubt = _doubt(session, query.requester_id)
            fitting = select(Person).where(
                Person.id != query.requester_id,
                Person.kinds.bitwise_and(int(query.kind)) != 0,
                Person.capacity >= query.children,
                Person.min_age_months <= query.youngest_months,
                Person.max_age_months >= query.oldest_months,
            )
            candidates = [_judge(query, person, doubt) for person in session.scalars(fitting)]
            return plain.ordered(query, [one for one in candidates if one])

    def found(self, query: Query) -> Found:
        return self.rank(query)


def _judge(query: Query, person: Person, doubt: dict[int, float]) -> plain.Candidate | None:
    metres = max(geodesic(query.cell.centre, (person.lat, person.lon)).m, 250)
    if metres > min(query.max_distance_m, person.radius_m):
        return None
    if person.id not in doubt and person.certified_until < query.end:
        return None
    hours = [(h.week_minute, h.minutes, h.from_day, h.until_day) for h in person.hours]
    busy = [(b.start_min, b.end_min) for b in person.bookings]
    free = plain.free_minutes(query, hours, busy)
    score = plain.score(query, metres, 1 - doubt.get(person.id, 1.0), free)
    return plain.Candidate(person.id, score, free, plain.booked_minutes(query, busy))


def _doubt(session: Session, person_id: int) -> dict[int, float]:
    doubt: dict[int, float] = {}
    me = session.get_one(Person, person_id)
    for link in me.links:
        doubt[link.other_id] = doubt.get(link.other_id, 1.0) * (1 - link.strength)
        for onward in session.get_one(Person, link.other_id).links:
            doubt[onward.other_id] = doubt.get(onward.other_id, 1.0) * (1 - 0.5 * link.strength * onward.strength)
    for mine in me.memberships:
        same = select(Membership).where(Membership.community_id == mine.community_id)
        for theirs in session.scalars(same):
            doubt[theirs.person_id] = doubt.get(theirs.person_id, 1.0) * (1 - theirs.weight)
    return doubt


def _fill(engine: Engine, tables: Tables) -> None:
    s = tables.supporters
    lat, lon = (2 * s.cell_row.astype(np.int64) + 1) / 480, (2 * s.cell_column.astype(np.int64) + 1) / 320
    certified_until = np.where(s.level >= Level.CERTIFIED, s.certified_until, -1)
    limits = s.kinds, s.capacity, s.min_age_months, s.max_age_months, certified_until
    names = "kinds", "capacity", "min_age_months", "max_age_months", "certified_until"
    people = (s.person_id, lat, lon, s.travel_radius_m, *limits)
    _insert(engine, Person, ("id", "lat", "lon", "radius_m", *names), people)
    owner, weekday, start, end, first, last = tables.weekly
    hours = owner, weekday.astype(np.int64) * _DAY + start, end - start, first, last
    _insert(engine, Hours, ("person_id", "week_minute", "minutes", "from_day", "until_day"), hours)
    _insert(engine, Booking, ("person_id", "start_min", "end_min"), tables.busy)
    a, b, strength = tables.links
    both = np.concatenate([a, b]), np.concatenate([b, a]), np.concatenate([strength, strength])
    _insert(engine, Link, ("person_id", "other_id", "strength"), both)
    _insert(engine, Membership, ("person_id", "community_id", "weight"), tables.communities)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _insert(engine: Engine, table: type[Base], names: Iterable[str], columns: Sequence[Column]) -> None:
    with engine.begin() as connection:
        for first in range(0, len(columns[0]), _BATCH):
            part = zip(*(column[first : first + _BATCH].tolist() for column in columns), strict=True)
            connection.execute(insert(table), [dict(zip(names, row, strict=True)) for row in part])

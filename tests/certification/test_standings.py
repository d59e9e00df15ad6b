"""What matching reads: the database's arithmetic against the ladder's."""

from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from neighbours import NOW, settle
from pages import rows_of
from sharecare.accounts.rules import Actor
from sharecare.areas.models import Area
from sharecare.areas.rules import AreaSettings
from sharecare.batches import NULL
from sharecare.certification.models import Credential
from sharecare.certification.queries import ladder_and_held, standings_of, standings_of_many, stream_standings
from sharecare.certification.rules import OPEN, CredentialKind, CredentialState, notification_until
from sharecare.clock import to_minutes
from sharecare.db import Database
from sharecare.errors import NotFound

UNITS = ("care", "safety")


async def set_rules(database: Database, slug: str, settings: AreaSettings) -> None:
    change = update(Area).where(col(Area.slug) == slug).values(settings=settings.model_dump(mode="json"))
    await database.write(lambda session: session.exec(change))


def credential(
    person: Actor, kind: CredentialKind, *, unit: str | None, state: CredentialState, expires_at: datetime | None
) -> Credential:
    return Credential(
        person_id=person.person_id,
        kind=kind,
        unit=unit,
        state=state,
        issued_on=NOW.date(),
        expires_at=expires_at,
        submitted_at=NOW,
    )


async def hand_out(database: Database, people: list[Actor], seed: int) -> None:
    """Give everybody some credentials of every kind, state and date."""
    random = Random(seed)

    async def work(session: AsyncSession) -> None:
        for person in people:
            for kind in [*CredentialKind, *CredentialKind]:
                for unit in (*UNITS, "juggling") if kind is CredentialKind.COURSE_UNIT else (None,):
                    if random.random() < 0.85:
                        state = random.choice([*CredentialState, *[CredentialState.CONFIRMED] * 12])
                        end = random.choice([None, NOW + timedelta(days=random.randrange(-5, 50))])
                        session.add(credential(person, kind, unit=unit, state=state, expires_at=end))

    await database.write(work)


@pytest.mark.parametrize("seed", range(3))
async def test_standings_are_those_of_the_ladder(database: Database, seed: int) -> None:
    # Two areas with one ladder, one with another.
    people = [
        *await settle(database, *(f"m{n}" for n in range(12))),
        *await settle(database, *(f"u{n}" for n in range(6)), area="urawa"),
        *await settle(database, *(f"o{n}" for n in range(6)), area="omiya"),
    ]
    for slug in ("misono", "urawa"):
        await set_rules(database, slug, AreaSettings(course_units=UNITS))
    await set_rules(database, "omiya", AreaSettings(course_units=(), criminal_record_check_required=True))
    await hand_out(database, people, seed)

    expected = {}
    async with database.read() as session:
        for person in people:
            ladder, held = await ladder_and_held(session, person_id=person.person_id)
            if held:
                expected[person.person_id] = (*ladder.step_expiries(held), notification_until(held))
        streamed = await rows_of(stream_standings(session))
        some = [person.person_id for person in people[::2]]
        read = await standings_of(session, some)
        read_at_once = await standings_of_many(session, some)

    in_minutes = {
        who: tuple(NULL if end is None else to_minutes(end) for end in ends) for who, ends in expected.items()
    }
    assert {row[0]: row[1:] for row in streamed} == in_minutes
    assert len(streamed) == len(expected)
    assert {row[0]: row[1:] for row in read} == {key: ends for key, ends in expected.items() if key in some}
    assert sorted(read_at_once) == sorted(read)
    assert any(OPEN in ends for ends in expected.values())
    assert any(None in ends for ends in expected.values())


async def test_what_never_lapses_is_read_in_the_easternmost_zone_too(database: Database) -> None:
    # With datetime.max for an end, PostgreSQL answers in the year 10000, which Python can't read.
    [alice] = await settle(database, "alice")

    async def identify(session: AsyncSession) -> None:
        confirmed = CredentialState.CONFIRMED
        session.add(credential(alice, CredentialKind.IDENTITY, unit=None, state=confirmed, expires_at=None))

    await database.write(identify)

    async with database.read() as session:
        if not database.is_sqlite:
            await (await session.connection()).execute(text("SET TIME ZONE 'Pacific/Kiritimati'"))
        assert await standings_of(session, [alice.person_id]) == [(alice.person_id, OPEN, None, None, None)]


async def test_nobody_has_no_ladder(database: Database) -> None:
    async with database.read() as session:
        with pytest.raises(NotFound):
            await ladder_and_held(session, person_id=1)
        assert await standings_of(session, [1]) == []

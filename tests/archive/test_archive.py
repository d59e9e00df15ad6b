"""A backup is one moment of everything, and comes back whole: into either kind of database, or not at all."""

import gzip
import hashlib
import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import URL
from sqlmodel.ext.asyncio.session import AsyncSession

from care.steps import book
from conftest import Copies
from sharecare.accounts.models import Person
from sharecare.archive import NotEmpty, UnreadableArchive, backup, restore
from sharecare.archive.writing import LEFT_OUT_COLUMNS, LEFT_OUT_TABLES
from sharecare.db import Database
from sharecare.journal.service import seal_facts
from sharecare.metrics.service import roll_up
from sharecare.models import metadata
from sharecare.verify import verify
from world import NOW, World, a_person, make_world


def quiet(_table: str, _rows: int) -> None:
    """Show no progress."""


async def a_town_with_a_booking(database: Database) -> World:
    world = await make_world(database)
    family = await world.family("Alice")
    supporter = await world.supporter("Bob")
    await world.befriend(family.actor, supporter)
    await book(world, family, supporter)
    await database.write(lambda session: roll_up(session, now=NOW))
    await database.write(seal_facts)  # with the transaction's number under the seal, each was broken once restored
    return world


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Return every row that a backup carries."""
    async with database.snapshot() as connection:
        return {
            table.name: [
                tuple(row)
                for row in await connection.execute(
                    select(*(one for one in table.columns if (table.name, one.name) not in LEFT_OUT_COLUMNS)).order_by(
                        *table.primary_key.columns
                    )
                )
            ]
            for table in metadata.sorted_tables
            if table.name not in LEFT_OUT_TABLES
        }


@pytest.fixture
def empty_sqlite(sqlite: Copies) -> URL:
    return sqlite.copy(sqlite.migrated)


async def test_a_backup_comes_back_whole(database: Database, empty_sqlite: URL, tmp_path: Path) -> None:
    other, file = Database(empty_sqlite), tmp_path / "town.backup"
    await a_town_with_a_booking(database)
    before = await everything(database)
    assert len(before["booking"]) == 1

    rows = await backup(database, file, now=NOW, progress=quiet)
    restored = await restore(other, file, progress=quiet)

    assert rows == restored == {name: len(held) for name, held in before.items()}
    assert await everything(other) == before
    async with other.read() as session:
        assert await verify(session) == []
    await other.write(lambda session: roll_up(session, now=NOW))
    assert (await everything(other))["area_day"] == before["area_day"]
    await other.close()


async def test_ids_go_on_after_the_last_one_restored(database: Database, empty_sqlite: URL, tmp_path: Path) -> None:
    other, file = Database(empty_sqlite), tmp_path / "town.backup"
    await make_world(other)
    await backup(other, file, now=NOW, progress=quiet)
    await other.close()
    await restore(database, file, progress=quiet)

    async def work(session: AsyncSession) -> int:
        return (await a_person(session, "Newcomer")).person_id

    newcomer = await database.write(work)

    async with database.read() as session:
        assert newcomer == await session.scalar(select(func.max(Person.id)))


async def test_a_backup_holds_one_moment(database: Database, tmp_path: Path) -> None:
    world = await make_world(database)
    await world.family("Alice")
    async with database.snapshot() as connection:
        first = (await connection.execute(text("SELECT count(*) FROM person"))).scalar_one()
        await world.family("Bob")
        later = (await connection.execute(text("SELECT count(*) FROM person"))).scalar_one()

    assert first == later == 2
    assert (await backup(database, tmp_path / "now", now=NOW, progress=quiet))["person"] == 3


async def test_only_its_owner_may_read_it_and_nothing_else_is_left(database: Database, tmp_path: Path) -> None:
    await make_world(database)
    file = tmp_path / "kept" / "town.backup"
    file.parent.mkdir()

    await backup(database, file, now=NOW, progress=quiet)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


async def test_a_database_that_holds_something_is_left_alone(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "town.backup"
    await make_world(database)
    await backup(database, file, now=NOW, progress=quiet)
    before = await everything(database)

    with pytest.raises(NotEmpty):
        await restore(database, file, progress=quiet)

    assert await everything(database) == before


@pytest.mark.parametrize("damage", ["cut", "changed", "no backup", "empty"])
async def test_a_damaged_file_changes_nothing(
    database: Database, empty_sqlite: URL, tmp_path: Path, damage: str
) -> None:
    file, other = tmp_path / "town.backup", Database(empty_sqlite)
    await make_world(other)
    await backup(other, file, now=NOW, progress=quiet)
    await other.close()
    whole = file.read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    file.write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "changed": gzip.compress(b"".join(lines).replace("美園".encode(), "大宮".encode())),
            "no backup": gzip.compress(json.dumps({"lines": 0}).encode()),
            "empty": b"",
        }[damage]
    )

    with pytest.raises(UnreadableArchive):
        await restore(database, file, progress=quiet)

    assert {name: rows for name, rows in (await everything(database)).items() if rows} == {}


async def test_a_backup_of_an_older_schema_is_brought_up_to_date(database_url: URL, tmp_path: Path) -> None:
    lines = [
        {"sharecare": 1, "revision": "0001", "made_at": NOW.isoformat()},
        {"table": "demo_mark", "columns": {"id": "plain", "seed": "plain", "days": "plain", "made_at": "moment"}},
        [1, 7, 30, NOW.isoformat()],
    ]
    file = tmp_path / "old.backup"
    file.write_bytes(_whole(lines))
    database = Database(database_url)

    assert await restore(database, file, progress=quiet) == {"demo_mark": 1}

    assert (await everything(database))["demo_mark"] == [(1, 7, 30, NOW)]
    await database.close()


def _whole(values: list[object]) -> bytes:
    """Write lines as a backup does."""
    body = b"".join(json.dumps(value).encode() + b"\n" for value in values)
    end = json.dumps({"lines": len(values), "sha256": hashlib.sha256(body).hexdigest()}).encode()
    return gzip.compress(body + end)

"""The command line: what each command leaves, says, and exits with."""

import asyncio
import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession
from typer.testing import CliRunner, Result

from care.steps import row_counts
from sharecare import __version__
from sharecare.accounts.models import InsurerRole, StaffRole
from sharecare.areas.models import Area, TownBlock
from sharecare.cli import app
from sharecare.db import Database
from sharecare.geo import MeshLevel, cell_of
from sharecare.journal.models import Fact
from sharecare.messages.models import Message
from world import KEY, World, make_world

REAL_DATA = os.environ.get("SHARECARE_REAL_DATA")
TOWNS = """city_code,prefecture,city,town,lat,lon
11110,埼玉県,さいたま市緑区,美園四丁目,35.8925,139.7286
11110,埼玉県,さいたま市緑区,美園五丁目,,
11110,埼玉県,さいたま市緑区,美園六丁目,nowhere,139.7286
11110,埼玉県,,美園七丁目,35.8925,139.7286
"""


T = TypeVar("T", bound=SQLModel)


class Command:
    """Runs commands against one database, in one language."""

    def __init__(self, url: URL, patch: pytest.MonkeyPatch) -> None:
        self.url = url
        self._patch = patch
        patch.setenv("SHARECARE_DATABASE_URL", url.render_as_string(hide_password=False))
        patch.setenv("SHARECARE_SECRET_KEY", KEY.decode())
        patch.setenv("LC_ALL", "en_GB.UTF-8")

    def __call__(self, *words: str, language: str = "en_GB.UTF-8") -> Result:
        self._patch.setenv("LC_ALL", language)
        return CliRunner().invoke(app, list(words))

    def asks(self, *words: str) -> object:
        """Run a command that prints one JSON value and nothing else."""
        done = self(*words)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def stored(self, table: type[T]) -> list[T]:
        """Return every row of a table."""

        async def read() -> list[T]:
            database = Database(self.url, pool_size=1)
            async with database.read() as session:
                found = list(await session.exec(select(table)))
            await database.close()
            return found

        return asyncio.run(read())


@pytest.fixture
def run(database_url: URL, monkeypatch: pytest.MonkeyPatch) -> Command:
    return Command(database_url, monkeypatch)


@pytest.fixture
def misono(run: Command) -> Command:
    added = run("area", "add", "misono", "--name-ja", "美園", "--name-en", "Misono")
    assert (added.exit_code, added.stdout) == (0, "")
    return run


def test_the_version_is_shown_and_no_door_is_loaded_for_it() -> None:
    command = [
        sys.executable,
        "-c",
        "import sharecare.cli, sys; print('sharecare.app' in sys.modules); sharecare.cli.app()",
    ]
    told = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["False", __version__]


def test_migrating_again_changes_nothing(run: Command) -> None:
    assert [run("migrate").exit_code for _ in range(2)] == [0, 0]


def test_an_empty_database_says_that_it_wants_to_be_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # It was a traceback and exit code 1, which means that a check found something.
    run = Command(URL.create("sqlite", database=str(tmp_path / "new.db")), monkeypatch)

    said = {language: run("tick", language=language) for language in ("en_GB.UTF-8", "ja_JP.UTF-8")}

    assert [one.exit_code for one in said.values()] == [2, 2]
    assert ["sharecare migrate" in one.stderr for one in said.values()] == [True, True]
    assert len({one.stderr for one in said.values()}) == 2
    assert run("migrate").exit_code == 0
    assert run("tick").exit_code == 0


def test_an_area_is_added_once(misono: Command) -> None:
    again = misono("area", "add", "misono", "--name-ja", "美園", "--name-en", "Misono")

    assert (again.exit_code, again.stdout, bool(again.stderr)) == (2, "", True)
    assert [area.slug for area in misono.stored(Area)] == ["misono"]


def test_refusals_come_in_the_terminals_language(misono: Command) -> None:
    wrong = ("staff", "add", "--area", "misono", "--email", "nobody@example.jp")

    said = {language: misono(*wrong, language=language) for language in ("en_GB.UTF-8", "ja_JP.UTF-8", "C")}

    assert [one.exit_code for one in said.values()] == [2, 2, 2]
    japanese, english = "見つかりませんでした。\n", "We couldn't find that.\n"
    assert [one.stderr for one in said.values()] == [english, japanese, japanese]


def test_a_person_becomes_staff_and_is_so_no_longer(run: Command) -> None:
    asyncio.run(_with_world(run.url))
    alice = ("--area", "misono", "--email", "ALICE@example.jp")
    added = run("staff", "add", *alice)

    assert (added.exit_code, added.output) == (0, "")
    assert len(run.stored(StaffRole)) == 2
    removed = [run("staff", "remove", *alice) for _ in range(2)]
    assert [one.exit_code for one in removed] == [0, 2]
    assert len(run.stored(StaffRole)) == 1


def test_an_insurer_is_added_once_and_is_no_member(run: Command) -> None:
    asyncio.run(_with_world(run.url))
    words = ("insurer", "add", "--area", "misono", "--insurer", "さくら損害保険", "--name", "損保 担当", "--email")

    added = run(*words, "Desk@sakura.example")
    again = run(*words, "desk@sakura.example")
    neighbour = run(*words, "alice@example.jp")

    assert (added.exit_code, added.output) == (0, "")
    assert [one.exit_code for one in (again, neighbour)] == [2, 2]
    assert [role.insurer for role in run.stored(InsurerRole)] == ["さくら損害保険"]
    letter = run.stored(Message)[-1]
    assert (letter.kind, letter.person_id) == ("reset_password", run.stored(InsurerRole)[0].person_id)
    assert "person_joined" not in [fact.kind for fact in run.stored(Fact) if fact.person_id == letter.person_id]


async def _with_world(url: URL) -> World:
    database = Database(url, pool_size=2)
    world = await make_world(database)
    await world.family("Alice")
    await database.close()
    return world


def test_town_blocks_come_in_and_bad_rows_are_named(misono: Command, tmp_path: Path) -> None:
    file = tmp_path / "towns.csv"
    file.write_text(TOWNS, encoding="utf-8")

    first = misono.asks("import", "towns", str(file), "--area", "misono", "--json")
    again = misono("import", "towns", str(file), "--area", "misono")

    bad = [
        {"line": 3, "town": "美園五丁目", "reason": "lat: no coordinate"},
        {"line": 4, "town": "美園六丁目", "reason": "lat: 'nowhere' is not a number"},
        {"line": 5, "town": "美園七丁目", "reason": "city: empty"},
    ]
    assert first == {"added": 1, "known": 0, "left_out": bad}
    assert (again.exit_code, again.stderr.splitlines()[0]) == (0, "0 added, 1 updated, 3 left out")
    assert again.stderr.splitlines()[1] == "towns.csv:3: 美園五丁目: lat: no coordinate"
    [block] = misono.stored(TownBlock)
    assert (block.town, block.cell) == ("美園四丁目", int(cell_of(35.8925, 139.7286, MeshLevel.HALF).code))


@pytest.mark.parametrize(
    ("content", "told"), [(b"\x93\x8c\x8b\x9e", "not UTF-8"), (b"town,lat,lon\n", "city_code, prefecture, city")]
)
def test_a_file_that_is_no_town_list_is_refused(misono: Command, tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "towns.csv"
    file.write_bytes(content)

    done = misono("import", "towns", str(file))

    assert (done.exit_code, told in done.stderr, done.stdout) == (2, True, "")
    assert misono("import", "towns", str(tmp_path / "missing.csv")).exit_code == 2


@pytest.mark.skipif(not REAL_DATA, reason="SHARECARE_REAL_DATA is not set")
def test_the_towns_of_five_cities_come_in_each_in_a_cell_of_its_city(misono: Command) -> None:
    folder = Path(REAL_DATA or "")

    said = misono.asks("import", "towns", str(folder / "towns.csv"), "--json")

    assert isinstance(said, dict)
    assert (said["added"], said["known"]) == (1252, 0)
    assert [(row["line"] > 1, row["reason"]) for row in said["left_out"]] == [(True, "lat: no coordinate")] * 3
    cells = defaultdict(set)
    with (folder / "mesh1km_by_city.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            cells[row["city_code"]].add(row["mesh1km"])
    blocks = misono.stored(TownBlock)
    outside = [block.town for block in blocks if str(block.cell)[:8] not in cells[block.city_code]]
    assert (len(blocks), outside) == (1252, [])


def test_a_round_of_the_worker_says_what_it_did(misono: Command) -> None:
    done = misono.asks("tick", "--json")

    assert isinstance(done, dict)
    assert done["steps"] == done["messages_sent"] == 0
    assert done["facts_sealed"] >= 1
    assert misono("tick").stderr.startswith("steps: 0, ")


def test_verify_tells_a_sound_database_from_an_altered_one(run: Command) -> None:
    asyncio.run(_with_world(run.url))
    run("tick")
    sound = run("verify")

    asyncio.run(_altered(run.url))
    broken, as_json = run("verify"), run("verify", "--json")

    assert (sound.exit_code, sound.stderr) == (0, "Every invariant holds.\n")
    assert (broken.exit_code, as_json.exit_code) == (1, 1)
    assert {row["what"] for row in json.loads(as_json.stdout)} == {
        "journal seal broken",
        "a guard of the database is missing",
    }
    assert run("tick").exit_code == 0


async def _altered(url: URL) -> None:
    database = Database(url, pool_size=1)

    async def tamper(session: AsyncSession) -> None:
        connection = await session.connection()
        drop = "DROP TRIGGER journal_fact_no_update" if database.is_sqlite else None
        await connection.execute(text(drop or "DROP TRIGGER journal_fact_append_only ON journal_fact"))
        await connection.execute(text("UPDATE journal_fact SET actor_id = 99 WHERE id = 3"))

    await database.write(tamper)
    await database.close()


def test_an_area_where_nothing_happened_has_a_report_and_a_bordereau(misono: Command) -> None:
    report = misono.asks("report", "--area", "misono", "--month", "2026-05")
    table = misono("report", "--area", "misono", "--month", "2026-05", "--format", "csv")
    rows = misono("bordereau", "--area", "misono", "--month", "2026-05")
    listed = misono.asks("bordereau", "--area", "misono", "--month", "2026-05", "--format", "json")

    assert isinstance(report, dict)
    assert isinstance(listed, dict)
    assert (report["area"], listed["rows"]) == ("misono", [])
    assert (table.exit_code, rows.exit_code, len(rows.stdout.splitlines())) == (0, 0, 1)


@pytest.mark.parametrize("words", [("report",), ("bordereau",)])
def test_what_is_no_month_or_no_area_is_refused(misono: Command, words: tuple[str, ...]) -> None:
    assert misono(*words, "--area", "misono", "--month", "2026-13").exit_code == 2
    assert misono(*words, "--area", "nowhere", "--month", "2026-05").exit_code == 2
    assert misono(*words, "--area", "misono").exit_code == 2


def test_a_demo_keeps_out_of_a_database_of_people_whatever_one_says(run: Command) -> None:
    asyncio.run(_with_world(run.url))
    before = asyncio.run(_counts(run.url))

    done = [run("demo", "--no-serve", *more) for more in ((), ("--reset",), ("--reset", "--json"))]

    assert [(one.exit_code, one.stdout) for one in done] == [(2, "")] * 3
    assert {one.stderr.strip().splitlines()[-1] for one in done} == {
        "This database already holds data. A demo is only ever made in an empty one."
    }
    assert asyncio.run(_counts(run.url)) == before


@pytest.mark.parametrize("more", [(), ("--reset",)])
def test_a_demo_keeps_out_of_an_area_that_nobody_has_joined_yet(misono: Command, more: tuple[str, ...]) -> None:
    before = asyncio.run(_counts(misono.url))

    done = misono("demo", "--no-serve", *more)

    assert (done.exit_code, asyncio.run(_counts(misono.url))) == (2, before)


async def _counts(url: URL) -> dict[str, int]:
    database = Database(url, pool_size=1)
    world = World(database, None, 0, None)  # type: ignore[arg-type]  # its database is all that is counted
    counts = await row_counts(world)
    await database.close()
    return counts


def test_settings_that_are_wrong_are_named(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARECARE_SECRET_KEY", "short")

    done = run("tick")

    assert (done.exit_code, done.stderr.startswith("SHARECARE_SECRET_KEY: ")) == (2, True)

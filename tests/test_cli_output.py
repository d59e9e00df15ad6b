"""Commands on files: what they leave where they write, and that a pipe is read but once."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from matching.test_files import ANNA, ASKED, HEADERS, MONDAY, write
from sharecare.cli import app

BOOKED = "anna,2026-06-01T02:00:00Z,2026-06-01T03:00:00Z"
TOWN = {"supporters": [ANNA], "availability": [MONDAY], "links": [], "bookings": [BOOKED], "requests": [ASKED]}
FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
SEVERAL = pytest.mark.parametrize("command", ["match", "assign"])


@pytest.fixture
def town(tmp_path: Path) -> list[str]:
    (tmp_path / "town").mkdir()
    return options(write(tmp_path / "town", TOWN).given())


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


def options(files: Mapping[str, Path]) -> list[str]:
    return [word for name, path in files.items() for word in (f"--{name}", str(path))]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


@pytest.fixture
def piped(town: list[str]) -> Iterator[Callable[[str], list[str]]]:
    """Hand one table over as a shell's `<(…)` does: it can be read once."""
    opened: list[int] = []

    def hand_over(table: str) -> list[str]:
        out, into = os.pipe()
        opened.append(out)
        with os.fdopen(into, "w", encoding="utf-8") as pipe:
            pipe.write("\n".join([HEADERS[table], *TOWN[table]]))
        return [f"/dev/fd/{out}" if word.endswith(f"{table}.csv") else word for word in town]

    yield hand_over
    for out in opened:
        os.close(out)


@SEVERAL
@pytest.mark.parametrize("out", ["nowhere/x.csv", "folder", pytest.param("full", marks=FULL)])
def test_what_can_not_be_written_is_one_line(tmp_path: Path, town: list[str], command: str, out: str) -> None:
    # It was a traceback and exit code 1, which means that a check found something.
    (tmp_path / "folder").mkdir()
    (tmp_path / "full").symlink_to("/dev/full")  # whatever goes wrong, the device is not replaced
    done = run(command, *town, "--out", tmp_path / out)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.strip().splitlines()[-1].startswith(str(tmp_path / out))


def test_standard_output_is_utf8_whatever_the_locale(tmp_path: Path) -> None:
    # In a locale without Japanese a name of the files ended the command half-way, with a traceback.
    named = {**TOWN, "requests": [ASKED.replace("r1", "迎え")]}
    town = options(write(tmp_path, named).given())
    hamlet = tmp_path / "town.toml"
    hamlet.write_text("[town]\nname = '美園'\nmembers = 12", encoding="utf-8")
    few = ("--town", str(hamlet), "--days", "1", "--seeds", "1", "--format", "json")
    for words, name in ((("match", *town), "迎え"), (("assign", *town), "迎え"), (("simulate", *few), "美園")):
        command = [sys.executable, "-m", "sharecare", *words]
        told = subprocess.run(
            command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"}
        )
        assert told.returncode == 0, told.stderr
        assert name in told.stdout.decode()


def test_how_good_a_plan_is_stands_on_one_line(town: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sharecare.cli_matching.screen", Console(stderr=True, width=20))
    assert run("assign", *town).stderr.count("\n") == 1


@FULL
def test_a_full_standard_output_is_one_line(town: list[str]) -> None:
    # The rows were lost to a traceback as the interpreter went.
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sharecare", "match", *town], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)


def test_a_picture_that_can_not_be_drawn_is_refused_before_the_work(tmp_path: Path) -> None:
    # A whole simulation ran, then its result was lost to a traceback.
    done = run("simulate", "--members", "1000000000", "--picture", tmp_path / "nowhere" / "p.svg")
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_picture_of_figures_that_are_all_the_same_is_drawn(tmp_path: Path) -> None:
    # A division by zero.
    few = ("--members", "30", "--days", "3", "--seeds", "2")
    done = run("simulate", *few, "--format", "json", "--picture", tmp_path / "p.svg")
    assert (done.exit_code, json.loads(done.stdout)["days"]) == (0, 3)
    assert (tmp_path / "p.svg").read_text(encoding="utf-8").endswith("</svg>\n")


@SEVERAL
def test_a_link_s_file_is_written_and_keeps_its_mode(tmp_path: Path, town: list[str], command: str) -> None:
    # The link itself was replaced, and what it led to stayed old.
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    assert run(command, *town, "--out", link).exit_code == 0
    assert (link.readlink(), real.read_text().startswith("request_id")) == (real, True)
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_pipe_stays_a_pipe(tmp_path: Path, town: list[str]) -> None:
    # A plain file took its place, and whoever read from it waited for ever.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert run("match", *town, "--out", pipe).exit_code == 0
    reader.join(10)
    assert [row.split(",")[:3] for row in read[0].splitlines()[1:]] == [["r1", "1", "anna"]]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_other_files_are_left_alone(tmp_path: Path, town: list[str]) -> None:
    # A file of one's own called x.csv.part was written over and deleted.
    (tmp_path / "x.csv.part").write_text("mine")
    assert run("match", *town, "--out", tmp_path / "x.csv").exit_code == 0
    assert (tmp_path / "x.csv.part").read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"town", "x.csv", "x.csv.part"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_of_what_is_ended_half_way(tmp_path: Path, town: list[str], number: signal.Signals) -> None:
    # On SIGTERM the half-written file stayed.
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    pipe = tmp_path / "in" / "requests"
    os.mkfifo(pipe)
    words = [str(pipe) if word.endswith("requests.csv") else word for word in town]
    command = [sys.executable, "-m", "sharecare", "match", *words, "--out", str(tmp_path / "out" / "x.csv")]
    heard = partial(signal.signal, number, signal.SIG_DFL)  # who runs the tests in the background lets some be ignored
    # It waits for rows once the pipe is open.
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, preexec_fn=heard) as process, pipe.open("w"):  # noqa: PLW1509  -- one thread
        assert list((tmp_path / "out").iterdir()) != []
        process.send_signal(number)
        assert process.wait(30) != 0
    assert list((tmp_path / "out").iterdir()) == []


def test_a_table_may_be_a_pipe(piped: Callable[[str], list[str]]) -> None:
    # Assigning and simulating read a table twice, and the second time a pipe was empty: "the column is missing".
    assigned = run("assign", *piped("bookings"))
    lived = run("simulate", *piped("supporters"), "--days", "1", "--seeds", "1", "--format", "json")
    assert [(one.exit_code, one.stderr.count("missing")) for one in (assigned, lived)] == [(0, 0), (0, 0)]


@SEVERAL
def test_a_buffer_of_years_is_refused(town: list[str], command: str) -> None:
    # It overflowed after the header had been written.
    done = run(command, *town, "--buffer-min", "9999999999")
    assert (done.exit_code, done.stdout) == (2, "")

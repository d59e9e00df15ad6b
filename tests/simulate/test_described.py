"""A town of one's own in a TOML file."""

import json
import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from matching.test_files import SMALL, write
from sharecare.cli import app
from sharecare.clock import to_days
from sharecare.matching import Kind
from sharecare.simulate import Behaviour, Closure, GeneratedTown, TownSpec
from sharecare.simulate.described import DescribedAnswers, DescribedHours, DescribedPeople, read_town
from sharecare.simulate.people import answers
from sharecare.simulate.shape import SUNDAY, Hours

PAGE = Path(__file__).parents[2] / "docs" / "simulate.md"
DAY = 1440
JAPAN_MIN = 540


def described(folder: Path, text: str) -> Path:
    file = folder / "town.toml"
    file.write_text(text, encoding="utf-8")
    return file


def sunday(share: str, first: str, last: str) -> str:
    part = f"{{ {share}, kinds = ['event'], starts = [{first}, {last}], lengths_min = [60] }}"
    return f"[hours.sunday]\namount = 1\nparts = [{part}]"


def simulated(*words: str | Path, language: str = "en_US.UTF-8") -> Result:
    few = ("--days", "2", "--seeds", "1", "--format", "json")
    return CliRunner(env={"LC_ALL": language}).invoke(app, ["simulate", *map(str, words), *few])


def test_a_file_that_says_nothing_is_the_pilot_district(tmp_path: Path) -> None:
    own = read_town(described(tmp_path, ""))
    assert (own.spec(), own.people()) == (TownSpec(), Behaviour())


def test_the_example_of_the_docs_is_read_to_the_last_figure(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    own = read_town(described(tmp_path, example))
    spec = own.spec()

    assert (spec.name, spec.members, spec.supporter_share, spec.level_shares) == ("Sakura", 400, 0.25, (0.5, 0.2, 0.2))
    assert spec.first_day == to_days(date(2026, 7, 1))
    assert spec.holidays == ((to_days(date(2026, 7, 18)), to_days(date(2026, 8, 31))),)
    assert spec.closures == (Closure(to_days(date(2026, 7, 8)), 12),)
    assert [place.name for place in (*spec.blocks, *spec.pickups, spec.hall)] == [
        "一丁目",
        "二丁目",
        "さくら保育園",
        "ホール",
    ]
    assert spec.both_share == TownSpec().both_share
    morning, evening = spec.hours.weekday.parts
    assert morning.share == pytest.approx(0.3)
    assert (morning.kinds, morning.starts_min) == ((Kind.PICKUP,), (420, 510))
    assert (evening.starts_min, evening.lengths_min) == ((960, 1080), (60, 90, 120))
    assert (spec.hours.weekday.amount, spec.hours.sunday) == (1.2, SUNDAY)
    assert (own.people().willing_stranger, own.people().delay_median_min) == (0.2, 40)


def test_needs_come_in_the_hours_described(tmp_path: Path) -> None:
    day = """
        amount = 2
        parts = [{ share = 1, kinds = ["event"], starts = ["06:00", "06:30"], lengths_min = [30] }]
    """
    hours = "".join(f"[hours.{kind}]{day}\n" for kind in ("weekday", "saturday", "sunday", "holiday"))
    own = read_town(described(tmp_path, hours))
    needs = GeneratedTown(own.spec()).world(1, 14).needs
    assert {need.query.kind for need in needs} == {Kind.EVENT}
    assert {(need.query.start + JAPAN_MIN) % DAY for need in needs} == {360, 375, 390}
    assert {need.query.end - need.query.start for need in needs} == {30}


@pytest.mark.parametrize(
    ("text", "where", "japanese"),
    [
        ("[town]\nmember = 30", "town.member", "この項目は使えません。"),
        ("[town]\nmembers = 9", "town.members", "10以上にしてください。"),
        ("[town]\nlevel_shares = [0.5, 0.5, 0.1]", "town", "割合の合計は1までです。"),
        ("[town]\nfirst_day = 'soon'", "town.first_day", "日付として読み取れません。"),
        ("[behaviour]\nreach_m = 0", "behaviour.reach_m", "0より大きい値にしてください。"),
        (
            sunday("share = 0.9", "09:00:00", "10:00:00"),
            "hours.sunday",
            "割合の合計を1にしてください。",
        ),
        (
            sunday("share = 1", "10:00:00", "09:00:00"),
            "hours.sunday.parts.0",
            "遅いほうの開始が、早いほうより前になっています。",
        ),
        ("[town", "", "TOML として読めません"),
        # What follows was accepted: divided by zero, ran backwards, overflowed into the past, or gave a table of nan.
        ("[behaviour]\nwakes_min = 480\nsleeps_min = 539", "behaviour", "起きている時間は1時間以上"),
        ("[behaviour]\nwakes_min = 1320", "behaviour", "起きている時間は1時間以上"),
        ("[behaviour]\ndelay_median_min = 10081", "behaviour.delay_median_min", "10080.0以下にしてください。"),
        ("[behaviour]\ndelay_sigma = 3.1", "behaviour.delay_sigma", "3.0以下にしてください。"),
        ("[town]\nholidays = [[2026-06-03, 2026-06-02]]", "town.holidays", "休みの終わりが始まりより前です。"),
        ("[town]\nfirst_day = 1969-12-31", "town.first_day", "1970-01-01以上にしてください。"),
        ("[town]\nfirst_day = 3000-01-01", "town.first_day", "2999-12-31以下にしてください。"),
        ("[town]\nwarm_up_days = 367", "town.warm_up_days", "366以下にしてください。"),
        ("[town]\nmembers = 20\nsupporter_share = 0.02", "town", "手伝う人がひとりもいません。"),
    ],
)
def test_what_a_town_can_not_be_is_said_by_name(tmp_path: Path, text: str, where: str, japanese: str) -> None:
    file = described(tmp_path, text)
    for language in ("ja_JP.UTF-8", "en_US.UTF-8"):
        done = simulated("--town", file, language=language)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith(f"{file}: {where}")
        assert (japanese in done.stderr) == language.startswith("ja")


def test_options_are_held_to_what_a_town_can_be(tmp_path: Path) -> None:
    # Ten members of whom one in a hundred helps are nobody: every figure of the table was nan.
    done = simulated("--members", "10", "--supporter-share", "0.01")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("town: nobody supports")
    few = described(tmp_path, "[town]\nmembers = 30\nsupporter_share = 0.01")
    assert simulated("--town", few, "--members", "60").exit_code == 0


@pytest.mark.parametrize("day", ["1970-01-01", "2999-12-31"])
def test_the_first_and_the_last_day_can_be_lived_through(tmp_path: Path, day: str) -> None:
    done = simulated("--town", described(tmp_path, f"[town]\nfirst_day = {day}\nmembers = 30"))
    assert done.exit_code == 0, done.stderr


def test_the_slowest_people_answer_after_they_were_asked() -> None:
    slow = replace(Behaviour(), delay_median_min=7 * DAY, delay_sigma=3.0)
    people = np.arange(100_000)
    assert answers(slow, (1, 1), people, np.ones(len(people))).after_min.min() >= 0


def test_options_go_before_the_file(tmp_path: Path) -> None:
    file = described(
        tmp_path, "[town]\nname = 'mine'\nmembers = 30\nsupporter_share = 0.5\nneeds_a_day_per_member = 0.2"
    )
    done = simulated("--town", file, "--members", "20")
    assert done.exit_code == 0, done.stderr
    assert (json.loads(done.stdout)["town"], json.loads(done.stdout)["supporters"]) == ("mine", 10)


def test_neighbours_answer_as_described(tmp_path: Path) -> None:
    unwilling = (
        "[town]\nmembers = 40\nneeds_a_day_per_member = 0.5\n[behaviour]\nwilling_stranger = 0\nwilling_friend = 0"
    )
    file = described(tmp_path, unwilling)
    done = simulated("--town", file)
    policies = json.loads(done.stdout)["policies"].values()
    assert {one["fill_rate"]["mean"] for one in policies} == {0}

    words = ("plan", "--town", str(file), "--days", "2", "--seeds", "1", "--format", "json")
    planned = CliRunner().invoke(app, words)
    assert (planned.exit_code, json.loads(planned.stdout)["fill_rates"][-1]["mean"]) == (1, 0)


def test_a_town_on_files_takes_its_people_s_answers_and_nothing_else(tmp_path: Path) -> None:
    files = write(tmp_path, SMALL)
    words = [word for name, path in files.given().items() for word in (f"--{name}", path)]

    taken = simulated(*words, "--town", described(tmp_path, "[behaviour]\nwilling_stranger = 0"))
    assert taken.exit_code == 0, taken.stderr
    for said in ("[town]\nmembers = 30", sunday("share = 1", "09:00:00", "10:00:00")):
        assert simulated(*words, "--town", described(tmp_path, said)).exit_code == 2


def test_every_field_of_a_town_and_its_people_can_be_described() -> None:
    assert set(DescribedPeople.model_fields) == {field.name for field in fields(TownSpec)} - {"hours"}
    assert set(DescribedAnswers.model_fields) == {field.name for field in fields(Behaviour)}
    assert set(DescribedHours.model_fields) == set(Hours._fields)

import csv
import json
import re
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from sharecare.cli import app
from sharecare.simulate import METRICS, POLICIES, WAVES, Comparison, as_csv, as_json, as_svg, sensitivity, simulate
from sharecare.simulate.picture import _ticks
from simulate.hamlets import HAMLET, SILENT

DAYS, SEEDS = 7, (1, 2, 3)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return simulate(HAMLET, seeds=SEEDS, days=DAYS)


def test_the_same_seeds_give_the_same_figures(comparison: Comparison) -> None:
    again = simulate(HAMLET, seeds=SEEDS, days=DAYS)

    assert as_json(again) == as_json(comparison)


def test_policies_live_in_the_same_world_whoever_is_beside_them(comparison: Comparison) -> None:
    alone = simulate(HAMLET, [WAVES], SEEDS, DAYS)

    assert list(alone.figures["waves"]) == list(comparison.figures["waves"])


def test_worlds_differ_between_seeds_and_not_within_one() -> None:
    one, same, other = (HAMLET.world(seed, DAYS) for seed in (1, 1, 2))

    assert one.needs == same.needs
    assert one.links == same.links
    assert one.needs != other.needs


def test_json_and_csv_tell_the_same(comparison: Comparison) -> None:
    told = json.loads(as_json(comparison))
    rows = list(csv.DictReader(StringIO(as_csv(comparison))))

    assert len(rows) == len(POLICIES) * len(METRICS)
    for row in rows:
        figure = told["policies"][row["policy"]][row["metric"]]
        assert float(row["mean"]) == figure["mean"]
        assert float(row["difference"]) == figure["difference"]["mean"]
    assert [row["difference"] for row in rows if row["policy"] == "broadcast"] == ["0.0"] * len(METRICS)


def test_a_silent_town_is_written_without_numbers_that_are_none() -> None:
    silent = simulate(HAMLET, seeds=SEEDS[:2], days=3, behaviour=SILENT)

    told = json.loads(as_json(silent))["policies"]["broadcast"]
    assert told["fill_rate"]["mean"] == 0
    assert told["median_min"]["mean"] is None
    ET.fromstring(as_svg(silent))  # noqa: S314  -- our own


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_picture_names_every_policy_beside_every_figure(comparison: Comparison, language: str) -> None:
    drawn = ET.fromstring(as_svg(comparison, "ja" if language == "ja" else "en"))  # noqa: S314  -- our own

    texts = ["".join(text.itertext()) for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    word = "近い順" if language == "ja" else "Nearest first"
    assert texts.count(word) == len(METRICS)
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == len(METRICS) * len(POLICIES)


@pytest.mark.parametrize(("locale", "said"), [("ja_JP.UTF-8", "信頼区間はありません"), ("en_GB.UTF-8", "no intervals")])
def test_one_seed_shows_no_interval_and_says_so(locale: str, said: str) -> None:
    # [-inf%, inf%] stood beside every figure.
    few = ("simulate", "--members", "12", "--days", "1", "--seeds", "1")
    shown = CliRunner(env={"LC_ALL": locale, "COLUMNS": "200"}).invoke(app, few).stdout
    assert said in shown
    assert not re.search(r"\binf|\bnan|\[", shown)
    picture = as_svg(simulate(HAMLET, [WAVES], (1,), 1), "ja" if locale.startswith("ja") else "en")
    assert ("信頼区間はありません" if locale.startswith("ja") else "no interval") in picture


def test_ticks_enclose_what_is_drawn() -> None:
    assert _ticks(0.38, 0.44) == pytest.approx([0.38, 0.4, 0.42, 0.44])


@pytest.mark.parametrize("same", [0.0, 1e-9, 1e-5, 0.25, 5.0, 1234.5])
def test_ticks_enclose_one_figure_too(same: float) -> None:
    # Steps of a billionth's half were rounded to one and the same tick: a division by zero.
    ticks = _ticks(same, same + 1e-10)
    assert ticks[0] <= same < ticks[-1]


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="at least"):
        simulate(HAMLET, [], SEEDS, DAYS)


def test_progress_ends_at_the_whole() -> None:
    seen: list[float] = []

    simulate(HAMLET, [WAVES], SEEDS[:2], 2, progress=lambda _what, part: seen.append(part))

    assert seen == [0.5, 1.0]


def test_sensitivity_compares_every_variant_on_the_same_worlds() -> None:
    found = sensitivity(HAMLET, [WAVES], SEEDS[:1], 2)

    assert len(found) > 5
    assert len({comparison.requests for comparison in found.values()}) == 1

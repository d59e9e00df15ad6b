import csv
import json
from io import StringIO
from xml.etree import ElementTree as ET

import pytest

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

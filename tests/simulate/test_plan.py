import csv
import json
from dataclasses import replace
from io import StringIO

import pytest

from sharecare.geo import cell_of
from sharecare.matching import Circle, Level
from sharecare.simulate import GeneratedTown, Place, Search, as_csv, as_json, plan
from sharecare.simulate.model import Need
from sharecare.simulate.newcomers import BLOCKS, Newcomer, TownWithNewcomers, wall_window
from sharecare.simulate.plan import place_of
from simulate.hamlets import HAMLET, SILENT

FIXED = GeneratedTown(replace(HAMLET.spec, people_seed=1))
SEARCH = Search(confirm=(11, 12), most=12)
DAYS = 7


def test_a_plan_names_cells_hours_and_levels_that_raise_the_fill_rate() -> None:
    found = plan(FIXED, 0.95, seeds=(1, 2), days=DAYS, search=SEARCH)

    assert 0 < found.newcomers <= 12
    assert found.fill_rates[-1].mean > found.fill_rates[0].mean
    assert {line.level for line in found.lines} <= {Level.IDENTIFIED, Level.CERTIFIED}
    assert {line.hours for line in found.lines} <= {block.name for block in BLOCKS}
    codes = {cell.code for cell in FIXED.world(1, DAYS).cells}
    assert {line.cell for line in found.lines} <= codes
    told = json.loads(as_json(found))
    rows = list(csv.DictReader(StringIO(as_csv(found))))
    assert [row["cell"] for row in rows] == [line["cell"] for line in told["lines"]]
    assert sum(int(row["count"]) for row in rows) == told["newcomers"] == found.newcomers


def test_the_same_question_has_the_same_plan() -> None:
    first, second = (plan(FIXED, 0.9, seeds=(1,), days=4, search=SEARCH) for _ in range(2))

    assert as_json(first) == as_json(second)


def test_a_target_already_met_asks_for_nobody() -> None:
    found = plan(FIXED, 0.05, seeds=(1,), days=DAYS, search=SEARCH)

    assert found.reached
    assert found.lines == ()


def test_where_nobody_says_yes_no_newcomer_helps() -> None:
    found = plan(FIXED, 0.5, seeds=(1,), days=4, search=SEARCH, behaviour=SILENT)

    assert not found.reached
    assert found.lines == ()


def test_a_certified_newcomer_in_the_right_hours_can_be_asked() -> None:
    world = FIXED.world(1, DAYS)
    covered = next(need for need in world.needs if need.query.circle == Circle.OPEN and _block(need) is not None)
    block = BLOCKS[_block(covered) or 0]

    town = TownWithNewcomers(FIXED, [Newcomer(covered.query.cell, block, Level.CERTIFIED)])

    joined = town.world(1, DAYS)
    assert len(joined.supporters) == len(world.supporters) + 1
    assert joined.needs == world.needs
    assert joined.supporters[-1] in joined.index.rank(covered.query).person_ids
    assert joined.supporters[-1] not in world.index.rank(covered.query).person_ids


def _block(need: Need) -> int | None:
    when = wall_window(need, 540)
    return next((number for number, block in enumerate(BLOCKS) if block.covers(*when)), None)


def test_places_name_cells_within_a_kilometre() -> None:
    cell = cell_of(35.8931, 139.7321)

    assert place_of(cell, [Place("far", 35.95, 139.73), Place("near", 35.8920, 139.7332)]) == "near"
    assert place_of(cell, [Place("far", 35.95, 139.73)]) == ""
    assert place_of(cell, []) == ""


@pytest.mark.parametrize("target", [0.0, 1.1])
def test_a_target_that_is_no_share_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match="target"):
        plan(FIXED, target)

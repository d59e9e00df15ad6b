import csv
import json
import re
from dataclasses import replace
from io import StringIO

import pytest
from typer.testing import CliRunner

from sharecare.cli import app
from sharecare.geo import cell_of
from sharecare.matching import Circle, Level
from sharecare.simulate import WAVES, Behaviour, GeneratedTown, Place, Rules, Search, as_csv, as_json, plan
from sharecare.simulate.gain import Unfilled, gains, unfilled
from sharecare.simulate.model import Floats, Need, World
from sharecare.simulate.newcomers import BLOCKS, HourBlock, Newcomer, TownWithNewcomers, wall_window
from sharecare.simulate.people import AS_ASSUMED
from sharecare.simulate.plan import name_of, place_of
from sharecare.simulate.run import live
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


def test_a_plan_without_lines_tells_today_s_rate_beside_its_table() -> None:
    # As CSV it was a header alone: whether the target was met or out of reach, nothing said.
    words = ("plan", "--target", "0.01", "--members", "60", "--days", "7", "--seeds", "1", "--format", "csv")
    done = CliRunner(env={"LC_ALL": "en_GB.UTF-8"}).invoke(app, words)
    assert done.exit_code == 0, done.stderr
    assert list(csv.DictReader(StringIO(done.stdout))) == []
    assert re.fullmatch(r"\d+\.\d% are filled today; nobody is to be added\.\n", done.stderr)


def test_where_nobody_says_yes_no_newcomer_helps() -> None:
    found = plan(FIXED, 0.5, seeds=(1,), days=4, search=SEARCH, behaviour=SILENT)

    assert not found.reached
    assert found.lines == ()


def test_nobody_is_won_for_children_whom_no_newcomer_takes() -> None:
    # Newcomers take two: with requests for three children a plan listed eighty of them who filled nothing.
    world = FIXED.world(1, DAYS)
    course = live(world, WAVES, SILENT, Rules())
    missed = unfilled(world, course, Behaviour())
    assert _chances(missed).any()
    queries = [one.need.query for one in missed]
    for others in (
        [replace(query, children=3) for query in queries],
        [replace(query, youngest_months=11) for query in queries],
        [replace(query, oldest_months=156) for query in queries],
    ):
        asked = zip(missed, others, strict=True)
        assert not _chances([one._replace(need=replace(one.need, query=query)) for one, query in asked]).any()


def _chances(missed: list[Unfilled]) -> Floats:
    cells = FIXED.world(1, DAYS).cells
    return gains(missed, cells, BLOCKS, (Level.CERTIFIED,), Behaviour()).chance


def test_a_stage_that_brings_nothing_ends_the_plan_and_is_not_recommended() -> None:
    # Stages were added up to twenty whatever they brought.
    nobody_more = replace(SEARCH, blocks=(HourBlock("always", tuple(range(7)), 0, 1440),))
    found = plan(_Unmoved(FIXED.spec), 0.99, seeds=(1,), days=4, search=nobody_more)

    assert (found.reached, found.newcomers, len(found.fill_rates)) == (False, 0, 1)


class _Unmoved(GeneratedTown):
    """A town without anyone to know, whose families ask nobody but friends: newcomers look useful and can't be."""

    def world(self, seed: int, days: int, behaviour: Behaviour = AS_ASSUMED) -> World:
        world = super().world(seed, days, behaviour)
        needs = tuple(replace(need, query=replace(need.query, circle=Circle.FRIENDS)) for need in world.needs)
        return replace(world, needs=needs, links={}, memberships={})


def test_a_cell_without_a_code_is_named_by_its_centre() -> None:
    # The codes end with Japan: the plan of a town elsewhere was lost after its search.
    assert name_of(cell_of(35.8931, 139.7321)) == "533965782"
    assert name_of(cell_of(51.5, -0.12)) == "51.5021,-0.1219"


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

"""Maps of cells, as drawn on the server."""

import json

import pytest

from sharecare.geo import NoMeshCodeError
from sharecare.web.maps import WIDTH, Pin, Shaded, cell_map
from sharecare.web.page import _templates

WEST, EAST, NORTH = "533946111", "533946112", "533946113"  # half-mesh cells of one square kilometre


def test_cells_touch_as_they_do_on_the_ground() -> None:
    drawn = cell_map([Shaded(WEST, 1, "west"), Shaded(EAST, 4, "east"), Shaded(NORTH, 0, "north")])

    assert drawn is not None
    west, east, north = drawn.squares
    assert west.x + west.width == pytest.approx(east.x, abs=0.11)
    assert north.y + north.height == pytest.approx(west.y, abs=0.11)
    assert [(one.shade, one.label) for one in drawn.squares] == [(1, "west"), (4, "east"), (0, "north")]


def test_a_cell_is_as_wide_and_as_high_as_the_ground_it_covers() -> None:
    drawn = cell_map([Shaded(WEST, 1, "")])

    assert drawn is not None
    (only,) = drawn.squares
    assert only.width / only.height == pytest.approx(1.22, abs=0.01)  # 22.5″ by 15″ at 35.7°N


def test_everything_lies_on_the_paper() -> None:
    drawn = cell_map(
        [Shaded(WEST, 1, ""), Shaded("53394620", 2, "")], [Pin(35.70, 139.72, "美園"), Pin(35.68, 139.7, "")]
    )

    assert drawn is not None
    corners = [(one.x + side, one.y) for one in drawn.squares for side in (0, one.width)]
    corners += [(dot.x, dot.y) for dot in drawn.dots]
    assert all(0 <= x <= WIDTH and 0 <= y <= drawn.height for x, y in corners)


def test_names_that_would_run_into_each_other_are_left_out() -> None:
    pins = [Pin(35.68, 139.77, "美園一丁目"), Pin(35.6801, 139.7701, "美園二丁目")]

    drawn = cell_map([Shaded("53394600", 0, ""), Shaded("53394611", 0, ""), Shaded("53394622", 0, "")], pins)

    assert drawn is not None
    assert [(dot.name, dot.label) for dot in drawn.dots] == [("美園一丁目", "美園一丁目"), ("", "美園二丁目")]


def test_the_script_is_told_the_same_cells() -> None:
    drawn = cell_map([Shaded(WEST, 3, "3件")], [Pin(35.7, 139.7, "駅")])

    assert drawn is not None
    told = json.loads(drawn.told)
    (south, west, north, east, shade, label), *_ = told["cells"]
    assert (shade, label, told["pins"]) == (3, "3件", [[35.7, 139.7, "駅"]])
    assert (round((north - south) * 3600, 6), round((east - west) * 3600, 6)) == (15, 22.5)


def test_nothing_is_no_map() -> None:
    assert cell_map([]) is None


def test_a_code_that_is_none_is_refused() -> None:
    with pytest.raises(NoMeshCodeError):
        cell_map([Shaded("1234", 0, "")])


def test_labels_are_text_in_every_place() -> None:
    drawn = cell_map([Shaded(WEST, 1, '"><script>alert(1)</script>')])
    module = _templates.get_template("map.html").make_module({"t": lambda key: key, "tiles": None})

    shown = module.cell_map(drawn, "地図", legend=[((1,), "少ない")])  # type: ignore[attr-defined]  # a macro

    assert "<script>" not in shown
    assert shown.count("&lt;script&gt;") == 3  # the title of the cell, the list, and what the script is told

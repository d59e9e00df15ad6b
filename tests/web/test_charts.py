"""Figures as geometry."""

from hypothesis import given
from hypothesis import strategies as st

from sharecare.metrics.together import Told
from sharecare.web.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Box, Point, bar, columns, heat, line

DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
TOLD = st.one_of(
    st.just(Told(None, None)),
    st.integers(0, 10**6).map(lambda n: Told(n, n)),
    st.tuples(st.integers(0, 500), st.integers(0, 500)).map(lambda ends: Told(min(ends), max(ends))),
    st.integers(0, 500).map(lambda n: Told(n, None)),
)
POINTS = st.lists(st.builds(Point, label=st.just("x"), now=TOLD, before=TOLD), max_size=24)


def point(now: float, before: float | None = None) -> Point:
    return Point("x", Told(now, now), Told(before, before))


def tips(amounts: dict[str, float]) -> dict[str, str]:
    return {label: f"{label}: {amount}" for label, amount in amounts.items()}


def blocks(amounts: dict[str, float]) -> dict[str, Box]:
    return {box.tip.partition(":")[0]: box for box in heat(amounts, tips(amounts), DAYS).boxes if box.tip}


@given(POINTS)
def test_columns_stay_inside_their_chart(points: list[Point]) -> None:
    drawn = columns(points)

    assert all(box.x >= LEFT and box.x + box.width <= RIGHT for box in drawn.boxes)
    assert all(box.y >= TOP and box.y + box.height <= BOTTOM + 0.11 for box in drawn.boxes)
    assert all(0 <= label.x <= WIDTH and label.y <= HEIGHT for label in drawn.labels)


@given(POINTS)
def test_a_line_has_a_dot_for_each_known_step_and_breaks_over_the_others(points: list[Point]) -> None:
    drawn = line(points)
    known = [one.now.low is not None for one in points]

    assert len(drawn.dots) == sum(known)
    starts = [is_known and not before for is_known, before in zip(known, [False, *known], strict=False)]
    assert drawn.now.count("M") == sum(starts)


def test_columns_are_as_high_as_their_figures() -> None:
    drawn = columns([point(4, 2), point(8)])

    heights = [(box.kind, box.height) for box in drawn.boxes]
    assert heights == [("before", 33.0), ("now", 66.0), ("now", 132.0)]
    assert [tick.text for tick in drawn.ticks] == ["0", "4", "8"]


def test_a_range_is_drawn_on_top_of_what_is_sure() -> None:
    sure, maybe = columns([Point("Oct", Told(4, 8))]).boxes
    open_end = columns([Point("Oct", Told(4, None))]).boxes[1]

    assert (sure.kind, sure.height, maybe.kind, maybe.height) == ("now", 66.0, "now range", 66.0)
    assert (maybe.tip, open_end.tip) == ("Oct: 4-8", "Oct: 4+")
    assert maybe.y + maybe.height == sure.y


def test_a_bar_never_runs_beyond_its_whole() -> None:
    assert bar("uses", "120", Told(120, 120), of=100, mark=40).sure == 1
    assert bar("uses", "9", Told(9, 14), of=20).maybe == 0.7
    assert bar("nothing", "0", Told(0, 0), of=0).sure == 0


def test_the_hours_of_a_week_are_blocks_as_fine_as_they_are_told() -> None:
    found = blocks({"tue 17-18": 2, "weekdays 18-21": 15, "weekend 09-12": 0.6, "elsewhere": 9})

    assert found.keys() == {"tue 17-18", "weekdays 18-21", "weekend 09-12"}
    assert found["weekdays 18-21"].height > 4 * found["tue 17-18"].height
    assert found["weekdays 18-21"].width > 2.9 * found["tue 17-18"].width
    # as dark as their mean hour: 2, 15 / 15 and 0.6 / 6
    assert [box.kind for box in found.values()] == ["shade-5", "shade-3", "shade-1"]


def test_a_week_told_as_one_is_one_block() -> None:
    whole = heat({"all": 40}, {"all": "all: 40"}, DAYS).boxes

    assert len(whole) == 2
    assert (whole[1].x, whole[1].height, whole[1].kind) == (whole[0].x, whole[0].height, "shade-5")


def test_hours_of_the_night_widen_the_week() -> None:
    assert next(label.text for label in heat({"mon 02-03": 1}, tips({"mon 02-03": 1}), DAYS).hours) == "2"
    assert [label.text for label in heat({}, {}, DAYS).hours] == ["6", "9", "12", "15", "18", "21"]


def test_numbers_stand_in_the_blocks_that_have_room_for_them() -> None:
    # A block said how much only by a shade, of which nothing told the scale.
    amounts = {"tue 17-18": 2, "wed 17-18": 12.5, "weekdays 18-21": 15, "elsewhere": 9}

    drawn = heat(amounts, tips(amounts), DAYS)

    assert [(number.text, number.x) for number in drawn.numbers] == [("2", 237.9), ("15", 273.4)]

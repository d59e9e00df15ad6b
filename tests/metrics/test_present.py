"""What may be told of a tally: whatever a month held, no small group's size can be worked out."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from sharecare.metrics.figures import RequestLine, Size, Stock, UseLine
from sharecare.metrics.present import Lens, figures_of, percentile
from sharecare.metrics.schemas import Figure
from sharecare.metrics.tally import Tally

K = 5
FATES = ("early", "early_matched", "unmatched", "lost", "filled")


def a_request(family: int, fate: str) -> RequestLine:
    early = fate.startswith("early")
    return RequestLine(
        family=family,
        cell=None,
        withdrawn_early=early,
        filled=fate == "filled",
        offered_by=[] if fate in {"early", "unmatched"} else [900],
        minutes_to_offer=None,
        minutes_to_booking=None,
        unmet_minutes={} if early or fate == "filled" else {0: 60},
    )


def a_use(family: int, supporter: int, gap: int) -> UseLine:
    return UseLine(
        family=family,
        supporter=supporter,
        pickup=True,
        minutes=60,
        covered=not gap,
        gap_minutes=gap,
        from_elsewhere=False,
    )


def shown(
    *, requests: list[RequestLine] | None = None, uses: list[UseLine] | None = None, stock: Stock | None = None
) -> dict[str, Figure]:
    tally = Tally(requests=requests or [], uses=uses or [], safety=[], active={}, days=[], stock=stock or Stock())
    return {figure.name: figure for figure in figures_of(tally, Lens(k=K))}


def low_and_high(figure: Figure) -> tuple[float, float]:
    """Return between which values a reader knows a figure to lie."""
    if figure.withheld:
        return -inf, inf
    low = figure.value if figure.at_least is None else figure.at_least
    high = figure.value if figure.at_most is None else figure.at_most
    assert low is not None
    assert high is not None
    return low, high


def width(figure: Figure, scale: int = 1) -> float:
    low, high = low_and_high(figure)
    return (high - low) * scale


@given(st.lists(st.tuples(st.integers(0, 15), st.sampled_from(FATES)), max_size=40))
def test_what_became_of_few_families_requests_is_never_told(lives: list[tuple[int, str]]) -> None:
    found = shown(requests=[a_request(family, fate) for family, fate in lives])
    true = {
        "requests": FATES,
        "requests_counted": FATES[2:],
        "matched": ("early_matched", "lost", "filled"),
        "filled": ("filled",),
    }
    for name, fates in true.items():
        low, high = low_and_high(found[name])
        assert low <= sum(fate in fates for _, fate in lives) <= high
    told_by = {
        "requests": ("early", "early_matched"),
        "filled": ("unmatched", "lost"),
        "matched": ("early_matched", "lost"),
    }
    for name, fates in told_by.items():
        if 0 < len({family for family, fate in lives if fate in fates}) < K and not found["requests_counted"].withheld:
            assert width(found[name]) >= K


@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 9), st.sampled_from((0, 0, 0, 5))), max_size=40))
def test_the_gaps_of_few_families_are_never_counted(lives: list[tuple[int, int, int]]) -> None:
    found = shown(uses=[a_use(*life) for life in lives])
    uncovered = [life for life in lives if life[2]]
    few = 0 < len({family for family, *_ in uncovered}) < K or 0 < len({who for _, who, _ in uncovered}) < K
    if few:
        assert found["gap_minutes"].withheld
        assert width(found["coverage"], len(lives)) >= K - 1e-9


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_who_is_both_requester_and_supporter_can_be_no_small_group(
    only_ask: int, only_help: int, both: int, neither: int
) -> None:
    """Each in a family of their own: with both shares told, the overlap is known to within k at best."""
    members = only_ask + only_help + both + neither
    asking, helping = only_ask + both, only_help + both
    stock = Stock(
        members=Size(people=members, families=members),
        requesters=Size(people=asking, families=asking),
        non_requesters=Size(people=members - asking, families=members - asking),
        supporters=Size(people=helping, families=helping),
        non_supporters=Size(people=members - helping, families=members - helping),
    )
    found = shown(stock=stock)
    (_, most_asking), (_, most_helping) = (low_and_high(found[name]) for name in ("requesters", "supporters"))
    (least_asking, _), (least_helping, _) = (low_and_high(found[name]) for name in ("requesters", "supporters"))
    if found["members"].withheld or 0 in (both, neither, only_ask, only_help):
        return
    most, least = min(most_asking, most_helping), max(0, least_asking + least_helping - members)
    if min(both, neither, only_ask, only_help) < K:
        assert most - least >= K


def test_percentiles_are_values_that_occurred() -> None:
    assert [percentile([], 90), percentile([7], 90), percentile(list(range(1, 11)), 90)] == [None, 7, 9]
    assert percentile(list(range(1, 12)), 90) == 10

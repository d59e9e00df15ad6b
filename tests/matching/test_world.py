from itertools import count

from sharecare.matching.world import BenchmarkWorld, rank_times_us


def test_the_same_seed_makes_the_same_country() -> None:
    found = []
    for _ in range(2):
        world = BenchmarkWorld(3_000, seed=7)
        index = world.index()
        found.append([index.rank(query).person_ids.tolist() for query in world.queries(50)])
    assert found[0] == found[1]
    assert sum(map(len, found[0])) > 100


def test_requests_find_hundreds_within_reach() -> None:
    world = BenchmarkWorld(20_000)
    candidates = [world.candidates(query) for query in world.queries(50)]
    assert 200 < sum(candidates) / len(candidates) < 2_000


def test_times_each_ranking_by_the_clock_it_is_given() -> None:
    world = BenchmarkWorld(100)
    index, ticks = world.index(), count(step=2_000)
    assert rank_times_us(index, list(world.queries(3)), lambda: next(ticks)).tolist() == [2.0, 2.0, 2.0]

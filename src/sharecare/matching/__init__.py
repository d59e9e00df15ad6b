"""Who can help with this request, best first: an index in memory, on plain figures.

A supporter goes in with `put`, a request is a `Query`, and `rank` answers with parallel arrays, asks before
suggestions; `explain` says why each was found::

    from sharecare.geo import cell_of
    from sharecare.matching import Kind, Level, MatchingIndex, Query, Supporter, WeeklyHours

    index = MatchingIndex()
    index.put(
        Supporter(
            person_id=1, household_id=1, cell=cell_of(35.87, 139.72), travel_radius_m=3000, capacity=2,
            min_age_months=6, max_age_months=144, timezone="Asia/Tokyo", level=Level.CERTIFIED,
            weekly=[WeeklyHours(weekday=0, start_min=9 * 60, end_min=14 * 60)],
        )
    )
    query = Query(
        requester_id=2, household_id=2, cell=cell_of(35.88, 139.72), start=29_500_020, end=29_500_080,
        kind=Kind.PICKUP, youngest_months=36, oldest_months=36,
    )
    ranking = index.rank(query)
    facts = index.explain(query, ranking.person_ids.tolist())

Changes: `put`, `remove`, `set_busy`, `set_suspended`, `set_links`, `set_communities`, `set_blocks`, each for one person
and seen by the next `rank`. A whole table at once: `load_supporters` first, then `load_weekly`, `load_dated`,
`load_unavailable`, `load_busy`; `load_links`, `load_communities`, `load_blocks` at any time.

CSV files, as `sharecare match` reads them::

    with open("ranked.csv", "w") as out:
        summary = match_files(Files(supporters, availability, links, requests), out)

or `read_world` for the index and the queries in them, to go on with.

Days count from 1970-01-01, instants are UTC minutes since then, ids are whole numbers that also break ties.
"""

from sharecare.matching.filed import FileWorld, read_world
from sharecare.matching.files import Files, Summary, match_files
from sharecare.matching.index import MatchingIndex
from sharecare.matching.model import (
    DatedHours,
    Facts,
    Link,
    Period,
    Query,
    Ranking,
    Supporter,
    SupporterTable,
    WeeklyHours,
)
from sharecare.matching.score import Weights
from sharecare.matching.store import UnknownSupporterError
from sharecare.matching.tables import BadRow, BadRowsError
from sharecare.matching.words import ALL_KINDS, ALL_MEANS, ALWAYS, NEVER, Circle, Kind, Level, Means
from sharecare.trust.rules import FRIEND_BASE, VOUCH_BASE, community_weight
from sharecare.trust.rules import strength as link_strength

__all__ = [
    "ALL_KINDS",
    "ALL_MEANS",
    "ALWAYS",
    "FRIEND_BASE",
    "NEVER",
    "VOUCH_BASE",
    "BadRow",
    "BadRowsError",
    "Circle",
    "DatedHours",
    "Facts",
    "FileWorld",
    "Files",
    "Kind",
    "Level",
    "Link",
    "MatchingIndex",
    "Means",
    "Period",
    "Query",
    "Ranking",
    "Summary",
    "Supporter",
    "SupporterTable",
    "UnknownSupporterError",
    "WeeklyHours",
    "Weights",
    "community_weight",
    "link_strength",
    "match_files",
    "read_world",
]

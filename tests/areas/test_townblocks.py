"""Town blocks from an address list: what is usable comes in, the rest is told by line."""

import csv
import os
from collections import defaultdict
from pathlib import Path

import pytest
from sqlmodel import select

from sharecare.areas.models import TownBlock
from sharecare.areas.townblocks import NotATownList, add_town_blocks, read_town_list
from sharecare.db import Database
from sharecare.geo import MeshLevel, cell_from_code

REAL_DATA = os.environ.get("SHARECARE_REAL_DATA")
HEADER = "city_code,prefecture,city,town,lat,lon\n"
MISONO = "11109,埼玉県,さいたま市緑区,美園四丁目,35.8960,139.7298\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("11109,埼玉県,さいたま市緑区,美園,,139.7\n", "lat: no coordinate"),
        ("11109,埼玉県,さいたま市緑区,美園,north,139.7\n", "lat: 'north' is not a number"),
        ("11109,埼玉県,さいたま市緑区,,35.9,139.7\n", "town: empty"),
        ("111099,埼玉県,さいたま市緑区,美園,35.9,139.7\n", "city_code: longer than 5 characters"),
    ],
)
def test_a_row_without_a_usable_point_is_left_out_and_named(row: str, reason: str) -> None:
    good, bad = read_town_list(HEADER + MISONO + row)
    assert [one.town for one in good] == ["美園四丁目"]
    assert [(one.line, one.town, one.reason.en) for one in bad] == [(3, row.split(",")[3], reason)]
    assert bad[0].reason.ja != reason


def test_a_file_without_the_columns_is_no_list() -> None:
    with pytest.raises(NotATownList) as refusal:
        read_town_list("town,lat\n美園,35.9\n")
    assert refusal.value.facts == {"columns": "city_code, prefecture, city, lon"}


async def test_importing_twice_moves_blocks_instead_of_doubling_them(database: Database) -> None:
    good, _ = read_town_list("\ufeff" + HEADER + MISONO)
    moved, _ = read_town_list(HEADER + MISONO.replace("35.8960", "35.8961"))
    first = await database.write(lambda session: add_town_blocks(session, good, area_id=None))
    again = await database.write(lambda session: add_town_blocks(session, moved, area_id=None))
    async with database.read() as session:
        blocks = (await session.exec(select(TownBlock))).all()
    assert (first, again) == ((1, 0), (0, 1))
    assert [(block.town, block.lat) for block in blocks] == [("美園四丁目", 35.8961)]


@pytest.mark.skipif(not REAL_DATA, reason="SHARECARE_REAL_DATA is not set")
async def test_the_real_list_comes_in_and_agrees_with_the_official_cells(database: Database) -> None:
    folder = Path(REAL_DATA or "")
    good, bad = read_town_list((folder / "towns.csv").read_text(encoding="utf-8"))
    added, known = await database.write(lambda session: add_town_blocks(session, good, area_id=None))
    official = defaultdict(set)
    with (folder / "mesh1km_by_city.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            official[row["city_code"]].add(row["mesh1km"])

    async with database.read() as session:
        blocks = (await session.exec(select(TownBlock))).all()

    assert (added, known, len(bad)) == (1252, 0, 3)
    assert {one.reason.en for one in bad} == {"lat: no coordinate"}
    outside = [
        block.town
        for block in blocks
        if cell_from_code(str(block.cell)).parent(MeshLevel.THIRD).code not in official[block.city_code]
    ]
    assert outside == []

"""Importing town blocks (町丁目・大字) from an address list."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import StringIO

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.areas.models import TownBlock
from sharecare.errors import BadFieldError, Reason, Refusal
from sharecare.geo import MeshLevel, NoMeshCodeError, PointOutOfRangeError, cell_of

COLUMNS = ("city_code", "prefecture", "city", "town", "lat", "lon")
_FIELDS = {"city_code": 5, "prefecture": 20, "city": 40, "town": 80}


class NotATownList(Refusal):
    """The file lacks a column."""

    status = 400
    ja = "町丁目の一覧として読み取れません。列「{columns}」が必要です。"
    en = "This is no list of town blocks: the columns {columns} are needed."


@dataclass(frozen=True, slots=True)
class TownBlockRow:
    """One town block with its representative point in degrees."""

    city_code: str
    prefecture: str
    city: str
    town: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out, and why."""

    line: int  # of the file, the header being 1
    town: str
    reason: Reason


def read_town_list(text: str) -> tuple[list[TownBlockRow], list[BadRow]]:
    """Return the good rows of a CSV and the bad ones with line and reason.

    Raises:
        NotATownList: a column is missing.

    """
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise NotATownList(columns=", ".join(missing))
    good: list[TownBlockRow] = []
    bad: list[BadRow] = []
    for row in reader:
        try:
            good.append(_read(row))
        except BadFieldError as bad_field:
            bad.append(BadRow(line=reader.line_num, town=row["town"] or "", reason=bad_field.reason))
    return good, bad


async def add_town_blocks(
    session: AsyncSession, rows: Sequence[TownBlockRow], *, area_id: int | None
) -> tuple[int, int]:
    """Add blocks, or move known ones to their new point; return how many were added and how many were known."""
    codes = {row.city_code for row in rows}
    found = await session.exec(select(TownBlock).where(col(TownBlock.city_code).in_(codes)))
    known = {(block.city_code, block.town, block.part): block for block in found}
    parts: Counter[tuple[str, str]] = Counter()
    added = 0
    for row in rows:
        parts[row.city_code, row.town] += 1
        part = parts[row.city_code, row.town]
        facts = {**asdict(row), "part": part, "cell": int(cell_of(row.lat, row.lon, MeshLevel.HALF).code)}
        facts |= {"area_id": area_id} if area_id is not None else {}
        block = known.get((row.city_code, row.town, part))
        if block is None:
            block = known[row.city_code, row.town, part] = TownBlock(**facts)
            added += 1
        block.sqlmodel_update(facts)
        session.add(block)
    return added, len(rows) - added


def _read(row: dict[str, str | None]) -> TownBlockRow:
    texts = {name: (row[name] or "").strip() for name in _FIELDS}
    for name, longest in _FIELDS.items():
        if not texts[name]:
            raise BadFieldError(f"{name}: empty", f"{name}: 空です")
        if len(texts[name]) > longest:
            raise BadFieldError(f"{name}: longer than {longest} characters", f"{name}: {longest}文字を超えています")
    lat, lon = _degrees(row, "lat"), _degrees(row, "lon")
    try:
        _ = cell_of(lat, lon, MeshLevel.HALF).code
    except (PointOutOfRangeError, NoMeshCodeError) as error:
        raise BadFieldError(f"lat, lon: {error}", f"lat, lon: 日本の地域メッシュの外です({lat:g}, {lon:g})") from error
    return TownBlockRow(lat=lat, lon=lon, **texts)


def _degrees(row: dict[str, str | None], name: str) -> float:
    text = (row[name] or "").strip()
    if not text:
        raise BadFieldError(f"{name}: no coordinate", f"{name}: 座標がありません")
    try:
        return float(text)
    except ValueError as error:
        raise BadFieldError(f"{name}: {text!r} is not a number", f"{name}: {text!r} は数ではありません") from error

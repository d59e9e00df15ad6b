"""What one field of a CSV file may say; each reader raises `BadFieldError` with a reason in words."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from sharecare.errors import BadFieldError
from sharecare.matching.words import ALWAYS, NEVER, Circle, Kind, Level

Reader = Callable[[str], object]

LARGEST = 10**9
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d(?::\d\d)?(?:Z|[+-]\d\d:[0-5]\d)", re.ASCII)
# ISO 8601, extended or basic, from the minute; also with a space or lower-case letters, as in RFC 3339.
_INSTANT = re.compile(
    r"""(?:
      \d{4}-(?:\d\d-\d\d|W\d\d-\d) [Tt\ ] (?P<hour>\d\d):\d\d (?: :\d\d (?:[.,](?P<fraction>\d+))? )?
    | \d{4}(?:\d{4}|W\d{3}) [Tt] (?P<basic_hour>\d\d)\d\d (?: \d\d (?:[.,](?P<basic_fraction>\d+))? )?
    )(?P<offset>[Zz]|[+-]\d\d(?::?[0-5]\d)?)?""",
    re.ASCII | re.VERBOSE,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)

KINDS = {"pickup": Kind.PICKUP, "own_home": Kind.OWN_HOME, "child_home": Kind.CHILD_HOME, "event": Kind.EVENT}
LEVELS = {level.name.lower(): level for level in Level}
CIRCLES = {circle.name.lower(): circle for circle in Circle if circle != Circle.ANYONE}
ADDS = {"add": True, "remove": False}


def _none_of(words: Mapping[str, object], field: str) -> BadFieldError:
    known = ", ".join(words)
    return BadFieldError(f"{field!r} is none of {known}", f"{field!r} は {known} のいずれでもありません")


def text(field: str) -> str:
    if not field:
        raise BadFieldError("is empty", "空です")
    return field


def decimal(least: float, most: float, *, above: bool = False) -> Reader:
    """Read a decimal number from `least` (or, `above` it) to `most`."""

    def read(field: str) -> float:
        if not _DECIMAL.fullmatch(field):
            raise BadFieldError(f"{field!r} is not a number", f"{field!r} は数ではありません")
        value = float(field)
        if not least <= value <= most or (above and value == least):
            raise BadFieldError(
                f"{field} is not {'above' if above else 'from'} {least:g} up to {most:g}",
                f"{field} は {least:g} {'より大きく' if above else '以上'} {most:g} 以下ではありません",
            )
        return value

    return read


def whole(least: int, most: int = LARGEST, *, empty: int | None = None) -> Reader:
    """Read a whole number; an empty field is `empty`, if given."""

    @lru_cache(maxsize=2048)
    def read(field: str) -> int:
        if not field and empty is not None:
            return empty
        if not _WHOLE.fullmatch(field):
            raise BadFieldError(f"{field!r} is not a whole number", f"{field!r} は整数ではありません")
        value = int(field)
        if not least <= value <= most:
            raise BadFieldError(
                f"{field} is not from {least} to {most}", f"{field} は {least} 以上 {most} 以下ではありません"
            )
        return value

    return read


def choice(words: Mapping[str, object]) -> Reader:
    def read(field: str) -> object:
        if field not in words:
            raise _none_of(words, field)
        return words[field]

    return read


@cache
def kinds(field: str) -> int:
    found = 0
    for word in field.split(";"):
        if word not in KINDS:
            raise _none_of(KINDS, word)
        found |= KINDS[word].value
    return found


@cache
def timezone(field: str) -> str:
    try:
        ZoneInfo(field)
    except (KeyError, OSError, ValueError):  # what zoneinfo raises for names that are no zone, or no file name
        raise BadFieldError(f"{field!r} is no known time zone", f"{field!r} というタイムゾーンはありません") from None
    return field


@cache
def clock(field: str) -> int:
    """Read HH:MM, up to 24:00, as minutes."""
    if not _CLOCK.fullmatch(field):
        raise BadFieldError(
            f"{field!r} is not HH:MM from 00:00 to 24:00", f"{field!r} は 00:00 から 24:00 までの HH:MM ではありません"
        )
    return int(field[:2]) * 60 + int(field[3:])


@cache
def day(field: str) -> int:
    """Read YYYY-MM-DD as days since 1970."""
    if not _DATE.fullmatch(field):
        raise BadFieldError(f"{field!r} is not YYYY-MM-DD", f"{field!r} は YYYY-MM-DD ではありません")
    try:
        return date.fromisoformat(field).toordinal() - _EPOCH.toordinal()
    except ValueError:
        raise BadFieldError(f"{field} is no date", f"{field} という日はありません") from None


def first_day(field: str) -> int:
    return day(field) if field else ALWAYS


def last_day(field: str) -> int:
    return day(field) if field else NEVER


def instant(field: str) -> int:
    """Read ISO 8601 with an offset as UTC minutes since 1970; 24:00 is the midnight that ends a day."""
    try:
        moment = datetime.fromisoformat(field) if _USUAL.fullmatch(field) else _written_otherwise(field)
    except (OverflowError, ValueError):
        raise BadFieldError(f"{field!r} is not ISO 8601", f"{field!r} は ISO 8601 の日時ではありません") from None
    if moment.tzinfo is None:
        raise BadFieldError(f"{field} has no offset", f"{field} に時差(+09:00 など)がありません")
    minutes, rest = divmod(moment - _EPOCH, _MINUTE)
    if rest:
        raise BadFieldError(f"{field} is not a whole minute", f"{field} は分単位ではありません")
    return minutes


def _written_otherwise(field: str) -> datetime:
    """Read what `fromisoformat` alone takes too loosely or not at all.

    Raises:
        OverflowError, ValueError: it isn't ISO 8601.

    """
    found = _INSTANT.fullmatch(field)
    if found is None:
        raise ValueError(field)
    _, hour = found.span("hour" if found["hour"] else "basic_hour")
    ends_a_day = field[hour - 2 : hour] == "24"
    if ends_a_day and field[hour : found.start("offset") if found["offset"] else None].strip("0:.,"):
        raise ValueError(field)
    moment = datetime.fromisoformat(f"{field[: hour - 2]}00{field[hour:]}".upper() if ends_a_day else field.upper())
    if (found["fraction"] or found["basic_fraction"] or "0").strip("0"):  # the seventh digit would be cut off
        moment = moment.replace(microsecond=1)
    return moment + timedelta(days=ends_a_day)

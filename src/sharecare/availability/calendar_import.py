"""Having a calendar file read where it can do no harm."""

import asyncio
import json
import sys
from datetime import date
from zoneinfo import ZoneInfo

from sharecare.availability import calendar_file
from sharecare.availability.calendar_file import Busy
from sharecare.availability.rules import AHEAD
from sharecare.errors import Refusal

MAX_BYTES = 1024 * 1024
PATIENCE_S = 20  # for a busy machine to give the reader its second
_AT_ONCE = asyncio.Semaphore(2)  # readers; each takes some 60 MB while it lives


class CalendarTooLarge(Refusal):
    """The file is larger than a calendar of ours needs to be."""

    status = 413
    ja = "ファイルが大きすぎます({most}MBまで)。期間を短くして書き出してください。"
    en = "The file is too large (up to {most} MB). Export a shorter period."


class NotACalendar(Refusal):
    """The file is no calendar, or a broken one."""

    status = 400
    ja = "カレンダーのファイル(.ics)として読み取れませんでした。"
    en = "This can't be read as a calendar file (.ics)."


class CalendarTooComplex(Refusal):
    """Reading the file takes too long or too much."""

    status = 400
    ja = "予定やくり返しが多すぎて、読み取れませんでした。期間を短くして書き出してください。"
    en = "There is too much in it to read. Export a shorter period."


async def read_calendar(data: bytes, *, zone: ZoneInfo, today: date) -> Busy:
    """Return the busy times of a calendar file from today on, two years ahead at most.

    Raises:
        CalendarTooLarge, NotACalendar, CalendarTooComplex: as they say.

    """
    if len(data) > MAX_BYTES:
        raise CalendarTooLarge(most=MAX_BYTES // 1024**2)
    async with _AT_ONCE:
        status, told = await _read(data, zone.key, today.isoformat(), (today + AHEAD).isoformat())
    if status < 0:  # ended by a signal
        raise CalendarTooComplex
    if status > 0:
        raise NotACalendar
    found = json.loads(told)
    rows = [(date.fromisoformat(day), low, high) for day, low, high in found["rows"]]
    return Busy(rows, date.fromisoformat(found["until"]), found["skipped"])


async def _read(data: bytes, *arguments: str) -> tuple[int, bytes]:
    """Return the reader's exit status, negative where a signal ended it, and what it printed."""
    reader = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        calendar_file.__name__,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # what it says of a broken file may quote the file
    )
    try:
        told, _ = await asyncio.wait_for(reader.communicate(data), PATIENCE_S)
    except TimeoutError:
        reader.kill()
        await reader.wait()
        return -1, b""
    return reader.returncode or 0, told

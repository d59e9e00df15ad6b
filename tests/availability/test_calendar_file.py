"""Calendar files: what they say, and what they can't do to us."""

import os
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharecare.availability.calendar_file import MOST_REPEATED, busy_in
from sharecare.availability.calendar_import import (
    MAX_BYTES,
    CalendarTooComplex,
    CalendarTooLarge,
    NotACalendar,
    read_calendar,
)
from sharecare.availability.rules import MOST_BUSY, BusyRow

REAL_DATA = os.environ.get("SHARECARE_REAL_DATA")
TOKYO = ZoneInfo("Asia/Tokyo")
FIRST, LAST = date(2026, 6, 1), date(2028, 5, 31)  # a Monday, and two years


def calendar(*events: str) -> bytes:
    inside = "".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT\r\n" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n".encode()


def event(*lines: str, start: str = "DTSTART;TZID=Asia/Tokyo:20260602T100000", length: str = "DURATION:PT1H") -> str:
    return "\r\n".join(("UID:1", start, length, *lines))


def busy(*events: str) -> list[BusyRow]:
    return busy_in(calendar(*events), TOKYO, first=FIRST, last=LAST).rows


def days(*events: str) -> list[int]:
    """Return how many days after the first one is busy."""
    return [(day - FIRST).days for day, _, _ in busy(*events)]


@pytest.mark.parametrize(
    ("start", "length", "rows"),
    [
        ("DTSTART:20260602T010030Z", "DTEND:20260602T020030Z", [(date(2026, 6, 2), 600, 661)]),  # in UTC, to the minute
        ("DTSTART:20260602T100000", "DURATION:PT90M", [(date(2026, 6, 2), 600, 690)]),  # floating: one's own clock
        ("DTSTART;VALUE=DATE:20260602", "SUMMARY:trip", [(date(2026, 6, 2), 0, 1440)]),
        (
            "DTSTART;TZID=America/New_York:20260602T090000",
            "DTEND;TZID=America/New_York:20260602T120000",
            [(date(2026, 6, 2), 1320, 1440), (date(2026, 6, 3), 0, 60)],
        ),
        ("DTSTART:20260525T000000", "DTEND:20260601T060000", [(FIRST, 0, 360)]),  # begun before
        ("DTSTART:20260525T000000", "DURATION:PT1H", []),
        ("DTSTART:20280601T000000", "DURATION:PT1H", []),
    ],
)
def test_an_event_takes_its_time_on_ones_own_clock(start: str, length: str, rows: list[BusyRow]) -> None:
    assert busy(event(start=start, length=length)) == rows


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_takes_no_time_is_left_out(line: str) -> None:
    assert busy(event(line)) == []


def test_rules_repeat_leave_out_and_move() -> None:
    weekly = event("RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Asia/Tokyo:20260609T100000")
    moved = event("RECURRENCE-ID;TZID=Asia/Tokyo:20260616T100000", start="DTSTART;TZID=Asia/Tokyo:20260617T100000")

    assert days(weekly, moved) == [1, 16, 22]
    assert days(event("RRULE:FREQ=MONTHLY;BYDAY=1TU;UNTIL=20260901T000000Z")) == [1, 36, 64]
    assert days(event("RRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20260609")) == [1, 4, 7]
    assert days(event("RDATE;TZID=Asia/Tokyo:20260605T100000,20260606T100000")) == [1, 4, 5]


def test_a_rule_from_long_ago_is_read_for_two_years_only() -> None:
    rows = busy(event("RRULE:FREQ=DAILY", start="DTSTART:19990101T000000Z"))

    assert (rows[0][0], rows[-1][0], len(rows)) == (FIRST, LAST, (LAST - FIRST).days + 1)


def test_free_and_busy_answers_count_too() -> None:
    told = b"FREEBUSY;FBTYPE=FREE:20260602T000000Z/PT1H\r\nFREEBUSY:20260602T010000Z/20260602T020000Z\r\n"
    data = b"BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\n" + told + b"END:VFREEBUSY\r\nEND:VCALENDAR\r\n"

    assert busy_in(data, TOKYO, first=FIRST, last=LAST).rows == [(date(2026, 6, 2), 600, 660)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        f"FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))}",
        "FREQ=NEVER",
        "INTERVAL=1",
    ],
)
def test_a_rule_beyond_the_limits_is_left_out_and_counted(rule: str) -> None:
    found = busy_in(
        calendar(event(f"RRULE:{rule}"), event(start="DTSTART:20260701T010000Z")), TOKYO, first=FIRST, last=LAST
    )

    assert (found.rows, found.skipped) == ([(date(2026, 7, 1), 600, 660)], 1)
    assert MOST_REPEATED == 1000


def test_a_full_calendar_is_read_as_far_as_the_most_rows_reach() -> None:
    hours = [event("RRULE:FREQ=DAILY", f"UID:{n}", start=f"DTSTART:20260601T{n:02}0000Z") for n in (1, 3)]

    found = busy_in(calendar(*hours), TOKYO, first=FIRST, last=LAST)

    assert len(found.rows) == MOST_BUSY
    assert found.until == FIRST + timedelta(days=MOST_BUSY // 2 - 1)
    assert found.rows[-1][0] == found.until


async def test_a_reader_of_its_own_says_the_same() -> None:
    data = calendar(event("RRULE:FREQ=WEEKLY;COUNT=3"))

    assert await read_calendar(data, zone=TOKYO, today=FIRST) == busy_in(
        data, TOKYO, first=FIRST, last=FIRST + timedelta(days=730)
    )


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NotACalendar),
        (b"\x89PNG\r\n\x1a\n\0\0\0", NotACalendar),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT", NotACalendar),
        (b"BEGIN:VCALENDAR\r\n" * 20_000, NotACalendar),
        (b"x" * (MAX_BYTES + 1), CalendarTooLarge),
        # Never meets a date: the library looks until the year 9999. Without `setitimer` this test hangs for a minute.
        (calendar(*[event("RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")] * 20), CalendarTooComplex),
    ],
    ids=["empty", "picture", "broken", "nested", "large", "never"],
)
async def test_a_hostile_file_is_refused(data: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        await read_calendar(data, zone=TOKYO, today=FIRST)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 400), st.sampled_from([b"", b":", b";", b"0", b"-1", b"\xff", b"T", b"\r\n"]))),
    st.sampled_from(["RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE:20260609T100000", "RDATE:20260605T100000", "STATUS:X"]),
)
def test_a_mutated_file_is_read_or_refused(cuts: list[tuple[int, bytes]], line: str) -> None:
    data = calendar(event(line), event("RECURRENCE-ID:20260616T100000"))
    for at, put in cuts:
        data = data[:at] + put + data[at + len(put) :]
    try:
        found = busy_in(data, TOKYO, first=FIRST, last=LAST)
    except ValueError:
        return

    assert all(FIRST <= day <= LAST and 0 <= low < high <= 1440 for day, low, high in found.rows)


@pytest.mark.skipif(not REAL_DATA, reason="SHARECARE_REAL_DATA is not set")
def test_real_calendars_are_read_or_refused() -> None:
    found = {}
    for path in sorted(Path(REAL_DATA or "").glob("ics/*.ics")):
        try:
            read = busy_in(path.read_bytes(), TOKYO, first=FIRST, last=LAST)
        except ValueError:
            continue
        found[path.stem] = (len(read.rows), read.skipped)

    assert len(found) == 27
    assert {name: told for name, told in found.items() if told[0]} == {
        "badRRULE": (522, 0),
        "biweekly-exdate-until": (208, 0),
        "issue_466_convert_tzid_with_slash": (104, 0),
        "x_location": (523, 0),
    }

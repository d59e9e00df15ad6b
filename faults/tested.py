"""Rows that the test suite holds already: run here so that the table is whole.

Seen failing: each of the tests says beside it what was removed.
"""

import asyncio
import os
import sys
from pathlib import Path

from faults.outcome import Outcome, judged
from faults.place import Place, Size

ROOT = Path(__file__).parents[1]
ZONES = ("tests/availability/test_rules.py",)
LIVES = ("tests/care/test_machine.py",)
FEED = ("tests/journal/test_feed.py", "tests/matching/test_feed.py")


async def zones(place: Place) -> Outcome:
    """Draw hours in every zone of zoneinfo and hold them to the rule of gaps and folds, minute by minute."""
    return await _tests(place, ZONES)


async def feed(place: Place) -> Outcome:
    """Let thirty writers write 3,000 facts beside a reader; both databases."""
    return await _tests(place, FEED)


async def lives(place: Place) -> Outcome:
    """Let people do anything in any order and hold what comes of it to a plain model; both databases.

    Seen failing with the triggers against overlaps dropped: two live bookings of one child.
    """
    return await _tests(place, LIVES, f"--hypothesis-profile={'nightly' if place.size is Size.NIGHTLY else 'faults'}")


async def _tests(place: Place, files: tuple[str, ...], *options: str) -> Outcome:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHARECARE_")}
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *files)
    running = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=clean | {"CI": "true"}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await running.communicate()
    await asyncio.to_thread(place.log.write_bytes, said)
    lines = said.decode(errors="replace").strip().splitlines() or ["nothing"]
    return judged(f"pytest {' '.join(files)}", lines[-1], passed=running.returncode == 0)

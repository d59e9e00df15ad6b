"""Live through a town's worst hour: everybody needs help at once, and everybody looks.

Usage: python -m bench.hour.run DEMO_DATABASE [--members N] [--requests N] [--minutes M] [--faster F] [--json]

DEMO_DATABASE is the SQLite file of a demo; copies of its people make a town of N members (10,000). `sharecare serve`
runs as an operator runs it, worker and all. In the hour, 2,000 families ask for help: preview, request; someone who was
asked looks and offers, the family looks and chooses, both open the booking. Meanwhile each member looks three times at
something of theirs. Everything begins when the clock says so, however busy the server is: a wait counts. M minutes of
the hour are lived, F times as fast. Prints, for each kind of call, how many there were, p50 and p99 in ms, refusals and
errors. Exit code 1: an error, or a p99 above a second.
"""

import argparse
import asyncio
import json
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from bench.pages.town import members, multiply
from faults.server import KEY, Server

from sharecare.accounts.models import SignIn
from sharecare.accounts.rules import PersonState
from sharecare.accounts.tokens import AccessClaims, hash_secret, issue_access_token
from sharecare.clock import utc_now

ZONE = ZoneInfo("Asia/Tokyo")
LOOKS_EACH = 3
LOOKS = ("/api/v1/bookings", "/api/v1/me/messages")
OF_REQUESTERS, OF_SUPPORTERS = "/api/v1/requests", "/api/v1/me/asks"
MOST_S = 1.0
ANSWER_WITHIN_S = 30
SEED = 1


@dataclass(slots=True)
class Told:
    """What the calls of one kind came to."""

    took_s: list[float] = field(default_factory=list)
    refused: int = 0
    errors: int = 0

    def figures(self) -> dict[str, object]:
        """Return them as they are printed."""
        ordered = sorted(self.took_s)
        p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
        return {
            "calls": len(ordered),
            "p50_ms": round(p50 * 1000, 1),
            "p99_ms": round(p99 * 1000, 1),
            "refused": self.refused,
            "errors": self.errors,
        }


@dataclass(slots=True)
class Hour:
    """The clients of one run."""

    http: httpx.AsyncClient
    database: sqlite3.Connection
    signed_in: dict[int, int]
    looks: Sequence[tuple[int, str]]
    families: Sequence[tuple[int, int]]
    dice: random.Random
    told: dict[str, Told] = field(default_factory=lambda: defaultdict(Told))
    bookings: int = 0

    async def call(self, kind: str, person: int, method: str, path: str, body: Any = None) -> Any:  # noqa: ANN401  -- any JSON
        """Call as somebody; return the answer, or None where it was refused or lost."""
        token = issue_access_token(
            AccessClaims(person, self.signed_in[person]), key=KEY.encode(), now=utc_now(), minutes=10
        )
        told, begun = self.told[kind], asyncio.get_running_loop().time()
        try:
            answer = await self.http.request(method, path, json=body, headers={"authorization": f"Bearer {token}"})
        except httpx.HTTPError:
            told.errors += 1
            return None
        finally:
            told.took_s.append(asyncio.get_running_loop().time() - begun)
        told.errors += answer.is_server_error
        told.refused += answer.is_client_error
        return answer.json() if answer.is_success else None

    async def look(self) -> None:
        """Let somebody look at something of theirs."""
        person, path = self.dice.choice(self.looks)
        await self.call("look", person, "GET", path)

    async def ask(self) -> None:
        """Let a family ask, somebody offer, and the family choose."""
        family, child = self.dice.choice(self.families)
        need = self._need(child)
        await self.call("preview", family, "POST", "/api/v1/requests/preview", need)
        request = await self.call("request", family, "POST", "/api/v1/requests", need)
        if request is None:
            return
        asked = self.database.execute("SELECT supporter_id FROM ask WHERE request_id = ?", (request["id"],)).fetchone()
        if asked is None or asked[0] not in self.signed_in:
            return
        path = f"/api/v1/requests/{request['id']}"
        await self.call("asks", asked[0], "GET", "/api/v1/me/asks")
        if await self.call("offer", asked[0], "POST", f"{path}/offers", {}) is None:
            return
        offers = await self.call("offers", family, "GET", f"{path}/offers")
        booking = await self.call("accept", family, "POST", f"/api/v1/offers/{offers[0]['id']}/accept", {})
        if booking is not None:
            self.bookings += 1
            for person in (family, asked[0]):
                await self.call("booking", person, "GET", f"/api/v1/bookings/{booking['id']}")

    def _need(self, child: int) -> dict[str, object]:
        day = utc_now().astimezone(ZONE).date() + timedelta(days=self.dice.randint(1, 5))
        start = datetime.combine(day, time(self.dice.randint(8, 17), self.dice.choice((0, 30))), ZONE)
        end = start + timedelta(minutes=self.dice.choice((60, 90, 120)))
        return {"kind": "child_home", "children": [child], "start_at": start.isoformat(), "end_at": end.isoformat()}


def main() -> int:
    """Live and print."""
    asked = argparse.ArgumentParser(description="A town's worst hour.")
    asked.add_argument("demo", type=Path)
    asked.add_argument("--members", type=int, default=10_000)
    asked.add_argument("--requests", type=int, default=2_000, help="in the whole hour")
    asked.add_argument("--minutes", type=float, default=3.0, help="how much of the hour to live")
    asked.add_argument("--faster", type=float, default=1.0)
    asked.add_argument("--json", action="store_true", help="print one JSON value")
    words = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="sharecare-hour-"))
    try:
        path = folder / "town.db"
        with closing(sqlite3.connect(words.demo)) as demo:
            demo.execute("VACUUM INTO ?", (str(path),))
        multiply(path, max(1, round(words.members / members(words.demo))))
        report = asyncio.run(_lived(path, words))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    calls = report["calls"]
    if words.json:
        print(json.dumps(report, indent=2))
    else:
        print("\n".join(f"{name}: {value}" for name, value in (*report.items(), *calls.items()) if value is not calls))
    return int(any(one["errors"] or one["p99_ms"] > MOST_S * 1000 for one in calls.values()))


async def _lived(path: Path, words: argparse.Namespace) -> dict[str, Any]:
    signed_in, looks, families = _people(path)
    server = Server(f"sqlite:///{path}", path.with_name("server.log"))
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    try:
        await server.start()
        async with httpx.AsyncClient(
            base_url=server.base, timeout=ANSWER_WITHIN_S, limits=limits, trust_env=False
        ) as http:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
                hour = Hour(http, database, signed_in, looks, families, random.Random(SEED))
                seconds = await _through(hour, words)
    finally:
        await asyncio.to_thread(server.stop)
    calls = {kind: told.figures() for kind, told in hour.told.items()}
    total = sum(len(told.took_s) for told in hour.told.values())
    return {
        "members": len(signed_in),
        "minutes": words.minutes,
        "faster": words.faster,
        "calls_per_s": round(total / seconds, 1),
        "bookings": hour.bookings,
        "calls": calls,
    }


async def _through(hour: Hour, words: argparse.Namespace) -> float:
    """Begin everything at its moment; return the seconds it took."""
    rates: list[tuple[Callable[[], Awaitable[None]], float]] = [
        (hour.ask, words.requests / 3600 * words.faster),
        (hour.look, len(hour.signed_in) * LOOKS_EACH / 3600 * words.faster),
    ]
    loop = asyncio.get_running_loop()
    begun, lasts_s = loop.time(), words.minutes * 60 / words.faster

    async def at(moment: float, what: Callable[[], Awaitable[None]]) -> None:
        await asyncio.sleep(max(0.0, begun + moment - loop.time()))
        await what()

    moments = [(hour.dice.uniform(0, lasts_s), what) for what, rate in rates for _ in range(round(rate * lasts_s))]
    await asyncio.gather(*(at(moment, what) for moment, what in moments))
    return loop.time() - begun


def _people(path: Path) -> tuple[dict[int, int], list[tuple[int, str]], list[tuple[int, int]]]:
    """Sign everybody in; return their sign-ins, who may look at what, and who has which child."""
    now = datetime.now(UTC).replace(tzinfo=None)
    columns = ("person_id", "secret_hash", "device", "created_at", "seen_at", "expires_at")
    with closing(sqlite3.connect(path)) as connection:
        active = "SELECT id, is_requester, is_supporter FROM person WHERE state = ?"
        people = connection.execute(active, (PersonState.ACTIVE.value,)).fetchall()
        until = now + timedelta(days=1)
        rows = [(one, hash_secret(f"hour-{one}"), "bench", str(now), str(now), str(until)) for one, *_ in people]
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {SignIn.__tablename__} ({names}) VALUES ({marks})", rows)
        connection.commit()
        signed_in = dict(connection.execute("SELECT person_id, id FROM sign_in WHERE device = 'bench'").fetchall())
        families = connection.execute(
            "SELECT person.id, min(child.id) FROM person JOIN child ON child.household_id = person.household_id"
            " WHERE person.is_requester AND person.state = 'active' GROUP BY person.id"
        ).fetchall()
    looks = [(one, path) for one, *_ in people for path in LOOKS]
    looks += [(one, OF_REQUESTERS) for one, requests, _ in people if requests]
    looks += [(one, OF_SUPPORTERS) for one, _, supports in people if supports]
    return signed_in, looks, families


if __name__ == "__main__":
    sys.exit(main())

"""Serve a filled database with the real server and compare the candidates route with a bare one.

Usage: python -m bench.http.run DATABASE_URL [SECONDS [CLIENTS]]

The bare route signs in through the same policy table and answers as many bytes as the candidates are. One server
process; all clients, each with a connection it keeps, in another. The two routes take turns, so that both see the same
machine. Prints JSON. A database without people is filled with 5,000 first.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from contextlib import closing
from datetime import date, timedelta

import uvicorn
from bench.feed.fill import fill_once
from bench.feed.world import NOW
from bench.silence import silently
from fastapi import APIRouter, Depends, Response
from sqlalchemy.engine import URL, make_url
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.accounts.models import Child, Home, Person
from sharecare.accounts.sign_ins import start_sign_in
from sharecare.accounts.tokens import AccessClaims, issue_access_token
from sharecare.app import create_app
from sharecare.care.models import CareRequest, RequestChild
from sharecare.db import Database
from sharecare.deps import authorise
from sharecare.policy import OWN, POLICY

PEOPLE = 5_000
ROUNDS = 5
READY_S = 120
KEY = "bench" * 8
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
Way = tuple[str, str]
"""A path and the access token to ask it with."""


def main(address: str, seconds: int = 3, clients: int = 8) -> None:
    url = make_url(address)
    url = url.set(drivername=DRIVERS[url.get_backend_name()])
    asyncio.run(fill_once(url, PEOPLE))
    ways = asyncio.run(_open_requests(url, clients))
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.http.run", "--serve", str(port)],
        env=os.environ | {"SHARECARE_DATABASE_URL": address, "SHARECARE_SECRET_KEY": KEY},
        stdout=subprocess.DEVNULL,  # a line for each request
    )
    try:
        asyncio.run(_wait(port))
        figures = asyncio.run(_compare(port, ways, seconds))
    finally:
        server.terminate()
        server.wait(timeout=READY_S)
    print(json.dumps({"database": url.get_backend_name(), "clients": clients} | figures, indent=2))


def serve(port: int) -> None:
    """Serve the product as it is, and one bare route beside it; time stands still, so that no token runs out."""
    POLICY["bare"] = OWN
    bare = APIRouter(dependencies=[Depends(authorise)])

    @bare.get("/api/v1/bare/{size}", operation_id="bare")
    async def answer(size: int) -> Response:
        return Response(b'"' + b"x" * (size - 2) + b'"', media_type="application/json")

    app = create_app(clock=lambda: NOW, works=False, showing=silently)
    app.include_router(bare)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", server_header=False)


async def _open_requests(url: URL, count: int) -> list[Way]:
    """Let some people ask for care tomorrow, in the open circle, and sign them in."""

    async def work(session: AsyncSession) -> list[Way]:
        rows = await session.exec(
            select(Person, Home)
            .join(Home, col(Home.household_id) == col(Person.household_id))
            .where(col(Person.id) % (PEOPLE // count) == 1)
            .order_by(col(Person.id))
            .limit(count)
        )
        return [await _open_request(session, person, home) for person, home in rows.all()]

    database = Database(url, pool_size=1)
    ways = await database.write(work)
    await database.close()
    return ways


async def _open_request(session: AsyncSession, person: Person, home: Home) -> Way:
    child = Child(household_id=person.household_id, name="c", birth_month=date(2019, 5, 1), created_at=NOW)
    request = CareRequest(
        area_id=person.area_id,
        household_id=person.household_id,
        requester_id=person.id,
        kind="child_home",
        start_at=NOW + timedelta(days=1, hours=1),
        end_at=NOW + timedelta(days=1, hours=2),
        lat=home.lat,
        lon=home.lon,
        cell=home.cell,
        max_distance_m=3000,
        min_level=0,
        reach="open",
        circle="open",
        handover_start="parent",
        handover_finish="parent",
        state="open",
        opened_at=NOW,
    )
    session.add_all([child, request])
    await session.flush()  # the path and the child's row name them
    session.add(RequestChild(request_id=request.id, child_id=child.id))
    started, _ = await start_sign_in(session, person_id=person.id, device="bench", now=NOW, days=1)
    claims = AccessClaims(person.id, started.id)
    return f"/api/v1/requests/{request.id}/candidates", issue_access_token(
        claims, key=KEY.encode(), now=NOW, minutes=10
    )


async def _wait(port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        try:
            status, _ = await _ask_once(port, ("/health", ""))
        except OSError:
            await asyncio.sleep(0.1)
            continue
        if status == 200:
            return
    raise TimeoutError("the server never came up")


async def _compare(port: int, ways: list[Way], seconds: float) -> dict[str, object]:
    sizes = []
    for way in ways:
        status, body = await _ask_once(port, way)
        assert status == 200, body
        sizes.append(len(body))
    bare = [(f"/api/v1/bare/{size}", token) for size, (_, token) in zip(sizes, ways, strict=True)]
    await _rate(port, ways, 1.0)
    await _rate(port, bare, 1.0)
    pairs = [(await _rate(port, ways, seconds), await _rate(port, bare, seconds)) for _ in range(ROUNDS)]
    return {
        "bytes": round(statistics.mean(sizes)),
        "candidates_per_s": round(statistics.median(mine for mine, _ in pairs), 1),
        "bare_per_s": round(statistics.median(bare for _, bare in pairs), 1),
        "ratio": round(statistics.median(mine / bare for mine, bare in pairs), 3),
    }


async def _rate(port: int, ways: list[Way], seconds: float) -> float:
    """Ask on all connections at once for some seconds; return answers per second."""
    until = time.perf_counter() + seconds
    before = time.perf_counter()
    counts = await asyncio.gather(*(_keep_asking(port, way, until) for way in ways))
    return sum(counts) / (time.perf_counter() - before)


async def _keep_asking(port: int, way: Way, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.perf_counter() < until:
        writer.write(_request(way))
        status, _ = await _answer(reader)
        assert status == 200, status
        count += 1
    writer.close()
    return count


async def _ask_once(port: int, way: Way) -> tuple[int, bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_request(way))
    answer = await _answer(reader)
    writer.close()
    return answer


def _request(way: Way) -> bytes:
    path, token = way
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), READY_S)).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(int(sys.argv[2]))
    else:
        options = dict(zip(("seconds", "clients"), map(int, sys.argv[2:]), strict=False))
        main(sys.argv[1], **options)

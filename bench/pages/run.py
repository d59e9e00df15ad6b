"""Time the pages of a served town, beside a bare page of the same size.

Usage: python -m bench.pages.run DEMO_DATABASE [TIMES [REPEATS]]

DEMO_DATABASE is the SQLite file of a demo; TIMES copies of its people live in a file beside it (167 make 20,040
members). One server process, one request at a time on one connection that is kept. Each page takes turns with the bare
one, so that both see the same machine. Prints JSON: for each page the bytes, by itself and with its CSS and JS (the
map's left out), the time to the first byte (p50 and p95, in ms), and what share of the bare page's rate it reaches.
Exit code 1 where a p95 is above 100 ms, or a page with its parts above 60 kB.
"""

import http.client
import json
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import deque
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import uvicorn
from bench.pages.town import members, multiply
from bench.silence import silently
from fastapi import Depends, FastAPI, Response

from sharecare.app import create_app
from sharecare.web.browser import AtBrowser, admit

MOST_MS = 100
MOST_BYTES = 60_000
READY_S = 120
# Where each begins to click. Every page that links lead to is timed once, whatever number or name it is about.
STARTS = {
    "nobody": ("/",),
    "parent": ("/home", "/ask"),
    "supporter": ("/home", "/asks", "/hours"),
    "staff": ("/staff/misono",),
}
_PARTS = re.compile(r'(?:href|src)="(/assets/(?!map[.])[^"]*[.](?:css|js)[^"]*)"')
_LINK = re.compile(r'href="(/[^"#?]*)')


def main(demo: str, times: int = 1, repeats: int = 60) -> int:
    """Measure and print."""
    path = Path(demo) if times == 1 else _grown(Path(demo), times)
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "bench.pages.run", "--serve", str(port)],
        env=os.environ | {"SHARECARE_DATABASE_URL": f"sqlite:///{path}"},
        stdout=subprocess.DEVNULL,  # a line for each request
    )
    try:
        _wait(port)
        measured = [one for who in STARTS for one in _measured(port, who, repeats)]
    finally:
        server.terminate()
        server.wait(timeout=READY_S)
    print(json.dumps({"members": members(path), "pages": measured}, indent=2, ensure_ascii=False))
    slow = any(float(str(one["p95_ms"])) > MOST_MS for one in measured)
    heavy = any(int(str(one["with_css_and_js"])) > MOST_BYTES for one in measured)
    return int(slow or heavy)


def serve(port: int) -> None:
    """Serve the product, and a bare page of any size behind the same door."""
    app: FastAPI = create_app(works=False, showing=silently)

    @app.get("/bare/{size}", operation_id="show_start", dependencies=[Depends(admit)])
    async def bare(size: int, _browser: AtBrowser) -> Response:
        return Response(b"x" * size, media_type="text/html")

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _grown(demo: Path, times: int) -> Path:
    grown = demo.with_name(f"{demo.stem}-{times}.db")
    if not grown.exists():
        begun = grown.with_suffix(".begun")
        begun.unlink(missing_ok=True)
        with closing(sqlite3.connect(demo)) as connection:
            connection.execute("VACUUM INTO ?", (str(begun),))
        multiply(begun, times)
        begun.rename(grown)
    grown.with_suffix(".key").write_bytes(demo.with_suffix(".key").read_bytes())
    return grown


def _measured(port: int, who: str, repeats: int) -> list[dict[str, object]]:
    cookie = _signed_in(port, who) if who != "nobody" else ""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=READY_S)) as connection:
        return [
            {"who": who, "page": page} | _timed(connection, page, cookie, repeats)
            for page in _pages(connection, who, cookie)
        ]


def _pages(connection: http.client.HTTPConnection, who: str, cookie: str) -> list[str]:
    """Click through all a person can reach; of pages that differ only in a number or a code, take the first."""
    found, waiting = dict[str, str](), deque(STARTS[who])
    while waiting:
        path = waiting.popleft()
        kind = re.sub(r"\d+|[\w-]{20,}", "…", path)
        if kind in found:
            continue
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        body = answer.read().decode(errors="replace")
        is_page = answer.status == HTTPStatus.OK and str(answer.headers["Content-Type"]).startswith("text/html")
        found[kind] = path if is_page else ""
        if is_page:
            waiting += _LINK.findall(body)
    return [path for path in found.values() if path]


def _timed(connection: http.client.HTTPConnection, page: str, cookie: str, repeats: int) -> dict[str, object]:
    body, _ = _get(connection, page, cookie)
    size = len(body)
    for _ in range(3):
        _get(connection, page, cookie)
    pairs = [(_get(connection, page, cookie)[1], _get(connection, f"/bare/{size}", cookie)[1]) for _ in range(repeats)]
    took = sorted(mine for mine, _ in pairs)
    return {
        "bytes": size,
        "with_css_and_js": size
        + sum(len(_get(connection, one, cookie)[0]) for one in set(_PARTS.findall(body.decode()))),
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(took[int(len(took) * 0.95)], 1),
        "of_bare": round(statistics.median(bare / mine for mine, bare in pairs), 3),
    }


def _get(connection: http.client.HTTPConnection, path: str, cookie: str) -> tuple[bytes, float]:
    """Return a page, and the milliseconds to its first byte."""
    began = time.perf_counter()
    connection.request("GET", path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    took = (time.perf_counter() - began) * 1000
    body = answer.read()
    assert answer.status == HTTPStatus.OK, (path, answer.status)
    return body, took


def _signed_in(port: int, who: str) -> str:
    """Sign in through the demo's bar; return the cookie."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=READY_S)) as connection:
        connection.request("GET", "/sign-in")
        shown = connection.getresponse()
        visit = str(shown.headers["set-cookie"]).split(";")[0]
        token = re.search(r'name="token" value="([^"]+)"', shown.read().decode())
        assert token is not None
        body = urlencode({"token": token.group(1), "who": who})
        headers = {"Cookie": visit, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/demo/eyes", body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return next(
            one.split(";")[0] for one in answer.headers.get_all("set-cookie", []) if one.startswith("sharecare")
        )


def _wait(port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server never came up")


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(int(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))

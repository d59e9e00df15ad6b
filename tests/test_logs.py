"""Log lines: one JSON object each, under the request's id, and nobody's data in them."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from doors import Town
from sharecare.logs import REQUEST_ID, write_logs
from world import PASSWORD


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Take down what is logged, and leave logging as it was."""
    root, lines = logging.getLogger(), io.StringIO()
    before, level = root.handlers, root.level
    write_logs(as_json=True, level="info")
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(lines)
    yield lines
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()


async def test_a_line_names_the_route_and_nobody(town: Town, written: io.StringIO) -> None:
    await town.sign_up("Alice")
    wrong = {"email": "alice@example.jp", "password": "not-her-password"}
    await town.http.post("/api/v1/token", json=wrong)
    answer = await town.http.get("/requests/4711?name=Alice", headers={REQUEST_ID: "abcdef-12345678"})

    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert answer.headers[REQUEST_ID] == "abcdef-12345678"
    assert {line["request_id"] for line in lines if line.get("status") == answer.status_code} >= {"abcdef-12345678"}
    assert {"method", "route", "status", "ms", "request_id", "timestamp", "level", "logger"} <= lines[-1].keys()
    for secret in ("alice", "Alice", PASSWORD, "not-her-password", "4711"):
        assert secret not in written.getvalue()


async def test_an_id_that_is_none_is_replaced(town: Town) -> None:
    answer = await town.http.get("/health", headers={REQUEST_ID: "x; drop"})

    assert answer.headers[REQUEST_ID] != "x; drop"
    assert len(answer.headers[REQUEST_ID]) == 16


def test_an_error_is_written_with_its_request(written: io.StringIO) -> None:
    def read(typed: str) -> int:
        return int("broken" if typed else "")

    with structlog.contextvars.bound_contextvars(request_id="abcdef-12345678"):
        try:
            read("what a person typed")
        except ValueError:
            logging.getLogger("sharecare").exception("it failed")

    line = json.loads(written.getvalue().splitlines()[-1])
    assert (line["event"], line["level"], line["request_id"]) == ("it failed", "error", "abcdef-12345678")
    assert line["exception"][0]["exc_type"] == "ValueError"
    assert "what a person typed" not in written.getvalue()

"""Connections that do not come along are closed; those that do are left alone, however long they live."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from sharecare import patience
from sharecare.patience import PatientProtocol

HEAD = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 8\r\n"


async def answers_the_body(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if message["type"] == "http.disconnect":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    config = uvicorn.Config(answers_the_body, http=PatientProtocol, lifespan="off", log_config=None, port=0)
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield reader, writer
        writer.close()
    finally:
        await server.shutdown()


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LOOK_EVERY_S", 0.05)


@pytest.mark.parametrize("sent", [b"", HEAD, HEAD + b"\r\n1234"])
async def test_a_request_that_does_not_come_along_is_closed(sent: bytes) -> None:
    # With uvicorn's own protocol each of the three stayed open for as long as the client liked.
    async with connected() as (reader, writer):
        writer.write(sent)
        async with asyncio.timeout(30):
            assert await reader.read() == b""


async def test_one_connection_carries_one_request_after_another() -> None:
    async with connected() as (reader, writer):
        for _ in range(3):
            writer.write(HEAD + b"\r\n12345678")
            async with asyncio.timeout(30):
                head = await reader.readuntil(b"\r\n\r\n")
                assert (head[:15], await reader.readexactly(8)) == (b"HTTP/1.1 200 OK", b"12345678")

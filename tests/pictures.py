"""A source of map pictures on this machine."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

# One grey pixel.
PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")


class Source:
    """A server of pictures that notes what it is asked for."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.code = HTTPStatus.OK
        self.kind = "image/png"
        self.body = PICTURE

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split()[1])
        told = f"content-type: {self.kind}\r\ncontent-length: {len(self.body)}\r\nconnection: close\r\n\r\n"
        writer.write(f"HTTP/1.1 {self.code.value} x\r\n{told}".encode() + self.body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def pictures() -> AsyncIterator[Source]:
    """Serve pictures on a free port."""
    source = Source()
    server = await asyncio.start_server(source.answer, "127.0.0.1", 0)
    source.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{{z}}/{{x}}/{{y}}.png"
    async with server:
        yield source

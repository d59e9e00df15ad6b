"""A mail server on the loopback that keeps what it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class Sink:
    """Takes letters, or refuses as many recipients as `refusals` says; `heard` holds every command."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.heard: list[str] = []
        self.refusals = 0
        self.port = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Sink"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 sink\r\n")
        while line := await reader.readline():
            verb = line.decode().split()[0]
            self.heard.append(line.decode().strip())
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                self._keep(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(self._answer(verb))
            if verb == "QUIT":
                break
        writer.close()
        await writer.wait_closed()

    def _answer(self, verb: str) -> bytes:
        if verb == "EHLO":
            return b"250-sink\r\n250 AUTH PLAIN\r\n"
        if verb == "RCPT" and self.refusals:
            self.refusals -= 1
            return b"451 <hanako@example.jp> is busy\r\n"
        return b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n"

    def _keep(self, data: bytes) -> None:
        letter = message_from_bytes(data.removesuffix(b".\r\n"), policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)

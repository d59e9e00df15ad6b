"""A limit to how slowly a request may come in: uvicorn itself waits for ever."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOK_EVERY_S = 6.0
MIN_BYTES = 6 * 1024  # of a body, between two looks


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request does not come along from one look to the next."""

    _awaits_head = True
    _awaits_body = False
    _part = 0  # heads and bodies so far: what began since the last look is given until the next
    _part_seen = -1
    _bytes = 0
    _looking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Begin to look after it."""
        super().connection_made(transport)
        self._looking = self.loop.call_later(LOOK_EVERY_S, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking after it."""
        super().connection_lost(exc)
        if self._looking is not None:
            self._looking.cancel()

    def data_received(self, data: bytes) -> None:
        """Count what comes in."""
        self._bytes += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Wait for the head of a request; the first is waited for from the start."""
        super().on_message_begin()
        if not self._awaits_head:
            self._awaits_head = True
            self._part += 1

    def on_headers_complete(self) -> None:
        """Wait for its body."""
        super().on_headers_complete()
        self._awaits_head, self._awaits_body = False, True
        self._part += 1

    def on_message_complete(self) -> None:
        """Wait for nothing: idle connections are uvicorn's own business."""
        super().on_message_complete()
        self._awaits_body = False

    def _look(self) -> None:
        held_back = self.flow.read_paused  # by us: the application takes its time
        slow = self._awaits_head or (self._awaits_body and self._bytes < MIN_BYTES and not held_back)
        if slow and self._part == self._part_seen:
            self.transport.close()
            return
        self._part_seen, self._bytes = self._part, 0
        self._looking = self.loop.call_later(LOOK_EVERY_S, self._look)

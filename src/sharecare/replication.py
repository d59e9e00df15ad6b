"""Commits on PostgreSQL beside a synchronous standby: bounded in time, and never taken for safe when they are not.

A commit that waits for its standby is bounded by no server setting; cancelling it answers "done", with a warning.
So whoever waits too long closes the connection: the row stays unseen, and held, until the standby has it.
"""

import asyncio
import logging
import os
import socket
from time import monotonic
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlmodel.ext.asyncio.session import AsyncSession

from sharecare.errors import Busy

log = logging.getLogger(__name__)
COMMIT_WITHIN_S = 1.8
ALONE_WITHIN_S = 15.0  # a server without a standby may be slow, but what it commits is safe
DOUBTFUL_AFTER_S = 1.0  # with lock_timeout: who waited for a row that such a commit holds doesn't wait again
LOOK_AGAIN_S = 0.5
_WAITS_IN = "SyncRepWaitForLSN"
_NOTICED = "sharecare_not_replicated"
_MARK = text("SELECT pg_logical_emit_message(true, 'sharecare', CAST('' AS text))")
_WHO = text("SELECT pg_backend_pid(), pg_postmaster_start_time()")
_END = text(
    "SELECT pg_terminate_backend(:pid) WHERE pg_postmaster_start_time() = :started"
)  # or it is another's number


class NotReplicated(Busy):
    """The standby did not confirm: the write may be there, and a failover might lose it."""

    ja = "保存されたことを確認できませんでした。少し待ってから、もう一度お試しください。"
    en = "We couldn't confirm that this was saved. Wait a moment and try again."


async def mark(session: AsyncSession) -> None:
    """Write something that only replication can confirm, so that this commit waits for all earlier ones too."""
    if session.get_bind().dialect.name == "postgresql":
        await (await session.connection()).execute(_MARK)


class Standby:
    """What one process knows of the standby: whether commits are confirmed."""

    def __init__(self, url: URL, engine: AsyncEngine, connect_args: dict[str, Any]) -> None:
        self._is_awaited = False  # as the latest connection was told
        self._prober = create_async_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=connect_args)
        for watched in (engine, self._prober):
            _notice(watched)
            event.listen(watched.sync_engine, "connect", self._ask_whether_awaited)
        self._looking: asyncio.Task[None] | None = None
        self._commits: set[float] = set()  # when those under way began

    def require(self) -> None:
        """Refuse at once while commits are not confirmed: each try would leave one more waiting on the server.

        Raises:
            NotReplicated: they are not, or one of them is taking long.

        """
        if self._looking is not None and not self._looking.done():
            raise NotReplicated
        if self._is_awaited and self._commits and monotonic() - min(self._commits) > DOUBTFUL_AFTER_S:
            raise NotReplicated

    async def commit(self, session: AsyncSession) -> None:
        """Commit, and believe it only when it is confirmed.

        Raises:
            NotReplicated: it was not, in time.

        """
        if not session.in_transaction():
            return
        self.require()  # it may have gone while the work was done
        begun = monotonic()
        self._commits.add(begun)
        try:
            within_s = COMMIT_WITHIN_S if self._is_awaited else ALONE_WITHIN_S
            confirmed = await _confirmed(session, await session.connection(), within_s=within_s)
        finally:
            self._commits.discard(begun)
        if not confirmed:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            raise NotReplicated

    async def close(self) -> None:
        """Stop looking for the standby."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._prober.dispose()

    def _ask_whether_awaited(self, connection: Any, _record: object) -> None:  # noqa: ANN401  -- the driver's own type
        cursor = connection.cursor()
        cursor.execute("SHOW synchronous_standby_names")
        self._is_awaited = bool(cursor.fetchone()[0])
        cursor.close()
        connection.rollback()

    async def _look(self) -> None:
        """Return when a commit was confirmed again."""
        log.error("commits are not confirmed by the standby: writes are refused until they are")
        while not await self._tried():  # noqa: ASYNC110  -- nobody would set an event
            await asyncio.sleep(LOOK_AGAIN_S)
        log.warning("commits are confirmed again")

    async def _tried(self) -> bool:
        try:
            async with self._prober.connect() as connection:
                await connection.execute(_MARK)
                mine = (await connection.execute(_WHO)).one()
                confirmed = await _confirmed(connection, connection, within_s=COMMIT_WITHIN_S)
            if not confirmed:
                await self._end(*mine)
        except Exception as error:  # noqa: BLE001  -- whatever is wrong, it is looked at again
            log.info("no standby yet: %s", type(error).__name__)
            return False
        return confirmed

    async def _end(self, pid: int, started: object) -> None:
        """End one's own try: it holds nothing, and one more would wait with each look."""
        async with self._prober.connect() as connection:
            await connection.execute(_END, {"pid": pid, "started": started})


async def _confirmed(owner: AsyncSession | AsyncConnection, connection: AsyncConnection, *, within_s: float) -> bool:
    """Commit; on the way out of patience close the connection rather than cancel."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    noticed = connection.info
    noticed.pop(_NOTICED, None)
    committing = asyncio.ensure_future(owner.commit())
    try:
        done, _ = await asyncio.wait({committing}, timeout=within_s)
    except asyncio.CancelledError:
        committing.cancel()
        await asyncio.gather(committing, return_exceptions=True)
        raise
    if not done:
        _hang_up(driver.pgconn.socket)
        await asyncio.gather(committing, return_exceptions=True)
        return False
    committing.result()
    return _NOTICED not in noticed


def _hang_up(descriptor: int) -> None:
    """End the conversation under the driver, which sees it as lost; its descriptor stays in the loop until then."""
    with socket.socket(fileno=os.dup(descriptor)) as line:
        line.shutdown(socket.SHUT_RDWR)


def _notice(engine: AsyncEngine) -> None:
    """Note when the server says that it stopped waiting for the standby, known by where: its words are translated."""

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, record: Any) -> None:  # noqa: ANN401  -- the driver's own types
        def noticed(diagnostic: Any) -> None:  # noqa: ANN401  -- likewise
            if diagnostic.source_function == _WAITS_IN:
                record.info[_NOTICED] = True

        connection.driver_connection.add_notice_handler(noticed)

"""Running transactions for the ports: to read, to decide, to decide and wake, to write for sure."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Concatenate, ParamSpec, TypeVar

from bot.domain.errors import TransientError
from bot.domain.pacing import retry_waits
from bot.storage.database import NOTIFY, Database, Transaction

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Transaction, P], T]


class Runner:
    """Runs functions over a `Transaction`. Errors are those of `Database.run`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written = asyncio.Event()

    async def _run(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.run(lambda tx: work(tx, *args, **kwargs))

    async def _read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.read(lambda tx: work(tx, *args, **kwargs))

    async def _run_and_wake(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        done = await self._database.run(lambda tx: self._notifying(tx, work(tx, *args, **kwargs)))
        self._written.set()
        return done

    async def _run_and_wake_if(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Wake only where the work says that there is something to do."""

        def noting(tx: Transaction) -> T:
            done = work(tx, *args, **kwargs)
            return self._notifying(tx, done) if done else done

        done = await self._database.run(noting)
        if done:
            self._written.set()
        return done

    def _notifying(self, tx: Transaction, done: T) -> T:
        if self._database.shared:
            tx.connection.execute(NOTIFY)
        return done

    async def listen(self) -> None:
        """Hear of what other processes write, until cancelled."""
        from bot.storage.wakeups import listen  # noqa: PLC0415 - psycopg is an extra

        await listen(self._database.listen_url, self._written.set)

    async def _persist(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write what must not be lost: go on trying while the database is away."""
        waits = retry_waits()
        while True:
            try:
                return await self._run_and_wake(work, *args, **kwargs)
            except TransientError as error:
                wait = next(waits)
                log.warning("to be written again in %.0f s: %s", wait, error)
                await asyncio.sleep(wait)

    async def wait_for_work(self, at_most: float) -> None:
        """See JobStore."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._written.wait()
        self._written.clear()

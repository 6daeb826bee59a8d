"""Two transactions at the same time, in an order that a test decides."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.storage.database import Database

PATIENCE_SECONDS = 10
_WAITING = text("select exists (select from pg_locks where not granted)")

# SQLite has one writer: nothing happens there in between
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@contextmanager
def meanwhile(
    database: Database, before: str, work: Callable[..., object], *args: object, **kwargs: object
) -> Iterator[None]:
    """Run another transaction just before the first statement of the block that begins like this.

    The statement goes on once the other has ended, or waits for a lock.
    """
    begun: list[bool] = []
    running: list[Future[object]] = []
    whole = partial(database._attempt, lambda tx: work(tx, *args, **kwargs))  # noqa: SLF001 - its own thread

    with ThreadPoolExecutor(1) as thread:

        def step(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
            if not begun and statement.startswith(before):
                begun.append(True)  # the other's statements come by here as well
                running.append(thread.submit(whole))
                _until_ended_or_waiting(database, running[0])

        event.listen(database.engine, "before_cursor_execute", step)
        try:
            yield
        finally:
            event.remove(database.engine, "before_cursor_execute", step)
        assert running, f"nothing began with {before}"
        running[0].result(PATIENCE_SECONDS)


def _until_ended_or_waiting(database: Database, running: Future[object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    with database.engine.connect() as connection:
        while not running.done() and not connection.scalar(_WAITING):
            assert time.monotonic() < end, "neither ended nor waits"
            connection.rollback()

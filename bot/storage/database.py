"""One database, its threads and its transactions.

Decisions are plain functions over a `Transaction`, run whole in a database thread: hopping threads
per statement was measured four times slower. SQLite gets one thread (one writer), PostgreSQL a few.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.domain.errors import BotError, TransientError

T = TypeVar("T")
AnyRow = Row[*tuple[Any, ...]]

POSTGRESQL_THREADS = 6
BUSY_SECONDS = 10
ATTEMPTS = 3

CHANNEL = "seedream_work"
NOTIFY = text(f"select pg_notify('{CHANNEL}', '')")
_CLOCK = {
    "sqlite": text("select (julianday('now') - 2440587.5) * 86400.0"),
    "postgresql": text("select cast(extract(epoch from clock_timestamp()) as double precision)"),
}


class Raced(BotError):
    """What was read has changed before it was locked: the transaction is run again."""


def insert_in(dialect: str, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Build an INSERT that can carry ON CONFLICT, to be kept: building costs more than running."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open transaction and the database's time at its start (epoch seconds)."""

    connection: Connection
    now: float

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """Build an INSERT that can carry ON CONFLICT in this database."""
        return insert_in(self.dialect, table)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name


def open_engine(url: str) -> Engine:
    """Make the engine for `sqlite:///path` or `postgresql://…` (`postgres://` too)."""
    parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"isolation_level": None, "timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def missing_file(url: str) -> Path | None:
    """Name the file of a SQLite database that is not there; None where it is, or needs none."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    path = Path(parsed.database)
    return None if path.exists() else path


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # The write lock is taken before anything is read, else counts could be stale when written.
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("begin" if reads else "begin immediate")


class Database:
    """Runs transactions; `shift` moves its clock (seconds), for tests of windows and leases."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self.shift = 0.0
        single = self.engine.dialect.name == "sqlite"
        self._threads = ThreadPoolExecutor(
            1 if single else POSTGRESQL_THREADS, thread_name_prefix="database"
        )

    @property
    def shared(self) -> bool:
        """Whether other processes may work on it."""
        return self.engine.dialect.name == "postgresql"

    @property
    def listen_url(self) -> str:
        """Its address as psycopg takes it."""
        plain = self.engine.url.set(drivername="postgresql")
        return plain.render_as_string(hide_password=False)

    async def run(self, work: Callable[[Transaction], T]) -> T:
        """Run one deciding transaction; TransientError when the database cannot be reached.

        A clash of unique keys means that somebody else wrote first: it is looked at again.
        """
        return await self._in_thread(lambda: self._attempt(work))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run one transaction that only reads."""
        return await self._in_thread(lambda: self._transact(work, reads=True))

    async def close(self) -> None:
        """Let the running transactions end and close every connection."""
        await asyncio.to_thread(self._threads.shutdown)
        self.engine.dispose()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _attempt(self, work: Callable[[Transaction], T], left: int = ATTEMPTS) -> T:
        try:
            return self._transact(work)
        except (IntegrityError, Raced) as error:
            if left == 1:
                raise BotError("the database refuses the same thing again and again") from error
        return self._attempt(work, left - 1)

    def _transact(self, work: Callable[[Transaction], T], *, reads: bool = False) -> T:
        try:
            with self.engine.execution_options(reads=reads).begin() as connection:
                now = connection.scalar(_CLOCK[self.engine.dialect.name])
                return work(Transaction(connection, now + self.shift))
        except (BotError, IntegrityError):
            raise
        except OperationalError as error:
            raise TransientError("the database cannot be reached") from error
        except SQLAlchemyError as error:
            raise BotError("the database refused a statement") from error

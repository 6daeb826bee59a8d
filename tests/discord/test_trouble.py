"""The database away for a while: nothing accepted is lost, and members are told."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.domain.job import Status
from bot.sandbox.session import Session
from bot.storage import database as databases
from tests.discord.conftest import Server, until


@contextmanager
def locked(session: Session) -> Iterator[None]:
    """Hold the database's write lock, as a hung backup would."""
    path = session.parts.database.engine.url.database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("begin immediate")
        yield
        other.execute("rollback")
    finally:
        other.close()


class TestLocked:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(databases, "BUSY_SECONDS", 0.1)

    async def test_a_locked_database_is_told_and_heals_by_itself(self, server: Server) -> None:
        with locked(server.session):
            told = await server.imagine("first")
        assert told.startswith("I cannot write your request down at the moment.")
        assert (await server.imagine("second")).startswith("In line as")
        (job,) = await server.settled()
        assert job.status is Status.DELIVERED

    async def test_a_running_job_outlives_a_locked_database(self, server: Server) -> None:
        await server.imagine("first")
        await until(lambda: submitted(server))
        with locked(server.session):
            await until(lambda: run_is_over(server))
        (job,) = await server.settled()
        assert job.status is Status.DELIVERED
        assert len(server.session.segmind.accepted) == 1


async def submitted(server: Server) -> bool:
    return [job.status for job in await server.jobs()] == [Status.SUBMITTED]


async def run_is_over(server: Server) -> bool:
    return all(run.state == "COMPLETED" for run in server.session.segmind.runs.values())

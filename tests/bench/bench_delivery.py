"""From a finished run to its result in Discord: `python -m tests.bench.bench_delivery`. Linux only.

For memory and crowd, discord.py's own request code runs up to where it would open a connection.
There uploads go through a socket to a server that swallows them, Discord's limits are answered with
its headers, and simcord carries out the rest: it gets files read to their ends, and so keeps none.
"""

import asyncio
import gc
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from statistics import median
from types import SimpleNamespace
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import RawTestServer
from discord.http import HTTPClient
from sqlalchemy import func, select

from bot.domain.job import GenerationRequest, Requester, Stage, Status
from bot.domain.limits import GateLimits
from bot.domain.provider import Made
from bot.memory import settle
from bot.sandbox.session import Session
from bot.storage.store import Store
from bot.storage.tables import job
from tests.bench.bench_intake import TARGET, full_collection, watched_loop
from tests.bench.bench_pictures import MEGABYTE, high_water, lower_mark, photo
from tests.bench.session import row, until, whole_bot
from tests.makers import new_job, place, request, rules

ONE_BY_ONE = 15
RESULTS = 15
CROWD, CHANNELS = 500, 25
EXPECTED_RUN = 600.0  # so that no card has to say that it takes longer than usual
LATENCY = 0.1  # seconds until Discord answers
MESSAGES = "/channels/{channel_id}/messages"
EVERYWHERE = (50, 1.0)  # calls in so many seconds; LIMITS: to each channel
LIMITS = {("POST", MESSAGES): (5, 5.0), ("PATCH", f"{MESSAGES}/{{message_id}}"): (5, 5.0)}


class Line:
    """Stands where discord.py would open a connection: nothing passes until it is open."""

    def __init__(self, session: Session, uploads: aiohttp.ClientSession) -> None:
        http: Any = session.bot.http
        self.answers: Counter[int] = Counter()
        self.open = asyncio.Event()
        self._windows: dict[object, tuple[float, int]] = {}
        self._uploads = uploads
        self._carry_out = http.request
        vars(http).update(_HTTPClient__session=self, _global_over=asyncio.Event())
        vars(http)["_global_over"].set()
        http.request = lambda route, **options: HTTPClient.request(
            http, route, call=(route, options), **options
        )

    @asynccontextmanager
    async def request(self, *_: str, **options: Any) -> AsyncIterator[SimpleNamespace]:
        """Answer as a real session would."""
        await self.open.wait()
        route, given = options["call"]
        if given.get("form"):
            async with self._uploads.post("/", data=options["data"]):
                pass
        await asyncio.sleep(LATENCY)
        headers = {"content-type": "application/json", "Via": "model"}
        end, left = self._take("everywhere", *EVERYWHERE)
        everywhere, name = left < 0, (route.method, route.path)
        if name in LIMITS and not everywhere:
            end, left = self._take((name, route.channel_id), *LIMITS[name])
            told = {"Limit": LIMITS[name][0], "Remaining": max(left, 0), "Reset-After": end}
            headers |= {f"X-Ratelimit-{what}": str(value) for what, value in told.items()}
        answer: object = {"retry_after": end, "global": everywhere}
        if left >= 0:
            answer = await self._carry_out(route, **given)
        status = 429 if left < 0 else 200
        self.answers[status] += 1
        text = json.dumps(answer)
        yield SimpleNamespace(
            status=status, headers=headers, text=lambda **_: asyncio.sleep(0, text)
        )

    def _take(self, window: object, most: int, seconds: float) -> tuple[float, int]:
        """Take a call; the seconds until its window ends, the calls left (below 0: not taken)."""
        now = time.perf_counter()
        begun, left = self._windows.get(window, (0.0, 0))
        if now - begun >= seconds:
            begun, left = now, most
        self._windows[window] = begun, left - 1
        return begun + seconds - now, left - 1


async def swallow(given: web.BaseRequest) -> web.Response:
    async for _ in given.content.iter_any():
        pass
    return web.Response()


@asynccontextmanager
async def bot_at(done: asyncio.Event, picture: bytes) -> AsyncIterator[tuple[Session, Line]]:
    """Run the bot with room for a crowd, all of whose runs end when `done` is set."""

    async def make(asked: GenerationRequest, _: list[str]) -> Made:
        await done.wait()
        return Made(outputs=(picture,) * asked.max_images, cost=0, balance=None)

    gate = GateLimits(max_running=CROWD, requests_per_minute=10**6)
    async with (
        whole_bot(1) as session,
        RawTestServer(swallow) as sink,
        aiohttp.ClientSession(sink.make_url("/")) as uploads,
    ):
        await session.stop_worker()
        old: Any = session.parts
        session.parts = replace(
            old,
            provider=SimpleNamespace(submit=make, balance=partial(asyncio.sleep, 0, 10**9)),
            settings=old.settings.model_copy(update={"segmind_max_running": CROWD}),
            store=Store(
                old.database, rules=rules(), gate=gate, worker="a", first_guess=EXPECTED_RUN
            ),
        )
        line = Line(session, uploads)
        await session.start_worker()
        yield session, line


async def submit(session: Session, count: int, *, images: int = 1, channels: int = 1) -> None:
    """Ask for pictures in one channel after the other, each time as another member."""
    guild = session.env.create_guild(name="Studio")
    there = [guild.create_text_channel(f"art{number}").id for number in range(channels)]
    for number in range(count):
        member = guild.add_member(session.env.create_user(f"member{number}"))
        job = new_job(
            Requester(id=member.id, name=member.name),
            place=place(channel_id=there[number % channels], guild_id=guild.id),
            request=request(prompt=f"fox {number}", max_images=images, size="3K"),
            price=1,
        )
        await session.parts.store.submit(job)


async def all_say(session: Session, status: Status, stage: Stage | None) -> None:
    """Wait until every job has come so far, and its card says so."""
    there = (job.c.status == status) & job.c.stage.is_not_distinct_from(stage)
    others = select(func.count()).select_from(job).where(~there)

    async def so_far() -> bool:
        await asyncio.sleep(LATENCY)  # and counted there: reading 500 jobs would hold the loop
        found = await session.parts.database.read(lambda tx: tx.connection.scalar(others))
        return found == 0

    await until(so_far)


def noting(whose: Any, name: str, noted: dict[str, float]) -> None:  # noqa: ANN401 - any part
    """Note when a method of a part has last answered."""
    call = getattr(whose, name)

    async def noted_call(*args: Any) -> object:
        answer = await call(*args)
        noted[name] = time.perf_counter()
        return answer

    setattr(whose, name, noted_call)


async def visible() -> None:
    """Make one picture after the other at a local Segmind."""
    noted: dict[str, float] = {}
    polled, generated = [], []
    async with whole_bot(0.5) as session:
        noting(session.parts.provider, "poll", noted)
        noting(session.parts.store, "mark_generated", noted)
        noting(session.parts.store, "result_posted", noted)
        for _ in range(ONE_BY_ONE):
            await submit(session, 1)
            await all_say(session, Status.DELIVERED, Stage.DONE)
            polled.append((noted["result_posted"] - noted["poll"]) * 1e3)
            generated.append((noted["result_posted"] - noted["mark_generated"]) * 1e3)
    print(f"{ONE_BY_ONE} pictures of 3K, one by one; until it is in its thread and noted there")
    row("since the poll that says done, p50", f"{median(polled):.0f} ms", "target <= 150 ms")
    row("since the poll that says done, most", f"{max(polled):.0f} ms")
    row("since `generated` is noted, p50", f"{median(generated):.0f} ms")


async def memory(jobs: int, images: int) -> None:
    """Post large results; Discord is closed until all are made, so that only posting counts."""
    large = photo(4300, 2400, "JPEG", quality=100, subsampling=0)
    done = asyncio.Event()
    done.set()
    async with bot_at(done, large) as (session, line):
        await submit(session, jobs, images=images)
        await all_say(session, Status.GENERATED, None)
        settle()  # as `bot.app.run` does at the start
        before = lower_mark(os.getpid())
        line.open.set()
        await all_say(session, Status.DELIVERED, Stage.DONE)
        added = high_water(os.getpid()) - before
    title = f"{jobs} x {images} results of {len(large) / MEGABYTE:.1f} MB: more than before"
    row(title, f"{added:.0f} MB", "target <= 64 MB")


async def crowd() -> None:
    """Have many jobs finish at the same moment, all cards standing."""
    done = asyncio.Event()
    holds: list[float] = []
    async with bot_at(done, photo(4096, 2304, "JPEG", quality=88)) as (session, line):
        line.open.set()
        await submit(session, CROWD, channels=CHANNELS)
        await all_say(session, Status.SUBMITTING, Stage.BEING_MADE)
        line.answers.clear()
        settle()
        gc.disable()  # simcord writes every call down: collecting that is no part of a real bot
        begun = time.perf_counter()
        async with watched_loop(holds):
            done.set()
            await all_say(session, Status.DELIVERED, Stage.DONE)
        seconds = time.perf_counter() - begun
        gc.enable()
        garbage = full_collection()
    calls = line.answers.total()
    print(f"{CROWD} jobs in {CHANNELS} channels finish at once; Discord answers in {LATENCY} s")
    row("until every result stands and every card is final", f"{seconds:.0f} s")
    row(f"of {calls} calls answered 429", f"{line.answers[429] / calls:.1%}", "target <= 1 %")
    row("loop held, most", f"{max(holds) * 1e3:.0f} ms", TARGET)
    row("collecting what simcord wrote down, on top", f"{garbage * 1e3:.0f} ms")
    row("times it was held for more than 50 ms", str(sum(one > 0.05 for one in holds)))


def memory_apart(jobs: int, images: int) -> None:
    """Measure in a process that has grown over nothing else."""
    measure = get_context("spawn").Process(target=run_memory, args=(jobs, images))
    measure.start()
    measure.join()


def run_memory(jobs: int, images: int) -> None:
    asyncio.run(memory(jobs, images))


def main() -> None:
    asyncio.run(visible())
    print("memory of the bot while results are posted")
    memory_apart(1, RESULTS)
    memory_apart(RESULTS, 1)
    asyncio.run(crowd())


if __name__ == "__main__":
    main()

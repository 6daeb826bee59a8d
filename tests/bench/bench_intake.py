"""The loop while ten 12-megapixel photos are taken in: `python -m tests.bench.bench_intake`."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from PIL import Image

from bot.domain.job import Status
from bot.sandbox.session import Session
from tests.bench.session import all_are, row, whole_bot
from tests.pictures import encoded

WIDTH, HEIGHT = 4000, 3000
TICK = 0.001
TARGET = "target <= 50 ms"


def photos(count: int) -> list[bytes]:
    """Make photos of some 4 MB each, all different."""
    base = Image.effect_noise((WIDTH // 4, HEIGHT // 4), 60).resize((WIDTH, HEIGHT))
    return [
        encoded(base.rotate(angle).convert("RGB"), "JPEG", quality=90) for angle in range(count)
    ]


@asynccontextmanager
async def watched_loop(holds: list[float]) -> AsyncIterator[None]:
    """Note by how much each short sleep oversleeps: something held the loop."""

    async def watch() -> None:
        while True:
            begun = time.perf_counter()
            try:
                await asyncio.sleep(TICK)
            finally:  # the last one, too, which is cut short
                holds.append(time.perf_counter() - begun - TICK)

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


def full_collection() -> float:
    """Collect all garbage once, as Python does now and then; return the seconds it holds all."""
    begun = time.perf_counter()
    gc.collect()
    return time.perf_counter() - begun


async def take_in(session: Session, files: list[bytes]) -> float:
    """Have a member send all of them; return the seconds until the request is in line."""
    guild = session.env.create_guild(name="Studio")
    channel = guild.create_text_channel("art")
    ana = guild.add_member(session.env.create_user("Ana"))
    attached = {f"image{n}": (f"{n}.jpg", data) for n, data in enumerate(files, start=1)}
    begun = time.perf_counter()
    answer = await ana.slash(channel, "imagine", prompt="all of them", **attached)
    assert answer.response
    assert "In line as #" in answer.response.content
    return time.perf_counter() - begun


async def main() -> None:
    files = photos(10)
    taking_in: list[float] = []
    afterwards: list[float] = []
    async with whole_bot(0.2) as session:
        async with watched_loop(taking_in):
            seconds = await take_in(session, files)
        async with watched_loop(afterwards):
            await all_are(session, Status.DELIVERED, 1)
        garbage = full_collection()
    size = sum(map(len, files)) / 1e6
    print(f"ten photos of {WIDTH} x {HEIGHT}, {size:.0f} MB, in one /imagine")
    row("until it is in line", f"{seconds:.1f} s")
    row("loop held while they are taken in, most", f"{max(taking_in) * 1e3:.0f} ms", TARGET)
    row("loop held from then to the result in the thread, most", f"{max(afterwards) * 1e3:.0f} ms")
    row("a full collection of garbage, whenever it comes", f"{garbage * 1e3:.0f} ms", TARGET)


if __name__ == "__main__":
    asyncio.run(main())

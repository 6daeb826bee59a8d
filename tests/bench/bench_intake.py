"""The loop while ten 12-megapixel photos are taken in: `python -m tests.bench.bench_intake`."""

import asyncio
import time

from PIL import Image

from tests.bench.session import whole_bot
from tests.pictures import encoded

WIDTH, HEIGHT = 4000, 3000
TICK = 0.001


def photos() -> list[bytes]:
    """Make ten photos of some 3 MB each, all different."""
    base = Image.effect_noise((WIDTH // 4, HEIGHT // 4), 60).resize((WIDTH, HEIGHT))
    return [encoded(base.rotate(angle).convert("RGB"), "JPEG", quality=90) for angle in range(10)]


async def watch(holds: list[float]) -> None:
    """Note by how much each short sleep overslept: something held the loop."""
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(TICK)
        holds.append(time.perf_counter() - begun - TICK)


async def main() -> None:
    files = photos()
    holds: list[float] = []
    async with whole_bot(0.2) as session:
        guild = session.env.create_guild(name="Studio")
        channel = guild.create_text_channel("art")
        ana = guild.add_member(session.env.create_user("Ana"))
        attached = {f"image{n}": (f"{n}.jpg", data) for n, data in enumerate(files, start=1)}
        watching = asyncio.create_task(watch(holds))
        begun = time.perf_counter()
        await ana.slash(channel, "imagine", prompt="all of them", **attached)
        spent = time.perf_counter() - begun
        watching.cancel()
        await asyncio.wait([watching])
    size = sum(len(data) for data in files) / 1e6
    print(f"ten photos of {WIDTH} x {HEIGHT}, {size:.0f} MB, taken in {spent:.1f} s")
    print(f"the loop was held for at most {max(holds) * 1e3:.0f} ms; target <= 50 ms")


if __name__ == "__main__":
    asyncio.run(main())

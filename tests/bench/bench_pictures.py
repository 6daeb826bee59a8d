"""Figures of the picture process and the image store: `python -m tests.bench.bench_pictures`.

Linux only: memory is read from /proc.
"""

import asyncio
import http.client
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

from bot.domain.spending import Day
from bot.images.charts import Charts
from bot.images.process import PictureProcess
from bot.images.store import PictureStore, open_store

MEGABYTE = 1_000_000


def photo(width: int, height: int, form: str, **options: int) -> bytes:
    """Soft shapes under fine grain, about as hard to encode as a phone's photo."""
    grain = Image.effect_noise((width, height), 12)
    soft = [Image.effect_noise((24, 18), 90).resize((width, height)) for _ in range(3)]
    file = BytesIO()
    Image.merge("RGB", [Image.blend(one, grain, 0.3) for one in soft]).save(file, form, **options)
    return file.getvalue()


def high_water(pid: int) -> float:
    """The most memory a process held since `lower_mark`, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / MEGABYTE


def lower_mark(pid: int) -> float:
    """Forget the height memory once had; return what it is now, in MB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return high_water(pid)


async def watched(work: Awaitable[object]) -> tuple[float, float]:
    """Seconds some work takes, and the longest it keeps the loop from anything else (ms)."""
    task = asyncio.ensure_future(work)
    started = last = time.perf_counter()
    longest = 0.0
    while not task.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    await task
    return time.perf_counter() - started, longest * 1000


async def ten_photos(title: str, data: bytes) -> None:
    async with PictureProcess() as pictures:
        lower_mark(os.getpid())
        before = high_water(os.getpid())
        seconds, held = await watched(
            asyncio.gather(
                *(pictures.normalise(data, name="a", option="image1") for _ in range(10))
            )
        )
        added = high_water(os.getpid()) - before
    print(
        f"ten 12 MP {title} of {len(data) / MEGABYTE:.1f} MB: {seconds / 10:.2f} s each, "
        f"loop held at most {held:.1f} ms, {added:.0f} MB more in the bot"
    )


async def child_at_36_megapixels(title: str, data: bytes) -> None:
    async with PictureProcess() as pictures:
        seconds, _ = await watched(pictures.normalise(data, name="a", option="image1"))
        most = high_water(pictures.pid or 0)
        print(
            f"36 MP {title} of {len(data) / MEGABYTE:.1f} MB: {seconds:.2f} s, "
            f"child at most {most:.0f} MB, afterwards {lower_mark(pictures.pid or 0):.0f} MB"
        )


async def result_to_fit(data: bytes) -> None:
    async with PictureProcess() as pictures:
        for work, title in (
            (pictures.preview(data), "preview"),
            (pictures.fit(data, byte_limit=10 * MEGABYTE), "fitted into 10 MB"),
        ):
            seconds, _ = await watched(work)
            print(f"3K PNG of {len(data) / MEGABYTE:.1f} MB, {title}: {seconds:.2f} s")


async def spending_chart() -> None:
    days = [Day(date=f"2026-11-{day:02}", amount=day * 100_000) for day in range(1, 31)]
    lower_mark(os.getpid())
    before = high_water(os.getpid())
    seconds, held = await watched(Charts().spending(days, 5_000_000))
    added = high_water(os.getpid()) - before
    print(
        f"spending chart of 30 days: {seconds:.2f} s, loop held at most {held:.1f} ms, "
        f"{added:.0f} MB more in the bot"
    )


async def arriving(byte_count: int) -> AsyncIterator[bytes]:
    """A WebP (its header, and noise) as a network delivers it."""
    head = b"RIFF" + struct.pack("<I", byte_count - 8) + b"WEBPVP8X" + struct.pack("<I", 10)
    yield head + b"\0\0\0\0" + b"\xff\x0b\0" * 2
    for _ in range(byte_count // 65_536 + 1):
        await asyncio.sleep(0)
        yield os.urandom(65_536)


async def fifteen_results(title: str, store: PictureStore) -> None:
    """All at once, the worst there is."""
    before = lower_mark(os.getpid())
    seconds, held = await watched(
        asyncio.gather(
            *(store.put_result(f"results/{n}", arriving(10 * MEGABYTE)) for n in range(15))
        )
    )
    added = high_water(os.getpid()) - before
    print(
        f"fifteen 10 MB results into {title}: {seconds:.1f} s, {added:.0f} MB more in the bot, "
        f"loop held at most {held:.1f} ms"
    )


@contextmanager
def s3() -> Iterator[None]:
    """An S3 server in a process of its own, with a bucket, named by the AWS variables."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            make_bucket(port)
            os.environ |= {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "id",
                "AWS_SECRET_ACCESS_KEY": "key",
            }
            yield
        finally:
            server.terminate()


def make_bucket(port: int) -> None:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("PUT", "/pictures")
            connection.getresponse().read()
            connection.close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the S3 server does not start")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(fifteen_results("a folder", open_store(f"file:{folder}")))
    with s3():
        asyncio.run(fifteen_results("S3", open_store("s3://pictures/prefix")))
    asyncio.run(ten_photos("JPEGs", photo(4000, 3000, "JPEG", quality=92)))
    asyncio.run(ten_photos("PNGs", photo(4000, 3000, "PNG", compress_level=1)))
    asyncio.run(child_at_36_megapixels("JPEG", photo(6000, 6000, "JPEG", quality=90)))
    progressive = photo(6000, 6000, "JPEG", quality=90, progressive=True)
    asyncio.run(child_at_36_megapixels("progressive JPEG", progressive))
    asyncio.run(child_at_36_megapixels("PNG", photo(6000, 6000, "PNG", compress_level=1)))
    asyncio.run(spending_chart())
    asyncio.run(result_to_fit(photo(4096, 2304, "PNG", compress_level=1)))


if __name__ == "__main__":
    main()

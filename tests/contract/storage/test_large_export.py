"""An export of 10,000 jobs: complete, bounded in memory, and nobody else waits for it."""

import asyncio
import json
import shutil
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from bot.domain.job import Status
from bot.images.store import PictureStore, open_store
from bot.services.export import Export
from bot.storage.database import Database, Transaction
from bot.storage.rows import picture_json, place_json, request_json
from bot.storage.store import Store
from bot.storage.tables import job, picture, result
from tests.makers import ANA, OPEN_GATE, PRICE, place, request, rules
from tests.makers import picture as made_picture

JOBS = 10_000
BYTES = 15_000  # of a picture: all together are more than ten zips take
HELD_SECONDS = 0.05
MEMORY = 64_000_000


def fill(tx: Transaction, user_id: int, count: int) -> None:
    jobs: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        stored = {"key": f"{user_id}/{number}-1.jpg", "byte_count": BYTES}
        jobs.append(_job(number, user_id, tx.now - count + number))
        results.append(
            {
                "job_number": number,
                "position": 1,
                "picture": picture_json(made_picture()) | stored,
            }
        )
    tx.connection.execute(insert(job), jobs)
    tx.connection.execute(insert(result), results)
    tx.connection.execute(
        insert(picture),
        [{"job_number": one["job_number"], "key": one["picture"]["key"]} for one in results],
    )


def _job(number: int, user_id: int, at: float) -> dict[str, Any]:
    asked = request(prompt=f"prompt {number} " + "of many words " * 60)
    return {
        "number": number, "id": f"j{number}", "key": f"k{number}", "user_id": user_id,
        "user_name": "Ana", "guild_id": 1, "place": place_json(place()),
        "request": request_json(asked), "size": "2K", "images": 1, "weight": 1,
        "status": Status.DELIVERED, "created_at": at, "ended_at": at, "counted": 1,
        "price": PRICE, "reserved": PRICE, "cost": PRICE, "sent_urls": [],
    }  # fmt: skip


async def write_pictures(images: PictureStore, folder: Path, user_id: int, count: int) -> None:
    await images.put(f"{user_id}/1-1.jpg", bytes(BYTES))
    first = folder / str(user_id) / "1-1.jpg"

    def link() -> None:
        for number in range(2, count + 1):
            first.with_name(f"{number}-1.jpg").hardlink_to(first)

    await asyncio.to_thread(link)


async def watch(stop: asyncio.Event) -> tuple[float, int]:
    """Measure how long the loop works at a stretch at most (seconds), and memory added (bytes).

    The thread's own time counts: what else the machine is busy with is none of the export's.
    """
    longest, before, most = 0.0, resident(), 0
    while not stop.is_set():
        begun = time.thread_time()
        await asyncio.sleep(0.001)
        longest = max(longest, time.thread_time() - begun)
        most = max(most, resident())
    return longest, most - before


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.soak
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_ten_thousand_jobs(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    images = open_store(f"file:{folder}")
    store = Store(database, rules=rules(), gate=OPEN_GATE, worker="w")
    await database.run(lambda tx: fill(tx, ANA.id, JOBS))
    await write_pictures(images, folder, ANA.id, JOBS)
    stop = asyncio.Event()
    watching = asyncio.create_task(watch(stop))
    begun = time.perf_counter()
    zips = []
    async with Export(members=store, images=images).begun(ANA.id, 10 * 1024 * 1024) as parcels:
        async for parcel in parcels:
            assert parcel.path.stat().st_size <= 10_000_000
            zips.append(tmp_path / parcel.path.name)
            await asyncio.to_thread(shutil.copy, parcel.path, zips[-1])
    seconds = time.perf_counter() - begun
    stop.set()
    held, memory = await watching
    print(f"{seconds:.1f} s, {memory / 1e6:.0f} MB, loop held {held * 1000:.0f} ms")  # noqa: T201
    check(zips)
    assert memory < MEMORY
    assert held < HELD_SECONDS


def check(zips: list[Path]) -> None:
    """Everything is in the data; each picture is in one zip or on the list."""
    opened = [zipfile.ZipFile(path) for path in zips]
    assert len(opened) == 10
    data = json.loads(opened[0].read("data.json"))
    assert [one["id"] for one in data["jobs"]] == [f"j{n}" for n in range(JOBS, 0, -1)]
    names = [name for one in opened for name in one.namelist() if name.startswith("pictures/")]
    left_out = [
        line
        for line in opened[-1].read("not-included.txt").decode().splitlines()
        if line.startswith("pictures/")
    ]
    wanted = [one["results"][0] for one in data["jobs"]]
    assert names + left_out == wanted
    assert len(left_out) > 1000
    assert opened[4].read(opened[4].namelist()[0]) == bytes(BYTES)

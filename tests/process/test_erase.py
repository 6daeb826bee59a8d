"""`python -m bot erase`: the owner erases a member by id, in a process of its own."""

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from bot.domain.job import Requester, Stage
from bot.images.store import PictureStore, open_store
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.store import Store
from tests.leftovers import holding, stored
from tests.makers import OPEN_GATE, PRICE, new_job, picture, request, rules

ROOT = Path(__file__).parents[2]
EVA = Requester(id=733_000_000_000_001, name="Evangeline")


def run(
    folder: Path, *words: str, typed: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "erase", *words],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": "x",
            "SEGMIND_API_KEY": "y",
            **environment,
        },
        input=typed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Kept:
    """An installation in a folder, with a finished job of Eva's; posted, or not yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = Database(f"sqlite:///{folder}/data/bot.db")
        self.images: PictureStore = open_store(f"file:{folder}/data/images")

    async def fill(self, *, posted: bool) -> None:
        await migrate(self.database)
        store = Store(self.database, rules=rules(), gate=OPEN_GATE, worker="w")
        await store.submit(new_job(EVA, request=request(prompt="a marzipan castle")))
        claim = await store.claim()
        assert claim is not None
        await store.mark_submitting(claim, [])
        await store.mark_submitted(claim, "p")
        key = f"{EVA.id}/{claim.job.id}-1.jpg"
        await self.images.put(key, b"picture")
        await store.add_result(claim, 1, replace(picture(), key=key))
        await store.mark_generated(claim, PRICE, 1)
        if posted:
            telling = await store.claim_delivery()
            assert telling is not None
            await store.card_posted(telling, 50, Stage.DONE)
            await store.end_delivery(telling, None)

    async def left(self) -> list[str]:
        words = (str(EVA.id), EVA.name, "marzipan")
        return await holding(self.database, *words) + [
            key for key in await stored(self.images) if str(EVA.id) in key
        ]

    async def erase(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(run, self.folder, str(EVA.id), *words, typed=typed)


async def test_what_does_not_stand_in_discord_is_erased_at_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    await kept.fill(posted=False)
    done = await kept.erase("--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"Kept of {EVA.id}: 1 request, 1 picture, 0 stars, 0 showcase entries.",
        "All of it is erased.",
    ]
    assert await kept.left() == []
    await kept.database.close()


async def test_without_a_bot_it_says_what_stays_until_one_runs(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    await kept.fill(posted=True)
    done = await kept.erase("--yes")
    assert done.returncode == 0
    assert "stands in Discord (1 request)" in done.stdout
    assert "No bot is running" in done.stdout
    await kept.database.close()


async def test_it_asks_first(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    await kept.fill(posted=False)
    done = await kept.erase(typed="n\n")
    assert done.returncode == 1
    assert done.stderr == "Nothing was erased.\n"
    assert await kept.left() != []
    done = await kept.erase(typed="y\n")
    assert done.returncode == 0
    assert await kept.left() == []
    await kept.database.close()


def test_wrong_configuration_and_wrong_ids_end_with_status_2(tmp_path: Path) -> None:
    done = run(tmp_path, "5", DISCORD_TOKEN="")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("DISCORD_TOKEN is missing")
    assert run(tmp_path, "Ana").returncode == 2


def test_a_database_that_is_away_ends_with_status_1(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bot.db").mkdir()
    done = run(tmp_path, "5", "--yes")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1

"""Backup and restore, by the commands of docs/hosting.md as they are written there."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from bot.domain.job import Job, Status
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import Session, open_session, sandbox_settings
from bot.settings import Settings
from tests.pictures import jpeg
from tests.storage_views import all_jobs, budget_rows, gate_row, lane_rows, ledger_rows

ROOT = Path(__file__).parents[2]
RUN_SECONDS = 0.2
LONG_SECONDS = 1.0
PATIENCE = 30
MADE = {Status.GENERATED, Status.DELIVERED}
FINAL = {Status.DELIVERED, Status.FAILED, Status.CANCELLED}

pytestmark = pytest.mark.skipif(which("sqlite3") is None, reason="the commands use sqlite3")


def commands(title: str) -> list[str]:
    """Read the shell blocks of one chapter."""
    document = (ROOT / "docs" / "hosting.md").read_text()
    chapter = document.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)


async def sh(script: str, folder: Path, **environment: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *("sh", "-eu", "-c", script),
        cwd=folder,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    assert process.returncode == 0, said.decode()


@dataclass
class Installation:
    """A folder with `data/` in it, as the bot leaves one."""

    folder: Path
    segmind: LocalSegmind

    @property
    def settings(self) -> Settings:
        return sandbox_settings(self.folder / "data", self.segmind, user_max_running=1)


async def jobs_of(session: Session) -> dict[str, Job]:
    return {job.request.prompt: job for job in await all_jobs(session.parts.database)}


async def until(session: Session, **wanted: set[Status]) -> dict[str, Job]:
    """Wait until jobs, named by their prompts, have come to some status."""
    async with asyncio.timeout(PATIENCE):
        while True:
            jobs = await jobs_of(session)
            if all(name in jobs and jobs[name].status in wanted[name] for name in wanted):
                return jobs
            await asyncio.sleep(0.02)


@dataclass
class Rescue:
    """What there was, and the backup's folder."""

    segmind: LocalSegmind
    was: dict[str, Job]
    backup: Path


@pytest.fixture
async def rescue(tmp_path: Path) -> AsyncIterator[Rescue]:
    """Back up a bot at work: one job done, one at Segmind, one waiting, which is sent after it."""
    async with LocalSegmind(run_seconds=RUN_SECONDS) as segmind:
        old = Installation(tmp_path / "old", segmind)
        async with open_session(old.settings, segmind, run_seconds=RUN_SECONDS) as session:
            guild = session.env.create_guild(name="Studio")
            art = guild.create_text_channel("art")
            ana = guild.add_member(session.env.create_user("Ana"))

            async def imagine(prompt: str, **options: Any) -> None:
                await ana.slash(art, "imagine", prompt=prompt, **options)

            await imagine("done", image1=("me.jpg", jpeg(320, 180)))
            await until(session, done={Status.DELIVERED})
            segmind.behaviour.run_seconds = LONG_SECONDS
            await imagine("running")
            await until(session, running={Status.SUBMITTED})
            await imagine("waiting")
            await sh(commands("Backup")[0], old.folder)
            was = await jobs_of(session)
            assert was["waiting"].status is Status.QUEUED
            await until(session, running=FINAL, waiting=FINAL)
        (backup,) = (old.folder / "backup").iterdir()
        segmind.behaviour.run_seconds = RUN_SECONDS
        yield Rescue(segmind, was, backup)


async def restore(rescue: Rescue, folder: Path, *, calling_off: bool = True) -> Installation:
    """Run the chapter's commands in a folder where a bot has been."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "bot.db-wal").write_text("of another database")
    putting_back, call_off = commands("Restore")[:2]
    script = putting_back + (call_off if calling_off else "")
    await sh(script, folder, **{"from": str(rescue.backup)})
    return Installation(folder, rescue.segmind)


async def test_a_restored_bot_has_every_job_and_picture_and_buys_nothing_twice(
    rescue: Rescue, tmp_path: Path
) -> None:
    bought = len(rescue.segmind.accepted)
    new = await restore(rescue, tmp_path / "new")
    async with open_session(new.settings, rescue.segmind, run_seconds=RUN_SECONDS) as session:
        await session.parts.store.reconcile()  # as every start of a gateway does
        jobs = await until(session, running=MADE, waiting=FINAL)
        done = rescue.was["done"]
        assert jobs["done"] == done
        for picture in (*done.request.images, *done.results, *jobs["running"].results):
            assert len(await session.parts.images.get(picture.key)) == picture.byte_count
        assert jobs["waiting"].status is Status.CANCELLED
        await session.stop_worker()
        await counters_are_right(session)
    assert len(rescue.segmind.accepted) == bought


async def counters_are_right(session: Session) -> None:
    database = session.parts.database
    paid = sum(job.cost or 0 for job in await all_jobs(database))
    assert {(row.reserved, row.spent) for row in await budget_rows(database)} == {(0, paid)}
    assert {(row.queued, row.running) for row in await lane_rows(database)} == {(0, 0)}
    assert (await gate_row(database)).running == 0
    ended = [row.job_id for row in await ledger_rows(database) if row.event != "reserve"]
    assert len(ended) == len(set(ended)) == len(await all_jobs(database))


async def test_without_calling_off_what_waited_is_bought_again_as_the_document_warns(
    rescue: Rescue, tmp_path: Path
) -> None:
    bought = len(rescue.segmind.accepted)
    new = await restore(rescue, tmp_path / "new", calling_off=False)
    async with open_session(new.settings, rescue.segmind, run_seconds=RUN_SECONDS) as session:
        await until(session, waiting=MADE)
    assert len(rescue.segmind.accepted) == bought + 1

"""kill -9 of a real worker, at any step, again and again: nothing lost, nothing paid twice."""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import Failure
from bot.domain.job import Job, Requester, Status
from bot.domain.pacing import UNKNOWN_SECONDS
from bot.sandbox.segmind import Behaviour, LocalSegmind
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import OPEN_GATE, new_job, request, rules
from tests.storage_views import (
    all_jobs,
    budget_rows,
    gate_row,
    job_rows,
    lane_rows,
    ledger_rows,
)

RUN_SECONDS = 0.4
LEASE = 1.0
PATIENCE = 150
ANSWER_SECONDS = 0.15
STEPS = [Status.QUEUED, Status.SUBMITTING, Status.SUBMITTED, Status.GENERATED]
OPEN = {Status.QUEUED, Status.SUBMITTING, Status.SUBMITTED, Status.GENERATED, Status.UNKNOWN}
FINAL = {Status.DELIVERED, Status.FAILED}


class Rig:
    """A database, a local Segmind, and workers that are killed."""

    def __init__(self, folder: Path, database: Database, segmind: LocalSegmind) -> None:
        self.database = database
        self.segmind = segmind
        self.journal = folder / "journal"
        self.journal.touch()
        names = ("api_url", "upload_url", "history_url", "result_hosts", "key")
        self._options: dict[str, Any] = {
            **{name: getattr(segmind, name) for name in names},
            "database": database.engine.url.render_as_string(hide_password=False),
            "images": f"file:{folder}/images",
            "journal": str(self.journal),
            "lease": LEASE,
            "run_seconds": RUN_SECONDS,
        }

    async def start(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.process.worker_program", json.dumps(self._options)
        )

    async def submit(self, count: int) -> None:
        """Queue jobs of several members."""
        limits = {"images_per_hour": 1000, "images_per_day": 1000, "max_waiting": 1000}
        money = dict.fromkeys(("guild_day", "guild_month", "all_day", "all_month"), 10**12)
        store = Store(
            self.database, rules=rules(user=limits, budgets=money), gate=OPEN_GATE, worker="test"
        )
        for number in range(count):
            member = Requester(id=number % 5 + 1, name="x")
            await store.submit(new_job(member, request=request(prompt=f"fox {number}")))

    async def kill_at(self, status: Status, dice: random.Random) -> None:
        """Start a worker and kill it a little after a job of its is seen at some step."""
        worker = await self.start()
        async with asyncio.timeout(PATIENCE):
            while not await self._held(status):
                await asyncio.sleep(0.005)
        await asyncio.sleep(dice.uniform(0, 0.1))
        worker.kill()
        await worker.wait()

    async def _held(self, status: Status) -> bool:
        """Tell whether a job at this step is in somebody's hands, or none is left to wait for."""
        rows = await job_rows(self.database)
        held = any(row.status == status and row.worker for row in rows)
        told = status is Status.GENERATED and any(row.status == status for row in rows)
        left = any(row.status in OPEN for row in rows)
        return held or told or not left

    async def finish(self) -> list[Job]:
        """Let a worker that is not killed bring everything to its end."""
        worker = await self.start()
        try:
            async with asyncio.timeout(PATIENCE):
                while not all(job.status in FINAL for job in await all_jobs(self.database)):
                    await self._hurry()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            rows = await job_rows(self.database)
            stuck = [
                (row.id, row.status, row.worker, row.attempt, row.lease_until, row.check_due_at)
                for row in rows
                if row.status not in FINAL
            ]
            pytest.fail(f"not finished: {stuck}")
        finally:
            worker.kill()
            await worker.wait()
        return await all_jobs(self.database)

    async def _hurry(self) -> None:
        """Move the time of unknown outcomes on, so that they need not be waited for."""
        from sqlalchemy import update  # noqa: PLC0415 - moves what only a clock may move

        from bot.storage.tables import job  # noqa: PLC0415

        await self.database.run(
            lambda tx: tx.connection.execute(
                update(job)
                .where(job.c.check_due_at > tx.now)
                .values(check_due_at=tx.now, submitted_at=tx.now - UNKNOWN_SECONDS - 1)
            )
        )


async def check(rig: Rig, jobs: list[Job]) -> None:
    """Hold what happened to what was promised."""
    sent = Counter(recorded.body["prompt"] for recorded in rig.segmind.accepted)
    assert max(sent.values()) == 1, "a job was paid twice"
    never_sent = [job for job in jobs if job.failure is Failure.NO_TRACE]
    assert not {job.request.prompt for job in never_sent} & set(sent), "a paid job was given up"
    made = [job for job in jobs if job not in never_sent]
    assert [job.status for job in made] == [Status.DELIVERED] * len(made), "a job was lost"
    posted = Counter(rig.journal.read_text().split())
    assert {line.split(".")[0] for line in posted} == {job.id for job in made}
    assert {line.split(".")[1] for line in posted} == {"1"}, "a nonce changed in the same place"
    rows = await ledger_rows(rig.database)
    assert sum(row.amount for row in rows if row.event == "settle") == rig.segmind.charged
    assert {row.reserved for row in await budget_rows(rig.database)} == {0}
    assert {(row.queued, row.running) for row in await lane_rows(rig.database)} == {(0, 0)}
    assert (await gate_row(rig.database)).running == 0


async def killed(rig: Rig, steps: Sequence[Status], jobs: int, dice: random.Random) -> None:
    """Submit, kill at each of some steps, and let the rest finish."""
    await rig.submit(jobs)
    for status in steps:
        await rig.kill_at(status, dice)
    await check(rig, await rig.finish())


@pytest.fixture
async def rig(tmp_path: Path, database: Database) -> AsyncIterator[Rig]:
    behaviour = Behaviour(run_seconds=RUN_SECONDS, answer_seconds=ANSWER_SECONDS)
    async with LocalSegmind(behaviour=behaviour) as segmind:
        yield Rig(tmp_path, database, segmind)


async def test_a_kill_at_each_step_loses_nothing_and_pays_nothing_twice(rig: Rig) -> None:
    await killed(rig, STEPS, 24, random.Random(1))


async def test_a_request_killed_in_the_air_is_found_again_and_not_sent_again(rig: Rig) -> None:
    await killed(rig, [Status.SUBMITTING], 2, random.Random(2))
    assert "unknown" in [row.event for row in await ledger_rows(rig.database)]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2))
async def test_many_kills_lose_nothing_and_pay_nothing_twice(rig: Rig, seed: int) -> None:
    await killed(rig, STEPS * 5, 120, random.Random(seed))

"""kill -9 of a real worker, at any moment, again and again: nothing lost, nothing paid twice."""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.errors import Failure
from bot.domain.job import Job, Requester, Status
from bot.domain.pacing import UNKNOWN_SECONDS
from bot.images.store import open_store
from bot.sandbox.segmind import Behaviour, LocalSegmind, Route
from bot.storage.claims import NOBODY
from bot.storage.database import Database, Transaction
from bot.storage.store import Store
from bot.storage.tables import job
from tests.makers import OPEN_GATE, new_job, picture, request, rules
from tests.pictures import jpeg
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
POST_SECONDS = 0.05
INPUT = picture("input")
Moment = Status | Route  # a job in a worker's hands, or a request that has just come in
MOMENTS: list[Moment] = [
    Route.UPLOAD,
    Status.SUBMITTING,
    Route.SUBMIT,
    Status.SUBMITTED,
    Route.STATUS,
    Route.DOWNLOAD,
    Status.GENERATED,
]
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
            "post_seconds": POST_SECONDS,
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
        await open_store(self._options["images"]).put(INPUT.key, jpeg(64, 36))
        for number in range(count):
            member = Requester(id=number % 5 + 1, name="x")
            asked = request(prompt=f"fox {number}", images=(INPUT,))
            await store.submit(new_job(member, request=asked))

    async def kill_at(self, moment: Moment, dice: random.Random) -> None:
        """Start a worker and kill it at some moment, or a little later."""
        before, dead = self._asked(moment), await self._holders()
        worker = await self.start()
        async with asyncio.timeout(PATIENCE):
            while self._asked(moment) == before and not await self._holders(moment) - dead:
                await asyncio.sleep(0.005)
        await asyncio.sleep(dice.choice([0, dice.uniform(0, 0.1)]))
        assert worker.returncode is None, "the worker ended by itself"
        worker.kill()
        await worker.wait()

    def _asked(self, moment: Moment) -> int:
        return sum(one.route == moment for one in self.segmind.requests)

    async def _holders(self, moment: Moment | None = None) -> set[str]:
        """Name the workers that hold jobs at some step; with none named, all there ever were."""
        rows = await job_rows(self.database)
        assert any(row.status in OPEN for row in rows), "no job is left to be killed at"
        held = [row for row in rows if moment in {None, row.status}]
        making = {row.worker for row in held if moment is not Status.GENERATED}
        posting = {row.delivery_worker for row in held if moment in {None, Status.GENERATED}}
        return (making | posting) - {None, NOBODY}

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
        paid = {recorded.body["prompt"] for recorded in self.segmind.accepted}

        def work(tx: Transaction) -> None:
            rows = tx.connection.execute(select(job).where(job.c.check_due_at > tx.now)).all()
            for row in rows:
                lost = row.request["prompt"] not in paid  # the others are found: polled, not late
                late = {"submitted_at": tx.now - UNKNOWN_SECONDS - 1} if lost else {}
                tx.connection.execute(
                    update(job)
                    .where(job.c.number == row.number)
                    .values(check_due_at=tx.now, **late)
                )

        await self.database.run(work)


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


async def killed(rig: Rig, moments: Sequence[Moment], jobs: int, dice: random.Random) -> None:
    """Submit, kill at each of some moments, and let the rest finish."""
    await rig.submit(jobs)
    for moment in moments:
        await rig.kill_at(moment, dice)
    await check(rig, await rig.finish())


@pytest.fixture
async def rig(tmp_path: Path, database: Database) -> AsyncIterator[Rig]:
    behaviour = Behaviour(run_seconds=RUN_SECONDS, answer_seconds=ANSWER_SECONDS)
    async with LocalSegmind(behaviour=behaviour) as segmind:
        yield Rig(tmp_path, database, segmind)


@pytest.mark.soak
async def test_a_kill_at_each_moment_loses_nothing_and_pays_nothing_twice(rig: Rig) -> None:
    await killed(rig, MOMENTS, 20, random.Random(1))


async def test_a_request_killed_in_the_air_is_found_again_and_not_sent_again(rig: Rig) -> None:
    await killed(rig, [Route.SUBMIT], 2, random.Random(2))
    assert "unknown" in [row.event for row in await ledger_rows(rig.database)]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2))
async def test_many_kills_lose_nothing_and_pay_nothing_twice(rig: Rig, seed: int) -> None:
    await killed(rig, MOMENTS * 3, 120, random.Random(seed))

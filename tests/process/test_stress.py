"""Many processes on one queue, two of them killed for good: every promise holds throughout."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.domain.job import UNDER_WAY, Status
from bot.storage.database import AnyRow, Database, Transaction
from bot.storage.tables import gate, job, lane
from tests.makers import PRICE
from tests.process.stress_program import GATE, RUNNING
from tests.storage_views import budget_rows, gate_row, job_rows, lane_rows, ledger_rows

LEASE = 5.0
LONG_LEASE = 12.0  # many writers on one SQLite file may starve one of them for seconds
GATEWAYS, WORKERS, KILLED = 3, 5, 2
PATIENCE = 300
QUICK, LONG = (0.01, 0.08), (1.0, 2.0)


class Crowd:
    """Processes on one database, and the journal they write."""

    def __init__(self, folder: Path, database: Database, lease: float) -> None:
        self._database = database
        self._lease = lease
        self._processes: dict[str, Process] = {}
        self._journal = folder / "journal"
        self._journal.touch()

    async def start(self, name: str, **options: object) -> None:
        given = {
            "name": name,
            "database": self._database.engine.url.render_as_string(hide_password=False),
            "journal": str(self._journal),
            "lease": self._lease,
            **options,
        }
        program = (sys.executable, "-m", "tests.process.stress_program", json.dumps(given))
        self._processes[name] = await asyncio.create_subprocess_exec(*program, stdin=PIPE)

    async def kill_amid_runs(self, name: str) -> None:
        """Kill a worker for good once it has some jobs in its hands."""
        while not [line for line in self.lines() if line[1:3] == [name, "begin"]]:
            await asyncio.sleep(0.02)
        self._processes[name].kill()

    async def end(self, *names: str) -> None:
        """Let processes end by themselves; each has to end well."""
        for name in names:
            await self._processes[name].communicate(b"")
            assert self._processes[name].returncode == 0, f"{name} broke"

    async def clear(self) -> None:
        """Leave nothing running, however the test went."""
        for process in self._processes.values():
            if process.returncode is None:
                process.kill()
            await process.communicate(b"")

    def lines(self) -> list[list[str]]:
        return sorted(line.split() for line in self._journal.read_text().splitlines())


async def rush(crowd: Crowd, database: Database, jobs: int) -> None:
    """Submit from three processes, work in five, kill two; look on until all is done."""
    workers = [f"worker{number}" for number in range(WORKERS)]
    gateways = [f"gateway{number}" for number in range(GATEWAYS)]
    for name in workers:
        seconds = LONG if name in workers[:KILLED] else QUICK
        await crowd.start(name, role="worker", run_seconds=seconds)
    for name in gateways:
        await crowd.start(name, role="gateway", jobs=jobs // GATEWAYS)
    for name in workers[:KILLED]:
        await crowd.kill_amid_runs(name)
    await crowd.end(*gateways)
    while await looked_at(database):
        await asyncio.sleep(0.05)
    await crowd.end(*workers[KILLED:])


async def looked_at(database: Database) -> int:
    """Hold the counters to the jobs at one moment; return how many jobs are not done."""
    running, claimed, lanes, queued, most, waiting = await database.read(_counts)
    assert running == claimed == lanes <= GATE.max_running
    assert most <= RUNNING
    assert queued == waiting
    return int(waiting + claimed)


def _counts(tx: Transaction) -> AnyRow:
    under_way, taken = job.c.status.in_(UNDER_WAY), job.c.worker.is_not(None)
    jobs = select(func.count()).select_from(job)
    return tx.connection.execute(
        select(
            select(gate.c.running).scalar_subquery(),
            jobs.where(under_way, taken).scalar_subquery(),
            select(func.coalesce(func.sum(lane.c.running), 0)).scalar_subquery(),
            select(func.coalesce(func.sum(lane.c.queued), 0)).scalar_subquery(),
            select(func.coalesce(func.max(lane.c.running), 0)).scalar_subquery(),
            jobs.where(under_way, ~taken).scalar_subquery(),
        )
    ).one()


def check_journal(lines: list[list[str]]) -> None:
    """Hold the runs, as the workers wrote them down, to the caps; and nothing runs twice.

    A job of a killed worker is running until another begins it.
    """
    dead = {f"worker{number}" for number in range(KILLED)}
    running: dict[str, str] = {}
    held: dict[str, str] = {}
    for _, name, event, *rest in lines:
        assert event != "lost" or name in dead, "a living worker lost its job"
        if event == "begin":
            job_id, member, _ = rest
            assert held.get(job_id, name) in dead | {name}, "run twice"
            assert held.get(job_id) != name, "run twice by the same"
            running[job_id], held[job_id] = member, name
            assert len(running) <= GATE.max_running, "above the global cap"
            assert max(Counter(running.values()).values()) <= RUNNING, "above a member's cap"
        elif event == "end":
            running.pop(rest[0], None)
    assert not running, "a job was not taken over"
    assert [rest for _, _, event, *rest in lines if event == "begin" and rest[2] != "1"], (
        "nothing was taken over"
    )


async def check_database(database: Database, submitted: set[str]) -> None:
    """Everything ended, every counter is zero, and the money adds up."""
    rows = await job_rows(database)
    ended = Counter(row.status for row in rows)
    assert {row.id for row in rows} == submitted
    assert set(ended) == {Status.GENERATED, Status.CANCELLED}
    assert {(row.queued, row.running) for row in await lane_rows(database)} == {(0, 0)}
    assert (await gate_row(database)).running == 0
    spent = PRICE * ended[Status.GENERATED]
    assert {(row.reserved, row.spent) for row in await budget_rows(database)} == {(0, spent)}
    booked = Counter(row.event for row in await ledger_rows(database))
    assert booked == {
        "reserve": len(rows), "settle": ended[Status.GENERATED], "release": ended[Status.CANCELLED]
    }  # fmt: skip


@pytest.mark.soak
@pytest.mark.parametrize(("jobs", "lease"), [(198, LEASE), (1998, LONG_LEASE)])
async def test_a_rush_with_two_workers_killed_keeps_every_promise(
    tmp_path: Path, database: Database, jobs: int, lease: float
) -> None:
    crowd = Crowd(tmp_path, database, lease)
    try:
        async with asyncio.timeout(PATIENCE):
            await rush(crowd, database, jobs)
    finally:
        await crowd.clear()
    check_journal(crowd.lines())
    submitted = {rest[0] for _, _, event, *rest in crowd.lines() if event == "submit"}
    assert len(submitted) == jobs
    await check_database(database, submitted)

"""Many processes on one queue, two of them killed for good: every promise holds throughout."""

import asyncio
import json
import sys
from asyncio.subprocess import Process
from collections import Counter
from pathlib import Path

import pytest

from bot.domain.job import Status
from bot.storage.database import Database
from tests.process.stress_program import GATE
from tests.storage_views import budget_rows, gate_row, job_rows, lane_rows

LEASE = 1.5
GATEWAYS, WORKERS, KILLED = 3, 5, 2
ENDED = {Status.GENERATED, Status.CANCELLED}


class Crowd:
    """Processes on one database, and what they wrote down."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database
        self.journal = folder / "journal"
        self.journal.touch()

    async def start(self, role: str, **options: object) -> Process:
        whole = {
            "role": role,
            "database": self._database.engine.url.render_as_string(hide_password=False),
            "journal": str(self.journal),
            "lease": LEASE,
            "idle": 2 * LEASE + 1,
            **options,
        }
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.process.stress_program", json.dumps(whole)
        )

    @property
    def lines(self) -> list[list[str]]:
        return sorted(line.split() for line in self.journal.read_text().splitlines())


async def stress(crowd: Crowd, jobs: int) -> None:
    """Submit from three, work in five, kill two."""
    gateways = [await crowd.start("gateway", jobs=jobs // GATEWAYS) for _ in range(GATEWAYS)]
    workers = [await crowd.start("worker") for _ in range(WORKERS)]
    for worker in workers[:KILLED]:
        await asyncio.sleep(1.2)
        worker.kill()
    for process in gateways + workers:
        await asyncio.wait_for(process.wait(), 240)


def check_journal(lines: list[list[str]]) -> None:
    """Hold the runs, as the workers wrote them down, to the caps.

    A job of a killed worker is running until its next one begins it.
    """
    running: dict[str, str] = {}
    for _, event, *rest in lines:
        if event == "begin":
            job_id, member, _ = rest
            running[job_id] = member
            assert len(running) <= GATE.max_running, "above the global cap"
            assert max(Counter(running.values()).values()) <= 2, "above a member's cap"
        elif event == "end":
            running.pop(rest[0], None)
    assert not running, "a job was not taken over"


async def check_database(database: Database) -> None:
    assert {row.status for row in await job_rows(database)} <= ENDED
    assert {(row.queued, row.running) for row in await lane_rows(database)} == {(0, 0)}
    assert (await gate_row(database)).running == 0
    assert {row.reserved for row in await budget_rows(database)} == {0}


@pytest.fixture
def crowd(tmp_path: Path, database: Database) -> Crowd:
    return Crowd(tmp_path, database)


async def run_and_check(crowd: Crowd, database: Database, jobs: int) -> None:
    await stress(crowd, jobs)
    check_journal(crowd.lines)
    await check_database(database)
    made = {row.id for row in await job_rows(database) if row.status == Status.GENERATED}
    accepted = {rest[0] for _, event, *rest in crowd.lines if event == "accepted"}
    assert made <= accepted
    assert len(accepted) == jobs // GATEWAYS * GATEWAYS


async def test_a_short_rush_keeps_every_promise(crowd: Crowd, database: Database) -> None:
    await run_and_check(crowd, database, 150)


@pytest.mark.soak
async def test_a_long_rush_keeps_every_promise(crowd: Crowd, database: Database) -> None:
    await run_and_check(crowd, database, 2000)


@pytest.mark.parametrize(
    ("options", "admitted"),
    [
        ({"limits": {"images_per_hour": 5}, "members": 1}, 5),
        ({"money": {"guild_day": 105_000}}, 3),
    ],
)
async def test_90_submits_of_three_processes_admit_exactly_what_is_allowed(
    crowd: Crowd, database: Database, options: dict[str, object], admitted: int
) -> None:
    gateways = [
        await crowd.start("gateway", jobs=30, at_once=True, **options) for _ in range(GATEWAYS)
    ]
    for process in gateways:
        await asyncio.wait_for(process.wait(), 60)
    events = Counter(event for _, event, *_ in crowd.lines)
    assert events["accepted"] == admitted
    assert events["refused"] == 90 - admitted
    assert len(await job_rows(database)) == admitted

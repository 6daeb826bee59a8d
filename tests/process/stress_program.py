"""One of many processes on one queue: `python -m tests.process.stress_program '{"role": …}'`.

A gateway submits and calls off; a worker claims and runs, a short sleep standing for the run, until
its standard input ends. Each writes down what it does when, for the test to hold against what was
promised: a run begins after its claim is written and ends before its end is, so that what is
written down never lasts longer than what it shows.
"""

import asyncio
import json
import os
import random
import secrets
import sys
import time
from contextlib import suppress
from typing import Any

from bot.domain.errors import LeaseLost
from bot.domain.job import Claim, Requester
from bot.domain.limits import GateLimits
from bot.storage import claims, steps
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import PRICE, new_job, picture, rules

GATE = GateLimits(max_running=12, requests_per_minute=1_000_000)
RUNNING = 2
MEMBERS = 12
CALLED_OFF = 0.05
COUNTED = 0.05  # as often another gateway starts and counts everything again
LOOK_SECONDS = 0.05
MONEY = dict.fromkeys(("guild_day", "guild_month", "all_day", "all_month"), 10**12)
LIMITS = {"images_per_hour": 10**6, "images_per_day": 10**6, "max_waiting": 10**6}


class Program:
    """One process, known by its name in the journal as in the database."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._name: str = options["name"]
        self._database = Database(options["database"])
        limits = LIMITS | {"max_running": RUNNING}
        self._store = Store(
            self._database, rules=rules(user=limits, budgets=MONEY), gate=GATE, worker=self._name
        )
        self._held: set[int] = set()
        self._dice = random.Random(self._name)
        self._journal = os.open(options["journal"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def _note(self, *words: object) -> None:
        line = " ".join(map(str, (f"{time.time():.6f}", self._name, *words)))
        os.write(self._journal, f"{line}\n".encode())

    async def submit(self) -> None:
        """Submit a share of the jobs of any members; call off some, waiting, running or ended."""
        ids: list[str] = []
        for _ in range(self._options["jobs"]):
            member = Requester(id=self._dice.randrange(MEMBERS) + 1, name="x")
            job = await self._store.submit(new_job(member, key=secrets.token_hex(8)))
            self._note("submit", job.id, member.id)
            ids.append(job.id)
            if self._dice.random() < CALLED_OFF:
                await self._store.cancel(self._dice.choice(ids[-20:]))
            if self._dice.random() < COUNTED:
                await self._store.reconcile()

    async def work(self) -> None:
        """Claim and run until told to stop; whatever goes wrong ends the process."""
        told = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(self._renew())
            while not told.done():
                if claim := await self._store.claim():
                    group.create_task(self._run(claim))
                else:
                    await self._store.wait_for_work(LOOK_SECONDS)
            renewing.cancel()

    async def _renew(self) -> None:
        while True:
            await self._store.renew(list(self._held), [], [])
            await asyncio.sleep(claims.LEASE_SECONDS / 6)

    async def _run(self, claim: Claim) -> None:
        job = claim.job
        self._held.add(job.number)
        self._note("begin", job.id, job.requester.id, claim.attempt)
        try:
            if not await self._store.mark_submitting(claim, []):
                self._note("end", job.id)
                await self._store.mark_cancelled(claim)
                return
            await self._store.mark_submitted(claim, claim.job.id)
            await asyncio.sleep(self._dice.uniform(*self._options["run_seconds"]))
            await self._store.add_result(claim, 1, picture(job.id))
            self._note("end", job.id)
            await self._store.mark_generated(claim, PRICE, 1)
        except LeaseLost:
            self._note("lost", job.id)
        finally:
            self._held.discard(job.number)

    async def close(self) -> None:
        await self._database.close()


async def main(options: dict[str, Any]) -> None:
    for module in (claims, steps):
        setattr(module, "LEASE_SECONDS", options["lease"])  # noqa: B010 - not theirs to export
    program = Program(options)
    await (program.submit() if options["role"] == "gateway" else program.work())
    await program.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(json.loads(sys.argv[1])))

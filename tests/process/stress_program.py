"""One of many processes on one queue: `python -m tests.process.stress_program '{"role": …}'`.

A gateway submits and cancels; a worker claims and runs, a short sleep standing for the run. Each
writes down what it does when, for the test to hold against what was promised.
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

from bot.domain.errors import LeaseLost, UserError
from bot.domain.job import Claim, Requester
from bot.domain.limits import GateLimits
from bot.storage import claims
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import PRICE, new_job, picture, rules

GATE = GateLimits(max_running=12, requests_per_minute=1_000_000)
MEMBERS = 12
CALLED_OFF = 0.05
MONEY = dict.fromkeys(("guild_day", "guild_month", "all_day", "all_month"), 10**12)
LIMITS = {"images_per_hour": 10**6, "images_per_day": 10**6, "max_waiting": 10**6}


class Program:
    """One process."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.name = secrets.token_hex(3)
        self.store = Store(
            Database(options["database"]),
            rules=rules(
                user=LIMITS | options.get("limits", {}), budgets=MONEY | options.get("money", {})
            ),
            gate=GATE,
            worker=self.name,
        )
        self.dice = random.Random(self.name)
        self.journal = os.open(options["journal"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(self, *words: object) -> None:
        os.write(self.journal, (" ".join(map(str, (time.time(), *words))) + "\n").encode())

    async def submit(self) -> None:
        """Submit a share of the jobs; one after the other, or all at once."""
        if self.options.get("at_once"):
            await asyncio.gather(*(self.submit_one() for _ in range(self.options["jobs"])))
            return
        for _ in range(self.options["jobs"]):
            job_id = await self.submit_one()
            if job_id and self.dice.random() < CALLED_OFF:
                await self.store.cancel(job_id)

    async def submit_one(self) -> str | None:
        """Submit a job of some member; note whether it was accepted."""
        number = self.dice.randrange(self.options.get("members", MEMBERS)) + 1
        member = Requester(id=number, name="x")
        try:
            job = await self.store.submit(new_job(member, key=secrets.token_hex(8)))
        except UserError as error:
            self.note("refused", type(error).__name__)
            return None
        self.note("accepted", job.id)
        return job.id

    async def work(self) -> None:
        """Claim and run until nothing is left for a while."""
        renewing = asyncio.create_task(self.renew())
        running: set[asyncio.Task[None]] = set()
        idle = time.monotonic()
        while time.monotonic() - idle < self.options["idle"]:
            running = {task for task in running if not task.done()}
            claim = await self.store.claim() if len(running) < GATE.max_running else None
            if claim:
                idle = time.monotonic()
                running.add(asyncio.create_task(self.run(claim)))
            else:
                await self.store.wait_for_work(0.05)
        renewing.cancel()

    async def renew(self) -> None:
        while True:
            await asyncio.sleep(claims.LEASE_SECONDS / 3)
            await self.store.renew()

    async def run(self, claim: Claim) -> None:
        self.note("begin", claim.job.id, claim.job.requester.id, self.name)
        with suppress(LeaseLost):
            if not await self.store.mark_submitting(claim, []):
                self.note("end", claim.job.id, claim.job.requester.id, self.name)
                await self.store.mark_cancelled(claim)
                return
            await self.store.mark_submitted(claim, "p")
            await asyncio.sleep(self.dice.uniform(0.01, 0.08))
            await self.store.add_result(claim, 1, picture(claim.job.id))
            self.note("end", claim.job.id, claim.job.requester.id, self.name)
            await self.store.mark_generated(claim, PRICE, 1)


async def main(options: dict[str, Any]) -> None:
    claims.LEASE_SECONDS = options.get("lease", claims.LEASE_SECONDS)
    program = Program(options)
    await (program.submit() if options["role"] == "gateway" else program.work())


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))

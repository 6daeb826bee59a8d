"""A real worker in a process of its own; only Discord and the owner are stand-ins, at our ports.

`python -m tests.process.worker_program '{"database": …, "images": …, "journal": …, …}'`
"""

import asyncio
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from bot.domain.alerts import Alert
from bot.domain.forecast import Forecast
from bot.domain.job import Claim, Job, Stage, Status
from bot.domain.limits import Budgets
from bot.domain.model import SEEDREAM_5_LITE
from bot.domain.operations import Pulse
from bot.domain.pacing import PollPacer
from bot.domain.showcase import Board
from bot.images.store import open_store
from bot.operations.meter import PrometheusMeter
from bot.parts import make_erasing
from bot.segmind.client import SegmindOptions, open_segmind
from bot.services.alerts import Alerts
from bot.services.delivering import Delivering
from bot.services.endings import Endings
from bot.services.housekeeping import Housekeeping
from bot.services.processing import Processing
from bot.services.recovery import Recovery
from bot.services.showing import Showing
from bot.services.watch import Watch
from bot.storage import claims, deliveries, steps
from bot.storage.database import Database
from bot.storage.operations import DatabaseOperations
from bot.storage.store import Store
from bot.worker import Worker
from tests.makers import OPEN_GATE, PRICE, rules

PLENTY = Budgets(guild_day=10**12, guild_month=10**12, dm_day=0, all_day=10**12, all_month=10**12)


class Journal:
    """Writes down what Discord would have shown; stays whole when the process is killed."""

    def __init__(self, path: Path, store: Store, seconds: float) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self._store = store
        self._seconds = seconds

    async def publish(self, claim: Claim, forecast: Forecast) -> float | None:
        """Post a result once, as Discord's nonce would have it, and note it."""
        assert forecast
        if claim.job.status is Status.GENERATED:
            post = await self._store.post_begun(claim, 1)
            await asyncio.sleep(self._seconds)
            os.write(self._file, f"{claim.job.id}.{post}\n".encode())
            os.fsync(self._file)
            await asyncio.sleep(self._seconds)
            await self._store.delivered(claim)
        elif claim.job.delivery.stage is not claim.job.stage:
            await self._store.card_posted(claim, None, claim.job.stage or Stage.IN_LINE)
        return None

    async def post_entry(self, job: Job, board: Board, post: int) -> int:
        """Not asked of it."""
        raise NotImplementedError(f"{job} {board} {post}")

    async def remove_entry(self, job: Job, board_id: int, message_id: int) -> None:
        """Not asked of it either."""
        raise NotImplementedError(f"{job} {board_id} {message_id}")

    async def tell(self, alert: Alert) -> None:
        """Hear the owner's alerts out."""
        assert alert


async def main(options: dict[str, Any]) -> None:
    for module in (claims, deliveries, steps):
        setattr(module, "LEASE_SECONDS", options["lease"])  # noqa: B010 - not theirs to export
    database = Database(options["database"])
    store = Store(
        database,
        rules=rules(),
        gate=OPEN_GATE,
        worker=secrets.token_hex(4),
        first_guess=options["run_seconds"],
    )
    journal = Journal(Path(options["journal"]), store, options["post_seconds"])
    images = open_store(options["images"])
    segmind = SegmindOptions(
        key=SecretStr(options["key"]),
        model=SEEDREAM_5_LITE,
        api="auto",
        api_url=options["api_url"],
        upload_url=options["upload_url"],
        history_url=options["history_url"],
        result_hosts=tuple(options["result_hosts"]),
    )
    async with open_segmind(segmind) as provider:
        alerts = Alerts(notes=store, owner=journal, price=PRICE)
        pacer = PollPacer(100_000)
        keeping = Housekeeping(
            keeper=store, members=store, servers=store, images=images, retention_days=30
        )
        if not database.shared:
            await store.adopt_all()
        await Worker(
            jobs=store,
            queue=store,
            unknowns=store,
            deliveries=store,
            entries=store,
            processing=Processing(
                queue=store,
                jobs=store,
                provider=provider,
                images=images,
                alerts=alerts,
                pacer=pacer,
                deadline=60,
            ),
            recovery=Recovery(queue=store, jobs=store, provider=provider),
            showing=Showing(queue=store, publisher=None, notes=store),  # type: ignore[arg-type]  # nobody stars
            delivering=Delivering(
                queue=store, jobs=store, publisher=journal, endings=Endings(PrometheusMeter())
            ),
            watch=Watch(
                totals=store,
                provider=provider,
                alerts=alerts,
                housekeeping=keeping,
                erasing=make_erasing(store, images),
                budgets=PLENTY,
                operations=DatabaseOperations(database),
                deadline=60,
            ),
            pacer=pacer,
            max_running=OPEN_GATE.max_running,
            pulse=Pulse(),
        ).run()


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))

"""Claims jobs and deliveries and carries each in a task of its own, until it is told to stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from bot.domain.errors import BotError, LeaseLost
from bot.domain.job import Claim
from bot.domain.operations import Pulse
from bot.domain.pacing import PollPacer
from bot.domain.showcase import EntryClaim
from bot.domain.showcase_stores import EntryQueue
from bot.domain.stores import DeliveryQueue, JobStore, UnknownQueue, WorkQueue
from bot.domain.tasks import current_job
from bot.services.delivering import Delivering
from bot.services.processing import Processing
from bot.services.recovery import Recovery
from bot.services.showing import Showing
from bot.services.watch import Watch

log = logging.getLogger(__name__)

POLL_SECONDS = 1.0
RENEW_SECONDS = 10.0
DELIVERIES_AT_ONCE = 4  # at 0.1 s a call Discord's 50 calls a second are not used up
LOOKUPS_AT_ONCE = 2
ENTRIES_AT_ONCE = 2

C = TypeVar("C", bound=Claim | EntryClaim)


class _Crew(Generic[C]):
    """Tasks of one kind, each carrying one claim, at most `most` at once."""

    def __init__(
        self,
        most: int,
        claiming: Callable[[], Awaitable[C | None]],
        carry: Callable[[C], Coroutine[Any, Any, None]],
        drop: Callable[[C], Awaitable[None]],
    ) -> None:
        self._most = most
        self._claiming = claiming
        self._carry = carry
        self._drop = drop
        self._tasks: dict[asyncio.Task[None], C] = {}

    async def turn(self) -> None:
        """Clear away what ended, then take on what is there."""
        await self._reap()
        while len(self._tasks) < self._most and (claim := await self._claiming()):
            self._tasks[self._begin(claim)] = claim

    def _begin(self, claim: C) -> asyncio.Task[None]:
        """Carry a claim in a task whose every log line has the job's id, libraries' too."""
        context = copy_context()
        context.run(current_job.set, claim.job.id)
        return asyncio.create_task(self._carry(claim), name=f"job {claim.job.id}", context=context)

    async def stop(self) -> None:
        """Cancel every task and wait for what must not be interrupted."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def held(self) -> list[C]:
        """What it carries."""
        return list(self._tasks.values())

    async def _reap(self) -> None:
        for task in [task for task in self._tasks if task.done()]:
            claim = self._tasks[task]
            error = None if task.cancelled() else task.exception()
            if error:
                log.error("job broke off", exc_info=error, extra={"job": claim.job.id})
                with suppress(LeaseLost):
                    await self._drop(claim)
            del self._tasks[task]


class Worker:
    """Runs until cancelled; then it hands over what it holds, step by step as it stands.

    `pulse` beats with every look at the queue.
    """

    def __init__(
        self,
        *,
        jobs: JobStore,
        queue: WorkQueue,
        unknowns: UnknownQueue,
        deliveries: DeliveryQueue,
        entries: EntryQueue,
        processing: Processing,
        recovery: Recovery,
        pacer: PollPacer,
        delivering: Delivering,
        showing: Showing,
        watch: Watch,
        max_running: int,
        pulse: Pulse,
    ) -> None:
        self._jobs = jobs
        self._pulse = pulse
        self._queue = queue
        self._pacer = pacer
        self._watch = watch
        self._making = _Crew(max_running, queue.claim, processing.run, queue.drop)
        self._asking = _Crew(LOOKUPS_AT_ONCE, unknowns.claim_unknown, recovery.run, queue.drop)
        self._telling = _Crew(
            DELIVERIES_AT_ONCE, deliveries.claim_delivery, delivering.run, deliveries.drop_delivery
        )
        self._showing = _Crew(ENTRIES_AT_ONCE, entries.claim_entry, showing.run, entries.drop_entry)
        self._crews = (self._making, self._asking, self._telling, self._showing)

    async def run(self) -> None:
        """Work until cancelled; an error nobody foresaw ends it, handed over all the same."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._renew_claims(), name="renew claims")
                group.create_task(self._watch.run(), name="watch")
                group.create_task(self._take_turns(), name="turns")
        finally:
            await asyncio.gather(*(crew.stop() for crew in self._crews))
            await self._hand_over()

    async def _hand_over(self) -> None:
        try:
            await self._queue.hand_over()
        except BotError:
            log.exception("claims could not be handed over; they run out by themselves")

    async def _take_turns(self) -> None:
        while True:
            await self._turn()
            await self._jobs.wait_for_work(POLL_SECONDS)

    async def _turn(self) -> None:
        try:
            for crew in self._crews:
                await crew.turn()
            self._pulse.beat()
        except BotError:
            log.exception("the queue cannot be read; looking again soon")

    async def _renew_claims(self) -> None:
        while True:
            try:
                held = [*self._making.held, *self._asking.held]
                self._pacer.workers = await self._queue.renew(
                    [claim.job.number for claim in held],
                    [claim.job.number for claim in self._telling.held],
                    [claim.entry.id for claim in self._showing.held],
                )
            except BotError:
                log.exception("claims could not be renewed; trying again")
            await asyncio.sleep(RENEW_SECONDS)

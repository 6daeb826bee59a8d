"""Telling Discord what became of a job; a claim of its own, so an outage there holds no slot."""

import asyncio
import logging

from bot.domain.errors import BotError, LeaseLost, TransientError
from bot.domain.job import Claim
from bot.domain.ports import Publisher
from bot.domain.stores import DeliveryQueue, JobStore
from bot.services.endings import Endings

log = logging.getLogger(__name__)

FIRST_WAIT = 2.0
LONGEST_WAIT = 120.0
TRIES = 35  # about an hour
RARE_WAIT = 3600.0
RARE_TRIES = 72  # three days more, so that a long outage ends in a picture too


class Delivering:
    """Carries one claimed piece of news to Discord."""

    def __init__(
        self,
        *,
        queue: DeliveryQueue,
        jobs: JobStore,
        publisher: Publisher,
        endings: Endings,
    ) -> None:
        self._queue = queue
        self._jobs = jobs
        self._publisher = publisher
        self._endings = endings

    async def run(self, claim: Claim) -> None:
        """Publish, and note whether and when to look again."""
        try:
            await self._queue.end_delivery(claim, await self._publish(claim))
        except LeaseLost:
            log.warning("delivery taken over by another worker")
        except TransientError as error:
            await self._retry(claim, error)
        except BotError:
            log.exception("delivery given up")
            self._endings.note_untold(claim.job)
            await self._queue.end_delivery(claim, None)

    async def _publish(self, claim: Claim) -> float | None:
        clock = asyncio.get_running_loop().time
        forecast, begun = await self._jobs.forecast(claim.job), clock()
        again_in = await self._publisher.publish(claim, forecast)
        if job := await self._jobs.job(claim.job.id):
            self._endings.note(claim.job, job, forecast.now + clock() - begun)
        return again_in

    async def _retry(self, claim: Claim, error: TransientError) -> None:
        tries = claim.job.delivery.tries
        if tries >= TRIES + RARE_TRIES:
            log.error("delivery given up after %d tries: %s", tries, error)
            self._endings.note_untold(claim.job)
            await self._queue.end_delivery(claim, None)
            return
        longest = LONGEST_WAIT if tries < TRIES else RARE_WAIT
        wait = error.retry_after or min(longest, FIRST_WAIT * 2**tries)
        log.warning("delivery again in %.0f s: %s", wait, error)
        await self._queue.retry_delivery(claim, wait)

"""Unknown outcomes: the provider's history is asked for a quarter of an hour, nothing is resent."""

import logging

from bot.domain.errors import BotError, LeaseLost, PermanentError
from bot.domain.job import Claim, Job
from bot.domain.pacing import UNKNOWN_SECONDS
from bot.domain.ports import Provider
from bot.domain.provider import Made
from bot.domain.stores import JobStore, UnknownQueue

log = logging.getLogger(__name__)

CHECK_SECONDS = 45.0


class Recovery:
    """Finds out what became of a request whose answer is missing."""

    def __init__(self, *, queue: UnknownQueue, jobs: JobStore, provider: Provider) -> None:
        self._queue = queue
        self._jobs = jobs
        self._provider = provider

    async def run(self, claim: Claim) -> None:
        """Look once; found goes on, not found is looked for again until it is given up."""
        try:
            await self._decide(claim, await self._find(claim.job))
        except LeaseLost:
            log.warning("lookup taken over by another worker")

    async def _decide(self, claim: Claim, provider_id: str | None) -> None:
        forecast = await self._jobs.forecast(claim.job)
        sent_at = claim.job.submitted_at or forecast.now
        if provider_id and await self._queue.mark_found(claim, provider_id):
            log.info("found at the provider")
        elif forecast.now - sent_at > UNKNOWN_SECONDS:
            log.warning("given up: no end of it at the provider")
            await self._queue.mark_lost(claim)
        else:
            await self._queue.check_again(claim, CHECK_SECONDS)

    async def _find(self, job: Job) -> str | None:
        """Look for a job's id; one that is known is found once there is an end to go on to."""
        try:
            if job.provider_id:
                return job.provider_id if await self._has_ended(job.provider_id) else None
            return await self._provider.find(
                job.request, job.sent_urls, since=job.submitted_at or 0
            )
        except BotError as error:
            log.warning("not to be looked up: %s", error)
            return None

    async def _has_ended(self, provider_id: str) -> bool:
        try:
            return isinstance(await self._provider.poll(provider_id), Made)
        except PermanentError:
            return True

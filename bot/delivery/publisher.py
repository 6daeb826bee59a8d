"""Brings Discord up to date with a job: card, result, card again; by ids alone."""

import logging
from dataclasses import replace

import discord

from bot.delivery.cards import Cards, slow_in
from bot.delivery.results import Results
from bot.delivery.traces import Traces
from bot.domain.errors import PermanentError, TransientError
from bot.domain.forecast import Forecast
from bot.domain.job import Claim, Job, Status
from bot.domain.ports import ImageStore, Pictures
from bot.domain.stores import DeliveryQueue, JobStore

log = logging.getLogger(__name__)

SHUT_OUT_SECONDS = 3600.0


class DiscordPublisher:
    """Implements `bot.domain.ports.Publisher` on a logged-in client, connected or not.

    `seeds` are the reactions put on a result to press: reroll, showcase.
    """

    def __init__(
        self,
        *,
        client: discord.Client,
        jobs: JobStore,
        queue: DeliveryQueue,
        images: ImageStore,
        pictures: Pictures,
        seeds: tuple[str, str],
    ) -> None:
        self._jobs = jobs
        self._queue = queue
        self._cards = Cards(
            client=client, queue=queue, images=images, pictures=pictures, seeds=seeds
        )
        self._results = Results(
            client=client, queue=queue, images=images, pictures=pictures, seeds=seeds
        )
        self._traces = Traces(client=client, queue=queue)

    async def publish(self, claim: Claim, forecast: Forecast) -> float | None:
        """See the port; what was noted before is not repeated."""
        if claim.job.deleted_by:
            await self._remove(claim, forecast)
            return None
        if claim.job.delivery.stage is None and not claim.job.place.private:
            await self._cards.post(claim, forecast)
            claim = await self._reread(claim)
        if claim.job.status is Status.GENERATED and not claim.job.cancel_asked:
            claim = await self._post_result(claim)
        return await self._finish_card(claim, forecast)

    async def _remove(self, claim: Claim, forecast: Forecast) -> None:
        cards, gone = await self._traces.remove(claim)
        for card in cards:
            await self._cards.bury(claim, forecast, card)
        if not gone:  # the bot may be let in again
            raise TransientError("not all may be deleted", retry_after=SHUT_OUT_SECONDS)
        await self._queue.forgotten(claim)

    async def _post_result(self, claim: Claim) -> Claim:
        try:
            if not await self._results.post(claim, await self._parent(claim.job)):
                log.error("no place takes the result; it is kept", extra={"job": claim.job.id})
        except (KeyError, PermanentError):
            log.exception("a picture is gone or broken", extra={"job": claim.job.id})
            return replace(claim, job=replace(claim.job, pictures_gone=True))
        return await self._reread(claim)

    async def _finish_card(self, claim: Claim, forecast: Forecast) -> float | None:
        if claim.job.place.private:
            await self._cards.tell_privately(claim, forecast)
        if claim.job.delivery.card_id is None:
            return None
        if claim.job.status is Status.DELIVERED:
            await self._cards.close(claim, forecast)
        else:
            await self._cards.update(claim, forecast)
        return slow_in(claim.job, forecast)

    async def _parent(self, job: Job) -> Job | None:
        return await self._jobs.job(job.parent_id) if job.parent_id else None

    async def _reread(self, claim: Claim) -> Claim:
        job = await self._jobs.job(claim.job.id)
        return replace(claim, job=job) if job else claim

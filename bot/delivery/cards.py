"""A job's card: one message, edited as the job goes on."""

import logging
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.delivery.messages import answering, release, seed, seeds_of
from bot.domain.errors import MAY_HELP, Failure, PermanentError
from bot.domain.forecast import Forecast
from bot.domain.job import Claim, Job, PlaceKind, PostedMessage, Stage
from bot.domain.ports import ImageStore, Pictures
from bot.domain.stores import DeliveryQueue
from bot.domain.tasks import whole
from bot.ui.buttons import again_button, cancel_button
from bot.ui.texts import cards

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0
WAITING = {Stage.IN_LINE, Stage.PAUSED}
# Six edits are the most of a job: what passes is shown while there are left for the more important.
_UNTIL = {Stage.IN_LINE: 3, Stage.BEING_MADE: 3, Stage.PAUSED: 5, Stage.SLOW: 5}
TOLD = {Stage.FAILED, Stage.UNKNOWN}
SLOW_AFTER = 2.0  # times the usual run


class Cards:
    """Posts and edits cards with the bot's own rights: no interaction token is needed."""

    def __init__(
        self,
        *,
        client: discord.Client,
        queue: DeliveryQueue,
        images: ImageStore,
        pictures: Pictures,
        seeds: tuple[str, str],
    ) -> None:
        self._client = client
        self._queue = queue
        self._images = images
        self._pictures = pictures
        self._seeds = seeds

    async def post(self, claim: Claim, forecast: Forecast) -> None:
        """Post the card; a place that takes none is no fault: the result has other places."""
        try:
            await whole(self._post(claim, forecast))
        except PlaceLost as error:
            log.warning("no card: %s", error, extra={"job": claim.job.id})

    async def _post(self, claim: Claim, forecast: Forecast) -> None:
        job = claim.job
        stage = Stage.BEING_MADE if job.stage is Stage.DONE else stage_of(job, forecast)
        with translated():
            message = await self._channel(job).send(
                cards.card(job, forecast, stage),
                nonce=f"{job.id}.card",
                allowed_mentions=discord.AllowedMentions.none(),
                suppress_embeds=True,
                **answering(job.place.channel_id, job.place.reply_to),
                **_buttons(job, stage),
            )
        await self._queue.card_posted(claim, message.id, stage)

    async def update(self, claim: Claim, forecast: Forecast) -> None:
        """Show the stage the job is in, unless the card shows it already."""
        job, stage = claim.job, stage_of(claim.job, forecast)
        if job.delivery.card_id is None or job.delivery.stage is stage:
            return
        if stage in _UNTIL and job.delivery.edits >= _UNTIL[stage]:
            return  # the last edits are for how it ends
        if stage is Stage.FAILED and forecast.now - job.created_at > PATIENCE_SECONDS:
            await self._ping(job)
        content = cards.card(job, forecast, stage)
        files = await self._preview(job) if stage is Stage.DONE and job.results else []
        card, view = self._card(job), _buttons(job, stage)
        if not files or not await self._edit(job, card, content, files=files):
            await self._edit(job, card, content, **view)
        await self._queue.card_posted(claim, job.delivery.card_id, stage)

    async def _edit(
        self,
        job: Job,
        card: discord.PartialMessage,
        content: str,
        *,
        files: Sequence[discord.File] = (),
        view: discord.ui.View | None = None,
    ) -> bool:
        """Edit a card; False where Discord refuses, for good: then there is nothing to mend."""
        none = discord.AllowedMentions.none()
        try:
            with translated():
                await card.edit(
                    content=content, attachments=files, view=view, allowed_mentions=none
                )
        except PlaceLost as error:
            log.warning("the card stays as it is: %s", error, extra={"job": job.id})
            return False
        finally:
            release(files)
        return True

    async def close(self, claim: Claim, forecast: Forecast) -> None:
        """Make the card final once the result stands; beside its result it is not needed."""
        if claim.job.place.kind is PlaceKind.CHANNEL:
            await self.update(claim, forecast)
            await seed(self._card(claim.job), seeds_of(claim.job, self._seeds))
            return
        try:
            with translated():
                await self._card(claim.job).delete()
        except PlaceLost as error:
            log.info("the card is not deleted: %s", error, extra={"job": claim.job.id})
        await self._queue.card_removed(claim)

    async def bury(self, claim: Claim, forecast: Forecast, card: PostedMessage) -> None:
        """Leave of a deleted job's card who deleted it."""
        job = claim.job
        content = cards.card(job, forecast, Stage.DELETED)
        channel = self._client.get_partial_messageable(card.channel_id)
        await self._edit(job, channel.get_partial_message(card.message_id), content)

    async def _ping(self, job: Job) -> None:
        """Tell a requester who has waited long enough to look away; their job's one ping."""
        ana = discord.AllowedMentions(users=[discord.Object(job.requester.id)])
        try:
            with translated():
                await self._channel(job).send(
                    cards.failed(job),
                    nonce=f"{job.id}.failed",
                    allowed_mentions=ana,
                    **answering(job.place.channel_id, job.delivery.card_id),
                )
        except PlaceLost as error:
            log.warning("not called back: %s", error, extra={"job": job.id})

    async def tell_privately(self, claim: Claim, forecast: Forecast) -> None:
        """Say by direct message what a private request, which has no card, has come to."""
        job, stage = claim.job, stage_of(claim.job, forecast)
        if stage not in TOLD or job.delivery.stage is stage:
            return
        with translated():
            channel = await self._client.create_dm(discord.Object(job.requester.id))
            await channel.send(
                cards.card(job, forecast, stage),
                nonce=f"{job.id}.{stage}",
                allowed_mentions=discord.AllowedMentions.none(),
                suppress_embeds=True,
            )
        await self._queue.card_posted(claim, None, stage)

    async def _preview(self, job: Job) -> list[discord.File]:
        """Make the small picture; none where the large one is gone."""
        try:
            picture = await self._pictures.preview(await self._images.get(job.results[0].key))
        except (KeyError, PermanentError):
            return []
        return [
            discord.File(
                BytesIO(picture.data),
                filename=f"preview-{job.id}.jpg",
                spoiler=job.request.spoiler,
                description=cards.preview_alt(job),
            )
        ]

    def _card(self, job: Job) -> discord.PartialMessage:
        return self._channel(job).get_partial_message(job.delivery.card_id or 0)

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(job.place.channel_id)


def stage_of(job: Job, forecast: Forecast) -> Stage:
    """Tell what a card says now: twice the usual time is slow, a closed gate is a pause."""
    started = job.started_at or forecast.now
    if job.stage is Stage.IN_LINE and forecast.paused:
        return Stage.PAUSED
    late = forecast.now - started >= SLOW_AFTER * forecast.usual_seconds
    return Stage.SLOW if job.stage is Stage.BEING_MADE and late else job.stage


def _buttons(job: Job, stage: Stage) -> dict[str, Any]:
    """Make the keyword that puts a stage's button on its card, if it has one."""
    if stage in WAITING:
        return {"view": cancel_button(job.id)}
    if stage is Stage.FAILED and job.failure in MAY_HELP:
        return {"view": again_button(job.id, unsure=job.failure is Failure.NO_TRACE)}
    return {}


def slow_in(job: Job, forecast: Forecast) -> float | None:
    """Seconds until the card has to say that it takes longer than usual; None: never."""
    if stage_of(job, forecast) is not Stage.BEING_MADE or job.started_at is None:
        return None
    return job.started_at + SLOW_AFTER * forecast.usual_seconds - forecast.now

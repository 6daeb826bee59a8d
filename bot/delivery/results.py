"""A job's pictures, posted once: over as many messages as it takes, each noted before the next."""

import logging
from io import SEEK_END
from typing import Any

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.delivery.messages import answering, release, seed, seeds_of
from bot.delivery.places import Ladder, Spot
from bot.domain.job import Claim, Job
from bot.domain.pictures import Picture
from bot.domain.ports import ImageStore, Pictures
from bot.domain.stores import DeliveryQueue
from bot.domain.tasks import whole
from bot.ui.buttons import result_buttons
from bot.ui.files import result_file
from bot.ui.plain import cut
from bot.ui.texts import results

FILES_A_MESSAGE = 10
BYTES_A_MESSAGE = 24_000_000
CONTENT_LIMIT = 2000
TOO_LARGE = 40005
SMALLER = 0.7  # a step, where a file is larger than Discord says it may be
SMALLEST_LIMIT = 500_000

log = logging.getLogger(__name__)


class Results:
    """Posts results with the bot's own rights."""

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

    async def post(self, claim: Claim, parent: Job | None) -> bool:
        """Post every picture in the first place that takes them all; False when none does."""
        ladder = Ladder(self._client, claim.job)
        async for spot in ladder.spots():
            opening = results.opening(claim.job, parent, ladder.lost)
            try:
                last = await self._post_in(claim, spot, opening)
            except PlaceLost as error:
                ladder.refuse(spot.channel_id, error)
                continue
            await seed(self._message(spot.channel_id, last), seeds_of(claim.job, self._seeds))
            await self._queue.delivered(claim)
            return True
        return False

    async def _post_in(self, claim: Claim, spot: Spot, opening: str) -> int:
        """Post what does not stand here yet; return the last message's id.

        PlaceLost when the place refuses; what stood there by then is taken back.
        """
        job = claim.job
        again = job.delivery.channel_id == spot.channel_id
        post = await self._queue.post_begun(claim, spot.channel_id)
        sent = await self._standing(claim, spot) if again else []
        batches = _batches(job, spot.file_limit)
        try:
            for part in range(len(sent), len(batches)):
                message = {
                    "content": _content(job, opening, part, len(batches)),
                    "nonce": f"{job.id}.{part}.{post}",
                    **({"view": result_buttons(job.id)} if part == len(batches) - 1 else {}),
                    **answering(spot.channel_id, None if part else spot.reply_to),
                }
                sent.append(await self._send_fitting(claim, spot, batches[part], message))
        except PlaceLost:
            await self._take_back(spot.channel_id, sent)
            raise
        return sent[-1]

    async def _standing(self, claim: Claim, spot: Spot) -> list[int]:
        """Find the messages of an earlier try here: those noted, and those sent but not noted.

        Discord forgets a nonce within minutes; our files have names of their own.
        """
        noted = list(claim.job.delivery.message_ids)
        after = noted[-1] if noted else spot.since
        if after is None or self._client.user is None:
            return noted
        channel = self._client.get_partial_messageable(spot.channel_id)
        found = []
        with translated():
            async for message in channel.history(
                after=discord.Object(after), limit=None, oldest_first=True
            ):
                ours = message.author.id == self._client.user.id
                if ours and any(_is_of(claim.job, one) for one in message.attachments):
                    found.append(message.id)
        for message_id in noted + found:  # the post may have another number by now
            await self._queue.result_posted(claim, spot.channel_id, message_id)
        return noted + found

    async def _take_back(self, channel_id: int, message_ids: list[int]) -> None:
        """Delete what stands of a result that goes elsewhere; what cannot be deleted stays."""
        for message_id in message_ids:
            try:
                with translated():
                    await self._message(channel_id, message_id).delete()
            except PlaceLost:
                return

    async def _send_fitting(
        self, claim: Claim, spot: Spot, positions: list[int], message: dict[str, Any]
    ) -> int:
        """Send pictures as large as the place takes; where Discord takes less, a step smaller."""
        limit = spot.file_limit
        while True:
            files = [await self._file(claim.job, position, limit) for position in positions]
            largest = max(map(_size, files))
            try:
                return await whole(self._send(claim, spot.channel_id, message | {"files": files}))
            except PlaceLost as error:
                if error.code != TOO_LARGE or limit < SMALLEST_LIMIT:
                    raise
            finally:
                release(files)
            limit = round(min(limit, largest) * SMALLER)
            log.info("too large; again within %d bytes", limit, extra={"job": claim.job.id})

    async def _send(self, claim: Claim, channel_id: int, message: dict[str, Any]) -> int:
        """Send one message and note it; it may ping the requester and nobody else."""
        requester = discord.Object(claim.job.requester.id)
        allowed = discord.AllowedMentions(
            everyone=False, roles=False, replied_user=False, users=[requester]
        )
        with translated():
            sent = await self._client.get_partial_messageable(channel_id).send(
                allowed_mentions=allowed, suppress_embeds=True, **message
            )
        await self._queue.result_posted(claim, channel_id, sent.id)
        return sent.id

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        return self._client.get_partial_messageable(channel_id).get_partial_message(message_id)

    async def _file(self, job: Job, position: int, byte_limit: int) -> discord.File:
        stored = job.results[position - 1]
        picture = Picture(
            data=await self._images.get(stored.key),
            content_type=stored.content_type,
            width=stored.width,
            height=stored.height,
        )
        if stored.byte_count > byte_limit:
            picture = await self._pictures.fit(picture.data, byte_limit=byte_limit)
        return result_file(job, position, picture)


def _size(file: discord.File) -> int:
    size = file.fp.seek(0, SEEK_END)
    file.fp.seek(0)
    return size


def _is_of(job: Job, attachment: discord.Attachment) -> bool:
    return attachment.filename.removeprefix("SPOILER_").startswith(f"{job.id}-")


def _batches(job: Job, file_limit: int) -> list[list[int]]:
    """Group positions into messages: at most 10 files and 24 MB each, in order."""
    batches: list[list[int]] = [[]]
    size = 0
    for position, stored in enumerate(job.results, start=1):
        weight = min(stored.byte_count, file_limit)
        if len(batches[-1]) == FILES_A_MESSAGE or (batches[-1] and size + weight > BYTES_A_MESSAGE):
            batches.append([])
            size = 0
        batches[-1].append(position)
        size += weight
    return batches


def _content(job: Job, opening: str, part: int, parts: int) -> str:
    lines = [opening] if part == 0 else []
    if part == parts - 1:
        lines.append(results.footer(job))
    return cut("\n".join(lines), CONTENT_LIMIT)

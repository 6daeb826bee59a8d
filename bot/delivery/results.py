"""A job's pictures: in the thread of its card, else nearby, else by direct message."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.delivery.messages import answering, seed
from bot.domain.errors import BotError
from bot.domain.job import Claim, Job, PlaceKind
from bot.domain.pictures import EXTENSIONS, Picture
from bot.domain.ports import DeliveryQueue, ImageStore, Pictures
from bot.domain.tasks import whole
from bot.ui.buttons import result_buttons
from bot.ui.plain import cut
from bot.ui.texts import results

log = logging.getLogger(__name__)

FILES_A_MESSAGE = 10
BYTES_A_MESSAGE = 24_000_000
CONTENT_LIMIT = 2000
ARCHIVE_MINUTES: Final = 1440
THREAD_EXISTS = 160004


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A channel to post in, and the message there to answer."""

    channel_id: int
    reply_to: int | None = None


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

    async def post(self, claim: Claim, parent: Job | None) -> None:
        """Post every picture in the first place that takes them; BotError when none does."""
        async for spot in self._spots(claim.job):
            try:
                last = await self._post_in(claim, spot, parent)
            except PlaceLost as error:
                log.warning("place refused: %s", error, extra={"job": claim.job.id})
                continue
            await seed(self._message(spot.channel_id, last), self._seeds_of(claim.job))
            await self._queue.delivered(claim)
            return
        raise BotError("no place takes the result; it is kept")

    async def _spots(self, job: Job) -> AsyncIterator[Spot]:
        place, card_id = job.place, job.delivery.card_id
        if not place.private:
            if place.kind is PlaceKind.CHANNEL and place.threads and card_id:
                thread_id = await self._thread(job, card_id)
                if thread_id:
                    yield Spot(channel_id=thread_id)
            yield Spot(channel_id=place.channel_id, reply_to=place.reply_to or card_id)
        if place.kind is not PlaceKind.DM:
            with translated():
                dm = await self._client.create_dm(discord.Object(job.requester.id))
            yield Spot(channel_id=dm.id)

    async def _thread(self, job: Job, card_id: int) -> int | None:
        """Open the card's thread; a thread has the id of the message it hangs on."""
        try:
            with translated():
                await self._client.http.start_thread_with_message(
                    job.place.channel_id,
                    card_id,
                    name=results.thread_name(job),
                    auto_archive_duration=ARCHIVE_MINUTES,
                )
        except PlaceLost as error:
            return card_id if error.code == THREAD_EXISTS else None
        return card_id

    async def _post_in(self, claim: Claim, spot: Spot, parent: Job | None) -> int:
        """Post what is not posted here yet, message by message; return the last one's id."""
        job = claim.job
        post = await self._queue.post_begun(claim, spot.channel_id)
        here = job.delivery.channel_id == spot.channel_id
        sent = list(job.delivery.message_ids) if here else []
        batches = _batches(job)
        for part in range(len(sent), len(batches)):
            first, last = part == 0, part == len(batches) - 1
            message = {
                "content": _content(job, parent, first=first, last=last),
                "files": [await self._file(job, position) for position in batches[part]],
                "nonce": f"{job.id}.{part}.{post}",
                **({"view": result_buttons(job.id)} if last else {}),
                **answering(spot.channel_id, spot.reply_to if first else None),
            }
            sent.append(await whole(self._send(claim, spot.channel_id, message)))
        return sent[-1]

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

    def _seeds_of(self, job: Job) -> tuple[str, ...]:
        """Choose the reactions to offer: what nobody else sees cannot be starred."""
        return self._seeds if job.place.guild_id and not job.place.private else self._seeds[:1]

    async def _file(self, job: Job, position: int) -> discord.File:
        stored = job.results[position - 1]
        picture = Picture(
            data=await self._images.get(stored.key),
            content_type=stored.content_type,
            width=stored.width,
            height=stored.height,
        )
        if stored.byte_count > job.place.file_limit:
            picture = await self._pictures.fit(picture.data, byte_limit=job.place.file_limit)
        return discord.File(
            BytesIO(picture.data),
            filename=f"{job.id}-{position}.{EXTENSIONS[picture.content_type]}",
            spoiler=job.request.spoiler,
            description=results.alt(job, position),
        )


def _batches(job: Job) -> list[list[int]]:
    """Group positions into messages: at most 10 files and 24 MB each, in order."""
    batches: list[list[int]] = [[]]
    size = 0
    for position, stored in enumerate(job.results, start=1):
        weight = min(stored.byte_count, job.place.file_limit)
        if len(batches[-1]) == FILES_A_MESSAGE or (batches[-1] and size + weight > BYTES_A_MESSAGE):
            batches.append([])
            size = 0
        batches[-1].append(position)
        size += weight
    return batches


def _content(job: Job, parent: Job | None, *, first: bool, last: bool) -> str:
    lines = []
    if first:
        lines.append(results.ready(job, parent))
    if last:
        lines.append(results.footer(job))
    return cut("\n".join(lines), CONTENT_LIMIT)

"""A job on a server's showcase: one message, a gallery of its pictures."""

import logging
from io import BytesIO

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.delivery.messages import release
from bot.domain.errors import TransientError
from bot.domain.job import Job
from bot.domain.pictures import EXTENSIONS
from bot.domain.ports import ImageStore
from bot.domain.showcase import Board
from bot.ui.buttons import withdraw_button
from bot.ui.texts import labels, results

log = logging.getLogger(__name__)

GALLERY = 10


class Entries:
    """Posts showcase entries. Bytes come from the image store: Discord's links expire."""

    def __init__(self, *, client: discord.Client, images: ImageStore) -> None:
        self._client = client
        self._images = images

    async def post(self, job: Job, board: Board, post: int) -> int:
        """Post a job's pictures to a board; return the message's id."""
        files = [await self._file(job, place) for place in range(min(GALLERY, len(job.results)))]
        try:
            with translated():
                message = await self._client.get_partial_messageable(board.channel_id).send(
                    view=_layout(job, files),
                    files=files,
                    nonce=f"{job.id}.entry.{post}",
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        finally:
            release(files)
        await self._mark(job, results.in_showcase(job, board.channel_id, message.id))
        return message.id

    async def remove(self, job: Job, board_id: int, message_id: int) -> None:
        """Delete an entry's message, and what its result says of it."""
        board = self._client.get_partial_messageable(board_id)
        try:
            with translated():
                await board.get_partial_message(message_id).delete()
        except PlaceLost as error:
            log.info("an entry is not deleted: %s", error, extra={"job": job.id})
        await self._mark(job, None)

    async def _mark(self, job: Job, line: str | None) -> None:
        """Have the last message of a result say that it is shown, or nothing; nobody is pinged."""
        channel = self._client.get_partial_messageable(job.delivery.channel_id or 0)
        try:
            with translated():
                message = await channel.fetch_message(job.delivery.message_ids[-1])
                kept = [one for one in message.content.splitlines() if results.SHOWN not in one]
                await message.edit(
                    content="\n".join([*kept, *([line] if line else [])]),
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except (PlaceLost, TransientError) as error:
            log.info("the result does not say that it is shown: %s", error, extra={"job": job.id})

    async def _file(self, job: Job, index: int) -> discord.File:
        stored = job.results[index]
        return discord.File(
            BytesIO(await self._images.get(stored.key)),
            filename=f"{job.id}-{index + 1}.{EXTENSIONS[stored.content_type]}",
            spoiler=job.request.spoiler,
            description=results.alt(job, index + 1),
        )


def _layout(job: Job, files: list[discord.File]) -> discord.ui.LayoutView:
    gallery = [
        discord.MediaGalleryItem(file, description=file.description, spoiler=job.request.spoiler)
        for file in files
    ]
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(results.entry(job)))
    view.add_item(discord.ui.MediaGallery(*gallery))
    jump = discord.ui.Button[discord.ui.LayoutView](label=labels.JUMP, url=results.link(job))
    view.add_item(discord.ui.ActionRow(jump, withdraw_button(job.id)))
    view.stop()
    return view

"""A job on a server's showcase: one message, a gallery of its pictures."""

from io import BytesIO

import discord

from bot.delivery.errors import translated
from bot.delivery.messages import release
from bot.domain.job import Job
from bot.domain.pictures import EXTENSIONS
from bot.domain.ports import ImageStore
from bot.domain.showcase import Board
from bot.ui.texts import labels, results

GALLERY = 10


class Entries:
    """Posts showcase entries. Bytes come from the image store: Discord's links expire."""

    def __init__(self, *, client: discord.Client, images: ImageStore) -> None:
        self._client = client
        self._images = images

    async def post(self, job: Job, board: Board) -> int:
        """Post a job's pictures to a board; return the message's id."""
        files = [await self._file(job, place) for place in range(min(GALLERY, len(job.results)))]
        try:
            with translated():
                message = await self._client.get_partial_messageable(board.channel_id).send(
                    view=_layout(job, files),
                    files=files,
                    nonce=f"{job.id}.entry",
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        finally:
            release(files)
        return message.id

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
    view.add_item(discord.ui.ActionRow(discord.ui.Button(label=labels.JUMP, url=_link(job))))
    view.stop()
    return view


def _link(job: Job) -> str:
    place = job.delivery
    return (
        f"https://discord.com/channels/{job.place.guild_id}/{place.channel_id}"
        f"/{place.message_ids[0]}"
    )

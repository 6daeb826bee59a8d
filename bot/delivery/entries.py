"""A job on a server's showcase: one message, or one post in a forum, a gallery of its pictures."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.delivery.forum import Forum
from bot.delivery.messages import release
from bot.domain.errors import BoardShut, TransientError
from bot.domain.job import Job
from bot.domain.pictures import EXTENSIONS
from bot.domain.ports import ImageStore, Pictures
from bot.domain.showcase import EntryClaim, PostedEntry
from bot.ui.buttons import Action, custom_id, withdraw_button
from bot.ui.reading import is_age_restricted
from bot.ui.texts import labels, results, showcase

log = logging.getLogger(__name__)

GALLERY = 10
LOOKED_THROUGH = 100
UNKNOWN_CHANNEL = 10003
GONE = {UNKNOWN_CHANNEL, 10008}  # ... and unknown message
SHUT = {UNKNOWN_CHANNEL, 50001, 50013}  # ... missing access, missing permissions
REFUSED_SECONDS = 3600.0
BYTES = 24_000_000
"""Of the files of one message together."""


class Entries:
    """Implements `bot.domain.ports.BoardPublisher` on a logged-in client, connected or not.

    Bytes come from the image store: Discord's links expire. A nonce makes a message unique for
    some minutes; later, and in a forum, what may stand already is looked for.
    """

    def __init__(self, *, client: discord.Client, images: ImageStore, pictures: Pictures) -> None:
        self._client = client
        self._images = images
        self._pictures = pictures
        self._forum = Forum(client)

    async def post_entry(self, claim: EntryClaim) -> PostedEntry | None:
        """See the port."""
        job, board_id = claim.job, claim.entry.board_id
        with _board():
            if job.place.age_restricted and not await self._is_age_restricted(board_id):
                return None
            posted = await self._standing(claim) if claim.entry.begun else None
        posted = posted or await self._post(claim)
        await self._mark(job, showcase.shown_in(job, posted))
        return posted

    async def _post(self, claim: EntryClaim) -> PostedEntry:
        job, entry = claim.job, claim.entry
        files = [await self._file(job, place) for place in range(min(GALLERY, len(job.results)))]
        try:
            with _board():
                if entry.forum:
                    return await self._forum.post(claim, _layout(claim), files)
                message = await self._client.get_partial_messageable(entry.board_id).send(
                    view=_layout(claim),
                    files=files,
                    nonce=f"{job.id}.entry.{entry.posts}",
                    allowed_mentions=discord.AllowedMentions.none(),
                )
                return PostedEntry(channel_id=entry.board_id, message_id=message.id)
        finally:
            release(files)

    async def _standing(self, claim: EntryClaim) -> PostedEntry | None:
        """Find an entry that was sent but not noted."""
        entry = claim.entry
        if entry.forum:
            return await self._forum.find(claim, lambda message: _is_of(claim.job, message))
        board = self._client.get_partial_messageable(entry.board_id)
        async for message in board.history(limit=LOOKED_THROUGH):
            if _is_of(claim.job, message):
                return PostedEntry(channel_id=entry.board_id, message_id=message.id)
        return None

    async def edit_entry(self, claim: EntryClaim) -> bool:
        """See the port."""
        try:
            with translated():
                await self._message(claim).edit(
                    view=_layout(claim), allowed_mentions=discord.AllowedMentions.none()
                )
        except PlaceLost as error:
            if error.code in GONE:
                await self._mark(claim.job, None)
                return False
            log.info("the stars stay as they are: %s", error, extra={"job": claim.job.id})
        return True

    async def remove_entry(self, claim: EntryClaim) -> None:
        """See the port."""
        with _unless_gone():
            await self._message(claim).delete()
        if claim.entry.forum:
            with _unless_gone():
                await self._forum.close(claim.entry.channel_id or 0)
        await self._mark(claim.job, None)

    async def tell_manager(self, claim: EntryClaim, error: BoardShut) -> None:
        """See the port."""
        text = showcase.board_shut(claim.entry.board_id, gone=error.gone)
        try:
            with translated():
                manager = await self._client.create_dm(discord.Object(claim.entry.set_by))
                await manager.send(text)
        except (PlaceLost, TransientError) as unheard:
            log.warning("the manager could not be told: %s", unheard)

    async def _mark(self, job: Job, line: str | None) -> None:
        """Have the last message of a result say that it is shown, or nothing; nobody is pinged."""
        if job.deleted_by or not job.delivery.message_ids:
            return
        channel = self._client.get_partial_messageable(job.delivery.channel_id or 0)
        try:
            with translated():
                message = await channel.fetch_message(job.delivery.message_ids[-1])
                kept = [one for one in message.content.splitlines() if showcase.SHOWN not in one]
                await message.edit(
                    content="\n".join([*kept, *([line] if line else [])]),
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except (PlaceLost, TransientError) as error:
            log.info("the result does not say that it is shown: %s", error, extra={"job": job.id})

    async def _is_age_restricted(self, board_id: int) -> bool:
        """Look at the board as it is now: it may have been opened to all since it was chosen."""
        return is_age_restricted(await self._client.fetch_channel(board_id))

    def _message(self, claim: EntryClaim) -> discord.PartialMessage:
        channel = self._client.get_partial_messageable(claim.entry.channel_id or 0)
        return channel.get_partial_message(claim.entry.message_id or 0)

    async def _file(self, job: Job, index: int) -> discord.File:
        data = await self._images.get(job.results[index].key)
        if len(data) > _byte_limit(job):
            data = (await self._pictures.fit(data, byte_limit=_byte_limit(job))).data
        return discord.File(
            BytesIO(data),
            filename=_filename(job, index),
            spoiler=job.request.spoiler,
            description=results.alt(job, index + 1),
        )


@contextmanager
def _board() -> Iterator[None]:
    """Raise BoardShut for a board that takes nothing, TransientError for what one entry is."""
    try:
        with translated():
            yield
    except PlaceLost as error:
        if error.code in SHUT:
            raise BoardShut(str(error), gone=error.code == UNKNOWN_CHANNEL) from error
        raise TransientError(str(error), retry_after=REFUSED_SECONDS) from error


@contextmanager
def _unless_gone() -> Iterator[None]:
    """Raise BoardShut where something may not be taken down; what is gone needs not be."""
    try:
        with translated():
            yield
    except PlaceLost as error:
        if error.code not in GONE:
            raise BoardShut(str(error), gone=False) from error


def _byte_limit(job: Job) -> int:
    """Tell how large each file of an entry may be: all of them have to fit one message."""
    return min(job.place.file_limit, BYTES // min(GALLERY, len(job.results)))


def _filename(job: Job, index: int) -> str:
    """Name a file the same when it is posted and when its entry is edited."""
    stored = job.results[index]
    kept = stored.byte_count <= _byte_limit(job)
    return f"{job.id}-{index + 1}.{EXTENSIONS[stored.content_type] if kept else 'jpg'}"


def _is_of(job: Job, message: discord.Message) -> bool:
    return custom_id(Action.WITHDRAW, job.id) in str([one.to_dict() for one in message.components])


def _layout(claim: EntryClaim) -> discord.ui.LayoutView:
    """Lay an entry out; its pictures are the files of its message, by name."""
    job, entry = claim.job, claim.entry
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(showcase.entry(job, entry.stars, entry.emoji)))
    view.add_item(discord.ui.MediaGallery(*_gallery(job)))
    jump = discord.ui.Button[discord.ui.LayoutView](label=labels.JUMP, url=results.link(job))
    view.add_item(discord.ui.ActionRow(jump, withdraw_button(job.id)))
    view.stop()
    return view


def _gallery(job: Job) -> Sequence[discord.MediaGalleryItem]:
    hidden = "SPOILER_" if job.request.spoiler else ""
    return [
        discord.MediaGalleryItem(
            f"attachment://{hidden}{_filename(job, index)}",
            description=results.alt(job, index + 1),
            spoiler=job.request.spoiler,
        )
        for index in range(min(GALLERY, len(job.results)))
    ]

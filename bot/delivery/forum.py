"""A showcase that is a forum: each entry a post of its own, tagged by its pictures' shape."""

import logging
from collections.abc import Callable, Sequence

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.domain.errors import BoardShut
from bot.domain.job import Job
from bot.domain.showcase import EntryClaim, PostedEntry
from bot.ui.texts import results, showcase

log = logging.getLogger(__name__)

MISSING_PERMISSIONS = 50013
NEWEST = 25


class Forum:
    """Posts, finds and closes posts; Discord has no nonce for them."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post(
        self, claim: EntryClaim, view: discord.ui.LayoutView, files: Sequence[discord.File]
    ) -> PostedEntry:
        """Open a post with a job's pictures; BoardShut where the board is no forum any more."""
        forum = await self._client.fetch_channel(claim.entry.board_id)
        if not isinstance(forum, discord.ForumChannel):
            raise BoardShut("the board is no forum", gone=True)
        thread, message = await forum.create_thread(
            name=results.thread_name(claim.job),
            view=view,
            files=files,
            applied_tags=_tags(claim.job, forum),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        return PostedEntry(channel_id=thread.id, message_id=message.id)

    async def find(
        self, claim: EntryClaim, is_of: Callable[[discord.Message], bool]
    ) -> PostedEntry | None:
        """Find a post that was opened but not noted among the newest; it has its message's id."""
        forum = await self._client.fetch_channel(claim.entry.board_id)
        if not isinstance(forum, discord.ForumChannel):
            return None
        opened = await self._client.http.get_active_threads(forum.guild.id)
        ours = [
            int(one["id"])
            for one in opened["threads"]
            if int(one["parent_id"]) == forum.id and int(one["owner_id"]) == self._own_id
        ]
        for thread_id in sorted(ours, reverse=True)[:NEWEST]:
            thread = self._client.get_partial_messageable(thread_id)
            async for message in thread.history(limit=1, oldest_first=True):
                if is_of(message):
                    return PostedEntry(channel_id=thread_id, message_id=message.id)
        return None

    async def close(self, thread_id: int) -> None:
        """Delete a post whose message is gone; without the right to, leave it closed and empty."""
        try:
            with translated():
                await self._client.http.delete_channel(thread_id)
        except PlaceLost as error:
            if error.code != MISSING_PERMISSIONS:
                raise
            with translated():
                await self._client.http.edit_channel(
                    thread_id, name=showcase.TAKEN_DOWN, archived=True
                )

    @property
    def _own_id(self) -> int:
        return self._client.user.id if self._client.user else 0


def _tags(job: Job, forum: discord.ForumChannel) -> list[discord.ForumTag]:
    """Choose the tag named like the pictures' shape (`16:9`, or `Landscape`).

    Where a forum requires a tag and has none of these, its first one; never one for moderators.
    """
    free = [tag for tag in forum.available_tags if not tag.moderated]
    names = {name.casefold() for name in showcase.shapes(job.request.aspect_ratio)}
    fitting = [tag for tag in free if tag.name.casefold() in names]
    if not fitting and forum.flags.require_tag:
        return free[:1]
    return fitting[:5]

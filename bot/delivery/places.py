"""Where a result may go, best place first: its thread, its channel, a direct message."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, cast

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.domain.job import Job, PlaceKind
from bot.ui.texts import results
from bot.ui.texts.results import Lost

log = logging.getLogger(__name__)

THREAD_EXISTS = 160004
CLOCKS_DIFFER = 60.0
DIRECT_LIMIT = 10 * 1024 * 1024
"""Bytes of a file in a direct message, whatever the server's boosts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A channel to post in, the message there to answer, and what is looked through for traces.

    `file_limit` is in bytes, `since` the message before the first one that could be ours.
    """

    channel_id: int
    file_limit: int
    reply_to: int | None = None
    since: int | None = None


class Ladder:
    """Opens one place after the other; `lost` are those that refused, and why."""

    def __init__(self, client: discord.Client, job: Job) -> None:
        self._client = client
        self._job = job
        self.lost: list[Lost] = []

    def refuse(self, channel_id: int, error: PlaceLost) -> None:
        """Note that a place did not take the result."""
        log.warning("place refused: %s", error, extra={"job": self._job.id})
        self.lost.append(Lost(channel_id=channel_id, code=error.code))

    async def spots(self) -> AsyncIterator[Spot]:
        """Yield the places in order; TransientError when Discord is away."""
        place, card_id = self._job.posted_in, self._job.delivery.card_id
        if not place.private:
            if place.kind is PlaceKind.CHANNEL and place.threads and card_id:
                async for thread in self._thread(card_id):
                    yield thread
            answered = place.reply_to or (card_id if place.kind is PlaceKind.CHANNEL else None)
            yield Spot(
                channel_id=place.channel_id,
                file_limit=place.file_limit,
                reply_to=answered,
                since=card_id or place.reply_to or _before(self._job),
            )
        if place.private or place.kind is not PlaceKind.DM:
            async for message in self._direct():
                yield message

    async def _thread(self, card_id: int) -> AsyncIterator[Spot]:
        """Open the card's thread; a thread has the id of the message it hangs on."""
        try:
            with translated():
                await self._client.http.start_thread_with_message(
                    self._job.place.channel_id,
                    card_id,
                    name=results.thread_name(self._job),
                    auto_archive_duration=_archive_minutes(self._job),
                )
        except PlaceLost as error:
            if error.code != THREAD_EXISTS:
                log.warning("no thread: %s", error, extra={"job": self._job.id})
                self.lost.append(Lost(channel_id=None, code=error.code))
                return
        yield Spot(channel_id=card_id, file_limit=self._job.place.file_limit, since=card_id)

    async def _direct(self) -> AsyncIterator[Spot]:
        try:
            with translated():
                dm = await self._client.create_dm(discord.Object(self._job.requester.id))
        except PlaceLost as error:
            self.refuse(0, error)
            return
        yield Spot(
            channel_id=dm.id,
            file_limit=min(self._job.posted_in.file_limit, DIRECT_LIMIT),
            since=self._job.delivery.card_id or _before(self._job),
        )


def _archive_minutes(job: Job) -> Literal[60, 1440, 4320, 10080]:
    return cast("Literal[60, 1440, 4320, 10080]", job.place.archive_minutes)


def _before(job: Job) -> int:
    """Make the id that a message would have had shortly before a job was asked for."""
    milliseconds = int((job.created_at - CLOCKS_DIFFER) * 1000) - discord.utils.DISCORD_EPOCH
    return max(0, milliseconds) << 22

"""Takes a deleted job out of Discord: its results, its entries, its thread."""

import logging

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.domain.job import Claim, Deleter, MessageKind, PostedMessage
from bot.domain.stores import DeliveryQueue
from bot.ui.texts import results

log = logging.getLogger(__name__)

GONE = {10003, 10008}  # unknown channel, unknown message
LOOKED_THROUGH = 25
SPOKEN = {discord.MessageType.default, discord.MessageType.reply}


class Traces:
    """Removes with the bot's own rights; what Discord has lost already is no obstacle."""

    def __init__(self, *, client: discord.Client, queue: DeliveryQueue) -> None:
        self._client = client
        self._queue = queue

    async def remove(self, claim: Claim) -> tuple[list[PostedMessage], bool]:
        """Delete every message of a job but its cards; return these, and whether all else is gone.

        Of an erased requester's job the cards go too: they tell a name and words.
        TransientError when Discord is away: what is gone by then is gone, the rest is tried again.
        """
        standing = await self._queue.standing(claim)
        cards = [one for one in standing if one.kind is MessageKind.CARD]
        results = [one for one in standing if one.kind is not MessageKind.CARD]
        erased = claim.job.deleted_by is Deleter.ERASURE
        gone = [await self._delete(claim, one) for one in results]
        # a thread has the id of the message it hangs on
        for thread_id in {one.message_id for one in cards} & {one.channel_id for one in results}:
            await self._close_thread(claim, thread_id, erased=erased)
        if not erased:
            return cards, all(gone)
        gone += [await self._delete(claim, one) for one in cards]
        return [], all(gone)

    async def _delete(self, claim: Claim, one: PostedMessage) -> bool:
        channel = self._client.get_partial_messageable(one.channel_id)
        try:
            with translated():
                await channel.get_partial_message(one.message_id).delete()
        except PlaceLost as error:
            if error.code not in GONE:
                log.warning("a message stays: %s", error, extra={"job": claim.job.id})
                return False
        return True

    async def _close_thread(self, claim: Claim, thread_id: int, *, erased: bool) -> None:
        """Rename and archive a card's thread, unless somebody has something to say in it.

        An erased requester's words are taken out of its name all the same.
        """
        try:
            silent = await self._is_silent(thread_id)
            if not silent and not erased:
                return
            with translated():
                await self._client.http.edit_channel(
                    thread_id, name=results.DELETED_THREAD, archived=silent
                )
        except PlaceLost as error:
            log.info("the thread stays: %s", error, extra={"job": claim.job.id})

    async def _is_silent(self, thread_id: int) -> bool:
        thread = self._client.get_partial_messageable(thread_id)
        with translated():
            async for message in thread.history(limit=LOOKED_THROUGH):
                if message.type in SPOKEN:
                    return False
        return True

"""Bringing boards up to date; a claim of its own, so that a board in trouble holds nothing up."""

import logging

from bot.domain.errors import BoardShut, BotError, LeaseLost, TransientError
from bot.domain.job import Status
from bot.domain.ports import BoardPublisher
from bot.domain.showcase import EntryClaim
from bot.domain.showcase_stores import EntryQueue
from bot.domain.stores import Notes

log = logging.getLogger(__name__)

FIRST_WAIT = 2.0
LONGEST_WAIT = 3600.0
SHUT_SECONDS = 3600.0
TRIES = 72


class Showing:
    """Carries one claimed entry to its board: posts it, edits its stars, takes it down."""

    def __init__(self, *, queue: EntryQueue, publisher: BoardPublisher, notes: Notes) -> None:
        self._queue = queue
        self._publisher = publisher
        self._notes = notes

    async def run(self, claim: EntryClaim) -> None:
        """Do what the votes say, and note whether to look again."""
        about = {"job": claim.job.id}
        try:
            posted = await self._follow(claim)
            await self._queue.end_entry(claim)
            if posted:
                await self._works_again(claim)
        except LeaseLost:
            log.warning("entry taken over by another worker", extra=about)
        except BoardShut as error:
            await self._shut(claim, error)
        except TransientError as error:
            await self._retry(claim, error)
        except BotError:
            log.exception("entry given up", extra=about)
            await self._queue.end_entry(claim)

    async def _follow(self, claim: EntryClaim) -> bool:
        """Do what is to be done; tell whether the board took a post."""
        entry, job = claim.entry, claim.job
        if entry.message_id is None:
            made = job.status is Status.DELIVERED and not job.pictures_gone
            return entry.wanted and entry.is_current and made and await self._post(claim)
        if not entry.wanted:
            await self._publisher.remove_entry(claim)
            await self._queue.entry_removed(claim)
        elif entry.stars != entry.shown_stars:
            if await self._publisher.edit_entry(claim):
                await self._queue.entry_edited(claim)
            else:
                await self._queue.entry_removed(claim, for_good=True)
        return False

    async def _post(self, claim: EntryClaim) -> bool:
        if not claim.entry.begun:
            await self._queue.entry_begun(claim)
        posted = await self._publisher.post_entry(claim)
        if posted:
            await self._queue.entry_posted(claim, posted)
        return posted is not None

    async def _retry(self, claim: EntryClaim, error: TransientError) -> None:
        about = {"job": claim.job.id}
        if claim.entry.tries >= TRIES:
            log.error("entry given up after %d tries: %s", TRIES, error, extra=about)
            await self._queue.end_entry(claim)
            return
        wait = error.retry_after or min(LONGEST_WAIT, FIRST_WAIT * 2**claim.entry.tries)
        log.warning("entry again in %.0f s: %s", wait, error, extra=about)
        await self._queue.retry_entry(claim, wait)

    async def _shut(self, claim: EntryClaim, error: BoardShut) -> None:
        """Let the whole board rest, and tell its manager, once."""
        log.warning("the board takes nothing: %s", error, extra={"job": claim.job.id})
        await self._queue.retry_entry(claim, SHUT_SECONDS)
        await self._queue.rest_board(claim.entry.board_id, SHUT_SECONDS)
        if await self._notes.set_once(_key(claim)):
            await self._publisher.tell_manager(claim, error)

    async def _works_again(self, claim: EntryClaim) -> None:
        if await self._notes.clear(_key(claim)):
            await self._queue.wake_board(claim.entry.board_id)


def _key(claim: EntryClaim) -> str:
    return f"board:{claim.entry.board_id}"

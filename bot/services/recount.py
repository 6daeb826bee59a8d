"""Stars given while nobody listened: counted again from Discord when the bot is back."""

import logging
from collections.abc import Sequence

from bot.domain.errors import TransientError
from bot.domain.ports import StarReader
from bot.domain.showcase import Counted
from bot.domain.showcase_stores import BoardStore

log = logging.getLogger(__name__)


class Recount:
    """Looks through the newest results; those who starred are read only where the count differs."""

    def __init__(self, *, boards: BoardStore, reader: StarReader) -> None:
        self._boards = boards
        self._reader = reader

    async def run(self, guild_ids: Sequence[int]) -> int:
        """Count again in some servers; return how many messages had changed."""
        changed = 0
        for message in await self._boards.countable(guild_ids):
            try:
                changed += await self._look_at(message)
            except TransientError as error:
                log.warning("the stars of a message are not counted again: %s", error)
        return changed

    async def _look_at(self, message: Counted) -> bool:
        count = await self._reader.count(message)
        if count in {None, message.stars}:
            return False
        return await self._boards.recount(message, await self._reader.stars(message))

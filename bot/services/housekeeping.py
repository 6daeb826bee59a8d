"""Pictures past their time, of servers that left and of nobody leave the image store."""

import logging

from bot.domain.members import MemberStore
from bot.domain.ports import ImageStore
from bot.domain.servers import ServerStore
from bot.domain.stores import PictureKeeper

log = logging.getLogger(__name__)

DAY = 86_400.0
ORPHAN_SECONDS = DAY
LEFT_SECONDS = 7 * DAY
"""How long a server's data is kept after it removed the bot: it may have been by mistake."""


class Housekeeping:
    """Clears up in small batches. A crash in between leaves orphans, which go a day later."""

    def __init__(
        self,
        *,
        keeper: PictureKeeper,
        members: MemberStore,
        servers: ServerStore,
        images: ImageStore,
        retention_days: int,
    ) -> None:
        self._keeper = keeper
        self._members = members
        self._servers = servers
        self._images = images
        self._retention = retention_days * DAY

    async def run(self) -> None:
        """Clear up once."""
        await self._members.forget_erased()
        while keys := await self._keeper.let_go(self._retention):
            await self._images.delete(keys)
            log.info("%d pictures past their time removed", len(keys))
        while (of_left := await self._servers.forget_guild(LEFT_SECONDS)) is not None:
            await self._images.delete(of_left)
        async for batch in self._images.list_older_than(ORPHAN_SECONDS):
            if keys := await self._keeper.unneeded(batch):
                await self._images.delete(keys)
                log.info("%d pictures of nobody removed", len(keys))

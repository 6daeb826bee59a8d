"""Pictures past their time, and pictures that belong to nobody, leave the image store."""

import logging
from collections.abc import AsyncIterator
from typing import Protocol

from bot.domain.ports import PictureKeeper

log = logging.getLogger(__name__)

DAY = 86_400.0
ORPHAN_SECONDS = DAY


class Shelf(Protocol):
    """The image store's side of it."""

    def list_older_than(self, age_seconds: float) -> AsyncIterator[list[str]]:
        """List keys written longer ago than that, in batches."""

    async def delete(self, keys: list[str]) -> None:
        """Remove what is there of these keys."""


class Housekeeping:
    """Clears up in small batches. A crash in between leaves orphans, which go a day later."""

    def __init__(self, *, keeper: PictureKeeper, shelf: Shelf, retention_days: int) -> None:
        self._keeper = keeper
        self._shelf = shelf
        self._retention = retention_days * DAY

    async def run(self) -> None:
        """Clear up once."""
        while keys := await self._keeper.let_go(self._retention):
            await self._shelf.delete(keys)
            log.info("%d pictures past their time removed", len(keys))
        async for batch in self._shelf.list_older_than(ORPHAN_SECONDS):
            if keys := await self._keeper.unneeded(batch):
                await self._shelf.delete(keys)
                log.info("%d pictures of nobody removed", len(keys))

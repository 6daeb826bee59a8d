"""Charts, each drawn by a process that ends with it."""

import asyncio
from collections.abc import Sequence

from bot.domain.spending import Day
from bot.images.chart import encode
from bot.images.process import PictureProcess

_SECONDS = 30.0


class Charts:
    """The `Charts` port, one chart at a time.

    Imported in the bot, matplotlib would hold the loop for 74 ms and keep 53 MB; in the picture
    process it would keep 64 MB, and others' pictures would wait. A process of its own draws a
    chart in half a second and leaves nothing.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def spending(self, days: Sequence[Day], cap: int) -> bytes:
        """See `Charts.spending`."""
        async with self._turn, PictureProcess(timeout=_SECONDS) as process:
            picture = await process.chart(encode(days, cap))
        return picture.data

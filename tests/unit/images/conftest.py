"""One picture process for all tests of a module."""

from collections.abc import AsyncIterator

import pytest_asyncio

from bot.images.process import PictureProcess


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pictures() -> AsyncIterator[PictureProcess]:
    async with PictureProcess() as process:
        yield process

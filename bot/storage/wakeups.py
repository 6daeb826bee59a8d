"""Waking workers in other processes: PostgreSQL's LISTEN and NOTIFY.

A wake-up that is lost costs no more than the worker's next look by itself.
"""

import asyncio
import logging
from collections.abc import Callable

import psycopg

from bot.domain.pacing import retry_waits
from bot.storage.database import CHANNEL

log = logging.getLogger(__name__)


async def listen(url: str, wake: Callable[[], None]) -> None:
    """Call `wake` at every notification until cancelled; a lost connection is made again."""
    waits = retry_waits()
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(f"listen {CHANNEL}")
                wake()
                waits = retry_waits()
                async for _ in connection.notifies():
                    wake()
        except psycopg.Error as error:
            wait = next(waits)
            log.warning("not listening to the database, again in %.0f s: %s", wait, error)
            await asyncio.sleep(wait)

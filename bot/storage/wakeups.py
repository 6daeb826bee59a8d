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
                waits = retry_waits()
                await _wake_at_news(connection, wake)
        except psycopg.Error as error:
            wait = next(waits)
            log.warning("not listening to the database, again in %.0f s: %s", wait, error)
            await asyncio.sleep(wait)


async def _wake_at_news(connection: psycopg.AsyncConnection, wake: Callable[[], None]) -> None:
    """Wait for the socket itself: psycopg's own iterator looks ten times a second."""
    loop, news = asyncio.get_running_loop(), asyncio.Event()
    socket = connection.fileno()
    loop.add_reader(socket, news.set)
    try:
        while True:
            wake()
            await news.wait()
            news.clear()
            connection.pgconn.consume_input()
            while connection.pgconn.notifies():
                pass
    finally:
        loop.remove_reader(socket)

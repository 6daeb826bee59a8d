"""What keeps an eye on a running role: on its loop and its worker, for whoever asks outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import discord

from bot.domain.operations import Pulse
from bot.operations.endpoint import Endpoint, open_endpoint
from bot.operations.health import Health, Heartbeat
from bot.operations.lag import watch_loop
from bot.parts import Parts
from bot.roles import make_alerts, make_worker
from bot.settings import SettingsError
from bot.supervisor import Supervisor


async def work(parts: Parts, client: discord.Client) -> None:
    """Work until cancelled, publishing through a client; what breaks off is begun anew."""
    await Supervisor(lambda: make_worker(parts, client).run(), make_alerts(parts, client)).run()


@asynccontextmanager
async def overseen(
    parts: Parts, bot: discord.AutoShardedClient | None, *, with_worker: bool
) -> AsyncIterator[int | None]:
    """Watch the event loop and answer at PORT, if it is set; `bot` is the gateway, if there is one.

    Yields the port.
    """
    loop = Pulse()
    gateway = Heartbeat(lambda: bot.latencies) if bot else None
    health = Health(
        loop=loop,
        worker=parts.turns if with_worker else None,
        gateway=gateway,
        ping=parts.operations.ping,
    )
    watching = asyncio.create_task(watch_loop(parts.meter, loop, gateway), name="watch loop")
    try:
        async with AsyncExitStack() as stack:
            yield await _answer(stack, parts, health)
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _answer(stack: AsyncExitStack, parts: Parts, health: Health) -> int | None:
    if parts.settings.port is None:
        return None
    endpoint = Endpoint(health, parts.meter, parts.operations)
    try:
        return await stack.enter_async_context(open_endpoint(endpoint, parts.settings.port))
    except OSError as error:
        raise SettingsError(
            f"PORT is not right: it should be a port this process may listen on ({error.strerror})"
        ) from error

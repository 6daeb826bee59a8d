"""The event loop's watch: how late it comes back, and what it looks at each time."""

import asyncio
import logging

from bot.domain.operations import Pulse
from bot.operations.health import Heartbeat
from bot.operations.meter import PrometheusMeter

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
WARNING_SECONDS = 0.5


async def watch_loop(meter: PrometheusMeter, loop: Pulse, gateway: Heartbeat | None) -> None:
    """Measure the event loop until cancelled; tell the log when something held it."""
    clock = asyncio.get_running_loop().time
    while True:
        begun = clock()
        await asyncio.sleep(TICK_SECONDS)
        late = max(0.0, clock() - begun - TICK_SECONDS)
        loop.beat()
        meter.loop_was_late(late)
        if late > WARNING_SECONDS:
            log.warning("something held the event loop for %.1f s", late)
        if gateway:
            gateway.look()

"""What is wrong with this process at the moment, in a line each; nobody else's affairs in them."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence

from bot.domain.errors import BotError
from bot.domain.operations import Pulse

LOOP_SECONDS = 5.0
WORKER_SECONDS = 30.0
GATEWAY_SECONDS = 90.0  # Discord asks for a heartbeat every 41 s: one may be missed
DATABASE_SECONDS = 5.0


class Heartbeat:
    """When every shard was last answered a heartbeat.

    discord.py keeps the time to itself, but measures each answer anew: a latency (public, with
    its shard's number, infinite while there is no connection) that has changed is an answer.
    """

    def __init__(self, latencies: Callable[[], Sequence[tuple[int, float]]]) -> None:
        self._latencies = latencies
        self._seen: dict[int, float] = {}
        self._pulses: dict[int, Pulse] = {}

    def look(self) -> None:
        """Look for answers; to be called every second or so."""
        for shard, latency in self._latencies():
            if math.isfinite(latency) and self._seen.get(shard) != latency:
                self._seen[shard] = latency
                self._pulses.setdefault(shard, Pulse()).beat()

    @property
    def age(self) -> float | None:
        """Seconds since the answer of the shard that is silent longest; None: none came yet."""
        return max((pulse.age for pulse in list(self._pulses.values())), default=None)


class Health:
    """Looks at each part of a process; parts it does not have are None.

    May be asked from another thread's event loop, so that it can tell of one that is held.
    """

    def __init__(
        self,
        *,
        loop: Pulse,
        worker: Pulse | None,
        gateway: Heartbeat | None,
        ping: Callable[[], Awaitable[None]],
    ) -> None:
        self._loop = loop
        self._worker = worker
        self._gateway = gateway
        self._ping = ping

    async def faults(self) -> list[str]:
        """List what is wrong; empty: all is well."""
        found = [self._of_loop(), self._of_gateway(), self._of_worker(), await self._of_database()]
        return [fault for fault in found if fault]

    def _of_loop(self) -> str | None:
        age = self._loop.age
        return f"event loop: held for {age:.0f} s" if age > LOOP_SECONDS else None

    def _of_gateway(self) -> str | None:
        if self._gateway is None:
            return None
        age = self._gateway.age
        if age is None:
            return "gateway: not connected yet"
        return f"gateway: no heartbeat for {age:.0f} s" if age > GATEWAY_SECONDS else None

    def _of_worker(self) -> str | None:
        age = self._worker.age if self._worker else 0.0
        return f"worker: no turn for {age:.0f} s" if age > WORKER_SECONDS else None

    async def _of_database(self) -> str | None:
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                await self._ping()
        except (BotError, TimeoutError):
            return "database: cannot be reached"
        return None

"""`/healthz` and `/metrics` over HTTP: nothing is taken in, nothing is given away.

Served from a thread with an event loop of its own, so that it answers while the bot's is held.
"""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

from aiohttp import web

from bot.domain.errors import BotError
from bot.domain.operations import Figures, Operations
from bot.operations.health import Health
from bot.operations.meter import PrometheusMeter

log = logging.getLogger(__name__)
T = TypeVar("T")

FRESH_SECONDS = 2.0  # however often somebody asks, the database is not asked more often
FIGURES_SECONDS = 8.0  # Prometheus waits for ten
STOP_SECONDS = 5.0


class Fresh(Generic[T]):
    """The last answer while it is fresh; one question at a time, whoever waits for it."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked: asyncio.Future[T] | None = None
        self._asked_at = 0.0

    async def get(self) -> T:
        """Ask, or take what was answered; errors are those of the question."""
        stale = time.monotonic() - self._asked_at > FRESH_SECONDS
        if self._asked is None or (self._asked.done() and stale):
            self._asked = asyncio.ensure_future(self._ask())
            self._asked_at = time.monotonic()
        return await asyncio.shield(self._asked)


class Endpoint:
    """Answers the two paths."""

    def __init__(self, health: Health, meter: PrometheusMeter, operations: Operations) -> None:
        self._faults = Fresh(health.faults)
        self._figures = Fresh(operations.figures)
        self._meter = meter

    def application(self) -> web.Application:
        """Make what aiohttp serves; HEAD comes with GET, anything else is 404 or 405."""
        application = web.Application()
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/metrics", self._metrics)
        application.on_response_prepare.append(_without_name)
        return application

    async def _healthz(self, _: web.Request) -> web.Response:
        faults = await self._faults.get()
        text = "\n".join(faults or ["ok"]) + "\n"
        return web.Response(text=text, status=503 if faults else 200)

    async def _metrics(self, _: web.Request) -> web.Response:
        body = self._meter.write(await self._read())
        kind = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
        return web.Response(body=body, headers=kind)

    async def _read(self) -> Figures | None:
        try:
            async with asyncio.timeout(FIGURES_SECONDS):
                return await self._figures.get()
        except (BotError, TimeoutError) as error:
            log.warning("no figures: %s", error or "the database is slow")
            return None


async def _without_name(_: web.Request, response: web.StreamResponse) -> None:
    """Leave out what the server is and in which version."""
    del response.headers["Server"]


@asynccontextmanager
async def open_endpoint(endpoint: Endpoint, port: int) -> AsyncIterator[int]:
    """Serve on a port (0: a free one) of every interface; OSError when it is taken."""
    started: Future[tuple[int, Callable[[], object]]] = Future()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(endpoint, port, started)), name="endpoint", daemon=True
    )
    thread.start()
    bound, stop = await asyncio.wrap_future(started)
    try:
        yield bound
    finally:
        stop()
        await asyncio.to_thread(thread.join, STOP_SECONDS)


async def _serve(
    endpoint: Endpoint, port: int, started: Future[tuple[int, Callable[[], object]]]
) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    runner = web.AppRunner(
        endpoint.application(),
        access_log=None,
        keepalive_timeout=10,
        lingering_time=0,  # a body is not read, not even to be thrown away
        shutdown_timeout=1,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "0.0.0.0", port).start()  # noqa: S104 - for the host's probes
    except OSError as error:
        await runner.cleanup()
        started.set_exception(error)
        return
    started.set_result((runner.addresses[0][1], lambda: loop.call_soon_threadsafe(ended.set)))
    await ended.wait()
    await runner.cleanup()

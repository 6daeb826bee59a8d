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
from http import HTTPStatus
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
EVERYWHERE = "0.0.0.0"  # noqa: S104 - the host's probes come from outside
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


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

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer GET and HEAD; of a request nothing but method and path is looked at."""
        answers = {"/healthz": self._healthz, "/metrics": self._metrics}
        answer = answers.get(request.path)
        if answer is None:
            return _answer(404)
        return await answer() if request.method in {"GET", "HEAD"} else _answer(405, Allow="GET")

    async def _healthz(self) -> web.Response:
        faults = await self._faults.get()
        return _answer(503 if faults else 200, "\n".join(faults or ["ok"]))

    async def _metrics(self) -> web.Response:
        figures = await self._read()
        return _answer(200, self._meter.write(figures), **{"Content-Type": CONTENT_TYPE})

    async def _read(self) -> Figures | None:
        try:
            async with asyncio.timeout(FIGURES_SECONDS):
                return await self._figures.get()
        except (BotError, TimeoutError) as error:
            log.warning("no figures: %s", error or "the database is slow")
            return None


def _answer(status: int, body: str | bytes = "", **headers: str) -> web.Response:
    """Make an answer that does not say what the server is and in which version."""
    text = f"{body or HTTPStatus(status).phrase}\n".encode() if isinstance(body, str) else body
    return web.Response(status=status, body=text, headers={"Server": "", **PLAIN, **headers})


class _Connection(web.RequestHandler):
    """Refuses what is no request without a word about it, to the sender or in the log."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("no answer to %s", request.path, exc_info=exc)
        refusal = _answer(status)
        refusal.force_close()
        return refusal


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
    server = web.Server(endpoint.answer)

    def connection() -> _Connection:
        # a body is not read, not even to be thrown away
        return _Connection(server, loop=loop, keepalive_timeout=10, lingering_time=0)

    try:
        listening = await loop.create_server(connection, EVERYWHERE, port)
    except OSError as error:
        started.set_exception(error)
        return
    bound = listening.sockets[0].getsockname()[1]
    started.set_result((bound, lambda: loop.call_soon_threadsafe(ended.set)))
    await ended.wait()
    listening.close()
    await server.shutdown(timeout=1)

"""The local Segmind's hosts: API, upload, history and files, each on a port of its own."""

import base64
import secrets
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from aiohttp import ClientSession, web
from aiohttp.typedefs import Middleware

from bot.domain.errors import BotError
from bot.sandbox.segmind.behaviour import Behaviour, Route
from bot.sandbox.segmind.faults import wrong_verb
from bot.sandbox.segmind.jobs import Run, Runner

UPLOAD_LIMIT = 100_000_000
OK = 200
SHUTDOWN_SECONDS = 0.1  # who still waits for an answer is not waited for


@dataclass(kw_only=True, slots=True)
class Recorded:
    """A request as it came in; `accepted` is set once it started a run."""

    route: Route
    host: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    accepted: bool = False


class LocalSegmind:
    """Serves while entered. What it was asked is in `requests`, what it took in `accepted`."""

    def __init__(self, *, run_seconds: float = 1.0, behaviour: Behaviour | None = None) -> None:
        self.behaviour = behaviour or Behaviour(run_seconds=run_seconds)
        self.key = f"SG_{secrets.token_hex(8)}"
        self.requests: list[Recorded] = []
        self.files: dict[str, tuple[float, bytes]] = {}
        self.submits: list[float] = []
        self.runner = Runner(self.behaviour, fetch=self.read_input, store=self.store)
        self._runners: list[web.AppRunner] = []

    async def __aenter__(self) -> Self:
        """Open four ports on the loopback."""
        from bot.sandbox.segmind import routes  # noqa: PLC0415 - routes know the server

        self.api_url, self.upload_url, self.history_url, self.files_url = [
            await self._open(table, wrong_verb) for table in routes.hosts(self)
        ]
        self._session = ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the runs and close the ports."""
        await self.runner.stop()
        await self._session.close()
        for runner in self._runners:
            await runner.cleanup()

    @property
    def result_hosts(self) -> tuple[str, ...]:
        """Where its pictures are, as SEGMIND_RESULT_HOSTS has it."""
        return (urlsplit(self.files_url).netloc,)

    @property
    def accepted(self) -> list[Recorded]:
        """The submits that started a run: each costs money."""
        return [request for request in self.requests if request.accepted]

    @property
    def charged(self) -> int:
        """What all runs together have cost (micro-dollars)."""
        return self.runner.charged

    @property
    def runs(self) -> dict[str, Run]:
        """Every run, by request id."""
        return self.runner.runs

    def store(self, data: bytes) -> str:
        """Keep a file and return its name."""
        name = uuid.uuid4().hex
        self.files[name] = (time.time(), data)
        return name

    def url_of(self, name: str) -> str:
        """Give the public address of a file."""
        return f"{self.files_url}/generations/{name}.jpeg"

    async def read_input(self, url: str) -> bytes:
        """Get an input as the real one does, over HTTP; BotError in vain. A data URI is read."""
        if url.startswith("data:"):
            return base64.b64decode(url.partition(",")[2])
        if not url.startswith(f"{self.files_url}/"):
            raise BotError("it is not at a host this simulation can reach")
        async with self._session.get(url, allow_redirects=False) as response:
            if response.status != OK:
                raise BotError(f"its host answers {response.status}")
            return await response.read()

    async def _open(self, table: list[web.RouteDef], middleware: Middleware) -> str:
        app = web.Application(client_max_size=UPLOAD_LIMIT, middlewares=[middleware])
        app.add_routes(table)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
        self._runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

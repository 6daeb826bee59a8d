"""The client against a local Segmind, and against a server that answers whatever a test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.domain.model import SEEDREAM_5_LITE
from bot.domain.provider import Accepted, Made
from bot.sandbox.segmind import Behaviour, LocalSegmind
from bot.segmind.client import SegmindClient, SegmindOptions, open_segmind
from tests.contract.segmind.caller import Caller
from tests.makers import request
from tests.pictures import jpeg

PATIENCE = 10.0


def options(segmind: LocalSegmind, **changes: Any) -> SegmindOptions:
    values: dict[str, Any] = {
        "key": SecretStr(segmind.key),
        "model": SEEDREAM_5_LITE,
        "api": "auto",
        "api_url": segmind.api_url,
        "upload_url": segmind.upload_url,
        "history_url": segmind.history_url,
        "result_hosts": segmind.result_hosts,
    }
    return SegmindOptions(**values | changes)


@pytest.fixture
async def segmind() -> AsyncIterator[LocalSegmind]:
    async with LocalSegmind(behaviour=Behaviour(run_seconds=0.0)) as running:
        yield running


@pytest.fixture
async def client(segmind: LocalSegmind) -> AsyncIterator[SegmindClient]:
    async with open_segmind(options(segmind)) as opened:
        yield opened


@pytest.fixture
async def v1(segmind: LocalSegmind) -> AsyncIterator[SegmindClient]:
    async with open_segmind(options(segmind, api="v1")) as opened:
        yield opened


async def accepted(client: SegmindClient, **changes: Any) -> str:
    """Submit and return the provider's id."""
    answer = await client.submit(request(**changes), [])
    assert isinstance(answer, Accepted)
    return answer.provider_id


async def finished(client: SegmindClient, provider_id: str) -> Made:
    """Poll until it is made."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = await client.poll(provider_id)
            if isinstance(answer, Made):
                return answer
            await asyncio.sleep(0.01)


async def made(client: SegmindClient, **changes: Any) -> Made:
    """Submit and wait for the pictures."""
    return await finished(client, await accepted(client, **changes))


async def fetched(client: SegmindClient, url: str) -> bytes:
    async with client.download(url) as chunks:
        return b"".join([chunk async for chunk in chunks])


class Canned:
    """A server that gives one answer to everything; `asked` is what it was asked."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.answers: list[web.Response] = []
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        return self.answers.pop(0)

    def says(self, body: object, **options: Any) -> None:
        """Answer the next request with JSON."""
        self.answers.append(web.json_response(body, **options))


@pytest.fixture
async def canned() -> AsyncIterator[Canned]:
    server = Canned()
    async with serving(server.answer) as server.url:
        yield server


class serving:  # noqa: N801 - reads as a verb
    """Serve everything with one handler while entered; gives the address."""

    def __init__(self, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> None:
        self._app = web.Application(client_max_size=1 << 26)
        self._app.router.add_route("*", "/{path:.*}", handler)

    async def __aenter__(self) -> str:
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


@pytest.fixture
async def asking(segmind: LocalSegmind, canned: Canned) -> AsyncIterator[SegmindClient]:
    """A client of the canned server."""
    everywhere = {"api_url": canned.url, "upload_url": canned.url, "history_url": canned.url}
    hosts = (canned.url.removeprefix("http://"),)
    async with open_segmind(options(segmind, **everywhere, result_hosts=hosts)) as opened:
        yield opened


@pytest.fixture
async def caller(segmind: LocalSegmind) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(segmind, session)


@pytest.fixture
def behaviour(segmind: LocalSegmind) -> Behaviour:
    return segmind.behaviour


@pytest.fixture
def file(segmind: LocalSegmind) -> str:
    """The address of a file at the file host."""
    return segmind.url_of(segmind.store(jpeg(300, 300)))

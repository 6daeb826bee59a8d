"""The key: at the API, upload and history hosts, and nowhere else."""

import asyncio
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from bot.domain.errors import BotError
from bot.sandbox.segmind import Fault, LocalSegmind, Mishap, Route
from bot.segmind.client import Patience, SegmindClient, open_segmind
from tests.contract.segmind.conftest import Canned, fetched, finished, options, serving
from tests.contract.segmind.test_refusals import CALLS, call_of
from tests.makers import request
from tests.pictures import jpeg

SHOWN = "x-api-key"


def everything_of(error: BaseException) -> Iterator[str]:
    """Text, repr, arguments and attributes of an error and of all that it came from."""
    yield str(error)
    yield repr(error)
    yield repr(getattr(error, "__dict__", ""))
    for cause in (error.__cause__, error.__context__):
        if cause is not None:
            yield from everything_of(cause)


async def test_the_key_is_shown_where_it_belongs_and_never_at_the_file_host(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    url = await client.upload(jpeg(40, 40), "image/jpeg")
    await client.submit(request(), [url])
    [provider_id] = segmind.runs
    for output in (await finished(client, provider_id)).outputs:
        await fetched(client, str(output))
    await client.balance()
    await client.find(request(), [url], since=time.time())
    segmind.behaviour.record_seconds = 0
    await client.poll(provider_id)
    seen = {one.route for one in segmind.requests if one.headers.get(SHOWN) == segmind.key}
    assert seen == set(Route) - {Route.DOWNLOAD}
    for one in segmind.requests:
        at_the_files = f"http://{one.host}" == segmind.files_url
        assert at_the_files == (one.route is Route.DOWNLOAD)
        assert (segmind.key in str(dict(one.headers))) != at_the_files
        assert segmind.key not in str(one.body)


@pytest.mark.parametrize("call", CALLS)
async def test_a_redirect_does_not_take_the_key_away(segmind: LocalSegmind, call: str) -> None:
    foreign: list[Any] = []

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        foreign.append(request)
        return web.json_response({})

    async def redirect(_: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{there}/here"})

    async with serving(elsewhere) as there, serving(redirect) as url:
        await error_of(segmind, url, call)
    assert foreign == []


async def error_of(segmind: LocalSegmind, url: str, call: str, **patience: float) -> BotError:
    urls = dict.fromkeys(("api_url", "upload_url", "history_url"), url)
    api = call if call in {"v1", "v2"} else "v2"
    chosen = options(segmind, api=api, patience=Patience(**patience), **urls)
    async with open_segmind(chosen) as client:
        with pytest.raises(BotError) as caught:
            await call_of(client, call)()
    return caught.value


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (call, status)
        for call in CALLS
        for status in (200, 400, 401, 403, 406, 422, 429, 500)
        if (call, status) != ("find", 200)  # an empty history, no error
    ],
)
async def test_an_answer_that_repeats_the_key_does_not_get_it_into_an_error_or_the_log(
    segmind: LocalSegmind, canned: Canned, call: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = f"the key {segmind.key} is invalid"
    canned.says({"status": "FAILED", "error": text}, status=status)
    canned.says({"error": text}, status=404)
    error = await error_of(segmind, canned.url, call)
    assert not any(segmind.key in text for text in everything_of(error))
    assert segmind.key not in caplog.text


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\noops",
    ],
    ids=["nothing", "no status", "cut", "long header", "not gzip"],
)
async def test_no_error_of_the_network_holds_the_key(
    segmind: LocalSegmind, call: str, answer: bytes
) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        error = await error_of(segmind, f"http://{host}:{port}", call)
    assert not any(segmind.key in text for text in everything_of(error))


@pytest.mark.parametrize("call", CALLS)
async def test_no_error_of_connecting_holds_the_key(segmind: LocalSegmind, call: str) -> None:
    error = await error_of(segmind, "http://segmind.invalid", call)
    assert not any(segmind.key in text for text in everything_of(error))


async def test_no_error_of_a_download_holds_the_key(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    url = segmind.url_of(segmind.store(jpeg(30, 30)))
    for mishap in (Mishap.TRUNCATED, Mishap.REDIRECT, Mishap.STATUS, Mishap.DROP):
        segmind.behaviour.faults[:] = [Fault(Route.DOWNLOAD, mishap, times=9)]
        with pytest.raises(BotError) as caught:
            await fetched(client, url)
        assert not any(segmind.key in text for text in everything_of(caught.value))


async def test_client_and_options_do_not_show_the_key(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    chosen = options(segmind)
    assert not any(segmind.key in text for text in (repr(chosen), str(chosen), repr(client)))

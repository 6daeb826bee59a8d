"""Fetching finished pictures: from known hosts, without the key, whole or not at all."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from yarl import URL

from bot.domain.errors import BotError, Failure, PermanentError, TransientError
from bot.domain.pictures import MAX_RESULT_BYTES
from bot.sandbox.segmind import Fault, LocalSegmind, Mishap, Route
from bot.segmind.client import Patience, SegmindClient, open_segmind
from bot.segmind.downloads import checked
from tests.contract.segmind.conftest import fetched, options, serving
from tests.pictures import jpeg

PICTURE = jpeg(300, 200)
KNOWN = ("images.segmind.com", "files.example:8443")


@pytest.fixture
def url(segmind: LocalSegmind) -> str:
    """The address of a finished picture."""
    return segmind.url_of(segmind.store(PICTURE))


async def test_a_picture_arrives_byte_for_byte_and_without_our_key(
    segmind: LocalSegmind, client: SegmindClient, url: str
) -> None:
    assert await fetched(client, url) == PICTURE
    [asked] = segmind.requests
    assert segmind.key not in str(dict(asked.headers))
    assert "x-api-key" not in asked.headers


@pytest.mark.parametrize(
    "foreign",
    [
        "https://evil.example/a.jpeg",
        "https://images.segmind.com.evil.example/a.jpeg",
        "https://evil.example/images.segmind.com",
        "https://images.segmind.com@evil.example/a.jpeg",
        "https://user:password@images.segmind.com/a.jpeg",
        "https://user@images.segmind.com/a.jpeg",
        "https://evil.example#@images.segmind.com/",
        "https://evil.example\\@images.segmind.com/",
        "https://images.segmind.com:8443/a.jpeg",
        "https://files.example/a.jpeg",
        "http://images.segmind.com/a.jpeg",
        "http://files.example:8443/a.jpeg",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost:1/a.jpeg",
        "ftp://images.segmind.com/a.jpeg",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "//images.segmind.com/a.jpeg",
        "images.segmind.com/a.jpeg",
        "https://",
        "https://[::1/a.jpeg",
        "https://images.segmind.com:port/a.jpeg",
        "",
    ],
)
async def test_an_address_elsewhere_is_not_even_asked(segmind: LocalSegmind, foreign: str) -> None:
    async with open_segmind(options(segmind, result_hosts=KNOWN)) as client:
        with pytest.raises(PermanentError) as caught:
            await fetched(client, foreign)
    assert caught.value.failure is Failure.NO_RESULT


@pytest.mark.parametrize(
    "known", ["https://IMAGES.segmind.com/a.jpeg", "https://files.example:8443/a.jpeg"]
)
def test_an_address_we_know_is_taken_as_it_is(known: str) -> None:
    assert checked(known, KNOWN) == URL(known)


async def test_a_file_that_breaks_off_is_fetched_again(
    segmind: LocalSegmind, client: SegmindClient, url: str
) -> None:
    segmind.behaviour.faults.append(Fault(Route.DOWNLOAD, Mishap.TRUNCATED))
    with pytest.raises(TransientError):
        await fetched(client, url)
    assert await fetched(client, url) == PICTURE


@pytest.mark.parametrize("status", [403, 404, 429, 500, 502, 503, 504])
async def test_a_file_that_is_not_handed_out_is_asked_for_again(
    segmind: LocalSegmind, client: SegmindClient, url: str, status: int
) -> None:
    segmind.behaviour.faults.append(Fault(Route.DOWNLOAD, Mishap.STATUS, status=status))
    with pytest.raises(TransientError):
        await fetched(client, url)
    assert await fetched(client, url) == PICTURE


async def test_a_file_that_is_gone_for_good_is_not(
    segmind: LocalSegmind, client: SegmindClient, url: str
) -> None:
    segmind.behaviour.faults.append(Fault(Route.DOWNLOAD, Mishap.STATUS, status=410))
    with pytest.raises(PermanentError):
        await fetched(client, url)


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def fails_at(segmind: LocalSegmind, handler: Handler, patience: Patience) -> BotError:
    async with serving(handler) as url:
        hosts = (url.removeprefix("http://"),)
        async with open_segmind(options(segmind, result_hosts=hosts, patience=patience)) as client:
            with pytest.raises(BotError) as caught:
                await fetched(client, f"{url}/a.jpeg")
    return caught.value


@pytest.mark.parametrize("announced", [True, False])
async def test_a_file_beyond_all_measure_is_refused(segmind: LocalSegmind, announced: bool) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        length = {"Content-Length": str(MAX_RESULT_BYTES * 9)} if announced else {}
        response = web.StreamResponse(headers=length)
        await response.prepare(request)
        while sent < MAX_RESULT_BYTES * 9:
            await response.write(bytes(1 << 20))
            sent += 1 << 20
        return response

    error = await fails_at(segmind, endless, Patience())
    assert isinstance(error, PermanentError)
    assert sent < MAX_RESULT_BYTES * 2


async def test_a_file_that_stalls_is_given_up(segmind: LocalSegmind) -> None:
    gone = asyncio.Event()

    async def stalls(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half")
        await gone.wait()
        return response

    assert type(await fails_at(segmind, stalls, Patience(stall=0.05))) is TransientError
    gone.set()


async def test_packed_files_are_not_unfolded(segmind: LocalSegmind) -> None:
    bomb = gzip.compress(bytes(1 << 22))

    async def packed(_: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serving(packed) as url:
        hosts = (url.removeprefix("http://"),)
        async with open_segmind(options(segmind, result_hosts=hosts)) as client:
            assert await fetched(client, f"{url}/a.jpeg") == bomb


async def test_a_redirect_is_not_followed(segmind: LocalSegmind, url: str) -> None:
    async def elsewhere(_: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": url})

    assert type(await fails_at(segmind, elsewhere, Patience())) is TransientError
    assert segmind.requests == []

"""Faults of the network, told apart by what they may have bought."""

import asyncio
import socket

import pytest
from aiohttp import web

from bot.domain.errors import BotError, ProviderBusy, TransientError, UnknownOutcome
from bot.sandbox.segmind import Fault, LocalSegmind, Mishap, Route
from bot.segmind.client import Patience, SegmindClient, open_segmind
from tests.contract.segmind.conftest import options, serving
from tests.contract.segmind.test_refusals import call_of
from tests.makers import request

CALLS = ("v2", "v1", "upload", "poll", "balance", "find")
BUYING = {"v2", "v1"}


async def error_of(segmind: LocalSegmind, url: str, call: str, **changes: float) -> BotError:
    urls = dict.fromkeys(("api_url", "upload_url", "history_url"), url)
    api = call if call in BUYING else "v2"
    patience = Patience(**changes)
    async with open_segmind(options(segmind, api=api, patience=patience, **urls)) as client:
        with pytest.raises(BotError) as caught:
            await call_of(client, call)()
    return caught.value


@pytest.fixture
def refused_url() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("call", ["v2", "v1", "upload"])
async def test_no_connection_means_not_sent(
    segmind: LocalSegmind, refused_url: str, call: str
) -> None:
    assert type(await error_of(segmind, refused_url, call)) is ProviderBusy


@pytest.mark.parametrize("call", ["v2", "v1", "upload"])
async def test_a_name_that_does_not_resolve_means_not_sent(
    segmind: LocalSegmind, call: str
) -> None:
    assert type(await error_of(segmind, "http://segmind.invalid", call)) is ProviderBusy


@pytest.mark.parametrize("call", ["v2", "v1"])
async def test_a_connection_that_cannot_be_made_secure_means_not_sent(
    segmind: LocalSegmind, call: str
) -> None:
    url = segmind.api_url.replace("http://", "https://")
    assert type(await error_of(segmind, url, call)) is ProviderBusy


@pytest.mark.parametrize("call", ["poll", "balance", "find"])
async def test_a_question_that_gets_nowhere_is_asked_again(
    segmind: LocalSegmind, refused_url: str, call: str
) -> None:
    assert isinstance(await error_of(segmind, refused_url, call), TransientError)


@pytest.mark.parametrize("mishap", [Mishap.DROP, Mishap.DROP_AFTER])
@pytest.mark.parametrize("api", ["v2", "v1"])
async def test_a_connection_lost_after_sending_leaves_a_submit_open(
    segmind: LocalSegmind, api: str, mishap: Mishap
) -> None:
    segmind.behaviour.faults.append(Fault(Route.SUBMIT, mishap))
    async with open_segmind(options(segmind, api=api)) as client:
        with pytest.raises(UnknownOutcome):
            await client.submit(request(), [])
    assert len(segmind.requests) == 1
    assert len(segmind.accepted) == (mishap is Mishap.DROP_AFTER)


@pytest.mark.parametrize(
    ("call", "route"),
    [
        ("upload", Route.UPLOAD),
        ("poll", Route.STATUS),
        ("balance", Route.CREDITS),
        ("find", Route.HISTORY),
    ],
)
async def test_a_question_cut_off_is_asked_again(
    segmind: LocalSegmind, client: SegmindClient, call: str, route: Route
) -> None:
    segmind.behaviour.faults.append(Fault(route, Mishap.DROP, times=9))
    with pytest.raises(TransientError) as caught:
        await call_of(client, call)()
    assert type(caught.value) is TransientError


@pytest.mark.parametrize("call", CALLS)
async def test_silence_is_waited_for_only_so_long(segmind: LocalSegmind, call: str) -> None:
    gone = asyncio.Event()

    async def silent(_: web.Request) -> web.StreamResponse:
        await gone.wait()
        return web.Response()

    quick = dict.fromkeys(("submit", "synchronous", "upload", "look"), 0.05)
    async with serving(silent) as url:
        error = await error_of(segmind, url, call, **quick)
        gone.set()
    assert type(error) is (UnknownOutcome if call in BUYING else TransientError)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\noops",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
    ],
    ids=["cut", "not gzip", "not chunked", "no status", "no http", "nothing"],
)
async def test_an_answer_that_is_not_whole_http_is_no_answer(
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
    assert type(error) is (UnknownOutcome if call in BUYING else TransientError)


async def test_a_paid_call_never_goes_out_on_a_used_connection(segmind: LocalSegmind) -> None:
    peers: list[object] = []

    async def notes(request: web.Request) -> web.StreamResponse:
        peers.append(request.transport and request.transport.get_extra_info("peername"))
        return web.json_response({"request_id": "id", "status": "QUEUED"})

    async with serving(notes) as url, open_segmind(options(segmind, api_url=url)) as client:
        for _ in range(3):
            await client.submit(request(), [])
    assert len(set(peers)) == 3


def test_v1_is_waited_for_longer_than_the_provider_takes() -> None:
    assert Patience().synchronous > 100
    assert all(0 < limit <= 300 for limit in _limits(Patience()))


def _limits(patience: Patience) -> list[float]:
    return [getattr(patience, name) for name in Patience.__dataclass_fields__]

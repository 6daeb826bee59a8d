"""How the local Segmind says no, and how it goes wrong."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.sandbox.segmind.behaviour import Fault, Mishap

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HTML = "<html><body><h1>Bad gateway</h1></body></html>"
ELSEWHERE = "https://evil.example/"
PIECE = 65536
SPOILING = {
    Mishap.TRUNCATED, Mishap.CUT_SHORT, Mishap.WRONG_TYPE, Mishap.NOT_A_PICTURE, Mishap.SLOW_BODY,
}  # fmt: skip
WRONG_VERB = "<html><body><h1>Method Not Allowed</h1></body></html>"


@web.middleware
async def wrong_verb(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer 405 with a page, as the real one does."""
    try:
        return await handler(request)
    except web.HTTPMethodNotAllowed:
        return web.Response(text=WRONG_VERB, content_type="text/html", status=405)


def error(status: int, text: str, headers: Mapping[str, str] | None = None) -> web.Response:
    """Refuse in the usual shape."""
    return web.json_response({"error": text}, status=status, headers=headers)


def mishap(request: web.Request, fault: Fault) -> web.Response:
    """Let a request go wrong that has no file to spoil."""
    match fault.mishap:
        case Mishap.DROP | Mishap.DROP_AFTER:
            if request.transport:
                request.transport.abort()
            return web.Response()
        case Mishap.HTML | Mishap.HTML_AFTER:
            return web.Response(text=HTML, content_type="text/html", status=fault.status)
        case Mishap.REDIRECT:
            return web.Response(status=302, headers={"Location": ELSEWHERE})
        case _:
            return error(fault.status, fault.text, fault.headers)


async def spoiled(request: web.Request, fault: Fault, data: bytes) -> web.StreamResponse:
    """Send a file as it should not be."""
    match fault.mishap:
        case Mishap.TRUNCATED:  # fewer bytes than announced, then gone
            headers = {"Content-Length": str(len(data))}
            await _send(request, web.StreamResponse(headers=headers), data[: len(data) // 2])
            return mishap(request, Fault(fault.route, Mishap.DROP))
        case Mishap.CUT_SHORT:  # a whole answer with half a picture
            return web.Response(body=data[: len(data) // 2], content_type="image/jpeg")
        case Mishap.WRONG_TYPE:
            return web.Response(body=data, content_type="text/plain")
        case Mishap.NOT_A_PICTURE:
            return web.Response(body=b"no picture " * 50, content_type="image/jpeg")
        case Mishap.SLOW_BODY:
            return await _send(request, web.StreamResponse(), data)
        case _:
            return mishap(request, fault)


async def _send(
    request: web.Request, response: web.StreamResponse, data: bytes
) -> web.StreamResponse:
    await response.prepare(request)
    for start in range(0, len(data), PIECE):
        await response.write(data[start : start + PIECE])
        await asyncio.sleep(0)
    return response

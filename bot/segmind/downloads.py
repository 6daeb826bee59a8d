"""Fetching finished pictures: from the hosts we know, without the key, no further than there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from bot.domain.errors import Failure, PermanentError, TransientError

MOST_BYTES = 64_000_000
CHUNK = 1 << 16
OK = 200


def check_source(url: str, hosts: tuple[str, ...]) -> None:
    """Refuse, as PermanentError, what is not https (http: loopback only) on a known host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise PermanentError("a result's address is none", failure=Failure.NO_RESULT) from error
    secure = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))
    if not secure or {host, f"{host}:{port}"}.isdisjoint(hosts) or parts.username is not None:
        raise PermanentError(f"a result at a foreign host: {host}", failure=Failure.NO_RESULT)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@asynccontextmanager
async def stream(session: aiohttp.ClientSession, url: str) -> AsyncIterator[AsyncIterator[bytes]]:
    """Stream a file; TransientError when it breaks off, is redirected or is not there yet."""
    try:
        async with session.get(url, allow_redirects=False) as response:
            if response.status != OK:
                raise TransientError(f"download: {response.status}")
            if (response.content_length or 0) > MOST_BYTES:
                raise PermanentError("a result beyond all measure", failure=Failure.NO_RESULT)
            yield response.content.iter_chunked(CHUNK)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise TransientError(f"download: {type(error).__name__}") from error

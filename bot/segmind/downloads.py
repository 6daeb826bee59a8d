"""Fetching finished pictures: from the hosts we know, without the key, no further than there."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection
from contextlib import aclosing, asynccontextmanager
from ipaddress import ip_address

import aiohttp
from yarl import URL

from bot.domain.pictures import MAX_RESULT_BYTES
from bot.segmind.errors import Call, Trouble, error_for

CHUNK = 1 << 16
OK = 200


def checked(url: str, hosts: Collection[str]) -> URL:
    """Read an address; PermanentError unless it is https (http: loopback only) at a known host.

    A host without a port is known at https's own port only.
    """
    try:
        source = URL(url)
        host, names = source.host or "", _names(source)
    except ValueError as error:
        raise error_for(Call.DOWNLOAD, Trouble.FOREIGN, "no address") from error
    secure = source.scheme == "https" or (source.scheme == "http" and _is_loopback(host))
    if not secure or source.user is not None or names.isdisjoint(map(str.lower, hosts)):
        raise error_for(Call.DOWNLOAD, Trouble.FOREIGN, f"{source.scheme} {host}")
    return source


def _names(source: URL) -> set[str]:
    host = (source.host_subcomponent or "").lower()
    return {f"{host}:{source.port}"} | ({host} if source.is_default_port() else set())


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@asynccontextmanager
async def stream(
    session: aiohttp.ClientSession, source: URL, patience: aiohttp.ClientTimeout
) -> AsyncIterator[AsyncIterator[bytes]]:
    """Stream a file; TransientError when it breaks off, is redirected or is not there yet."""
    response = await _open(session, source, patience)
    async with response, aclosing(_chunks(response)) as chunks:
        if response.status != OK:
            raise error_for(Call.DOWNLOAD, response.status)
        if (response.content_length or 0) > MAX_RESULT_BYTES:
            raise error_for(Call.DOWNLOAD, Trouble.TOO_LARGE)
        yield chunks


async def _open(
    session: aiohttp.ClientSession, source: URL, patience: aiohttp.ClientTimeout
) -> aiohttp.ClientResponse:
    try:
        return await session.get(source, allow_redirects=False, timeout=patience)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise error_for(Call.DOWNLOAD, Trouble.NO_ANSWER, type(error).__name__) from error


async def _chunks(response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    size = 0
    try:
        async for chunk in response.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > MAX_RESULT_BYTES:
                raise error_for(Call.DOWNLOAD, Trouble.TOO_LARGE)
            yield chunk
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise error_for(Call.DOWNLOAD, Trouble.NO_ANSWER, type(error).__name__) from error

"""One HTTP call to Segmind: the answer read whole, network faults told apart by what they mean."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.domain.errors import BotError
from bot.domain.pictures import MAX_RESULT_BYTES
from bot.segmind.errors import Call, Trouble, error_for
from bot.segmind.payloads import text_of
from bot.segmind.times import retry_after

REDIRECTS = 300
MASK = b"[key]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An answer read whole; `json` is None where the body is none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Any

    @property
    def ok(self) -> bool:
        """Whether it is a success."""
        return self.status < REDIRECTS

    @property
    def text(self) -> str:
        """What it says went wrong."""
        return text_of(self.json)

    def error(self, call: Call) -> BotError:
        """Make the error it means."""
        refused = isinstance(self.json, dict) and not self.json.get("request_id")
        wait = retry_after(self.headers, datetime.now(UTC))
        return error_for(
            call, self.status, self.text, json=refused and bool(self.text), retry_after=wait
        )


async def ask(
    session: aiohttp.ClientSession, call: Call, method: str, url: str, **options: Any
) -> Answer:
    """Call and read the answer, whatever its status; redirects are not followed.

    Raises what the table says of a call that was not sent, or not answered whole. No error holds
    the key, not even one it came from.
    """
    try:
        async with session.request(method, url, allow_redirects=False, **options) as response:
            body = _without_key(await _read(response), session)
            return Answer(
                status=response.status, headers=response.headers, body=body, json=read_json(body)
            )
    except aiohttp.ClientResponseError as error:  # its repr shows the headers we sent
        keyless = error_for(call, Trouble.NO_ANSWER, type(error).__name__)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise error_for(call, Trouble.NOT_SENT, type(error).__name__) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise error_for(call, Trouble.NO_ANSWER, type(error).__name__) from error
    raise keyless


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts = []
    size = 0
    async for chunk in response.content.iter_chunked(1 << 16):
        size += len(chunk)
        if size > MAX_RESULT_BYTES:
            raise aiohttp.ClientPayloadError("an answer beyond all measure")
        parts.append(chunk)
    return b"".join(parts)


def _without_key(body: bytes, session: aiohttp.ClientSession) -> bytes:
    """Blot out our key, should an answer repeat it: error texts go to the log."""
    return body.replace(session.headers["x-api-key"].encode(), MASK)


def read_json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Read JSON; None for what is none, or too deep to be an answer."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None

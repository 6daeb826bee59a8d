"""One HTTP call to Segmind: the answer read whole, network faults told apart by what they mean."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from bot.domain.errors import BotError, ProviderBusy, TransientError, UnknownOutcome
from bot.segmind.errors import BUYING, Call, error_for
from bot.segmind.payloads import text_of

MOST_BYTES = 64_000_000
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 120.0
OK = 300
EPOCH, FAR_FUTURE = 1e9, 1e11  # seconds: more than any wait, more than any date


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
        return self.status < OK

    def error(self, call: Call) -> BotError:
        """Make the error it means."""
        is_json = isinstance(self.json, dict) and not self.json.get("request_id")
        text = text_of(self.json) if self.json is not None else ""
        wait = retry_after(self.headers, datetime.now(UTC))
        return error_for(call, self.status, text, is_json=is_json, retry_after=wait)


async def ask(
    session: aiohttp.ClientSession,
    call: Call,
    method: str,
    url: str,
    **options: Any,
) -> Answer:
    """Call and read the answer, whatever its status; redirects are not followed.

    Raises ProviderBusy when it was surely not sent; else UnknownOutcome for a call that buys and
    TransientError for one that does not.
    """
    try:
        async with session.request(method, url, allow_redirects=False, **options) as response:
            body = await _read(response)
            return Answer(
                status=response.status, headers=response.headers, body=body, json=_json(body)
            )
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise ProviderBusy(f"{call}: cannot connect ({type(error).__name__})") from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        message = f"{call}: no answer ({type(error).__name__})"
        raise (UnknownOutcome if call in BUYING else TransientError)(message) from error


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts = []
    size = 0
    async for chunk in response.content.iter_chunked(1 << 16):
        size += len(chunk)
        if size > MOST_BYTES:
            raise aiohttp.ClientPayloadError("an answer beyond all measure")
        parts.append(chunk)
    return b"".join(parts)


def _json(body: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how long to wait: `Retry-After` if it ever shows up, else the documented reset time.

    The reset's format is published nowhere: seconds, an epoch, ISO 8601 or an HTTP date are read.
    """
    for name in ("Retry-After", "x-rate-limit-reset-at-utc"):
        seconds = _seconds(headers.get(name, ""), now)
        if seconds is not None:
            return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)
    return None


def _seconds(text: str, now: datetime) -> float | None:
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return (moment - now).total_seconds() if moment else None
    while number > FAR_FUTURE:  # milliseconds and finer
        number /= 1000
    return number - now.timestamp() if number > EPOCH else number


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except (TypeError, ValueError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None

"""Bodies to and from Segmind. Reading is total: any JSON gives a value or an error of ours.

Shapes: docs.segmind.com, async inference; the official SDK 1.3.0; public clients. What a group of
pictures looks like is documented nowhere, so every shape seen is read, in a fixed order.
"""

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from bot.domain.job import GenerationRequest
from bot.domain.money import micros
from bot.domain.provider import Made, Running
from bot.segmind.errors import Call, Trouble, error_for

PICTURE = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF.{4}WEBP", re.DOTALL)
REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{1,100}")
COMPLAINTS = ("error", "error_description", "detail", "message", "msg", "code")
DEEPEST = 5
MOST_DOLLARS = 1e6


def request_body(request: GenerationRequest, image_urls: list[str]) -> dict[str, Any]:
    """Spell out every parameter: the provider's defaults move."""
    return {
        "prompt": request.prompt,
        "image_input": image_urls,
        "aspect_ratio": request.aspect_ratio,
        "size": request.size,
        "max_images": request.max_images,
        "optimize_prompt": request.optimize_prompt,
        "watermark": request.watermark,
    }


def upload_body(data: bytes, content_type: str) -> io.BytesIO:
    """Write a file as `upload-asset` wants it; by hand, as encoding megabytes holds the loop."""
    encoded = base64.b64encode(data)
    return io.BytesIO(b'{"data_urls":["data:%b;base64,%b"]}' % (content_type.encode(), encoded))


def uploaded(body: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """Read the addresses of uploads: the SDK has `file_urls`, the documentation `urls`."""
    if not isinstance(body, Mapping):
        return []
    urls = body.get("file_urls") or body.get("urls")
    return [url for url in urls if _is_address(url)] if isinstance(urls, list) else []


def _is_address(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def text_of(body: Any, depth: int = 0) -> str:  # noqa: ANN401 - any JSON
    """Read what an answer says went wrong."""
    if isinstance(body, str):
        return body
    if depth > DEEPEST or not isinstance(body, list | Mapping):
        return ""
    parts = body if isinstance(body, list) else [body.get(name) for name in COMPLAINTS]
    return "; ".join(text for part in parts if (text := text_of(part, depth + 1)))


def request_id(body: Any) -> str | None:  # noqa: ANN401 - any JSON
    """Read the id of an accepted request; None for what could not be put into an address."""
    found = body.get("request_id") if isinstance(body, Mapping) else None
    return found if isinstance(found, str) and REQUEST_ID.fullmatch(found) else None


def state_of(body: Any) -> str:  # noqa: ANN401 - any JSON
    """Read how far a request is, in capitals; empty where nothing is said of it."""
    found = body.get("status") if isinstance(body, Mapping) else None
    return found.upper()[:40] if isinstance(found, str) else ""


def outcome(call: Call, body: Any) -> Running | Made:  # noqa: ANN401 - any JSON
    """Read a status or a result; raises what the table says of a failed one.

    Finished without a picture is `Made` without outputs: it may have been charged all the same.
    What says nothing is `Running` with an empty state.
    """
    state = state_of(body)
    if state == "FAILED":
        raise error_for(call, Trouble.FAILED, text_of(body))
    outputs = tuple(dict.fromkeys(_outputs(body)))
    if state == "COMPLETED" or (not state and outputs):
        metrics = body.get("metrics") if isinstance(body, Mapping) else None
        metrics = metrics if isinstance(metrics, Mapping) else {}
        return Made(
            outputs=outputs,
            cost=money(metrics.get("cost")),
            balance=money(metrics.get("remaining_credits")),
        )
    return Running(state=state)


def money(value: Any) -> int | None:  # noqa: ANN401 - any JSON
    """Read an amount in dollars as micro-dollars; None for what is none."""
    if isinstance(value, bool):
        return None
    try:
        amount = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return micros(amount) if isfinite(amount) and 0 <= amount <= MOST_DOLLARS else None


def _outputs(body: Any) -> Iterator[str | bytes]:  # noqa: ANN401 - any JSON
    """Find the pictures: `images` where there are any, else what `output` and its kin hold."""
    if isinstance(body, list):  # one public client expects v1 to list addresses
        yield from _sources(body, 0)
    if not isinstance(body, Mapping):
        return
    for name in ("images", "output", "image", "data"):
        if found := list(_sources(body.get(name), 0)):
            yield from found
            return


def _sources(value: Any, depth: int) -> Iterator[str | bytes]:  # noqa: ANN401 - any JSON
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield from _from_text(value.strip(), depth)
    elif isinstance(value, Mapping):
        for name in ("url", "image_url", "image", "images", "b64_json"):
            if found := list(_sources(value.get(name), depth + 1)):
                yield from found
                return
    elif isinstance(value, list):
        for item in value:
            yield from _sources(item, depth + 1)


def _from_text(text: str, depth: int) -> Iterator[str | bytes]:
    if _is_address(text):
        yield text
    elif text.startswith(("[", "{", '"')):
        try:
            yield from _sources(json.loads(text), depth + 1)
        except (ValueError, RecursionError):
            return
    elif picture := _decoded(text):
        yield picture


def _decoded(text: str) -> bytes | None:
    """Read base64, bare or as a data URI, where it is the beginning of a picture."""
    encoded = text.partition(",")[2] if text.startswith("data:") else text
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if PICTURE.match(data) else None

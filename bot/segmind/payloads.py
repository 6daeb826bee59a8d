"""Bodies to and from Segmind. Reading is total: any JSON gives a value or an error of ours.

Shapes: docs.segmind.com, async inference; the official SDK 1.3.0; public clients. What a group of
pictures looks like is documented nowhere, so every shape seen is read, in a fixed order.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from bot.domain.errors import Failure, PermanentError
from bot.domain.job import GenerationRequest
from bot.domain.money import micros
from bot.domain.provider import Made, Running
from bot.segmind.errors import failed_run

MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
DEEPEST = 4
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


def text_of(body: Any) -> str:  # noqa: ANN401 - any JSON
    """Read what an answer says went wrong."""
    if isinstance(body, str):
        return body
    if isinstance(body, Mapping):
        for name in ("error", "error_description", "detail", "message"):
            if body.get(name):
                return text_of(body[name]) or json.dumps(body[name])
    return ""


def outcome(body: Any) -> Running | Made:  # noqa: ANN401 - any JSON
    """Read a status or result; PermanentError when the run failed.

    Finished without a picture is `Made` without outputs: it may have been charged all the same.
    """
    if not isinstance(body, Mapping):
        return Running(state="unreadable")
    state = str(body.get("status", "")).upper()
    if state in {"FAILED", "ERROR"}:
        raise failed_run(text_of(body))
    outputs = tuple(dict.fromkeys(_outputs(body)))
    if state == "COMPLETED" or (not state and outputs):
        metrics = body.get("metrics")
        metrics = metrics if isinstance(metrics, Mapping) else {}
        return Made(
            outputs=outputs,
            cost=money(metrics.get("cost")),
            balance=money(metrics.get("remaining_credits")),
        )
    return Running(state=state[:40])


def whole_answer(body: Any) -> Made:  # noqa: ANN401 - any JSON
    """Read the JSON of a synchronous answer, which has no state but the pictures."""
    answer = outcome(body)
    if isinstance(answer, Made):
        return answer
    raise PermanentError("an answer without a picture", failure=Failure.NO_RESULT)


def money(value: Any) -> int | None:  # noqa: ANN401 - any JSON
    """Read an amount in dollars as micro-dollars; None for what is none."""
    if isinstance(value, bool):
        return None
    try:
        amount = float(value)
    except (TypeError, ValueError):
        return None
    return micros(amount) if isfinite(amount) and 0 <= amount <= MOST_DOLLARS else None


def _outputs(body: Mapping[str, Any]) -> Iterator[str | bytes]:
    """Find the pictures: `images` where there are any, else what `output` and its kin hold."""
    found = list(_sources(body.get("images"), 0))
    for name in ("output", "image", "data"):
        if not found:
            found = list(_sources(body.get(name), 0))
    yield from found


def _sources(value: Any, depth: int) -> Iterator[str | bytes]:  # noqa: ANN401 - any JSON
    if depth > DEEPEST:
        return
    if isinstance(value, str):
        yield from _from_text(value, depth)
    elif isinstance(value, Mapping):
        for name in ("url", "image_url", "image", "images", "b64_json"):
            yield from _sources(value.get(name), depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _sources(item, depth + 1)


def _from_text(text: str, depth: int) -> Iterator[str | bytes]:
    stripped = text.strip()
    if stripped.startswith(("https://", "http://")):
        yield stripped
    elif stripped.startswith(("[", "{", '"')):
        try:
            yield from _sources(json.loads(stripped), depth + 1)
        except (ValueError, RecursionError):
            return
    elif picture := _decoded(stripped):
        yield picture


def _decoded(text: str) -> bytes | None:
    """Read base64, bare or as a data URI, where it is the beginning of a picture."""
    encoded = text.partition(",")[2] if text.startswith("data:") else text
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if data.startswith(MAGIC) else None

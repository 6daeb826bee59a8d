"""Segmind's request history (the official SDK 1.3.0 reads it): best effort, keys may be missing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.domain.errors import TransientError
from bot.domain.job import GenerationRequest
from bot.domain.provider import Made, Running
from bot.segmind.errors import failed_run
from bot.segmind.payloads import money, text_of

PATH = "/inference-request/request-history"
CLOCK_SKEW = 120.0


def query(model: str, since: float) -> dict[str, str]:
    """Make the query for a model's requests since an epoch second."""
    day = datetime.fromtimestamp(since - CLOCK_SKEW, UTC)
    return {
        "page": "1",
        "per_page": "100",
        "model_name": model,
        "from_date": f"{day:%Y-%m-%d}",
        "sort_order": "desc",
    }


def rows(body: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """Find the rows, in whichever envelope they come."""
    if isinstance(body, Mapping):
        if "request_id" in body:
            yield body
        for value in body.values():
            yield from rows(value) if isinstance(value, list | Mapping) else ()
    elif isinstance(body, list):
        for item in body:
            yield from rows(item)


def find(
    body: Any,  # noqa: ANN401 - any JSON
    request: GenerationRequest,
    sent_urls: Sequence[str],
    since: float,
) -> str | None:
    """Find the id of a request with our words and our inputs, sent no earlier than `since`."""
    for row in rows(body):
        sent = _sent(row.get("request_body"))
        same = sent.get("prompt") == request.prompt and (
            list(sent.get("image_input") or []) == list(sent_urls)
        )
        created = _created(row)
        if same and (created is None or created >= since - CLOCK_SKEW):
            return str(row["request_id"])
    return None


def answer(body: Any) -> Running | Made:  # noqa: ANN401 - any JSON
    """Read one request's rows: one a picture, each with the cost of the whole request."""
    found = list(rows(body))
    if not found:
        raise TransientError("not in the history")
    state = str(found[0].get("model_status", "")).upper()
    if state == "FAILED":
        raise failed_run(text_of(found[0]))
    urls = [str(row["generation_url"]) for row in found if row.get("generation_url")]
    if state != "COMPLETED" or not urls:
        return Running(state=state or "unknown")
    cost = money(found[0].get("credits_deduction"))
    return Made(outputs=tuple(dict.fromkeys(urls)), cost=cost, balance=None)


def _sent(body: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return {}
    return body if isinstance(body, Mapping) else {}


def _created(row: Mapping[str, Any]) -> float | None:
    for name in ("created_at", "createdAt", "timestamp"):
        try:
            moment = datetime.fromisoformat(str(row[name]))
        except (KeyError, ValueError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None

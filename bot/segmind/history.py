"""Segmind's request history (the official SDK 1.3.0 reads it): best effort, keys may be missing."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.errors import TransientError
from bot.domain.provider import Made, Running
from bot.segmind.errors import Call, Trouble, error_for
from bot.segmind.payloads import money, request_id, text_of
from bot.segmind.times import moment

PATH = "/inference-request/request-history"
ROWS_A_PAGE = 100
MOST_PAGES = 20
CLOCK_SKEW = 120.0
ENVELOPES = 2  # a list within an object within an object; what is deeper is a row's own


def query(model: str, since: float, page: int) -> dict[str, str]:
    """Make the query for a model's requests since an epoch second, newest first."""
    day = datetime.fromtimestamp(max(since - CLOCK_SKEW, 0.0), UTC)
    return {
        "page": str(page),
        "per_page": str(ROWS_A_PAGE),
        "model_name": model,
        "from_date": f"{day:%Y-%m-%d}",
        "sort_order": "desc",
    }


def rows(body: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    """Find the rows, in whichever envelope they come."""
    if isinstance(body, list):
        yield from (row for row in body if request_id(row))
    elif request_id(body):
        yield body
    elif isinstance(body, Mapping) and depth <= ENVELOPES:
        for value in body.values():
            yield from rows(value, depth + 1)


def distance(row: Mapping[str, Any], sent: Mapping[str, Any], since: float) -> float | None:
    """Tell how many seconds a row is from a request of ours; None if it is not that request.

    Addresses of uploads are new for each request; words alone may be those of a reroll, so the
    nearest in time is the best guess and a row without a time is none.
    """
    created = _created(row)
    if created is None or created < since - CLOCK_SKEW:
        return None
    told = {name: value for name, value in _body(row).items() if value is not None}
    told = {**sent, "prompt": None, "image_input": [], **told}
    same = all(told[name] == value for name, value in sent.items())
    return abs(created - since) if same else None


def answer(body: Any, provider_id: str) -> Running | Made:  # noqa: ANN401 - any JSON
    """Read one request's rows: one a picture, each with the cost of the whole request."""
    found = [row for row in rows(body) if row["request_id"] == provider_id]
    if not found:
        raise TransientError("poll: neither on record nor in the history")
    state = str(found[0].get("model_status", "")).upper()[:40]
    if state == "FAILED":
        raise error_for(Call.POLL, Trouble.FAILED, text_of(found[0]))
    urls = [row["generation_url"] for row in found if isinstance(row.get("generation_url"), str)]
    if state != "COMPLETED" or not urls:
        return Running(state=state or "PENDING")
    cost = money(found[0].get("credits_deduction"))
    return Made(outputs=tuple(dict.fromkeys(urls)), cost=cost, balance=None)


def _body(row: Mapping[str, Any]) -> Mapping[str, Any]:
    body = row.get("request_body")
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            return {}
    return body if isinstance(body, Mapping) else {}


def _created(row: Mapping[str, Any]) -> float | None:
    names = ("model_created", "created_at", "createdAt", "timestamp")
    found = (moment(str(row[name])) for name in names if row.get(name))
    return next((when.timestamp() for when in found if when), None)

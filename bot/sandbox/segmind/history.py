"""The local Segmind's request history, filtered and paged as the official SDK asks for it."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.model import SEEDREAM_5_LITE
from bot.sandbox.segmind.jobs import Run

Row = dict[str, Any]
MOST_ROWS = 100
ROWS = 20


def rows_of(run: Run, url_of: Callable[[str], str]) -> list[Row]:
    """Write a run as the history does: a row a picture, each with the cost of all."""
    row = {
        "request_id": run.id,
        "model_name": SEEDREAM_5_LITE.slug,
        "model_status": run.state if run.state in {"COMPLETED", "FAILED"} else "PENDING",
        "credits_deduction": run.cost / 1e6,
        "request_body": json.dumps(run.body),
        "error": run.error or None,
        "created_at": datetime.fromtimestamp(run.accepted_at, UTC).isoformat(),
    }
    return [{**row, "generation_url": url_of(name)} for name in run.files] or [
        {**row, "generation_url": None}
    ]


def page_of(rows: Iterable[Row], query: Mapping[str, str]) -> dict[str, Any]:
    """Answer a listing: newest first unless told otherwise, at most 100 rows a page."""
    found = sorted(
        (row for row in rows if _is_wanted(row, query)),
        key=lambda row: str(row["created_at"]),
        reverse=query.get("sort_order", "desc") == "desc",
    )
    size = max(1, min(_number(query, "per_page", ROWS), MOST_ROWS))
    start = size * (max(1, _number(query, "page", 1)) - 1)
    return {"data": found[start : start + size], "total": len(found)}


def _is_wanted(row: Row, query: Mapping[str, str]) -> bool:
    day = row["created_at"][:10]
    return (
        query.get("model_name", "") in row["model_name"]
        and query.get("status", row["model_status"]) == row["model_status"]
        and query.get("from_date", day) <= day <= query.get("to_date", day)
    )


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    return int(text) if text.isdecimal() else default

"""What the doctor found, as a table for people or as one JSON document."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import environ
from urllib.parse import unquote, urlsplit

from bot.doctor import texts
from bot.doctor.findings import Finding, Row, Status
from bot.settings import Settings

SIGNS = {Status.OK: "✓", Status.BROKEN: "✗", Status.UNCHECKED: "–"}
MASK = "[secret]"
FOREIGN = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def all_hold(rows: Iterable[Row]) -> bool:
    """Whether everything was looked at and is well."""
    return all(row.finding.status is Status.OK for row in rows)


def table(rows: Sequence[Row]) -> str:
    """Write a line a check, and under what is broken the one thing to do."""
    width = max(len(row.name) for row in rows)
    lines = []
    for row in rows:
        lines.append(f"{SIGNS[row.finding.status]} {row.name:<{width}}  {row.finding.found}")
        if row.finding.todo:
            lines.append(f"  {'':<{width}}  → {row.finding.todo}")
    wrong = sum(row.finding.status is Status.BROKEN for row in rows)
    last = texts.WRONG.format(broken=wrong, all=len(rows)) if wrong else texts.ALL_WELL
    return "\n".join([*lines, "", last if wrong or all_hold(rows) else texts.NOT_ALL])


def document(rows: Sequence[Row]) -> str:
    """Write `{"ok": …, "checks": [{"name", "status", "found", "todo"}]}`."""
    checks = [
        {
            "name": row.name,
            "status": row.finding.status.value,
            "found": row.finding.found,
            "todo": row.finding.todo,
        }
        for row in rows
    ]
    return json.dumps({"ok": all_hold(rows), "checks": checks}, ensure_ascii=False, indent=2)


def without_secrets(rows: Iterable[Row], settings: Settings) -> list[Row]:
    """Blot out every secret we know of, as others' error texts are shown too."""
    password = urlsplit(settings.database_url).password or ""
    known = [
        settings.discord_token.get_secret_value(),
        settings.segmind_api_key.get_secret_value(),
        password,
        unquote(password),
        *(environ.get(name, "") for name in FOREIGN),
    ]
    secrets = sorted(filter(None, known), key=len, reverse=True)
    return [replace(row, finding=_masked(row.finding, secrets)) for row in rows]


def _masked(finding: Finding, secrets: Iterable[str]) -> Finding:
    found = finding.found
    for secret in secrets:
        found = found.replace(secret, MASK)
    return replace(finding, found=found)

"""Logging for people or for machines; no secret ever leaves through it."""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.tasks import current_job

MASK = "[secret]"
TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


class _Masked(logging.Formatter):
    """Replaces secrets in whatever is written, tracebacks and foreign messages too."""

    def __init__(self, secrets: Sequence[str]) -> None:
        super().__init__(TEXT)
        self._secrets = [secret for secret in secrets if secret]

    def format(self, record: logging.LogRecord) -> str:
        text = self._write(record)
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def _write(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {name}={value}" for name, value in _facts(record).items())
        job = _job(record)
        return super().format(record) + facts + (f" [#{job}]" if job else "")


class _Json(_Masked):
    """One JSON object a line."""

    def _write(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if job := _job(record):
            line["job"] = job
        line |= _facts(record)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _job(record: logging.LogRecord) -> str | None:
    """Find the job a line is about: the one it names, else the one its task works on."""
    return getattr(record, "job", None) or current_job.get()


def _facts(record: logging.LogRecord) -> dict[str, object]:
    """Read what a line has to say besides its message, ready to be counted by machines."""
    return getattr(record, "facts", {})


def configure(level: str, style: str, secrets: Sequence[str]) -> None:
    """Log to standard error.

    discord.py stays at INFO: below, it prints interaction tokens. SQLAlchemy would print every
    statement at INFO.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Json(secrets) if style == "json" else _Masked(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in (("discord", logging.INFO), ("sqlalchemy", logging.WARNING)):
        logging.getLogger(name).setLevel(max(least, logging.getLevelName(level)))
    for name in ("aiohttp.access", "alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)

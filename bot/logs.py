"""Logging for people or for machines; no secret ever leaves through it."""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

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
        job = getattr(record, "job", None)
        return super().format(record) + (f" [#{job}]" if job else "")


class _Json(_Masked):
    """One JSON object a line."""

    def _write(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if job := getattr(record, "job", None):
            line["job"] = job
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


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
    for name in ("alembic", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)

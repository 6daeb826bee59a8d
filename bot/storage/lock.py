"""One process a SQLite file: it may then take up at once whatever a dead one left."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.domain.errors import BotError


@contextmanager
def only_process(url: str) -> Iterator[None]:
    """Hold the lock beside a SQLite file; BotError when another process holds it."""
    path = Path(f"{make_url(url).database}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BotError(
                f"another process runs on {path.stem}; use postgresql://… for several"
            ) from error
        yield

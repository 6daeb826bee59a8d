"""Points in time as Segmind writes them, in formats that are published nowhere."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite

SHORTEST_WAIT, LONGEST_WAIT = 1.0, 120.0
EPOCH = 1e9  # seconds: longer than any wait, earlier than any date
FAR_FUTURE = 1e11  # seconds: later than any date, so it must be a finer unit


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read how many seconds to wait: `Retry-After` if it ever shows up, else the reset time."""
    for name in ("Retry-After", "x-rate-limit-reset-at-utc"):
        seconds = _seconds(headers.get(name, ""), now)
        if seconds is not None:
            return min(max(seconds, SHORTEST_WAIT), LONGEST_WAIT)
    return None


def moment(text: str) -> datetime | None:
    """Read ISO 8601 or an HTTP date; without a zone it is UTC."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.strip())
        except (TypeError, ValueError, OverflowError, IndexError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _seconds(text: str, now: datetime) -> float | None:
    try:
        number = float(text)
    except ValueError:
        found = moment(text)
        return (found - now).total_seconds() if found else None
    if not isfinite(number):
        return None
    while number > FAR_FUTURE:
        number /= 1000
    return number - now.timestamp() if number > EPOCH else number

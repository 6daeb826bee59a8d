"""When to ask the provider for a running job, and when to try a failed step again."""

from collections.abc import Iterator

FIRST_POLL = 0.72  # of the usual run: earlier than nearly all runs end
POLL_STEP = 1 / 24  # of the usual run: 2 s at 48 s
LATE = 1.5  # of the usual run: from here on polls spread out
UNKNOWN_SECONDS = 900.0  # an unknown outcome is looked up for, before it is given up
OUTAGE = 3  # refusals in a row, after which waiting members and the owner are told
RETRY_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


def next_poll(elapsed: float, usual: float) -> float:
    """Seconds until the next poll of a job submitted `elapsed` seconds ago."""
    first = FIRST_POLL * usual
    if elapsed < first:
        return first - elapsed
    step = POLL_STEP * usual
    return step if elapsed < LATE * usual else max(step, elapsed / 24)


def retry_waits() -> Iterator[float]:
    """Seconds between the tries of a step that fails for passing reasons; it goes on for ever."""
    yield from RETRY_SECONDS
    while True:
        yield RETRY_SECONDS[-1]

"""When to ask the provider for a running job, and when to try a failed step again."""

import asyncio
from collections.abc import Iterator

FIRST_POLL = 0.74  # of the usual run: earlier than nearly all runs end
POLL_STEP = 1 / 25  # of the usual run: 1.9 s at 48 s
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


class PollPacer:
    """Spreads polls so that all workers together keep to the plan's polls a minute.

    `workers` is how many share it; whoever counts them sets it.
    """

    def __init__(self, per_minute: int) -> None:
        self.workers = 1
        self._per_minute = per_minute
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for this worker's next turn."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._next)
        self._next = turn + 60 * self.workers / self._per_minute
        await asyncio.sleep(turn - now)

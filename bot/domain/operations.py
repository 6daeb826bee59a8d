"""How the bot is doing, in figures: nothing here says who asked for what."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.domain.errors import Failure
from bot.domain.job import Job, Status


@dataclass(frozen=True, kw_only=True, slots=True)
class Money:
    """Micro-dollars of all servers together in a period (`day`, `month`; UTC)."""

    period: str
    spent: int
    reserved: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A job the provider has had for some seconds."""

    job_id: str
    seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The queue at a moment; ages are seconds, 0 where there is nothing.

    `jobs` counts those that are not over, `news` what Discord is still to be told.
    """

    jobs: Mapping[Status, int]
    oldest_queued: float
    oldest_running: float
    news: int
    oldest_news: float
    money: tuple[Money, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What became of a job; times are seconds, None where it did not come so far."""

    status: Status
    failure: Failure | None
    line_seconds: float | None
    run_seconds: float | None
    delivery_seconds: float | None
    pictures: int
    cost_usd: float

    @classmethod
    def of(cls, job: Job, now: float) -> "Ending":
        """Read it from a job that is over and told; `now` is the database's time."""
        delivered = job.status is Status.DELIVERED
        return cls(
            status=job.status,
            failure=job.failure,
            line_seconds=_between(job.created_at, job.started_at),
            run_seconds=_between(job.submitted_at, job.ended_at),
            delivery_seconds=_between(job.ended_at, now) if delivered else None,
            pictures=len(job.results),
            cost_usd=(job.cost or 0) / 1e6,
        )


def _between(begun: float | None, ended: float | None) -> float | None:
    return None if begun is None or ended is None else round(max(0.0, ended - begun), 3)


class Operations(Protocol):
    """How operations see the database; BotError when it cannot be read."""

    async def ping(self) -> None:
        """Ask it for nothing but an answer."""

    async def figures(self) -> Figures:
        """Read the figures; cheap however many jobs there are."""

    async def longest_running(self) -> Running | None:
        """Find the job the provider has had for longest."""


class Meter(Protocol):
    """Who counts what this process does."""

    def job_ended(self, ending: Ending) -> None:
        """Count a job that is over, and Discord knows."""


class Pulse:
    """Beats while something lives; may be felt from another thread."""

    def __init__(self) -> None:
        self._beat_at = time.monotonic()

    def beat(self) -> None:
        """Live on."""
        self._beat_at = time.monotonic()

    @property
    def age(self) -> float:
        """Seconds since the last beat."""
        return time.monotonic() - self._beat_at

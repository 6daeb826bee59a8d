"""How often a job may be made again."""

from dataclasses import dataclass

from bot.domain.refusals import AlreadyRerolling, RerollLimit

PER_HOUR = 10
HOUR = 3600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class RerollHistory:
    """A job's rerolls: all of one member's, theirs unfinished, everybody's within the last hour.

    `oldest_at` is when the oldest of the last hour was asked for (now, if there is none).
    """

    own: int
    under_way: int
    last_hour: int
    oldest_at: float

    def check(self, job_id: str) -> None:
        """Refuse one more of these: one at a time for each member, so many an hour for all."""
        if self.under_way:
            raise AlreadyRerolling(job_id=job_id)
        if self.last_hour >= PER_HOUR:
            raise RerollLimit(job_id=job_id, allowed=PER_HOUR, next_at=self.oldest_at + HOUR)

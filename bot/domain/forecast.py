"""What a waiting member may expect."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """What a waiting member may expect: jobs before theirs, seconds to start, usual run time.

    `now` is the database's time when it was made (epoch seconds); `strikes` are the content
    refusals the requester had within the hour before, `paused` why nothing starts at present,
    `pause_reason` what a moderator said to it.
    """

    now: float
    before: int
    starts_in: float
    usual_seconds: float
    strikes: int = 0
    paused: str | None = None
    pause_reason: str | None = None

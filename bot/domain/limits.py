"""Limits and budgets as values, as the owner set them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class UserLimits:
    """Of one member, everywhere."""

    max_running: int
    max_waiting: int
    max_images_per_request: int
    images_per_hour: int
    images_per_day: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Budgets:
    """Hard stops in micro-dollars, per UTC day and month."""

    guild_day: int
    guild_month: int
    dm_day: int
    all_day: int
    all_month: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GateLimits:
    """The provider's shared cap and rate."""

    max_running: int
    requests_per_minute: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeLimits:
    """What is read of a request's files: bytes a file, bytes together."""

    file_bytes: int = 25_000_000
    request_bytes: int = 64_000_000


STRIKES = 3  # content refusals within an hour ...
STRIKE_WINDOW = 3600.0  # ... and the seconds a member then has to wait

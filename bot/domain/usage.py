"""Use against limits, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowUse:
    """Pictures within a rolling window; `frees_at` is when the next one leaves it."""

    used: int
    allowed: int
    frees_at: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """A member's use of everything that is limited."""

    hour: WindowUse
    day: WindowUse
    waiting: int
    max_waiting: int
    running: int
    max_running: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BudgetUse:
    """Micro-dollars reserved and spent by all in a period; `name` is the period's (2026-11)."""

    period: str
    name: str
    used: int

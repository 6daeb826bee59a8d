"""What was spent, day by day."""

from collections.abc import Sequence
from dataclasses import dataclass

WEEK = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """A UTC day (`2026-11-24`) and what was spent on it (micro-dollars)."""

    date: str
    amount: int


def total(days: Sequence[Day]) -> int:
    """All of it together."""
    return sum(day.amount for day in days)


def most(days: Sequence[Day]) -> Day | None:
    """The day with the highest sum, the latest of several; None when nothing was spent."""
    highest = max(days, key=lambda day: (day.amount, day.date), default=None)
    return highest if highest and highest.amount else None


def weeks(days: Sequence[Day]) -> tuple[int, int]:
    """What the last seven days and the seven before them came to; days are oldest first."""
    return total(days[-WEEK:]), total(days[-2 * WEEK : -WEEK])

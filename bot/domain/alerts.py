"""What the owner is told of: once when it begins, once when it is over."""

from dataclasses import dataclass
from enum import StrEnum


class Condition(StrEnum):
    """Something only the owner can mend, or has to know."""

    KEY = "key"
    CREDITS = "credits"
    LOW_CREDIT = "low_credit"
    OUTAGE = "outage"
    BUDGET_NEARLY = "budget_nearly"
    BUDGET_USED = "budget_used"
    STUCK = "stuck"
    WORKER = "worker"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """A condition that began, or is over. `balance` is micro-dollars, `pictures` what it buys.

    `detail` tells apart what may happen again, such as the day or month of a budget.
    """

    condition: Condition
    detail: str = ""
    over: bool = False
    balance: int = 0
    pictures: int = 0

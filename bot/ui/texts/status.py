"""The spending chart in words: on it, and for those who do not see it."""

from collections.abc import Sequence
from datetime import date

from bot.domain.money import MICROS_PER_DOLLAR, dollars
from bot.domain.spending import WEEK, Day, most, total, weeks

CENT = 10_000
NOTHING_SPENT = "Nothing spent"


def chart_title(days: Sequence[Day]) -> str:
    """Sum up the bars."""
    return f"{chart_amount(total(days))} in {_days(len(days))}"


def chart_budget(cap: int) -> str:
    """Name the line."""
    return f"- -  budget {dollars(cap)} a day"


def chart_day(iso: str) -> str:
    """Write a day as short as can be: `24 Nov`."""
    day = date.fromisoformat(iso)
    return f"{day.day} {day:%b}"


def chart_step(amount: float) -> str:
    """Write an amount of the scale: `$5`, `$0.50`."""
    whole = amount % MICROS_PER_DOLLAR == 0
    return f"${amount / MICROS_PER_DOLLAR:,.0f}" if whole else dollars(round(amount))


def chart_amount(amount: int) -> str:
    """Write an amount to be read at a glance: in cents, below a dollar exactly."""
    return dollars(amount if amount < MICROS_PER_DOLLAR else (amount + CENT // 2) // CENT * CENT)


def chart_alt(days: Sequence[Day], cap: int) -> str:
    """Say what the chart shows: sum, highest day, trend, budget."""
    highest = most(days)
    opening = f"Spending in {_days(len(days))}: "
    if highest is None:
        return f"{opening}nothing. The budget is {dollars(cap)} a day."
    words = f"{opening}{dollars(total(days))}, most on {chart_day(highest.date)}"
    words += f" with {dollars(highest.amount)}."
    if len(days) >= 2 * WEEK:
        words += f" {_trend(*weeks(days))}"
    return f"{words} The budget is {dollars(cap)} a day."


def _trend(now: int, before: int) -> str:
    course = "as much as" if now == before else "more than" if now > before else "less than"
    return f"The last {WEEK} days came to {dollars(now)}, {course} the {WEEK} before" + (
        "." if now == before else f" ({dollars(before)})."
    )


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"

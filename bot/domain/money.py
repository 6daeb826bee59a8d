"""Money as integer micro-dollars: sums stay exact."""

from decimal import Decimal

MICROS_PER_DOLLAR = 1_000_000


def micros(usd: Decimal | float | str) -> int:
    """Micro-dollars of an amount in dollars, rounded half up at the sixth place."""
    return int((Decimal(str(usd)) * MICROS_PER_DOLLAR).to_integral_value("ROUND_HALF_UP"))


def dollars(amount: int) -> str:
    """An amount for people: two places, a third where it is needed (`$0.035`, `$5.00`)."""
    exact = Decimal(amount) / MICROS_PER_DOLLAR
    places = "0.01" if amount % 10_000 == 0 else "0.001"
    return f"${exact.quantize(Decimal(places)):,}"

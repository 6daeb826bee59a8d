"""Budgets per UTC day and month, and the ledger: what is reserved, settled and released.

Rows are locked in the order of `_stops`, the same in every transaction.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from sqlalchemy import insert, select, update
from sqlalchemy.sql.dml import ReturningInsert

from bot.domain.job import Job
from bot.domain.limits import Budgets
from bot.domain.refusals import BudgetScope, BudgetUsedUp, Period
from bot.storage.database import Transaction, insert_in
from bot.storage.tables import budget, ledger


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stop:
    """One hard stop: whose, which period, the key of its row and its cap."""

    scope: BudgetScope
    period: Period
    owner: str
    name: str
    cap: int


def reserve(tx: Transaction, guild_id: int | None, amount: int, budgets: Budgets) -> None:
    """Reserve an amount everywhere it counts, in one statement; BudgetUsedUp where it is too much.

    Each row brings its cap along: what does not fit is not written, and not returned.
    """
    stops = list(_stops(guild_id, tx.now, budgets))
    rows = [
        {"scope": one.owner, "period": one.name, "reserved": amount, "spent": 0, "cap": one.cap}
        for one in stops
    ]
    written = tx.connection.execute(_reserving(tx.dialect), rows)
    fit = {(scope, period) for scope, period in written}
    for stop in stops:
        if amount > stop.cap or (stop.owner, stop.name) not in fit:
            raise _used_up(tx, stop)


@cache
def _reserving(dialect: str) -> ReturningInsert[str, str]:
    statement = insert_in(dialect, budget)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["scope", "period"],
        set_={"reserved": budget.c.reserved + new.reserved, "cap": new.cap},
        where=budget.c.reserved + budget.c.spent + new.reserved <= new.cap,
    ).returning(budget.c.scope, budget.c.period)


def _used_up(tx: Transaction, stop: _Stop) -> BudgetUsedUp:
    used = tx.connection.scalar(
        select(budget.c.reserved + budget.c.spent).where(
            budget.c.scope == stop.owner, budget.c.period == stop.name
        )
    )
    return BudgetUsedUp(
        scope=stop.scope,
        period=stop.period,
        used=used or 0,
        allowed=stop.cap,
        opens_at=_next_start(stop.period, tx.now),
    )


def settle(tx: Transaction, job: Job, cost: int) -> None:
    """Turn a job's reserve into what it cost (0: given back), in the periods it was reserved in."""
    for owner, name in _periods(job.place.guild_id, job.created_at):
        tx.connection.execute(
            update(budget)
            .where(budget.c.scope == owner, budget.c.period == name)
            .values(reserved=budget.c.reserved - job.reserved, spent=budget.c.spent + cost)
        )


def keep_sums(tx: Transaction, spent: Iterable[tuple[int | None, float, int]]) -> None:
    """Remember what erased jobs cost (server, time, cost), in their periods, as sums of nobody.

    Rows are locked days first, everybody's last: an order that fits the one of `_stops`.
    """
    sums = Counter[tuple[bool, int, str, str]]()
    for guild_id, created_at, cost in spent:
        for owner, name in _periods(guild_id, created_at):
            sums[owner == "all", -len(name), owner, name] += cost
    for (*_, owner, name), cost in sorted(sums.items()):
        tx.connection.execute(
            update(budget)
            .where(budget.c.scope == owner, budget.c.period == name)
            .values(erased=budget.c.erased + cost)
        )


def book(tx: Transaction, job: Job, event: str, amount: int, *, reported: bool = True) -> None:
    """Write one line of the ledger; `reported` is False where the provider told no cost."""
    tx.connection.execute(
        insert(ledger),
        {
            "job_id": job.id,
            "user_id": job.requester.id,
            "guild_id": job.place.guild_id,
            "event": event,
            "amount": amount,
            "reported": reported,
            "at": tx.now,
        },
    )


def _periods(guild_id: int | None, created_at: float) -> Iterator[tuple[str, str]]:
    for owner in (owner_name(guild_id), "all"):
        for period in Period:
            yield owner, period_name(period, created_at)


def _stops(guild_id: int | None, now: float, budgets: Budgets) -> Iterator[_Stop]:
    own = BudgetScope.DM if guild_id is None else BudgetScope.GUILD
    caps = {
        (BudgetScope.GUILD, Period.DAY): budgets.guild_day,
        (BudgetScope.GUILD, Period.MONTH): budgets.guild_month,
        (BudgetScope.DM, Period.DAY): budgets.dm_day,
        (BudgetScope.DM, Period.MONTH): budgets.all_month,
        (BudgetScope.ALL, Period.DAY): budgets.all_day,
        (BudgetScope.ALL, Period.MONTH): budgets.all_month,
    }
    for scope, owner in ((own, owner_name(guild_id)), (BudgetScope.ALL, "all")):
        for period in Period:
            yield _Stop(
                scope=scope,
                period=period,
                owner=owner,
                name=period_name(period, now),
                cap=caps[scope, period],
            )


def owner_name(guild_id: int | None) -> str:
    """Name whose budget a request falls under."""
    return "dm" if guild_id is None else f"guild:{guild_id}"


def period_name(period: str, at: float) -> str:
    """Name the UTC day or month of a moment."""
    day = datetime.fromtimestamp(at, UTC)
    return f"{day:%Y-%m-%d}" if period == Period.DAY else f"{day:%Y-%m}"


def period_start(period: str, at: float) -> float:
    """Find when the UTC day or month of a moment began."""
    day = datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day if period == Period.DAY else day.replace(day=1)).timestamp()


def _next_start(period: Period, now: float) -> float:
    today = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period is Period.DAY:
        return today.timestamp() + 86400
    month = today.month % 12 + 1
    return today.replace(year=today.year + (month == 1), month=month, day=1).timestamp()

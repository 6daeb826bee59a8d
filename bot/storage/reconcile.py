"""Counting again what the counters claim: lanes, gate and this month's budgets."""

from collections import Counter

from sqlalchemy import delete, func, insert, select, text, update

from bot.domain.job import UNDER_WAY, Status
from bot.storage.budgets import owner_name, period_name, period_start
from bot.storage.database import Transaction
from bot.storage.tables import budget, gate, job, lane

HOLDING = (*UNDER_WAY, Status.UNKNOWN)


def reconcile(tx: Transaction) -> None:
    """Set every counter to what the jobs say; nothing else is written meanwhile."""
    _hold_still(tx)
    _recount_budgets(tx)
    mine = job.c.user_id == lane.c.user_id
    under_way = job.c.status.in_(UNDER_WAY)
    waiting = select(func.count()).where(
        mine, job.c.status == "queued", job.c.worker.is_(None), job.c.held_at.is_(None)
    )
    running = select(func.count()).where(mine, under_way, job.c.worker.is_not(None))
    tx.connection.execute(
        update(lane).values(
            queued=waiting.correlate(lane).scalar_subquery(),
            running=running.correlate(lane).scalar_subquery(),
        )
    )
    everywhere = select(func.count()).where(under_way, job.c.worker.is_not(None))
    tx.connection.execute(update(gate).values(running=everywhere.scalar_subquery()))


def _hold_still(tx: Transaction) -> None:
    """Let whoever writes finish, and the others wait (SQLite has one writer anyway)."""
    tx.connection.execute(select(gate.c.id).with_for_update())
    if tx.connection.dialect.name == "postgresql":
        # each in turn, in the order in which rows are locked everywhere
        tx.connection.execute(text("lock table budget, lane, job in share row exclusive mode"))


def _recount_budgets(tx: Transaction) -> None:
    """Rebuild this month's rows from the jobs that were asked for in it."""
    reserved: Counter[tuple[str, str]] = Counter()
    spent: Counter[tuple[str, str]] = Counter()
    jobs = tx.connection.execute(
        select(job.c.guild_id, job.c.created_at, job.c.status, job.c.reserved, job.c.cost).where(
            job.c.created_at >= period_start("month", tx.now)
        )
    )
    for row in jobs:
        for scope in (owner_name(row.guild_id), "all"):
            for period in ("day", "month"):
                key = (scope, period_name(period, row.created_at))
                reserved[key] += row.reserved if row.status in HOLDING else 0
                spent[key] += row.cost or 0
    known = {(row.scope, row.period): row for row in tx.connection.execute(select(budget)).all()}
    month = period_name("month", tx.now)
    for key, row in known.items():
        if key[1].startswith(month) and row.erased:
            reserved[key] += 0
            spent[key] += row.erased
    tx.connection.execute(delete(budget).where(budget.c.period.startswith(month)))
    rows = [
        {
            "scope": scope,
            "period": name,
            "reserved": amount,
            "spent": spent[scope, name],
            "cap": known[scope, name].cap if (scope, name) in known else 0,
            "erased": known[scope, name].erased if (scope, name) in known else 0,
        }
        for (scope, name), amount in reserved.items()
    ]
    if rows:
        tx.connection.execute(insert(budget), rows)

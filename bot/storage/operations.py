"""Figures for operations, each read from an index or a small table, never from finished jobs."""

from sqlalchemy import bindparam, func, select

from bot.domain.job import Status
from bot.domain.operations import Figures, Money, Running
from bot.storage.budgets import period_name
from bot.storage.database import Transaction
from bot.storage.runner import Runner
from bot.storage.tables import budget, job, lane

PERIODS = ("day", "month")

_WAITING = select(func.coalesce(func.sum(lane.c.queued), 0))
_UNKNOWN = select(func.count()).where(job.c.check_due_at.is_not(None))
_CLAIMED = (
    select(job.c.status, func.count())
    .where(job.c.worker.is_not(None), job.c.status != Status.UNKNOWN)
    .group_by(job.c.status)
)
# Each waiting member's first job is found in an index; the oldest of all would have to be sought.
_HEAD = (
    select(job.c.number)
    .where(job.c.user_id == lane.c.user_id, job.c.status == "queued")
    .where(job.c.worker.is_(None), job.c.held_at.is_(None))
    .order_by(job.c.number)
    .limit(1)
    .correlate(lane)
    .scalar_subquery()
)
_HEADS = select(_HEAD.label("head")).where(lane.c.queued > 0).subquery()
_OLDEST_QUEUED = select(job.c.created_at).where(
    job.c.number == select(func.min(_HEADS.c.head)).scalar_subquery()
)
# Whoever is at the provider is claimed, be it by nobody until the next worker adopts it.
_LONGEST_RUNNING = (
    select(job.c.id, job.c.submitted_at)
    .where(job.c.worker.is_not(None), job.c.submitted_at.is_not(None))
    .where(job.c.status.in_((Status.SUBMITTING, Status.SUBMITTED)))
    .order_by(job.c.submitted_at)
    .limit(1)
)
_NEWS = select(func.count(), func.min(job.c.delivery_due_at)).where(
    job.c.delivery_due_at.is_not(None), job.c.delivery_due_at <= bindparam("now")
)


class DatabaseOperations(Runner):
    """Implements `bot.domain.operations.Operations`; may be asked from any event loop."""

    async def ping(self) -> None:
        """See the port: opening a transaction asks for the time."""
        await self._read(lambda _: None)

    async def figures(self) -> Figures:
        """See the port."""
        return await self._read(_figures)

    async def longest_running(self) -> Running | None:
        """See the port."""
        return await self._read(_longest_running)


def _figures(tx: Transaction) -> Figures:
    queued_at = tx.connection.scalar(_OLDEST_QUEUED)
    running = _longest_running(tx)
    news, due_at = tx.connection.execute(_NEWS, {"now": tx.now}).one()
    return Figures(
        jobs=_jobs(tx),
        oldest_queued=_age(tx, queued_at),
        oldest_running=running.seconds if running else 0.0,
        news=news,
        oldest_news=_age(tx, due_at),
        money=tuple(_money(tx, period) for period in PERIODS),
    )


def _jobs(tx: Transaction) -> dict[Status, int]:
    jobs = dict.fromkeys((Status.QUEUED, Status.SUBMITTING, Status.SUBMITTED), 0)
    for status, count in tx.connection.execute(_CLAIMED):
        jobs[Status(status)] = count
    jobs[Status.QUEUED] += int(tx.connection.execute(_WAITING).scalar_one())
    jobs[Status.UNKNOWN] = tx.connection.execute(_UNKNOWN).scalar_one()
    return jobs


def _longest_running(tx: Transaction) -> Running | None:
    row = tx.connection.execute(_LONGEST_RUNNING).one_or_none()
    return row and Running(job_id=row.id, seconds=_age(tx, row.submitted_at))


def _money(tx: Transaction, period: str) -> Money:
    row = tx.connection.execute(
        select(budget.c.spent, budget.c.reserved).where(
            budget.c.scope == "all", budget.c.period == period_name(period, tx.now)
        )
    ).one_or_none()
    spent, reserved = row or (0, 0)
    return Money(period=period, spent=spent, reserved=reserved)


def _age(tx: Transaction, since: float | None) -> float:
    return 0.0 if since is None else max(0.0, tx.now - since)

"""Calling a job off: at once while it waits, and as far as it still helps while it runs."""

from sqlalchemy import ColumnElement, select, update

from bot.domain.job import UNDER_WAY, Job, Status
from bot.storage import budgets
from bot.storage.claims import move_lane
from bot.storage.database import Raced, Transaction
from bot.storage.rows import job_by_number
from bot.storage.tables import job

WAITS = (job.c.status == Status.QUEUED) & job.c.worker.is_(None)


def cancel(tx: Transaction, job_id: str, *, if_waiting: bool = False) -> Job | None:
    """Cancel a waiting job and give its money back; ask a running one to stop. None: too late.

    With `if_waiting` a running one is left alone: None.
    """
    number = tx.connection.scalar(select(job.c.number).where(job.c.id == job_id))
    if number is None:
        return None
    if tx.connection.scalar(select(job.c.number).where(job.c.number == number, WAITS)):
        found = job_by_number(tx, number)
        _give_back(tx, found)
        values = {"status": Status.CANCELLED, "counted": 0, "ended_at": tx.now}
        as_read = job.c.held_at.is_not(None) if found.held else job.c.held_at.is_(None)
        if not _update(tx, number, WAITS & as_read, values):
            raise Raced("it was claimed, held or let go on at this moment")
    elif if_waiting or not _update(tx, number, job.c.status.in_(UNDER_WAY), {"cancel_asked": True}):
        return None
    return job_by_number(tx, number)


def _give_back(tx: Transaction, waiting: Job) -> None:
    budgets.settle(tx, waiting, 0)
    budgets.book(tx, waiting, "release", waiting.reserved)
    if not waiting.held:  # held ones are in no lane
        move_lane(tx, waiting.requester.id, waiting=-1, running=0, turns=0)


def _update(
    tx: Transaction, number: int, condition: ColumnElement[bool], values: dict[str, object]
) -> int:
    return tx.connection.execute(
        update(job)
        .where(job.c.number == number, condition)
        .values(delivery_due_at=tx.now, **values)
    ).rowcount

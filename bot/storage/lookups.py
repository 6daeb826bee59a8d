"""Finding jobs: by id, by a message of theirs, by their parent."""

from sqlalchemy import func, select

from bot.domain.job import UNDER_WAY, Job
from bot.domain.rerolls import HOUR, RerollHistory
from bot.storage.database import Transaction
from bot.storage.rows import read_job, read_jobs
from bot.storage.tables import job, message


def job_by_id(tx: Transaction, job_id: str) -> Job | None:
    """Find a job by its short id."""
    row = tx.connection.execute(select(job).where(job.c.id == job_id)).one_or_none()
    return read_job(tx, row) if row else None


def job_by_message(tx: Transaction, message_id: int) -> Job | None:
    """Find the job whose card or result a message is."""
    row = tx.connection.execute(
        select(job)
        .join(message, message.c.job_number == job.c.number)
        .where(message.c.message_id == message_id)
    ).one_or_none()
    return read_job(tx, row) if row else None


def reroll_history(tx: Transaction, parent_id: str, user_id: int) -> RerollHistory:
    """Count a job's rerolls."""
    own = job.c.user_id == user_id
    recent = job.c.created_at > tx.now - HOUR
    counts = tx.connection.execute(
        select(
            func.count().filter(own),
            func.count().filter(own & job.c.status.in_(UNDER_WAY)),
            func.count().filter(recent),
            func.min(job.c.created_at).filter(recent),
        ).where(job.c.parent_id == parent_id)
    ).one()
    return RerollHistory(
        own=counts[0],
        under_way=counts[1],
        last_hour=counts[2],
        oldest_at=counts[3] or tx.now,
    )


def unfinished(tx: Transaction, user_id: int) -> list[Job]:
    """List a member's waiting and running jobs, oldest first."""
    rows = tx.connection.execute(
        select(job)
        .where(job.c.user_id == user_id, job.c.status.in_(UNDER_WAY))
        .order_by(job.c.number)
    ).all()
    return read_jobs(tx, rows)

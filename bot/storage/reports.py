"""Reports of abuse: what they are about, how many a member makes, and what was told already."""

from sqlalchemy import delete, select, union, update

from bot.domain.job import Job
from bot.domain.reports import AN_HOUR, NothingToReport, ReportedAlready, TooManyReports
from bot.storage.community import entry, member, report
from bot.storage.database import Transaction
from bot.storage.rows import read_job
from bot.storage.tables import job, message

HOUR = 3600.0
TELLING = 60.0
"""Seconds a report may take to be told; after that whoever was to tell it broke off."""


def reportable(tx: Transaction, message_id: int, guild_id: int, user_id: int) -> Job:
    """Find the job of a message that a member may report."""
    found = _job_of(tx, message_id)
    if found is None or found.place.private or not found.stands_in(guild_id):
        raise NothingToReport
    before = tx.connection.execute(
        select(report.c.told, report.c.at).where(
            report.c.job_number == found.number, report.c.user_id == user_id
        )
    ).one_or_none()
    if before and (before.told or before.at > tx.now - TELLING):
        raise ReportedAlready(job_id=found.id)
    times = tx.connection.scalars(
        select(report.c.at)
        .where(report.c.user_id == user_id, report.c.at > tx.now - HOUR)
        .order_by(report.c.at)
    ).all()
    if len(times) >= AN_HOUR:
        raise TooManyReports(allowed=AN_HOUR, next_at=times[-AN_HOUR] + HOUR)
    return found


def begin_report(tx: Transaction, message_id: int, guild_id: int, user_id: int) -> Job:
    """Count a report, one of a member after the other."""
    tx.connection.execute(tx.insert(member).values(user_id=user_id).on_conflict_do_nothing())
    tx.connection.execute(
        select(member.c.user_id).where(member.c.user_id == user_id).with_for_update()
    )
    found = reportable(tx, message_id, guild_id, user_id)
    begun = {"at": tx.now, "told": False}
    tx.connection.execute(
        tx.insert(report)
        .values(job_number=found.number, user_id=user_id, **begun)
        .on_conflict_do_update(index_elements=["job_number", "user_id"], set_=begun)
    )
    return found


def end_report(tx: Transaction, job_id: str, user_id: int, *, told: bool) -> None:
    """Keep a report that was told, drop one that was not."""
    number = select(job.c.number).where(job.c.id == job_id).scalar_subquery()
    meant = (report.c.job_number == number) & (report.c.user_id == user_id)
    change = update(report).values(told=True) if told else delete(report)
    tx.connection.execute(change.where(meant))


def _job_of(tx: Transaction, message_id: int) -> Job | None:
    """Find the job whose card, result or showcase entry a message is."""
    numbers = union(
        select(message.c.job_number).where(message.c.message_id == message_id),
        select(entry.c.job_number).where(entry.c.message_id == message_id),
    )
    row = tx.connection.execute(select(job).where(job.c.number.in_(numbers))).one_or_none()
    return read_job(tx, row) if row else None

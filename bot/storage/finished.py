"""Finished jobs: a member's own, one after the other; posted anew; deleted with all they left."""

from sqlalchemy import delete, func, select, update

from bot.domain.job import (
    Deleter,
    FinishedPage,
    Job,
    MessageKind,
    Place,
    PostedMessage,
    Status,
)
from bot.storage.boards import hide
from bot.storage.community import vote
from bot.storage.database import Transaction
from bot.storage.keeping import unneeded
from bot.storage.rows import place_json, read_job
from bot.storage.tables import job, message, picture

FINISHED = job.c.status.in_((Status.GENERATED, Status.DELIVERED)) & job.c.deleted_by.is_(None)


def finished(tx: Transaction, user_id: int, job_id: str | None) -> FinishedPage | None:
    """Read one finished job of a member (None: the newest), and its neighbours."""
    own = select(job).where(job.c.user_id == user_id, FINISHED).order_by(job.c.number.desc())
    wanted = own if job_id is None else own.where(job.c.id == job_id)
    row = tx.connection.execute(wanted.limit(1)).one_or_none()
    if row is None:
        return None
    ids = select(job.c.id).where(job.c.user_id == user_id, FINISHED)
    newer = ids.where(job.c.number > row.number).order_by(job.c.number)
    older = ids.where(job.c.number < row.number).order_by(job.c.number.desc())
    count = select(func.count()).where(job.c.user_id == user_id, FINISHED)
    return FinishedPage(
        job=read_job(tx, row),
        newer=tx.connection.scalar(newer.limit(1)),
        older=tx.connection.scalar(older.limit(1)),
        total=tx.connection.scalar(count) or 0,
    )


def post_again(tx: Transaction, job_id: str, place: Place) -> Job | None:
    """Have a finished job's pictures posted in a place; None when there are none, or just now."""
    row = tx.connection.execute(
        update(job)
        .where(job.c.id == job_id, FINISHED, job.c.pictures_gone.is_(False))
        .where(job.c.delivery_worker.is_(None))
        .where(job.c.cancel_asked | job.c.delivery_due_at.is_(None))
        .values(
            status=Status.GENERATED,
            cancel_asked=False,
            repost=place_json(place),
            result_channel_id=None,
            delivery_tries=0,
            delivery_due_at=tx.now,
        )
        .returning(job)
    ).one_or_none()
    return read_job(tx, row) if row else None


def remove(tx: Transaction, job_id: str, by: Deleter) -> list[str]:
    """Mark a finished job as deleted, so that Discord hears of it; list the pictures to delete."""
    number = tx.connection.scalar(
        update(job)
        .where(job.c.id == job_id, FINISHED)
        .values(deleted_by=by, pictures_gone=True, delivery_tries=0, delivery_due_at=tx.now)
        .returning(job.c.number)
    )
    if number is None:
        return []
    hide(tx, number)
    held = picture.c.job_number == number
    keys = list(tx.connection.scalars(select(picture.c.key).where(held)))
    tx.connection.execute(delete(picture).where(held))
    return unneeded(tx, keys)


def standing(tx: Transaction, number: int) -> list[PostedMessage]:
    """List the messages that stand for a job; its entries on boards are taken down apart."""
    rows = tx.connection.execute(
        select(message.c.channel_id, message.c.message_id, message.c.kind).where(
            message.c.job_number == number
        )
    )
    return [
        PostedMessage(channel_id=channel, message_id=one, kind=MessageKind(kind))
        for channel, one, kind in rows
    ]


def forget(tx: Transaction, number: int) -> None:
    """Note that all a deleted job left in Discord is dealt with; its card answers to nothing."""
    tx.connection.execute(delete(vote).where(vote.c.job_number == number))
    tx.connection.execute(delete(message).where(message.c.job_number == number))

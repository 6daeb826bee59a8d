"""Which pictures of the image store are still needed, and by which job."""

from collections.abc import Iterable

from sqlalchemy import delete, exists, select, update

from bot.storage.community import entry
from bot.storage.database import Transaction
from bot.storage.tables import job, picture

BATCH = 50


def keep(tx: Transaction, number: int, keys: Iterable[str]) -> None:
    """Note that a job needs some pictures."""
    for key in set(keys):
        tx.connection.execute(
            tx.insert(picture).values(job_number=number, key=key).on_conflict_do_nothing()
        )


def let_go(tx: Transaction, age_seconds: float) -> list[str]:
    """Take the pictures from a few jobs that ended that long ago; return those nobody needs now.

    What is on a showcase is kept.
    """
    on_a_board = entry.c.message_id.is_not(None) | entry.c.wanted
    numbers = tx.connection.scalars(
        select(job.c.number)
        .where(job.c.ended_at < tx.now - age_seconds, job.c.pictures_gone.is_(False))
        .where(job.c.status.in_(("generated", "delivered", "failed", "cancelled")))
        .where(~exists().where(entry.c.job_number == job.c.number, on_a_board))
        .order_by(job.c.ended_at)
        .limit(BATCH)
    ).all()
    held = picture.c.job_number.in_(numbers)
    keys = set(tx.connection.scalars(select(picture.c.key).where(held)))
    tx.connection.execute(delete(picture).where(held))
    tx.connection.execute(update(job).where(job.c.number.in_(numbers)).values(pictures_gone=True))
    return unneeded(tx, keys)


def unneeded(tx: Transaction, keys: Iterable[str]) -> list[str]:
    """Tell which of some keys no job needs."""
    asked = set(keys)
    needed = set(
        tx.connection.scalars(select(picture.c.key).where(picture.c.key.in_(asked)).distinct())
    )
    return sorted(asked - needed)

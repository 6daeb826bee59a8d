"""Deleting jobs with all that hangs on them; what was spent stays, as a sum of nobody."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from bot.storage import budgets
from bot.storage.community import entry, report, vote
from bot.storage.database import Transaction
from bot.storage.keeping import unneeded
from bot.storage.tables import job, ledger, message, picture, result

ENDED = ("generated", "delivered", "cancelled", "failed")


def erase_jobs(tx: Transaction, numbers: Sequence[int]) -> list[str]:
    """Delete some ended jobs; return the pictures that nobody needs any more."""
    rows = tx.connection.execute(select(job).where(job.c.number.in_(numbers))).all()
    budgets.keep_sums(tx, [(row.guild_id, row.created_at, row.cost or 0) for row in rows])
    keys = tx.connection.scalars(
        select(picture.c.key).where(picture.c.job_number.in_(numbers))
    ).all()
    for table in (picture, result, message, entry, vote, report):
        tx.connection.execute(delete(table).where(table.c.job_number.in_(numbers)))
    tx.connection.execute(
        update(ledger)
        .where(ledger.c.job_id.in_([row.id for row in rows]))
        .values(user_id=0, job_id="")
    )
    tx.connection.execute(delete(job).where(job.c.number.in_(numbers)))
    return unneeded(tx, keys)

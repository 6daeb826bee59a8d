"""Servers the bot is in, or was."""

from collections.abc import Sequence

from sqlalchemy import delete, exists, select

from bot.domain.job import UNDER_WAY
from bot.domain.servers import EVERYWHERE
from bot.storage.cancels import WAITS, cancel
from bot.storage.community import audit, block, guild
from bot.storage.database import Transaction
from bot.storage.erasing import ENDED, erase_jobs
from bot.storage.tables import job

BATCH = 50
_A_SERVER = guild.c.guild_id != EVERYWHERE


def known_guilds(tx: Transaction) -> set[int]:
    """List the servers it has not left."""
    here = select(guild.c.guild_id).where(_A_SERVER, guild.c.left_at.is_(None))
    return set(tx.connection.scalars(here))


def guilds_here(tx: Transaction, guild_ids: Sequence[int]) -> None:
    """Note that it is in some servers."""
    if guild_ids:
        tx.connection.execute(
            tx.insert(guild).on_conflict_do_update(
                index_elements=["guild_id"], set_={"left_at": None}
            ),
            [{"guild_id": guild_id} for guild_id in guild_ids],
        )


def under_way(tx: Transaction, guild_id: int) -> list[str]:
    """List the ids of a server's jobs that wait or run."""
    asked = (job.c.guild_id == guild_id) & job.c.status.in_(UNDER_WAY)
    return list(tx.connection.scalars(select(job.c.id).where(asked).order_by(job.c.number)))


def guild_left(tx: Transaction, guild_id: int) -> None:
    """Note when it was removed from a server."""
    tx.connection.execute(
        tx.insert(guild)
        .values(guild_id=guild_id, left_at=tx.now)
        .on_conflict_do_update(
            index_elements=["guild_id"], set_={"left_at": tx.now}, where=guild.c.left_at.is_(None)
        )
    )


def forget_guild(tx: Transaction, seconds: float) -> list[str] | None:
    """Delete a batch of what belongs to a server that was left so long ago; None: nothing is left.

    Returns the pictures nobody needs any more. What was spent stays, as a sum of nobody. A server
    is known until its last job has ended.
    """
    left = select(guild.c.guild_id).where(_A_SERVER, guild.c.left_at < tx.now - seconds)
    busy = exists().where(job.c.guild_id == guild.c.guild_id, job.c.status.not_in(ENDED))
    can_go = exists().where(job.c.guild_id == guild.c.guild_id, job.c.status.in_(ENDED) | WAITS)
    guild_id = tx.connection.scalar(left.where(can_go | ~busy).limit(1))
    if guild_id is None:
        return None
    late = select(job.c.id).where(job.c.guild_id == guild_id, WAITS).limit(1)
    if job_id := tx.connection.scalar(late):  # one at a time: money and lane are locked before jobs
        cancel(tx, job_id, if_waiting=True)
        return []
    numbers = tx.connection.scalars(
        select(job.c.number)
        .where(job.c.guild_id == guild_id, job.c.status.in_(ENDED))
        .order_by(job.c.number)
        .limit(BATCH)
    ).all()
    if numbers:
        return erase_jobs(tx, numbers)
    for table in (audit, block, guild):
        tx.connection.execute(delete(table).where(table.c.guild_id == guild_id))
    return []

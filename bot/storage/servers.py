"""Servers the bot is in, or was."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from bot.storage.community import audit, block, guild
from bot.storage.database import Transaction
from bot.storage.erasing import ENDED, erase_jobs
from bot.storage.tables import job

BATCH = 50


def known_guilds(tx: Transaction) -> set[int]:
    """List the servers it has not left."""
    return set(tx.connection.scalars(select(guild.c.guild_id).where(guild.c.left_at.is_(None))))


def guilds_here(tx: Transaction, guild_ids: Sequence[int]) -> None:
    """Note that it is in some servers."""
    if guild_ids:
        tx.connection.execute(
            tx.insert(guild).on_conflict_do_update(
                index_elements=["guild_id"], set_={"left_at": None}
            ),
            [{"guild_id": guild_id} for guild_id in guild_ids],
        )


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

    Returns the pictures nobody needs any more. What was spent stays, as a sum of nobody.
    """
    guild_id = tx.connection.scalar(
        select(guild.c.guild_id).where(guild.c.left_at < tx.now - seconds).limit(1)
    )
    if guild_id is None:
        return None
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

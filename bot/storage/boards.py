"""Showcase: a server's board, votes for jobs, entries on the board."""

from sqlalchemy import delete, func, select, update

from bot.domain.job import Job
from bot.domain.showcase import Board
from bot.storage.database import Transaction
from bot.storage.tables import entry, guild, vote


def set_board(tx: Transaction, guild_id: int, board: Board | None) -> None:
    """Set a server's board, or none."""
    values = {
        "showcase_channel_id": board.channel_id if board else None,
        "showcase_threshold": board.threshold if board else None,
    }
    tx.connection.execute(
        tx.insert(guild)
        .values(guild_id=guild_id, **values)
        .on_conflict_do_update(index_elements=["guild_id"], set_=values)
    )


def board_of(tx: Transaction, guild_id: int) -> Board | None:
    """Read a server's board."""
    row = tx.connection.execute(
        select(guild.c.showcase_channel_id, guild.c.showcase_threshold).where(
            guild.c.guild_id == guild_id, guild.c.showcase_channel_id.is_not(None)
        )
    ).one_or_none()
    return Board(channel_id=row[0], threshold=row[1]) if row else None


def add_vote(tx: Transaction, voted: Job, user_id: int) -> int:
    """Note a member's vote, once, and count the votes of others than the requester."""
    tx.connection.execute(
        tx.insert(vote).values(job_number=voted.number, user_id=user_id).on_conflict_do_nothing()
    )
    return (
        tx.connection.scalar(
            select(func.count()).where(
                vote.c.job_number == voted.number, vote.c.user_id != voted.requester.id
            )
        )
        or 0
    )


def remove_vote(tx: Transaction, voted: Job, user_id: int) -> None:
    """Take a member's vote back."""
    tx.connection.execute(
        delete(vote).where(vote.c.job_number == voted.number, vote.c.user_id == user_id)
    )


def begin_entry(tx: Transaction, shown: Job, board_id: int) -> bool:
    """Reserve the one entry a job has on a board; False when its message stands already."""
    tx.connection.execute(
        tx.insert(entry)
        .values(job_number=shown.number, board_id=board_id, created_at=tx.now)
        .on_conflict_do_nothing()
    )
    return (
        tx.connection.scalar(
            select(entry.c.message_id).where(
                entry.c.job_number == shown.number, entry.c.board_id == board_id
            )
        )
        is None
    )


def entry_posted(tx: Transaction, shown: Job, board_id: int, message_id: int) -> None:
    """Note the message of an entry."""
    tx.connection.execute(
        update(entry)
        .where(entry.c.job_number == shown.number, entry.c.board_id == board_id)
        .values(message_id=message_id)
    )

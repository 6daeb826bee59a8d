"""Showcase: a server's board, votes for jobs, entries on the board."""

from sqlalchemy import delete, func, select, update

from bot.domain.job import Job
from bot.domain.showcase import Board, Entry
from bot.storage.database import Transaction
from bot.storage.tables import entry, guild, vote


def set_board(tx: Transaction, guild_id: int, board: Board | None) -> None:
    """Set a server's board, or none."""
    values = {
        "showcase_channel_id": board.channel_id if board else None,
        "showcase_threshold": board.threshold if board else None,
        "showcase_age_restricted": bool(board and board.age_restricted),
    }
    tx.connection.execute(
        tx.insert(guild)
        .values(guild_id=guild_id, **values)
        .on_conflict_do_update(index_elements=["guild_id"], set_=values)
    )


def board_of(tx: Transaction, guild_id: int) -> Board | None:
    """Read a server's board."""
    row = tx.connection.execute(
        select(
            guild.c.showcase_channel_id,
            guild.c.showcase_threshold,
            guild.c.showcase_age_restricted,
        ).where(guild.c.guild_id == guild_id, guild.c.showcase_channel_id.is_not(None))
    ).one_or_none()
    return Board(channel_id=row[0], threshold=row[1], age_restricted=row[2]) if row else None


def add_vote(tx: Transaction, voted: Job, user_id: int) -> int:
    """Note a member's vote, once, and count the votes of others than the requester."""
    tx.connection.execute(
        tx.insert(vote).values(job_number=voted.number, user_id=user_id).on_conflict_do_nothing()
    )
    return _count(tx, voted)


def remove_vote(tx: Transaction, voted: Job, user_id: int) -> int:
    """Take a member's vote back, and count what is left."""
    tx.connection.execute(
        delete(vote).where(vote.c.job_number == voted.number, vote.c.user_id == user_id)
    )
    return _count(tx, voted)


def _count(tx: Transaction, voted: Job) -> int:
    others = (vote.c.job_number == voted.number) & (vote.c.user_id != voted.requester.id)
    return tx.connection.scalar(select(func.count()).where(others)) or 0


def entry_of(tx: Transaction, shown: Job, board_id: int) -> Entry | None:
    """Read a job's entry on a board."""
    row = tx.connection.execute(
        select(entry.c.message_id, entry.c.withdrawn).where(
            entry.c.job_number == shown.number, entry.c.board_id == board_id
        )
    ).one_or_none()
    return Entry(message_id=row[0], withdrawn=row[1]) if row else None


def withdraw(tx: Transaction, shown: Job, board_id: int) -> None:
    """Note that a job is not to be shown on a board any more."""
    tx.connection.execute(
        tx.insert(entry)
        .values(job_number=shown.number, board_id=board_id, withdrawn=True, created_at=tx.now)
        .on_conflict_do_update(index_elements=["job_number", "board_id"], set_={"withdrawn": True})
    )


def begin_entry(tx: Transaction, shown: Job, board_id: int) -> int | None:
    """Reserve the one entry a job has on a board; None when its message stands already.

    Returns how often it was taken down before, for the message's nonce.
    """
    tx.connection.execute(
        tx.insert(entry)
        .values(job_number=shown.number, board_id=board_id, created_at=tx.now)
        .on_conflict_do_nothing()
    )
    return tx.connection.scalar(
        select(entry.c.posts).where(
            entry.c.job_number == shown.number,
            entry.c.board_id == board_id,
            entry.c.message_id.is_(None),
        )
    )


def entry_posted(tx: Transaction, shown: Job, board_id: int, message_id: int | None) -> bool:
    """Note the message of an entry, or that it has none any more; False: the job was deleted."""
    noted = tx.connection.execute(
        update(entry)
        .where(entry.c.job_number == shown.number, entry.c.board_id == board_id)
        .values(
            message_id=message_id,
            posts=entry.c.posts if message_id else entry.c.posts + 1,
        )
    )
    return bool(noted.rowcount)

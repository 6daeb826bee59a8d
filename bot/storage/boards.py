"""Boards: which a server has, what stands there, who keeps theirs out."""

import random
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, true, update

from bot.domain.showcase import Best, Board, Credit, PostedEntry, Shown
from bot.storage.community import entry, guild, member
from bot.storage.database import AnyRow, Transaction
from bot.storage.rows import jobs_by_number
from bot.storage.tables import job
from bot.storage.votes import follow_again

BEST = 6
CREDITED = 3

# Built once: building a statement costs more than running it.
_LAST_NAME = (
    select(job.c.user_name)
    .where(job.c.user_id == bindparam("user"), job.c.status.in_(("generated", "delivered")))
    .where(job.c.deleted_by.is_(None))
    .order_by(job.c.number.desc())
    .limit(1)
)


def set_board(tx: Transaction, guild_id: int, board: Board | None) -> None:
    """Set a server's board, or none; what could not be posted to an earlier one goes there.

    It keeps the emoji it was starred with.
    """
    values = {
        "showcase_channel_id": board.channel_id if board else None,
        "showcase_threshold": board.threshold if board else None,
        "showcase_emoji": board.emoji if board else None,
        "showcase_forum": bool(board and board.forum),
        "showcase_age_restricted": bool(board and board.age_restricted),
        "showcase_set_by": board.set_by if board else None,
    }
    tx.connection.execute(
        tx.insert(guild)
        .values(guild_id=guild_id, **values)
        .on_conflict_do_update(index_elements=["guild_id"], set_=values)
    )
    if board:
        _post_what_waits(tx, guild_id, board)


def _post_what_waits(tx: Transaction, guild_id: int, board: Board) -> None:
    there = entry.alias()
    known = select(there.c.id).where(
        there.c.job_number == entry.c.job_number, there.c.board_id == board.channel_id
    )
    waits = entry.c.wanted & entry.c.message_id.is_(None) & entry.c.worker.is_(None)
    fits = true() if board.age_restricted else entry.c.age_restricted.is_(False)
    tx.connection.execute(
        update(entry)
        .where(entry.c.guild_id == guild_id, waits, fits)
        .where(or_(entry.c.board_id == board.channel_id, ~known.exists()))
        .values(
            board_id=board.channel_id,
            forum=board.forum,
            due_at=tx.now,
            tries=0,
            begun=False,
        )
    )


def board_of(tx: Transaction, guild_id: int) -> Board | None:
    """Read a server's board."""
    row = tx.connection.execute(
        select(guild).where(guild.c.guild_id == guild_id, guild.c.showcase_channel_id.is_not(None))
    ).one_or_none()
    if row is None:
        return None
    return Board(
        channel_id=row.showcase_channel_id,
        threshold=row.showcase_threshold,
        emoji=row.showcase_emoji,
        forum=row.showcase_forum,
        age_restricted=row.showcase_age_restricted,
        set_by=row.showcase_set_by,
    )


def _hold(tx: Transaction, which: ColumnElement[bool]) -> None:
    """Let votes for some jobs wait until what is decided here is written."""
    held = select(job.c.number).where(which).order_by(job.c.number)
    tx.connection.execute(held.with_for_update(key_share=True)).all()


def withdraw(tx: Transaction, number: int) -> None:
    """Take a job from every board, for good."""
    _hold(tx, job.c.number == number)
    _hide(tx, entry.c.job_number == number, withdrawn=True)


def hide(tx: Transaction, number: int) -> None:
    """Take a job from every board, as its result was deleted; the caller holds the job."""
    _hide(tx, entry.c.job_number == number)


def _hide(tx: Transaction, which: ColumnElement[bool], **values: object) -> None:
    tx.connection.execute(update(entry).where(which).values(wanted=False, due_at=tx.now, **values))


def message_gone(tx: Transaction, message_id: int) -> bool:
    """Note that a moderator deleted an entry's message; what the bot takes down is not meant."""
    shown = select(entry.c.job_number).where(entry.c.message_id == message_id)
    _hold(tx, job.c.number.in_(shown))
    noted = tx.connection.execute(
        update(entry)
        .where(entry.c.message_id == message_id, entry.c.wanted, entry.c.worker.is_(None))
        .values(
            wanted=False, withdrawn=True, message_id=None, channel_id=None, shown_stars=None,
            begun=False, posts=entry.c.posts + 1,
        )
    )  # fmt: skip
    return bool(noted.rowcount)


def opt(tx: Transaction, user_id: int, *, shown: bool) -> None:
    """Note whether a member's results may be shown, and take down or bring back what is there.

    All their jobs are held: a first star is no entry yet.
    """
    _hold(tx, job.c.user_id == user_id)
    tx.connection.execute(
        tx.insert(member)
        .values(user_id=user_id, showcase=shown)
        .on_conflict_do_update(index_elements=["user_id"], set_={"showcase": shown})
    )
    if not shown:
        _hide(tx, entry.c.user_id == user_id)
        return
    for number in tx.connection.scalars(
        select(entry.c.job_number).where(entry.c.user_id == user_id).distinct()
    ).all():
        follow_again(tx, number)


def is_shown(tx: Transaction, user_id: int) -> bool:
    """Tell whether a member's results may be shown."""
    kept_out = select(member.c.user_id).where(
        member.c.user_id == user_id, member.c.showcase.is_(False)
    )
    return tx.connection.scalar(kept_out) is None


def best(tx: Transaction, guild_id: int, seconds: float | None, *, restricted: bool) -> Best:
    """Read a server's entries with the most stars, and its requesters with the most together.

    `seconds` is how far back (None: ever); `restricted`: what was made in age-restricted places
    may be among them.
    """
    standing = _standing(guild_id, restricted=restricted)
    if seconds is not None:
        standing = standing.where(entry.c.shown_at >= tx.now - seconds)
    first = standing.order_by(entry.c.stars.desc(), entry.c.shown_at.desc()).limit(BEST)
    rows = tx.connection.execute(first).all()
    total = func.sum(entry.c.stars).label("total")
    leading = (
        standing.with_only_columns(entry.c.user_id, total)
        .group_by(entry.c.user_id)
        .order_by(total.desc(), entry.c.user_id)
        .limit(CREDITED)
    )
    return Best(
        entries=_shown(tx, rows),
        credits=tuple(
            Credit(user_name=_last_name(tx, user_id), stars=int(stars))
            for user_id, stars in tx.connection.execute(leading).all()
        ),
    )


def any_entry(tx: Transaction, guild_id: int, *, restricted: bool) -> Shown | None:
    """Read one of a server's entries, whichever."""
    standing = _standing(guild_id, restricted=restricted)
    count = tx.connection.scalar(standing.with_only_columns(func.count())) or 0
    if not count:
        return None
    place = random.randrange(count)  # noqa: S311 - nobody gains by guessing it
    row = tx.connection.execute(standing.offset(place).limit(1)).one_or_none()
    return _shown(tx, [row])[0] if row else None


def _standing(guild_id: int, *, restricted: bool) -> Select[tuple[object, ...]]:
    """Select what is on a server's boards, but what only waits to be taken down."""
    stands = entry.c.message_id.is_not(None) & entry.c.wanted
    found = select(entry).where(entry.c.guild_id == guild_id, stands)
    return found if restricted else found.where(entry.c.age_restricted.is_(False))


def _shown(tx: Transaction, rows: Sequence[AnyRow]) -> tuple[Shown, ...]:
    jobs = jobs_by_number(tx, [row.job_number for row in rows])
    return tuple(
        Shown(
            job=jobs[row.job_number],
            stars=row.stars,
            emoji=row.emoji,
            at=PostedEntry(channel_id=row.channel_id, message_id=row.message_id),
        )
        for row in rows
    )


def _last_name(tx: Transaction, user_id: int) -> str:
    """Read what a requester was called last."""
    return tx.connection.scalar(_LAST_NAME, {"user": user_id}) or ""

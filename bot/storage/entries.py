"""Entries that are to be brought up to date on their boards: a claim of its own, fenced."""

from sqlalchemy import Float, Update, bindparam, func, select, update

from bot.domain.errors import LeaseLost
from bot.domain.showcase import Entry, EntryClaim, PostedEntry
from bot.storage.claims import LEASE_SECONDS
from bot.storage.community import entry, guild
from bot.storage.database import AnyRow, Transaction
from bot.storage.rows import job_by_number

# Built once: building a statement costs more than running it.
_NOW, _LATER = bindparam("now", type_=Float), bindparam("later", type_=Float)
_LEFT = (
    entry.c.worker.is_not(None)
    & (entry.c.worker != bindparam("name"))
    & (entry.c.lease_until < _NOW)
)
_DUE = entry.c.worker.is_(None) & (entry.c.due_at <= _NOW)
_NEXT = (
    select(entry.c.id)
    .where(_LEFT | _DUE)
    .order_by(func.coalesce(entry.c.lease_until, entry.c.due_at))
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(entry)
    .where(entry.c.id == bindparam("claimed"))
    .values(attempt=entry.c.attempt + 1, due_at=None)
    .returning(entry)
)
_FENCED = update(entry).where(
    entry.c.id == bindparam("held"),
    entry.c.worker == bindparam("holder"),
    entry.c.attempt == bindparam("held_attempt"),
)
_LET_GO = _FENCED.values(
    worker=None, lease_until=None, due_at=func.coalesce(entry.c.due_at, _LATER)
)
_BOARD = select(guild.c.showcase_channel_id, guild.c.showcase_set_by).where(
    guild.c.guild_id == bindparam("guild")
)


def claim_entry(tx: Transaction, worker: str) -> EntryClaim | None:
    """Take the entry that is due longest, or that a dead worker left.

    The due time is cleared: whatever happens meanwhile sets it again, and is not missed.
    """
    looked = {"name": worker, "now": tx.now}
    claimed = tx.connection.scalar(_NEXT, looked)
    if claimed is None:
        return None
    held = {"worker": worker, "lease_until": tx.now + LEASE_SECONDS}
    row = tx.connection.execute(_TAKE, {"claimed": claimed} | held).one()
    board = tx.connection.execute(_BOARD, {"guild": row.guild_id}).one_or_none()
    return EntryClaim(
        entry=_entry(row, board),
        job=job_by_number(tx, row.job_number),
        worker=worker,
        attempt=row.attempt,
    )


def _entry(row: AnyRow, board: AnyRow | None) -> Entry:
    return Entry(
        id=row.id,
        board_id=row.board_id,
        forum=row.forum,
        emoji=row.emoji,
        set_by=(board and board.showcase_set_by) or 0,
        wanted=row.wanted,
        stars=row.stars,
        shown_stars=row.shown_stars,
        channel_id=row.channel_id,
        message_id=row.message_id,
        posts=row.posts,
        begun=row.begun,
        tries=row.tries,
        is_current=board is not None and board.showcase_channel_id == row.board_id,
    )


def entry_begun(tx: Transaction, claim: EntryClaim) -> None:
    """Note that a post is about to be sent: it may stand from now on."""
    _write(tx, claim, begun=True)


def entry_posted(tx: Transaction, claim: EntryClaim, at: PostedEntry) -> None:
    """Note where an entry stands, and the stars it shows."""
    _write(
        tx,
        claim,
        channel_id=at.channel_id,
        message_id=at.message_id,
        shown_stars=claim.entry.stars,
        shown_at=tx.now,
        edited_at=tx.now,
    )


def entry_edited(tx: Transaction, claim: EntryClaim) -> None:
    """Note the stars an entry shows."""
    _write(tx, claim, shown_stars=claim.entry.stars, edited_at=tx.now)


def entry_removed(tx: Transaction, claim: EntryClaim, *, for_good: bool) -> None:
    """Note that an entry stands no longer; for good where a moderator deleted its message."""
    gone = {"channel_id": None, "message_id": None, "shown_stars": None, "begun": False}
    _write(tx, claim, _FENCED.values(**gone), posts=claim.entry.posts + 1)
    if for_good:
        _write(tx, claim, wanted=False, withdrawn=True)


def end_entry(tx: Transaction, claim: EntryClaim) -> None:
    """Let an entry go: its board says what it should."""
    _write(tx, claim, _LET_GO, later=None, tries=0)


def retry_entry(tx: Transaction, claim: EntryClaim, again_in: float) -> None:
    """Let an entry go after a passing failure, to be taken again later."""
    _write(tx, claim, _LET_GO, later=tx.now + again_in, tries=claim.entry.tries + 1)


def drop_entry(tx: Transaction, claim: EntryClaim) -> None:
    """Leave an entry to whoever claims it next, a little later."""
    retry_entry(tx, claim, LEASE_SECONDS)


def rest_board(tx: Transaction, board_id: int, seconds: float) -> None:
    """Let every entry of a board that takes nothing wait as long."""
    _move_due(tx, board_id, tx.now + seconds, tries=1)


def wake_board(tx: Transaction, board_id: int) -> None:
    """Have every entry that waits for its board looked at now."""
    _move_due(tx, board_id, tx.now, tries=0)


def _move_due(tx: Transaction, board_id: int, due_at: float, *, tries: int) -> None:
    waiting = (entry.c.board_id == board_id) & entry.c.due_at.is_not(None)
    tx.connection.execute(update(entry).where(waiting).values(due_at=due_at, tries=tries))


def _write(
    tx: Transaction, claim: EntryClaim, statement: Update = _FENCED, **values: object
) -> None:
    """Change an entry behind its claim's fence; LeaseLost when somebody else holds it."""
    fence = {"held": claim.entry.id, "holder": claim.worker, "held_attempt": claim.attempt}
    if not tx.connection.execute(statement, fence | values).rowcount:
        raise LeaseLost(f"entry {claim.entry.id} is held by another worker")

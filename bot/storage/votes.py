"""Votes for jobs, and what follows from them for the entries on boards.

Whether an entry is wanted is decided with each vote, in its transaction: so the board comes out
the same however late it is brought up to date.
"""

from collections.abc import Iterable
from functools import cache

from sqlalchemy import Insert, bindparam, delete, exists, func, insert, select, update

from bot.domain.showcase import Counted, Star, emoji_key
from bot.storage.community import entry, guild, member, vote
from bot.storage.database import AnyRow, Transaction, insert_in
from bot.storage.standings import is_blocked
from bot.storage.tables import job, message

EDIT_SECONDS = 5.0
RECOUNTED = 500

# Built once: building a statement costs more than running it.
_COLUMNS = (
    job.c.number,
    job.c.user_id,
    job.c.guild_id,
    job.c.place,
    job.c.status,
    job.c.deleted_by,
    guild.c.showcase_channel_id,
    guild.c.showcase_threshold,
    guild.c.showcase_emoji,
    guild.c.showcase_forum,
    guild.c.showcase_age_restricted,
)
_ABOUT = select(*_COLUMNS).select_from(job).outerjoin(guild, guild.c.guild_id == job.c.guild_id)
_VOTED = (
    _ABOUT.join(message, message.c.job_number == job.c.number)
    # a star given where a result was posted once more, in another server, is no star here
    .where(message.c.message_id == bindparam("message"), job.c.guild_id == bindparam("server"))
    # votes on two messages of a job are counted one after the other; new messages need not wait
    .with_for_update(of=job, key_share=True)
)
_OF_JOB = _ABOUT.where(job.c.number == bindparam("number"), job.c.guild_id.is_not(None))
_STARS = select(func.count(vote.c.user_id.distinct())).where(
    vote.c.job_number == bindparam("number"), vote.c.user_id != bindparam("requester")
)
_OPTED_OUT = select(member.c.user_id).where(
    member.c.user_id == bindparam("requester"), member.c.showcase.is_(False)
)
_KNOWN = select(entry).where(
    entry.c.job_number == bindparam("number"), entry.c.board_id == bindparam("board")
)
_CHANGED = (
    update(message)
    .where(message.c.message_id == bindparam("voted_on"))
    .values(vote_changes=message.c.vote_changes + 1)
)
_TAKEN_BACK = delete(vote).where(
    vote.c.message_id == bindparam("message"),
    vote.c.user_id == bindparam("voter"),
    vote.c.burst == bindparam("burst"),
)


@cache
def _vote(dialect: str) -> Insert:
    return insert_in(dialect, vote).on_conflict_do_nothing()


@cache
def _entry(dialect: str) -> Insert:
    statement = insert_in(dialect, entry)
    changes = {name: statement.excluded[name] for name in ("stars", "due_at")}
    # a worker may find at this moment that a moderator deleted the message
    wanted = statement.excluded.wanted & ~entry.c.withdrawn
    return statement.on_conflict_do_update(
        index_elements=["job_number", "board_id"], set_=changes | {"wanted": wanted}
    )


def star(tx: Transaction, given: Star, default_emoji: str) -> bool:
    """Note a member's star, once; tell whether an entry is to be brought up to date at once.

    That of a blocked member does not count.
    """
    voted = _voted(tx, given, default_emoji)
    if voted is None or is_blocked(tx, voted.guild_id, given.user_id):
        return False
    tx.connection.execute(
        _vote(tx.dialect),
        {
            "message_id": given.message_id,
            "user_id": given.user_id,
            "burst": given.burst,
            "job_number": voted.number,
        },
    )
    return _changed(tx, given.message_id, voted)


def unstar(tx: Transaction, taken: Star, default_emoji: str) -> bool:
    """Take a member's star back."""
    voted = _voted(tx, taken, default_emoji)
    if voted is None:
        return False
    tx.connection.execute(
        _TAKEN_BACK,
        {"message": taken.message_id, "voter": taken.user_id, "burst": taken.burst},
    )
    return _changed(tx, taken.message_id, voted)


def clear_stars(
    tx: Transaction, guild_id: int, message_id: int, emoji: str | None, default_emoji: str
) -> bool:
    """Take every star from a message, as a moderator did in Discord (None: every reaction)."""
    asked = {"message": message_id, "server": guild_id}
    voted = tx.connection.execute(_VOTED, asked).one_or_none()
    if voted is None or not (emoji is None or _is_star(voted, emoji, default_emoji)):
        return False
    tx.connection.execute(delete(vote).where(vote.c.message_id == message_id))
    return _changed(tx, message_id, voted)


def recount(tx: Transaction, counted: Counted, stars: Iterable[Star]) -> bool | None:
    """Put what Discord says in place of what was noted; None when that changed meanwhile."""
    asked = {"message": counted.message_id, "server": counted.guild_id}
    voted = tx.connection.execute(_VOTED, asked).one_or_none()
    changes = select(message.c.vote_changes).where(message.c.message_id == counted.message_id)
    if voted is None or tx.connection.scalar(changes) != counted.changes:
        return None
    tx.connection.execute(delete(vote).where(vote.c.message_id == counted.message_id))
    rows = [
        {
            "message_id": one.message_id,
            "user_id": one.user_id,
            "burst": one.burst,
            "job_number": voted.number,
        }
        for one in stars
        if not is_blocked(tx, counted.guild_id, one.user_id)
    ]
    if rows:
        tx.connection.execute(insert(vote), rows)
    return _changed(tx, counted.message_id, voted)


def countable(tx: Transaction, guild_ids: Iterable[int]) -> list[Counted]:
    """List the newest messages whose stars count on a board of some servers, and what is known.

    What a board shows under an emoji it had before is left as it is.
    """
    before = exists().where(
        entry.c.job_number == job.c.number, entry.c.wanted, entry.c.emoji != guild.c.showcase_emoji
    )
    stars = select(func.count()).where(vote.c.message_id == message.c.message_id)
    rows = tx.connection.execute(
        select(
            guild.c.guild_id,
            message.c.channel_id,
            message.c.message_id,
            guild.c.showcase_emoji,
            stars.scalar_subquery(),
            message.c.vote_changes,
            job.c.repost,
        )
        .join(job, job.c.number == message.c.job_number)
        .join(guild, guild.c.guild_id == job.c.guild_id)
        .where(guild.c.guild_id.in_(list(guild_ids)), guild.c.showcase_channel_id.is_not(None))
        .where(job.c.status == "delivered", job.c.deleted_by.is_(None), ~before)
        .order_by(job.c.number.desc())
        .limit(RECOUNTED)
    )
    return [
        Counted(
            guild_id=home,
            channel_id=channel,
            message_id=one,
            emoji=emoji,
            stars=count,
            changes=changes,
        )
        for home, channel, one, emoji, count, changes, again in rows
        if again is None or again["guild_id"] == home
    ]


def _voted(tx: Transaction, given: Star, default_emoji: str) -> AnyRow | None:
    """Find and hold the job that a star is for; None where it is for none, or is no star there."""
    asked = {"message": given.message_id, "server": given.guild_id}
    voted = tx.connection.execute(_VOTED, asked).one_or_none()
    return voted if voted and _is_star(voted, given.emoji, default_emoji) else None


def _is_star(voted: AnyRow, emoji: str, default_emoji: str) -> bool:
    return emoji_key(emoji) == emoji_key(voted.showcase_emoji or default_emoji)


def _changed(tx: Transaction, message_id: int, voted: AnyRow) -> bool:
    tx.connection.execute(_CHANGED, {"voted_on": message_id})
    return _follow(tx, voted)


def follow_again(tx: Transaction, number: int) -> bool:
    """Decide anew about a job whose votes are as before, but not what may be shown.

    The caller holds the job, as whoever counts its votes does.
    """
    voted = tx.connection.execute(_OF_JOB, {"number": number}).one_or_none()
    return bool(voted and _follow(tx, voted))


def _follow(tx: Transaction, voted: AnyRow) -> bool:
    """Decide whether a job is wanted on its server's board; tell whether that is news for now.

    What was shown stays as long as half of what brings it there, rounded up, is left.
    """
    board_id = voted.showcase_channel_id
    hidden = voted.place["private"] or voted.deleted_by
    restricted = voted.place["age_restricted"]
    if board_id is None or hidden or (restricted and not voted.showcase_age_restricted):
        return False
    about = {"number": voted.number, "requester": voted.user_id, "board": board_id}
    stars = tx.connection.scalar(_STARS, about) or 0
    known = tx.connection.execute(_KNOWN, about).one_or_none()
    keeps_from = -(-voted.showcase_threshold // 2)
    enough = keeps_from if known and known.wanted else voted.showcase_threshold
    shy = (known and known.withdrawn) or tx.connection.scalar(_OPTED_OUT, about) is not None
    wanted = stars >= enough and not shy
    if known is None and not wanted:
        return False
    due_at = _due_at(tx.now, known, stars, wanted=wanted)
    tx.connection.execute(
        _entry(tx.dialect),
        {
            "job_number": voted.number,
            "board_id": board_id,
            "guild_id": voted.guild_id,
            "user_id": voted.user_id,
            "forum": voted.showcase_forum,
            "emoji": voted.showcase_emoji,
            "age_restricted": restricted,
            "wanted": wanted,
            "stars": stars,
            "due_at": due_at,
        },
    )
    return due_at is not None and due_at <= tx.now


def _due_at(now: float, known: AnyRow | None, stars: int, *, wanted: bool) -> float | None:
    """Tell when the board is to be looked at: at once, or when the last edit is long enough ago."""
    if known is None:
        return now
    if known.tries and known.due_at:  # the board takes nothing at present
        return float(known.due_at)
    is_shown = known.message_id is not None
    if is_shown != wanted or known.worker is not None:
        return now
    if is_shown and stars != known.shown_stars:
        return max(now, float(known.edited_at) + EDIT_SECONDS)
    return None

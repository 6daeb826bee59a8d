"""What is kept of a member: counted, and read for an export."""

import json
from typing import Any

from sqlalchemy import String, cast, func, select, update

from bot.domain.job import Job
from bot.domain.members import EXPORTS_A_DAY, ExportLimit, ExportRunning, Kept, Left
from bot.domain.refusals import Window
from bot.storage.boards import is_shown
from bot.storage.claims import LEASE_SECONDS
from bot.storage.community import audit, block, entry, erasing, member, vote
from bot.storage.database import Transaction
from bot.storage.erasing import ENDED
from bot.storage.notes import read_note, set_note
from bot.storage.rows import read_job
from bot.storage.tables import job, picture, worker

LONGEST_EXPORT = 900.0  # seconds: then Discord takes no answer to it any more


def welcome(tx: Transaction, user_id: int) -> bool:
    """Tell whether a member is here for the first time, once."""
    tx.connection.execute(tx.insert(member).values(user_id=user_id).on_conflict_do_nothing())
    noted = tx.connection.execute(
        update(member)
        .where(member.c.user_id == user_id, member.c.welcomed_at.is_(None))
        .values(welcomed_at=tx.now)
    )
    return bool(noted.rowcount)


def is_welcomed(tx: Transaction, user_id: int) -> bool:
    """Tell whether a member was here before."""
    at = select(member.c.welcomed_at).where(member.c.user_id == user_id)
    return tx.connection.scalar(at) is not None


def kept(tx: Transaction, user_id: int) -> Kept:
    """Count what is kept of a member."""
    own = job.c.user_id == user_id
    jobs = select(func.count()).where(own)
    pictures = select(func.count(picture.c.key.distinct())).join_from(picture, job).where(own)
    votes = select(func.count()).where(vote.c.user_id == user_id)
    entries = select(func.count()).where(
        entry.c.user_id == user_id, entry.c.message_id.is_not(None)
    )
    asked = select(erasing.c.user_id).where(erasing.c.user_id == user_id)
    return Kept(
        jobs=tx.connection.scalar(jobs) or 0,
        pictures=tx.connection.scalar(pictures) or 0,
        votes=tx.connection.scalar(votes) or 0,
        entries=tx.connection.scalar(entries) or 0,
        shown=is_shown(tx, user_id),
        erasing=tx.connection.scalar(asked) is not None,
    )


def left_of(tx: Transaction, user_id: int) -> Left:
    """Count what is left to do of a member's erasure, and the workers that will."""
    asked = select(erasing.c.asked_at).where(erasing.c.user_id == user_id).scalar_subquery()
    meant = select(func.count()).where(job.c.user_id == user_id, job.c.created_at <= asked)
    living = select(func.count()).where(worker.c.seen_at > tx.now - LEASE_SECONDS)
    return Left(
        standing=tx.connection.scalar(meant.where(job.c.status.in_(ENDED))) or 0,
        under_way=tx.connection.scalar(meant.where(job.c.status.not_in(ENDED))) or 0,
        workers=tx.connection.scalar(living) or 0,
    )


def jobs_of(tx: Transaction, user_id: int, before: int | None, most: int) -> list[Job]:
    """Read some of a member's jobs, newest first, below a number."""
    found = select(job).where(job.c.user_id == user_id).order_by(job.c.number.desc()).limit(most)
    if before is not None:
        found = found.where(job.c.number < before)
    return [read_job(tx, row) for row in tx.connection.execute(found).all()]


def noted_of(tx: Transaction, user_id: int) -> dict[str, Any]:
    """Read what is kept of a member beside their jobs, as JSON takes it."""
    about = cast(audit.c.what, String).contains(str(user_id))
    reads = {
        "showcase_entries": select(
            job.c.id.label("job"), entry.c.guild_id, entry.c.board_id, entry.c.channel_id,
            entry.c.message_id, entry.c.stars, entry.c.shown_at, entry.c.withdrawn,
        ).join_from(entry, job).where(entry.c.user_id == user_id),
        "votes": select(vote.c.message_id, job.c.id.label("job"))
        .join_from(vote, job)
        .where(vote.c.user_id == user_id),
        "blocks": select(block.c.guild_id, block.c.until, block.c.reason).where(
            block.c.user_id == user_id
        ),
        "noted_by_moderators": select(audit.c.guild_id, audit.c.at, audit.c.what).where(about),
        "done_as_moderator": select(audit.c.guild_id, audit.c.at, audit.c.what).where(
            audit.c.user_id == user_id
        ),
        "member": select(member.c.showcase, member.c.welcomed_at).where(
            member.c.user_id == user_id
        ),
    }  # fmt: skip
    return {
        name: [dict(row) for row in tx.connection.execute(read).mappings()]
        for name, read in reads.items()
    }


def begin_export(tx: Transaction, user_id: int) -> None:
    """Note that an export begins; raises ExportRunning, ExportLimit."""
    begun = _exports(tx, user_id)
    if begun["running"] and begun["running"] > tx.now - LONGEST_EXPORT:
        raise ExportRunning
    recent = [at for at in begun["at"] if at > tx.now - Window.DAY.seconds]
    if len(recent) >= EXPORTS_A_DAY:
        raise ExportLimit(allowed=EXPORTS_A_DAY, next_at=recent[0] + Window.DAY.seconds)
    _note_exports(tx, user_id, {"running": tx.now, "at": [*recent, tx.now]})


def end_export(tx: Transaction, user_id: int) -> None:
    """Note that an export has ended."""
    _note_exports(tx, user_id, _exports(tx, user_id) | {"running": None})


def _exports(tx: Transaction, user_id: int) -> dict[str, Any]:
    noted = read_note(tx, _key(user_id))
    return dict(json.loads(noted)) if noted else {"running": None, "at": []}


def _note_exports(tx: Transaction, user_id: int, exports: dict[str, Any]) -> None:
    set_note(tx, _key(user_id), json.dumps(exports))


def _key(user_id: int) -> str:
    return f"export:{user_id}"  # ends in the id, by which an erasure finds it

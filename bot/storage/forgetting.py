"""Erasing a member, step by step: Discord first, then the rows; others' requests lose the pictures.

The messages of a few jobs at a time are taken down, so that nobody's results wait behind them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    and_,
    cast,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from bot.domain.job import ERASED_KEY, Deleter, MessageKind, Status, StoredPicture
from bot.domain.members import Erased, Erasure
from bot.storage.boards import hide
from bot.storage.community import audit, block, entry, erasing, guild, heard, member, report, vote
from bot.storage.database import AnyRow, Transaction
from bot.storage.erasing import ENDED, erase_jobs
from bot.storage.keeping import unneeded
from bot.storage.remembered import remember
from bot.storage.rows import request_json, request_of
from bot.storage.tables import job, lane, message, note, picture
from bot.storage.votes import follow_again

BATCH = 50
IN_DISCORD = 8  # jobs of a member that are being taken out of Discord at the same time
SCANNED = 500
PATIENCE_SECONDS = 86_400.0

_POSTED = exists().where(message.c.job_number == job.c.number)
_SHOWN = exists().where(
    entry.c.job_number == job.c.number,
    entry.c.message_id.is_not(None) | entry.c.worker.is_not(None),
)
_MARKED = job.c.deleted_by == literal_column("'erasure'")  # spelled out: by its index
_UNMARKED = job.c.deleted_by.is_distinct_from(Deleter.ERASURE)
_ON_DISCORD = _POSTED | _SHOWN | (job.c.card_id.is_not(None) & _UNMARKED)


def ask(tx: Transaction, user_id: int) -> Erasure:
    """Note that a member is to be erased, and erase what hangs on no job of theirs."""
    values = {"asked_at": tx.now, "scanned": 0}
    tx.connection.execute(
        tx.insert(erasing)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["user_id"], set_=values)
    )
    _take_votes_back(tx, user_id)
    tx.connection.execute(delete(member).where(member.c.user_id == user_id))
    tx.connection.execute(delete(note).where(note.c.key.endswith(f":{user_id}")))
    tx.connection.execute(delete(heard).where(heard.c.key.endswith(f":{user_id}")))
    tx.connection.execute(delete(block).where(block.c.user_id == user_id, block.c.until < tx.now))
    tx.connection.execute(
        update(guild).where(guild.c.showcase_set_by == user_id).values(showcase_set_by=0)
    )
    _leave_audit(tx, user_id)
    tx.connection.execute(delete(report).where(report.c.user_id == user_id))
    return Erasure(user_id=user_id, asked_at=tx.now)


def _take_votes_back(tx: Transaction, user_id: int) -> None:
    own = vote.c.user_id == user_id
    voted = select(vote.c.job_number).where(own)
    numbers = tx.connection.scalars(  # votes of one job are counted one after the other
        select(job.c.number).where(job.c.number.in_(voted)).order_by(job.c.number).with_for_update()
    ).all()
    tx.connection.execute(
        update(message)
        .where(message.c.message_id.in_(select(vote.c.message_id).where(own)))
        .values(vote_changes=message.c.vote_changes + 1)
    )
    tx.connection.execute(delete(vote).where(own))
    for number in numbers:
        follow_again(tx, number)


def _leave_audit(tx: Transaction, user_id: int) -> None:
    """Take the member out of what moderators did to them; what they did themselves stays noted."""
    about = cast(audit.c.what, String).contains(str(user_id))
    for row in tx.connection.execute(select(audit.c.id, audit.c.what).where(about)).all():
        nobody = {key: 0 if value == user_id else value for key, value in row.what.items()}
        tx.connection.execute(update(audit).where(audit.c.id == row.id).values(what=nobody))


def erasures(tx: Transaction) -> list[Erasure]:
    """List the members who are to be erased."""
    rows = tx.connection.execute(select(erasing.c.user_id, erasing.c.asked_at))
    return [Erasure(user_id=user_id, asked_at=at) for user_id, at in rows]


def erase_some(tx: Transaction, user_id: int) -> Erased | None:
    """Erase a little of a member; None when another process is at it, or nothing is asked."""
    asked = tx.connection.execute(
        select(erasing).where(erasing.c.user_id == user_id).with_for_update(skip_locked=True)
    ).one_or_none()
    if asked is None:
        return None
    gone, keys = _erase_rows(tx, asked)
    marked = _mark(tx, asked)
    scanned, scrubbed = _scrub(tx, asked)
    left = tx.connection.scalar(select(job.c.number).where(_meant(asked)).limit(1))
    return Erased(
        keys=[*keys, *scrubbed],
        more=bool(gone or marked or scanned),
        done=left is None and scanned == 0 and _is_scanned(tx, user_id),
    )


def _meant(asked: AnyRow) -> ColumnElement[bool]:
    return and_(job.c.user_id == asked.user_id, job.c.created_at <= asked.asked_at)


def _erase_rows(tx: Transaction, asked: AnyRow) -> tuple[int, list[str]]:
    """Erase jobs that Discord has lost, or did not let go of within a day."""
    impatient = asked.asked_at < tx.now - PATIENCE_SECONDS
    ready = _MARKED & job.c.delivery_worker.is_(None)
    rows = tx.connection.execute(
        select(job)
        .where(_meant(asked), job.c.status.in_(ENDED))
        .where(ready if impatient else ready & ~_ON_DISCORD)
        .order_by(job.c.number)
        .limit(BATCH)
    ).all()
    remember(tx, asked.user_id, rows)
    return len(rows), erase_jobs(tx, [row.number for row in rows])


def _mark(tx: Transaction, asked: AnyRow) -> int:
    """Mark jobs that have ended as deleted: some to be taken out of Discord, the rest at once.

    Returns how many may be erased without waiting for Discord.
    """
    ended = _meant(asked) & job.c.status.in_(ENDED) & _UNMARKED & job.c.delivery_worker.is_(None)
    newest = select(job.c.number, _ON_DISCORD).where(ended).order_by(job.c.number.desc())
    rows = tx.connection.execute(newest.limit(BATCH)).all()
    silent = [number for number, stands in rows if not stands]
    _delete(tx, silent, due_at=None)
    busy = _meant(asked) & _MARKED & _ON_DISCORD & (job.c.delivery_tries == 0)
    room = IN_DISCORD - (tx.connection.scalar(select(func.count()).where(busy)) or 0)
    spoken = [number for number, stands in rows if stands][: max(0, room)]
    _delete(tx, spoken, due_at=tx.now)  # jobs are locked before entries, here as everywhere
    for number in spoken:
        _find_card(tx, number)
        hide(tx, number)
    return len(silent)


def _delete(tx: Transaction, numbers: Sequence[int], *, due_at: float | None) -> None:
    tx.connection.execute(
        update(job)
        .where(job.c.number.in_(numbers), job.c.delivery_worker.is_(None))
        .values(
            deleted_by=Deleter.ERASURE, pictures_gone=True, delivery_tries=0, delivery_due_at=due_at
        )
    )


def _find_card(tx: Transaction, number: int) -> None:
    """Note once more the card of a job that was deleted before: it still tells name and words."""
    row = tx.connection.execute(
        select(job.c.card_id, job.c.place, job.c.post).where(job.c.number == number)
    ).one()
    if row.card_id:
        tx.connection.execute(
            tx.insert(message)
            .values(
                message_id=row.card_id,
                job_number=number,
                channel_id=row.place["channel_id"],
                kind=MessageKind.CARD,
                post=row.post,
            )
            .on_conflict_do_nothing()
        )


def _scrub(tx: Transaction, asked: AnyRow) -> tuple[int, list[str]]:
    """Take the member's pictures out of some jobs of others; return how many were looked at.

    One that is being made is waited for: then its inputs are needed no more.
    """
    after = job.c.number > asked.scanned
    looked = tx.connection.scalars(
        select(job.c.number).where(after).order_by(job.c.number).limit(SCANNED)
    ).all()
    if not looked:
        return 0, []
    until, keys = looked[-1], set[str]()
    holding = cast(job.c.request, String).contains(f'"{asked.user_id}/', autoescape=True)
    for row in tx.connection.execute(
        select(job)
        .where(after, job.c.number <= until, job.c.user_id != asked.user_id, holding)
        .order_by(job.c.number)
    ).all():
        taken = _take_pictures(tx, row, f"{asked.user_id}/")
        if taken is None:
            until = row.number - 1
            break
        keys |= taken
    tx.connection.execute(
        update(erasing).where(erasing.c.user_id == asked.user_id).values(scanned=until)
    )
    return sum(number <= until for number in looked), unneeded(tx, keys)


def _take_pictures(tx: Transaction, row: AnyRow, owned: str) -> set[str] | None:
    """Put nothing in place of a member's pictures in a job; None where it is being made."""
    request = request_of(row)
    keys = {image.key for image in request.images if image.key.startswith(owned)}
    if not keys:
        return keys
    images = tuple(_erased(one) if one.key in keys else one for one in request.images)
    values: dict[str, Any] = {"request": request_json(replace(request, images=images))}
    if row.status in ENDED:
        values["sent_urls"] = []
    waits = (job.c.status == Status.QUEUED) & job.c.worker.is_(None)
    changed = tx.connection.execute(
        update(job)
        .where(job.c.number == row.number, or_(job.c.status.in_(ENDED), waits))
        .values(**values)
    )
    if not changed.rowcount:
        return None
    held = (picture.c.job_number == row.number) & picture.c.key.in_(keys)
    tx.connection.execute(delete(picture).where(held))
    return keys


def _erased(one: StoredPicture) -> StoredPicture:
    return replace(one, key=ERASED_KEY, name="erased")


def _is_scanned(tx: Transaction, user_id: int) -> bool:
    later = select(job.c.number).where(
        job.c.number
        > select(erasing.c.scanned).where(erasing.c.user_id == user_id).scalar_subquery()
    )
    return tx.connection.scalar(later.limit(1)) is None


def end(tx: Transaction, erasure: Erasure) -> None:
    """Forget that a member was erased, and their lane unless they use it again."""
    user_id = erasure.user_id
    idle = (lane.c.queued == 0) & (lane.c.running == 0)
    tx.connection.execute(delete(lane).where(lane.c.user_id == user_id, idle))
    tx.connection.execute(
        delete(erasing).where(erasing.c.user_id == user_id, erasing.c.asked_at == erasure.asked_at)
    )

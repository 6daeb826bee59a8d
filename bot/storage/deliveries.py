"""What Discord must still hear of a job: a claim of its own, and a log of what it has taken."""

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Select,
    Update,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)

from bot.domain.errors import LeaseLost
from bot.domain.job import Claim, Stage, Status
from bot.storage.claims import DROPPED_SECONDS, LEASE_SECONDS
from bot.storage.community import entry
from bot.storage.database import Transaction
from bot.storage.rows import read_job
from bot.storage.tables import job, message


def _first(condition: ColumnElement[bool], order: ColumnElement[float]) -> Select[int]:
    return (
        select(job.c.number)
        .where(condition)
        .order_by(order)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


# Built once: building a statement costs more than running it.
_THERE = bindparam("there", type_=BigInteger)
_NOW, _LATER = bindparam("now", type_=Float), bindparam("later", type_=Float)
_HELD = _first(
    job.c.delivery_worker.is_not(None)
    & (job.c.delivery_worker != bindparam("name"))
    & (job.c.delivery_lease_until < _NOW),
    job.c.delivery_lease_until,
)
_DUE = _first(
    job.c.delivery_worker.is_(None) & (job.c.delivery_due_at <= _NOW), job.c.delivery_due_at
)
_TAKE = (
    update(job)
    .where(job.c.number == bindparam("claimed"))
    .values(delivery_attempt=job.c.delivery_attempt + 1, delivery_due_at=None)
    .returning(job)
)
_FENCED = update(job).where(
    job.c.number == bindparam("held"),
    job.c.delivery_worker == bindparam("holder"),
    job.c.delivery_attempt == bindparam("held_attempt"),
)
_LET_GO = _FENCED.values(delivery_due_at=func.coalesce(job.c.delivery_due_at, _LATER))
_EDIT_CARD = _FENCED.values(card_edits=job.c.card_edits + 1)
_BEGIN_POST = _FENCED.values(
    post=case(
        (
            job.c.result_channel_id.is_not_distinct_from(_THERE),
            job.c.post,
        ),
        else_=job.c.post + 1,
    )
)


def claim_delivery(tx: Transaction, worker: str) -> Claim | None:
    """Take what a dead worker held, else the job whose news is due longest.

    The due time is cleared: whatever happens meanwhile sets it again, and is not missed.
    """
    looked = {"name": worker, "now": tx.now}
    number = tx.connection.scalar(_HELD, looked) or tx.connection.scalar(_DUE, looked)
    if number is None:
        return None
    held = {"delivery_worker": worker, "delivery_lease_until": tx.now + LEASE_SECONDS}
    row = tx.connection.execute(_TAKE, {"claimed": number} | held).one()
    return Claim(job=read_job(tx, row), worker=worker, attempt=row.delivery_attempt)


def end_delivery(tx: Transaction, claim: Claim, again_in: float | None) -> None:
    """Let a job go, to be looked at again in some seconds; at once if something happened."""
    _let_go(tx, claim, None if again_in is None else tx.now + again_in, tries=0)


def retry_delivery(tx: Transaction, claim: Claim, again_in: float) -> None:
    """Let a job go after a passing failure, to be taken again later."""
    _let_go(tx, claim, tx.now + again_in, tries=claim.job.delivery.tries + 1)


def _let_go(tx: Transaction, claim: Claim, later: float | None, *, tries: int) -> None:
    free = {"delivery_worker": None, "delivery_lease_until": None, "delivery_tries": tries}
    _write(tx, claim, _LET_GO, later=later, **free)


def drop_delivery(tx: Transaction, claim: Claim) -> None:
    """Leave the news to whoever claims them next, a little later."""
    retry_delivery(tx, claim, DROPPED_SECONDS)


def card_posted(tx: Transaction, claim: Claim, message_id: int | None, stage: Stage) -> None:
    """Note the card, or its new stage; None where there is no card to see."""
    _write(tx, claim, _EDIT_CARD, card_id=message_id, stage=stage)
    if message_id:
        _note(tx, claim, message_id, claim.job.place.channel_id, "card")


def card_removed(tx: Transaction, claim: Claim) -> None:
    """Note that the card is gone."""
    _write(tx, claim, card_id=None, stage=Stage.DONE)
    tx.connection.execute(
        delete(message).where(message.c.job_number == claim.job.number, message.c.kind == "card")
    )


def post_begun(tx: Transaction, claim: Claim, channel_id: int) -> int:
    """Note where the result goes; the same place again is the same post."""
    _write(tx, claim, _BEGIN_POST, there=channel_id, result_channel_id=channel_id)
    post = tx.connection.scalar(select(job.c.post).where(job.c.number == claim.job.number))
    return int(post or 0)


def result_posted(tx: Transaction, claim: Claim, channel_id: int, message_id: int) -> None:
    """Note one message of the result."""
    _write(tx, claim, result_channel_id=channel_id)
    _note(tx, claim, message_id, channel_id, "result")


def delivered(tx: Transaction, claim: Claim) -> None:
    """Note that the whole result stands; what was starred before may be shown from now on."""
    _write(tx, claim, status=Status.DELIVERED)
    waiting = (entry.c.job_number == claim.job.number) & entry.c.wanted
    tx.connection.execute(
        update(entry).where(waiting, entry.c.message_id.is_(None)).values(due_at=tx.now)
    )


def _note(tx: Transaction, claim: Claim, message_id: int, channel_id: int, kind: str) -> None:
    post = select(job.c.post).where(job.c.number == claim.job.number).scalar_subquery()
    tx.connection.execute(
        tx.insert(message)
        .values(
            message_id=message_id,
            job_number=claim.job.number,
            channel_id=channel_id,
            kind=kind,
            post=post,
        )
        .on_conflict_do_update(index_elements=["message_id"], set_={"post": post})
    )


def _write(tx: Transaction, claim: Claim, statement: Update = _FENCED, **values: object) -> None:
    """Change a job behind its claim's fence; LeaseLost when somebody else holds it."""
    fence = {"held": claim.job.number, "holder": claim.worker, "held_attempt": claim.attempt}
    if not tx.connection.execute(statement, fence | values).rowcount:
        raise LeaseLost(f"news of job {claim.job.id} are held by another worker")

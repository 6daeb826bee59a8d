"""What Discord must still hear of a job: a claim of its own, and a log of what it has taken."""

from sqlalchemy import ColumnElement, Update, case, delete, func, select, update

from bot.domain.errors import LeaseLost
from bot.domain.job import Claim, Stage, Status
from bot.storage.claims import DROPPED_SECONDS, LEASE_SECONDS
from bot.storage.database import Transaction
from bot.storage.rows import job_by_number
from bot.storage.tables import job, message


def claim_delivery(tx: Transaction, worker: str) -> Claim | None:
    """Take what a dead worker held, else the job whose news is due longest.

    The due time is cleared: whatever happens meanwhile sets it again, and is not missed.
    """
    expired = job.c.delivery_lease_until < tx.now
    held = job.c.delivery_worker.is_not(None) & (job.c.delivery_worker != worker) & expired
    due = job.c.delivery_worker.is_(None) & (job.c.delivery_due_at <= tx.now)
    number = _first(tx, held, job.c.delivery_lease_until) or _first(tx, due, job.c.delivery_due_at)
    if number is None:
        return None
    attempt = tx.connection.scalar(
        update(job)
        .where(job.c.number == number)
        .values(
            delivery_worker=worker,
            delivery_attempt=job.c.delivery_attempt + 1,
            delivery_lease_until=tx.now + LEASE_SECONDS,
            delivery_due_at=None,
        )
        .returning(job.c.delivery_attempt)
    )
    return Claim(job=job_by_number(tx, number), worker=worker, attempt=int(attempt or 0))


def _first(
    tx: Transaction, condition: ColumnElement[bool], order: ColumnElement[float]
) -> int | None:
    return tx.connection.scalar(
        select(job.c.number)
        .where(condition)
        .order_by(order)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def end_delivery(tx: Transaction, claim: Claim, again_in: float | None) -> None:
    """Let a job go, to be looked at again in some seconds; at once if something happened."""
    _let_go(tx, claim, None if again_in is None else tx.now + again_in, tries=0)


def retry_delivery(tx: Transaction, claim: Claim, again_in: float) -> None:
    """Let a job go after a passing failure, to be taken again later."""
    _let_go(tx, claim, tx.now + again_in, tries=claim.job.delivery.tries + 1)


def _let_go(tx: Transaction, claim: Claim, later: float | None, *, tries: int) -> None:
    _write(
        tx,
        claim,
        delivery_due_at=func.coalesce(job.c.delivery_due_at, later),
        delivery_tries=tries,
        delivery_worker=None,
        delivery_lease_until=None,
    )


def drop_delivery(tx: Transaction, claim: Claim) -> None:
    """Leave the news to whoever claims them next, a little later."""
    retry_delivery(tx, claim, DROPPED_SECONDS)


def card_posted(tx: Transaction, claim: Claim, message_id: int | None, stage: Stage) -> None:
    """Note the card, or its new stage; None where there is no card to see."""
    _write(tx, claim, card_id=message_id, stage=stage)
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
    _write(
        tx,
        claim,
        post=case(
            (job.c.result_channel_id.is_not_distinct_from(channel_id), job.c.post),
            else_=job.c.post + 1,
        ),
        result_channel_id=channel_id,
    )
    post = tx.connection.scalar(select(job.c.post).where(job.c.number == claim.job.number))
    return int(post or 0)


def result_posted(tx: Transaction, claim: Claim, channel_id: int, message_id: int) -> None:
    """Note one message of the result."""
    _write(tx, claim, result_channel_id=channel_id)
    _note(tx, claim, message_id, channel_id, "result")


def delivered(tx: Transaction, claim: Claim) -> None:
    """Note that the whole result stands."""
    _write(tx, claim, status=Status.DELIVERED)


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
        .on_conflict_do_nothing()
    )


def _write(tx: Transaction, claim: Claim, **values: object) -> None:
    if not tx.connection.execute(_fenced(claim).values(**values)).rowcount:
        raise LeaseLost(f"news of job {claim.job.id} are held by another worker")


def _fenced(claim: Claim) -> Update:
    return update(job).where(
        job.c.number == claim.job.number,
        job.c.delivery_worker == claim.worker,
        job.c.delivery_attempt == claim.attempt,
    )

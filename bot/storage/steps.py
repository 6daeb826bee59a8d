"""What becomes of a job, step by step, each behind its claim's fence; and of the money.

Locks are taken in the order gate, budget, lane, job.
"""

import random

from sqlalchemy import select, update

from bot.domain.errors import Failure
from bot.domain.job import Claim, Job, Status, StoredPicture
from bot.storage import budgets
from bot.storage.claims import LEASE_SECONDS, move_lane, write
from bot.storage.database import Transaction
from bot.storage.keeping import keep
from bot.storage.rows import picture_json
from bot.storage.standings import standing
from bot.storage.tables import gate, job, result


def mark_submitting(tx: Transaction, claim: Claim, sent_urls: list[str]) -> bool:
    """Note that a paid call is about to be sent, and with which inputs; False: called off."""
    asked = select(job.c.cancel_asked).where(job.c.number == claim.job.number)
    if tx.connection.scalar(asked.with_for_update()):
        return False
    write(tx, claim, status=Status.SUBMITTING, submitted_at=tx.now, sent_urls=sent_urls)
    return True


def mark_submitted(tx: Transaction, claim: Claim, provider_id: str) -> None:
    """Note the provider's id."""
    write(tx, claim, status=Status.SUBMITTED, provider_id=provider_id)


def add_result(tx: Transaction, claim: Claim, position: int, picture: StoredPicture) -> None:
    """Note one downloaded picture; a picture noted twice stays one."""
    write(tx, claim, lease_until=tx.now + LEASE_SECONDS)
    tx.connection.execute(
        tx.insert(result)
        .values(job_number=claim.job.number, position=position, picture=picture_json(picture))
        .on_conflict_do_nothing()
    )
    keep(tx, claim.job.number, [picture.key])


def mark_generated(tx: Transaction, claim: Claim, cost: int | None, made: int) -> None:
    """Settle the price and count what was made; the reserve is booked where no cost is known."""
    paid = claim.job.reserved if cost is None else cost
    _leave(tx, claim.job, settled=paid)
    budgets.book(tx, claim.job, "settle", paid, reported=cost is not None)
    _end(tx, claim, status=Status.GENERATED, cost=paid, counted=made)


def mark_failed(tx: Transaction, claim: Claim, failure: Failure, cost: int) -> None:
    """Give the allowance back, and the money but for what the provider charged all the same."""
    _leave(tx, claim.job, settled=cost)
    if cost:
        budgets.book(tx, claim.job, "settle", cost)
    else:
        budgets.book(tx, claim.job, "release", claim.job.reserved)
    _end(tx, claim, status=Status.FAILED, failure=failure, counted=0, cost=cost or None)


def mark_cancelled(tx: Transaction, claim: Claim) -> None:
    """End a claimed job that was called off before it was sent; its money goes back."""
    _leave(tx, claim.job, settled=0)
    budgets.book(tx, claim.job, "release", claim.job.reserved)
    _end(tx, claim, status=Status.CANCELLED, counted=0)


def mark_unknown(tx: Transaction, claim: Claim) -> None:
    """Keep the money reserved, let lane and gate go on."""
    _leave(tx, claim.job, settled=None)
    budgets.book(tx, claim.job, "unknown", claim.job.reserved)
    _end(tx, claim, status=Status.UNKNOWN, check_due_at=tx.now)


def put_back(tx: Transaction, claim: Claim, reason: str, after: float | None) -> int:
    """Return a job, surely not accepted, to the head of its line; close the gate for a time.

    Where it is paused by now, the job is held like the others that wait there.
    `after` is in seconds; None: longer with every failure in a row. Returns these failures.
    """
    failures = tx.connection.execute(select(gate.c.failures).with_for_update()).scalar_one()
    place, requester = claim.job.place, claim.job.requester
    paused = standing(tx, place.guild_id, requester.id).paused is not None  # a pause holds the gate
    wait = _backoff(failures) if after is None else after
    tx.connection.execute(
        update(gate).values(
            running=gate.c.running - 1,
            closed_until=tx.now + wait,
            reason=reason,
            failures=failures + 1,
        )
    )
    turns = claim.job.request.max_images / claim.job.weight
    move_lane(tx, requester.id, waiting=0 if paused else 1, running=-1, turns=-turns)
    back = {"worker": None, "lease_until": None, "submitted_at": None, "started_at": None}
    held = {"held_at": tx.now if paused else None, "delivery_due_at": tx.now}
    write(tx, claim, status=Status.QUEUED, sent_urls=[], **held, **back)
    _tell_waiting(tx)
    return int(failures) + 1


def open_gate(tx: Transaction) -> str | None:
    """Let jobs start again, if they could not; return why."""
    reason = tx.connection.scalar(select(gate.c.reason).with_for_update())
    if reason:
        tx.connection.execute(update(gate).values(closed_until=0.0, reason=None, failures=0))
        _tell_waiting(tx)
    return reason


def _tell_waiting(tx: Transaction) -> None:
    """Have the cards of all who wait say how things stand."""
    tx.connection.execute(
        update(job)
        .where(job.c.status == Status.QUEUED, job.c.worker.is_(None), job.c.stage.is_not(None))
        .values(delivery_due_at=tx.now)
    )


def _backoff(failures: int) -> float:
    """Wait 5 s to 5 min, doubling, a fifth of it by chance so that workers do not march in step."""
    return float(min(300.0, 5.0 * 2**failures) * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def _leave(tx: Transaction, ended: Job, settled: int | None) -> None:
    """Free gate and lane; `settled` is what the reserve becomes, None: it stays."""
    tx.connection.execute(update(gate).values(running=gate.c.running - 1))
    if settled is not None:
        budgets.settle(tx, ended, settled)
    move_lane(tx, ended.requester.id, waiting=0, running=-1, turns=0)


def _end(tx: Transaction, claim: Claim, **values: object) -> None:
    free = {"worker": None, "lease_until": None, "ended_at": tx.now, "delivery_due_at": tx.now}
    write(tx, claim, **values, **free)

"""Jobs that may have been paid: looked up at the provider, found again or given up."""

from sqlalchemy import bindparam, select, update

from bot.domain.errors import Failure
from bot.domain.job import Claim, Status
from bot.storage import budgets
from bot.storage.claims import NOBODY, move_lane, take, write
from bot.storage.database import Transaction
from bot.storage.tables import gate, job

_DUE = (
    select(job.c.number)
    .where(job.c.check_due_at <= bindparam("now"))
    .where(
        job.c.worker.is_(None)
        | ((job.c.worker != bindparam("name")) & (job.c.lease_until < bindparam("now")))
    )
    .order_by(job.c.check_due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def claim_unknown(tx: Transaction, worker: str) -> Claim | None:
    """Take the job whose check is due longest."""
    number = tx.connection.scalar(_DUE, {"name": worker, "now": tx.now})
    return None if number is None else take(tx, worker, number)


def check_again(tx: Transaction, claim: Claim, after: float) -> None:
    """Let a job go until its next check, in some seconds."""
    write(tx, claim, check_due_at=tx.now + after, worker=None, lease_until=None)


def mark_found(tx: Transaction, claim: Claim, provider_id: str) -> bool:
    """Let a job that the provider has go on where it stood, in its slot of gate and lane.

    False when another job is that one: the same words sent twice differ in nothing but time.
    """
    other = select(job.c.number).where(
        job.c.provider_id == provider_id, job.c.number != claim.job.number
    )
    if tx.connection.scalar(other):
        return False
    tx.connection.execute(update(gate).values(running=gate.c.running + 1))
    move_lane(tx, claim.job.requester.id, waiting=0, running=1, turns=0)
    write(
        tx,
        claim,
        status=Status.SUBMITTED,
        provider_id=provider_id,
        worker=NOBODY,
        lease_until=0.0,
        check_due_at=None,
        ended_at=None,
        delivery_due_at=tx.now,
    )
    return True


def mark_lost(tx: Transaction, claim: Claim) -> None:
    """End a job that was looked for long enough; the allowance is given back.

    So is the money, but for what the provider took under an id of its own: that is booked at the
    reserve and flagged, since it may be charged yet.
    """
    lost = claim.job
    taken = lost.provider_id is not None
    budgets.settle(tx, lost, lost.reserved if taken else 0)
    budgets.book(tx, lost, "settle" if taken else "release", lost.reserved, reported=not taken)
    write(
        tx,
        claim,
        status=Status.FAILED,
        failure=Failure.TOO_SLOW if taken else Failure.NO_TRACE,
        cost=lost.reserved if taken else None,
        counted=0,
        worker=None,
        lease_until=None,
        check_due_at=None,
        delivery_due_at=tx.now,
    )

"""Who works on what: claims, leases and the steps of a job, each behind a fence.

Fair turns are virtual time: the ready lane that has been served least goes next, and a job moves
its lane forward by its pictures. Locks are taken in the order gate, budget, lane, job.
"""

import random
from dataclasses import dataclass

from sqlalchemy import Update, select, update

from bot.domain.errors import Failure, LeaseLost
from bot.domain.job import Claim, Job, Status, StoredPicture
from bot.domain.limits import GateLimits
from bot.storage import budgets
from bot.storage.database import AnyRow, Transaction
from bot.storage.rows import job_by_number, picture_json
from bot.storage.tables import gate, job, lane, result

NOBODY = ""  # holds a job that is to be adopted
LEASE_SECONDS = 30.0
DROPPED_SECONDS = 10.0
PROBE_SECONDS = 60.0
ROUNDING = 1e-3  # what is lost of a fraction beside an epoch


@dataclass(frozen=True, slots=True)
class Rate:
    """A provider's requests per minute as a cell rate: never more than that in any minute."""

    interval: float
    burst: int

    @classmethod
    def of(cls, limits: GateLimits) -> "Rate":
        """Spread a minute's requests, letting up to a quarter of them go at once."""
        per_minute = limits.requests_per_minute
        burst = max(1, min(limits.max_running, per_minute // 4))
        return cls(interval=60 / (per_minute - burst + 1), burst=burst)


def claim(tx: Transaction, worker: str, limits: GateLimits) -> Claim | None:
    """Take over a dead worker's job, else start the next one; None when none may start."""
    return _adopt(tx, worker) or _start(tx, worker, limits)


def _adopt(tx: Transaction, worker: str) -> Claim | None:
    number = tx.connection.scalar(
        select(job.c.number)
        # its own claims it still carries itself, however late a renewal came
        .where(job.c.worker.is_not(None), job.c.worker != worker, job.c.lease_until < tx.now)
        .where(job.c.status != Status.UNKNOWN)
        .order_by(job.c.lease_until)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return None if number is None else take(tx, worker, number, {})


def _start(tx: Transaction, worker: str, limits: GateLimits) -> Claim | None:
    row = tx.connection.execute(select(gate).with_for_update()).one()
    rate = Rate.of(limits)
    tat = max(row.tat, tx.now) + rate.interval
    full = row.running >= limits.max_running
    if full or row.closed_until > tx.now or tat - tx.now > rate.burst * rate.interval + ROUNDING:
        return None
    ready = _next_lane(tx)
    if ready is None:
        return None
    head = _head(tx, ready.user_id)
    if head is None:
        return None
    probing = {"closed_until": tx.now + PROBE_SECONDS} if row.reason else {}
    tx.connection.execute(
        update(gate).values(
            running=row.running + 1, tat=tat, vnow=max(row.vnow, ready.vtime), **probing
        )
    )
    move_lane(tx, ready.user_id, waiting=-1, running=1, turns=head.images / head.weight)
    started = {"started_at": tx.now} if head.started_at is None else {}
    return take(tx, worker, head.number, started | {"delivery_due_at": tx.now})


def _next_lane(tx: Transaction) -> AnyRow | None:
    return tx.connection.execute(
        select(lane.c.user_id, lane.c.vtime)
        .where(lane.c.queued > 0, lane.c.running < lane.c.cap)
        .order_by(lane.c.vtime, lane.c.user_id)
        .limit(1)
        .with_for_update()
    ).one_or_none()


def _head(tx: Transaction, user_id: int) -> AnyRow | None:
    return tx.connection.execute(
        select(job.c.number, job.c.images, job.c.weight, job.c.started_at)
        .where(job.c.user_id == user_id, job.c.status == "queued", job.c.worker.is_(None))
        .order_by(job.c.number)
        .limit(1)
        .with_for_update()
    ).one_or_none()


def take(tx: Transaction, worker: str, number: int, values: dict[str, float]) -> Claim:
    """Give a job to a worker, under a new attempt."""
    attempt = tx.connection.scalar(
        update(job)
        .where(job.c.number == number)
        .values(
            worker=worker,
            attempt=job.c.attempt + 1,
            lease_until=tx.now + LEASE_SECONDS,
            **values,
        )
        .returning(job.c.attempt)
    )
    return Claim(job=job_by_number(tx, number), worker=worker, attempt=int(attempt or 0))


def mark_submitting(tx: Transaction, claim: Claim, sent_urls: list[str]) -> None:
    """Note that a paid call is about to be sent, and with which inputs."""
    write(tx, claim, status=Status.SUBMITTING, submitted_at=tx.now, sent_urls=sent_urls)


def mark_submitted(tx: Transaction, claim: Claim, provider_id: str) -> str | None:
    """Note the provider's id; the provider answers, so the gate is open again.

    Returns why it had been closed.
    """
    reason = _open_gate(tx)
    write(tx, claim, status=Status.SUBMITTED, provider_id=provider_id)
    return reason


def add_result(tx: Transaction, claim: Claim, position: int, picture: StoredPicture) -> None:
    """Note one downloaded picture; a picture noted twice stays one."""
    write(tx, claim, lease_until=tx.now + LEASE_SECONDS)
    tx.connection.execute(
        tx.insert(result)
        .values(job_number=claim.job.number, position=position, picture=picture_json(picture))
        .on_conflict_do_nothing()
    )


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
    _end(tx, claim, status=Status.FAILED, failure=failure, counted=0)


def mark_unknown(tx: Transaction, claim: Claim) -> None:
    """Keep the money reserved, let lane and gate go on."""
    _leave(tx, claim.job, settled=None)
    budgets.book(tx, claim.job, "unknown", claim.job.reserved)
    _end(tx, claim, status=Status.UNKNOWN, check_due_at=tx.now)


def put_back(tx: Transaction, claim: Claim, reason: str, after: float | None) -> int:
    """Return a job, surely not accepted, to the head of its line; close the gate for a time.

    `after` is in seconds; None: longer with every failure in a row. Returns these failures.
    """
    failures = tx.connection.execute(select(gate.c.failures).with_for_update()).scalar_one()
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
    move_lane(tx, claim.job.requester.id, waiting=1, running=-1, turns=-turns)
    back = {"worker": None, "lease_until": None, "submitted_at": None, "started_at": None}
    write(tx, claim, status=Status.QUEUED, sent_urls=[], delivery_due_at=tx.now, **back)
    _tell_waiting(tx)
    return int(failures) + 1


def _open_gate(tx: Transaction) -> str | None:
    """Let jobs start again, if they could not."""
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


def renew(tx: Transaction, worker: str) -> None:
    """Keep every claim of a worker alive."""
    tx.connection.execute(
        update(job).where(job.c.worker == worker).values(lease_until=tx.now + LEASE_SECONDS)
    )
    tx.connection.execute(
        update(job)
        .where(job.c.delivery_worker == worker)
        .values(delivery_lease_until=tx.now + LEASE_SECONDS)
    )


def drop(tx: Transaction, claim: Claim) -> None:
    """Leave a job, where it stands, to whoever adopts it."""
    write(tx, claim, worker=NOBODY, lease_until=tx.now + DROPPED_SECONDS)


def expire_claims(tx: Transaction, worker: str | None = None) -> int:
    """Make claims free to be adopted: a worker's own, or all where this process is the only one."""
    made, told = job.c.worker, job.c.delivery_worker
    making = made.is_not(None) if worker is None else made == worker
    telling = told.is_not(None) if worker is None else told == worker
    tx.connection.execute(
        update(job).where(telling).values(delivery_worker=NOBODY, delivery_lease_until=0.0)
    )
    return tx.connection.execute(
        update(job).where(making).values(worker=NOBODY, lease_until=0.0)
    ).rowcount


def _leave(tx: Transaction, ended: Job, settled: int | None) -> None:
    """Free gate and lane; `settled` is what the reserve becomes, None: it stays."""
    tx.connection.execute(update(gate).values(running=gate.c.running - 1))
    if settled is not None:
        budgets.settle(tx, ended, settled)
    move_lane(tx, ended.requester.id, waiting=0, running=-1, turns=0)


def move_lane(tx: Transaction, user_id: int, *, waiting: int, running: int, turns: float) -> None:
    """Count a member's jobs from one state to another, and their turns."""
    tx.connection.execute(
        update(lane)
        .where(lane.c.user_id == user_id)
        .values(
            queued=lane.c.queued + waiting,
            running=lane.c.running + running,
            vtime=lane.c.vtime + turns,
        )
    )


def _end(tx: Transaction, claim: Claim, **values: object) -> None:
    free = {"worker": None, "lease_until": None, "ended_at": tx.now, "delivery_due_at": tx.now}
    write(tx, claim, **values, **free)


def write(tx: Transaction, claim: Claim, **values: object) -> None:
    """Change a job behind its claim's fence; LeaseLost when somebody else holds it."""
    if not tx.connection.execute(_fenced(claim).values(**values)).rowcount:
        raise LeaseLost(f"job {claim.job.id} is held by another worker")


def _fenced(claim: Claim) -> Update:
    return update(job).where(
        job.c.number == claim.job.number,
        job.c.worker == claim.worker,
        job.c.attempt == claim.attempt,
    )

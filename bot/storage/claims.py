"""Who works on what: claims, leases, and the fence around what a claim's holder writes.

Fair turns are virtual time: the ready lane that has been served least goes next, and a job moves
its lane forward by its pictures. Locks are taken in the order gate, budget, lane, job.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from bot.domain.errors import LeaseLost
from bot.domain.job import Claim, Status
from bot.domain.limits import GateLimits
from bot.storage.community import entry
from bot.storage.database import Transaction
from bot.storage.rows import read_job
from bot.storage.tables import gate, job, lane, worker

NOBODY = ""  # holds a job that is to be adopted
LEASE_SECONDS = 30.0
DROPPED_SECONDS = 10.0
PROBE_SECONDS = 60.0
ROUNDING = 1e-3  # what is lost of a fraction beside an epoch

# Built once: building a statement costs more than running it.
_EXPIRED = (
    select(job.c.number, job.c.taken_over)
    # its own claims a worker still carries itself, however late a renewal came
    .where(job.c.worker.is_not(None), job.c.worker != bindparam("name"))
    .where(job.c.lease_until < bindparam("now"))
    .where(job.c.status != Status.UNKNOWN)
    .order_by(job.c.lease_until, job.c.number)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_GATE = select(gate).with_for_update()
_STEP_GATE = update(gate)
_NEXT_LANE = (
    select(lane.c.user_id, lane.c.vtime)
    .where(lane.c.queued > 0, lane.c.running < lane.c.cap)
    .order_by(lane.c.vtime, lane.c.user_id)
    .limit(1)
    .with_for_update()
)
_IN_LINE = (job.c.status == "queued", job.c.worker.is_(None), job.c.held_at.is_(None))
_HEAD = (
    select(job.c.number, job.c.images, job.c.weight, job.c.started_at)
    .where(job.c.user_id == bindparam("user_id"))
    .where(*_IN_LINE)
    .order_by(job.c.number)
    .limit(1)
    .with_for_update()
)
_TAKE = (
    update(job)
    .where(job.c.number == bindparam("claimed"))
    .values(attempt=job.c.attempt + 1)
    .returning(job)
)
_MOVE_LANE = (
    update(lane)
    .where(lane.c.user_id == bindparam("member"))
    .values(
        queued=lane.c.queued + bindparam("waiting"),
        running=lane.c.running + bindparam("begun"),
        vtime=lane.c.vtime + bindparam("turns"),
    )
)
_RECOUNT_LANE = (
    update(lane)
    .where(lane.c.user_id == bindparam("member"))
    .values(
        queued=select(func.count())
        .where(job.c.user_id == lane.c.user_id, *_IN_LINE)
        .correlate(lane)
        .scalar_subquery()
    )
)
_FENCED = update(job).where(
    job.c.number == bindparam("held"),
    job.c.worker == bindparam("holder"),
    job.c.attempt == bindparam("held_attempt"),
)


def later(dialect: str) -> Callable[..., Any]:
    """Name the function that picks the greater of two values in a row."""
    return func.max if dialect == "sqlite" else func.greatest


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


def claim(tx: Transaction, name: str, limits: GateLimits) -> Claim | None:
    """Take over a dead worker's job, else start the next one; None when none may start."""
    return _adopt(tx, name) or _start(tx, name, limits)


def _adopt(tx: Transaction, name: str) -> Claim | None:
    row = tx.connection.execute(_EXPIRED, {"name": name, "now": tx.now}).one_or_none()
    return None if row is None else take(tx, name, row.number, taken_over=row.taken_over + 1)


def _start(tx: Transaction, name: str, limits: GateLimits) -> Claim | None:
    row = tx.connection.execute(_GATE).one()
    rate = Rate.of(limits)
    tat = max(row.tat, tx.now) + rate.interval
    full = row.running >= limits.max_running
    if full or row.closed_until > tx.now or tat - tx.now > rate.burst * rate.interval + ROUNDING:
        return None
    ready = tx.connection.execute(_NEXT_LANE).one_or_none()
    if ready is None:
        return None
    head = tx.connection.execute(_HEAD, {"user_id": ready.user_id}).one_or_none()
    if head is None:  # it claims jobs it has not: the others are not to wait for them
        tx.connection.execute(_RECOUNT_LANE, {"member": ready.user_id})
        return _start(tx, name, limits)
    step = {"running": row.running + 1, "tat": tat, "vnow": max(row.vnow, ready.vtime)}
    probing = {"closed_until": tx.now + PROBE_SECONDS} if row.reason else {}
    tx.connection.execute(_STEP_GATE, step | probing)
    move_lane(tx, ready.user_id, waiting=-1, running=1, turns=head.images / head.weight)
    started = {"started_at": tx.now} if head.started_at is None else {}
    return take(tx, name, head.number, **started, delivery_due_at=tx.now)


def take(tx: Transaction, name: str, number: int, **values: object) -> Claim:
    """Give a job to a worker, under a new attempt."""
    held = {"worker": name, "lease_until": tx.now + LEASE_SECONDS}
    row = tx.connection.execute(_TAKE, {"claimed": number} | held | values).one()
    return Claim(job=read_job(tx, row), worker=name, attempt=row.attempt)


def renew(
    tx: Transaction,
    name: str,
    held: Sequence[int],
    telling: Sequence[int],
    showing: Sequence[int],
) -> int:
    """Keep the claims alive that a worker carries, and count the workers that do the same.

    What is claimed in its name but not carried, as after an answer that was lost, is let go of
    once it has run out: nobody else would be there to take it where there is one worker.
    """
    seen = tx.insert(worker).values(name=name, seen_at=tx.now)
    tx.connection.execute(
        seen.on_conflict_do_update(index_elements=["name"], set_={"seen_at": tx.now})
    )
    until = tx.now + LEASE_SECONDS
    mine, carried = job.c.worker == name, job.c.number.in_(held)
    tx.connection.execute(update(job).where(mine, carried).values(lease_until=until))
    lost = mine & ~carried & (job.c.lease_until < tx.now)
    tx.connection.execute(update(job).where(lost).values(worker=NOBODY))
    mine, carried = job.c.delivery_worker == name, job.c.number.in_(telling)
    tx.connection.execute(update(job).where(mine, carried).values(delivery_lease_until=until))
    lost = mine & ~carried & (job.c.delivery_lease_until < tx.now)
    tx.connection.execute(update(job).where(lost).values(delivery_worker=NOBODY))
    mine, carried = entry.c.worker == name, entry.c.id.in_(showing)
    tx.connection.execute(update(entry).where(mine, carried).values(lease_until=until))
    lost = mine & ~carried & (entry.c.lease_until < tx.now)
    tx.connection.execute(update(entry).where(lost).values(worker=NOBODY))
    tx.connection.execute(delete(worker).where(worker.c.seen_at < tx.now - LEASE_SECONDS))
    return tx.connection.execute(select(func.count()).select_from(worker)).scalar_one()


def drop(tx: Transaction, claim: Claim) -> None:
    """Leave a job, where it stands, to whoever adopts it."""
    write(tx, claim, worker=NOBODY, lease_until=tx.now + DROPPED_SECONDS)


def expire_claims(tx: Transaction, name: str | None = None) -> int:
    """Make claims free to be adopted: a worker's own, or all where this process is the only one."""
    made, told, shown = job.c.worker, job.c.delivery_worker, entry.c.worker
    making = made.is_not(None) if name is None else made == name
    telling = told.is_not(None) if name is None else told == name
    showing = shown.is_not(None) if name is None else shown == name
    gone = delete(worker) if name is None else delete(worker).where(worker.c.name == name)
    tx.connection.execute(gone)
    tx.connection.execute(
        update(job).where(telling).values(delivery_worker=NOBODY, delivery_lease_until=0.0)
    )
    tx.connection.execute(update(entry).where(showing).values(worker=NOBODY, lease_until=0.0))
    return tx.connection.execute(
        update(job).where(making).values(worker=NOBODY, lease_until=0.0)
    ).rowcount


def move_lane(tx: Transaction, user_id: int, *, waiting: int, running: int, turns: float) -> None:
    """Count a member's jobs from one state to another, and their turns."""
    moved = {"member": user_id, "waiting": waiting, "begun": running, "turns": turns}
    tx.connection.execute(_MOVE_LANE, moved)


def write(tx: Transaction, claim: Claim, **values: object) -> None:
    """Change a job behind its claim's fence; LeaseLost when somebody else holds it."""
    fence = {"held": claim.job.number, "holder": claim.worker, "held_attempt": claim.attempt}
    if not tx.connection.execute(_FENCED, fence | values).rowcount:
        raise LeaseLost(f"job {claim.job.id} is held by another worker")

"""What the model of the scheduler knows of a job, what it does to one, and what it looks at."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.domain.errors import Failure
from bot.domain.job import Claim, Job, NewJob, Status
from bot.storage import cancels, reconcile, steps, unknowns
from bot.storage.database import Transaction
from bot.storage.tables import budget, gate, job, lane, ledger, metadata
from tests.makers import PRICE, picture

UNDER_WAY = (Status.QUEUED, Status.SUBMITTING, Status.SUBMITTED)
HOLDING = (*UNDER_WAY, Status.UNKNOWN)


@dataclass
class Known:
    """What the model knows of a job."""

    new: NewJob
    written: Job
    status: Status = Status.QUEUED
    worker: str | None = None
    attempt: int = 0
    lease: float = 0.0
    check: float = 0.0
    asked: bool = False
    counted: int = 0
    cost: int = 0

    @property
    def member(self) -> int:
        return self.new.requester.id

    @property
    def images(self) -> int:
        return self.new.request.max_images

    @property
    def waits(self) -> bool:
        return self.status is Status.QUEUED and self.worker is None

    @property
    def runs(self) -> bool:
        return self.status in UNDER_WAY and self.worker is not None

    @property
    def reserved(self) -> int:
        return PRICE * self.images if self.status in HOLDING else 0

    def hold(self, worker: str | None, lease: float = 0.0) -> None:
        self.worker, self.lease = worker, lease

    def end(self, status: Status, *, counted: int = 0, cost: int = 0) -> None:
        self.status, self.counted, self.cost = status, counted, cost
        self.hold(None)


def send(tx: Transaction, claim: Claim) -> None:
    if not steps.mark_submitting(tx, claim, []):
        cancels.mark_cancelled(tx, claim)


def accept(tx: Transaction, claim: Claim) -> None:
    steps.mark_submitted(tx, claim, "p")


def finish_at(cost: int | None) -> Callable[[Transaction, Claim], None]:
    def finish(tx: Transaction, claim: Claim) -> None:
        steps.add_result(tx, claim, 1, picture())
        steps.mark_generated(tx, claim, cost, 1)

    return finish


def fail_at(cost: int) -> Callable[[Transaction, Claim], None]:
    return lambda tx, claim: steps.mark_failed(tx, claim, Failure.PROVIDER_ERROR, cost)


def put_back(tx: Transaction, claim: Claim) -> None:
    steps.put_back(tx, claim, "outage", 10.0)


def look_later(tx: Transaction, claim: Claim) -> None:
    unknowns.check_again(tx, claim, 45.0)


def find(tx: Transaction, claim: Claim) -> None:
    unknowns.mark_found(tx, claim, "p")


def clear(tx: Transaction) -> None:
    for table in reversed(metadata.sorted_tables):
        if table is not gate:
            tx.connection.execute(table.delete())
    shut = {"running": 0, "tat": 0.0, "vnow": 0.0, "closed_until": 0.0, "reason": None}
    tx.connection.execute(gate.update().values(failures=0, **shut))


def look_twice(tx: Transaction) -> tuple[dict[str, Any], dict[str, Any]]:
    before = _look(tx)
    reconcile.reconcile(tx)
    return before, _look(tx)


def _look(tx: Transaction) -> dict[str, Any]:
    def rows(*columns: Any) -> list[Any]:
        return [tuple(row) for row in tx.connection.execute(select(*columns)).all()]

    of_jobs = rows(
        job.c.id, job.c.status, job.c.worker, job.c.attempt, job.c.cancel_asked, job.c.counted
    )
    totals = tx.connection.execute(
        select(ledger.c.event, func.sum(ledger.c.amount))
        .where(ledger.c.event != "unknown")
        .group_by(ledger.c.event)
    )
    return {
        "jobs": {key: tuple(rest) for key, *rest in of_jobs},
        "lanes": {
            key: tuple(rest)
            for key, *rest in rows(lane.c.user_id, lane.c.queued, lane.c.running, lane.c.vtime)
        },
        "gate": rows(gate.c.running, gate.c.vnow, gate.c.closed_until, gate.c.reason)[0],
        "budgets": set(rows(budget.c.reserved, budget.c.spent)),
        "booked": +Counter({event: int(amount) for event, amount in totals}),
    }

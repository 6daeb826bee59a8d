"""What the state machine writes to the database, and what it looks at there."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select

from bot.domain.errors import Failure
from bot.domain.job import Claim
from bot.storage import claims, reconcile, steps, unknowns
from bot.storage.database import Transaction
from bot.storage.schema import metadata
from bot.storage.tables import budget, gate, job, lane, ledger
from tests.makers import PRICE, picture

COST = PRICE // 2
SHUT_SECONDS = 10.0
LATER_SECONDS = 45.0


def clear(tx: Transaction) -> None:
    for table in reversed(metadata.sorted_tables):
        if table is not gate:
            tx.connection.execute(table.delete())
    zeros = {"running": 0, "tat": 0.0, "vnow": 0.0, "closed_until": 0.0, "failures": 0}
    tx.connection.execute(gate.update().values(reason=None, **zeros))


def send(tx: Transaction, claim: Claim) -> None:
    if not steps.mark_submitting(tx, claim, []):
        steps.mark_cancelled(tx, claim)


def accept(tx: Transaction, claim: Claim) -> None:
    steps.mark_submitted(tx, claim, claim.job.id)
    steps.open_gate(tx)


def finish(tx: Transaction, claim: Claim, cost: int | None = COST) -> None:
    steps.add_result(tx, claim, 1, picture())
    steps.mark_generated(tx, claim, cost, 1)


def finish_untold(tx: Transaction, claim: Claim) -> None:
    finish(tx, claim, None)


def fail(tx: Transaction, claim: Claim, cost: int = 0) -> None:
    steps.mark_failed(tx, claim, Failure.PROVIDER_ERROR, cost)


def fail_charged(tx: Transaction, claim: Claim) -> None:
    fail(tx, claim, PRICE)


def put_back(tx: Transaction, claim: Claim) -> None:
    steps.put_back(tx, claim, "outage", SHUT_SECONDS)


def look_later(tx: Transaction, claim: Claim) -> None:
    unknowns.check_again(tx, claim, LATER_SECONDS)


def find(tx: Transaction, claim: Claim) -> None:
    unknowns.mark_found(tx, claim, claim.job.id)


EVERY = (
    send, accept, finish, fail, fail_charged, put_back, look_later, find,
    claims.drop, steps.mark_unknown, unknowns.mark_lost,
)  # fmt: skip


def look_twice(tx: Transaction) -> tuple[dict[str, Any], dict[str, Any]]:
    """Look, count everything again, and look once more."""
    before = _look(tx)
    reconcile.reconcile(tx)
    return before, _look(tx)


def _look(tx: Transaction) -> dict[str, Any]:
    def rows(*columns: Any) -> list[Any]:
        return [tuple(row) for row in tx.connection.execute(select(*columns)).all()]

    of_job = (job.c.id, job.c.status, job.c.worker, job.c.attempt, job.c.cancel_asked)
    of_lane = (lane.c.user_id, lane.c.queued, lane.c.running, lane.c.vtime)
    booked = tx.connection.execute(
        select(ledger.c.event, func.sum(ledger.c.amount))
        .where(ledger.c.event != "unknown")
        .group_by(ledger.c.event)
    )
    return {
        "jobs": {key: tuple(rest) for key, *rest in rows(*of_job, job.c.counted)},
        "lanes": {key: tuple(rest) for key, *rest in rows(*of_lane)},
        "gate": rows(gate.c.running, gate.c.vnow, gate.c.closed_until, gate.c.reason)[0],
        "budgets": set(rows(budget.c.reserved, budget.c.spent)),
        "booked": +Counter({event: int(amount) for event, amount in booked}),
    }

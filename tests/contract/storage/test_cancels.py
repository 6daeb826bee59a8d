"""Calling a job off gives back what is not spent yet, and owns up to what is."""

from bot.domain.job import Status
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import OPEN_GATE, PRICE, batch, rules
from tests.storage_views import budget_rows, gate_row, job_rows, lane_rows, ledger_rows


def store(database: Database) -> Store:
    return Store(database, rules=rules(), gate=OPEN_GATE, worker="w")


async def test_a_waiting_job_goes_at_once_with_money_and_allowance(database: Database) -> None:
    queue = store(database)
    job = await queue.submit(batch(2))
    cancelled = await queue.cancel(job.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED
    assert {(row.reserved, row.spent) for row in await budget_rows(database)} == {(0, 0)}
    assert [(row.queued, row.running) for row in await lane_rows(database)] == [(0, 0)]
    assert [row.counted for row in await job_rows(database)] == [0]
    assert [row.event for row in await ledger_rows(database)] == ["reserve", "release"]
    assert await queue.claim() is None


async def test_a_job_called_off_before_it_is_sent_is_not_sent(database: Database) -> None:
    queue = store(database)
    job = await queue.submit(batch(1))
    claim = await queue.claim()
    assert claim is not None
    asked = await queue.cancel(job.id)
    assert asked is not None
    assert asked.cancel_asked
    assert await queue.mark_submitting(claim, []) is False
    await queue.mark_cancelled(claim)
    assert {row.reserved for row in await budget_rows(database)} == {0}
    assert (await gate_row(database)).running == 0


async def test_a_sent_job_is_finished_and_paid(database: Database) -> None:
    queue = store(database)
    job = await queue.submit(batch(1))
    claim = await queue.claim()
    assert claim is not None
    assert await queue.mark_submitting(claim, [])
    assert (await queue.cancel(job.id)) is not None
    await queue.mark_submitted(claim, claim.job.id)
    await queue.mark_generated(claim, PRICE, 1)
    assert {row.spent for row in await budget_rows(database)} == {PRICE}


async def test_an_ended_job_cannot_be_cancelled(database: Database) -> None:
    queue = store(database)
    job = await queue.submit(batch(1))
    await queue.cancel(job.id)
    assert await queue.cancel(job.id) is None
    assert await queue.cancel("nobody") is None


async def test_counters_that_drifted_are_counted_again(database: Database) -> None:
    from sqlalchemy import update  # noqa: PLC0415 - breaks what nothing else may break

    from bot.storage.tables import budget, gate, lane  # noqa: PLC0415

    queue = store(database)
    for _ in range(3):
        await queue.submit(batch(1))
    await queue.claim()
    before = (await lane_rows(database), await budget_rows(database), await gate_row(database))

    def spoil(tx: object) -> None:
        connection = tx.connection  # type: ignore[attr-defined]  # a Transaction
        connection.execute(update(lane).values(queued=9, running=9))
        connection.execute(update(gate).values(running=9))
        connection.execute(update(budget).values(reserved=9, spent=9))

    await database.run(spoil)
    await queue.reconcile()
    after = (await lane_rows(database), await budget_rows(database), await gate_row(database))
    assert after == before

"""While a server is paused nothing of it is started, whatever happens at the same moment."""

import pytest
from sqlalchemy import update

from bot.domain.job import Requester, Status
from bot.storage import moderation, reconcile
from bot.storage.database import Database
from bot.storage.store import Store
from bot.storage.tables import lane
from tests.contract.storage.races import meanwhile, on_postgresql
from tests.makers import ANA, BOB, OPEN_GATE, new_job, place, rules
from tests.storage_views import budget_rows, gate_row, lane_rows

MODERATOR = 9


def store(database: Database) -> Store:
    return Store(database, rules=rules(), gate=OPEN_GATE, worker="w")


async def check_counters(queue: Store, database: Database) -> None:
    """Counting again changes nothing."""
    before = (await lane_rows(database), await gate_row(database))
    await queue.reconcile()
    assert (await lane_rows(database), await gate_row(database)) == before


@on_postgresql
@pytest.mark.parametrize("reason", ["raid", None])
async def test_a_job_cancelled_at_the_moment_of_a_pause_or_its_end_leaves_the_line_in_order(
    database: Database, reason: str | None
) -> None:
    queue = store(database)
    job = await queue.submit(new_job(ANA))
    if reason is None:
        await queue.pause(1, MODERATOR, "raid")
    with meanwhile(database, "UPDATE budget", moderation.pause, 1, MODERATOR, reason):
        cancelled = await queue.cancel(job.id)
    assert cancelled is not None
    assert cancelled.status is Status.CANCELLED
    assert {row.reserved for row in await budget_rows(database)} == {0}
    await check_counters(queue, database)
    other = await queue.submit(new_job(BOB, place=place(guild_id=2)))
    claim = await queue.claim()
    assert claim is not None
    assert claim.job.id == other.id


@on_postgresql
async def test_counters_can_be_counted_again_while_a_server_is_paused(database: Database) -> None:
    queue = store(database)
    await queue.submit(new_job(ANA))
    with meanwhile(database, "UPDATE job", reconcile.reconcile):
        assert await queue.pause(1, MODERATOR, "raid") == 1
    await check_counters(queue, database)


async def test_a_lane_that_claims_jobs_it_has_not_stops_nobody(database: Database) -> None:
    queue = store(database)
    for member in (ANA, Requester(id=ANA.id + 1, name="x")):
        await queue.cancel((await queue.submit(new_job(member))).id)
    await database.run(lambda tx: tx.connection.execute(update(lane).values(queued=2)))
    job = await queue.submit(new_job(BOB))
    await database.run(
        lambda tx: tx.connection.execute(
            update(lane).where(lane.c.user_id == BOB.id).values(vtime=5.0)
        )
    )
    claim = await queue.claim()
    assert claim is not None
    assert claim.job.id == job.id
    await check_counters(queue, database)

"""While a server is paused nothing of it is started, whatever happens at the same moment."""

from contextlib import suppress

import pytest
from sqlalchemy import update

from bot.domain.job import Requester, Status
from bot.domain.refusals import WaitingFull
from bot.domain.server_refusals import PausedHere
from bot.domain.servers import EVERYWHERE
from bot.storage import moderation, reconcile
from bot.storage.database import Database
from bot.storage.store import Store
from bot.storage.tables import lane
from tests.contract.storage.races import meanwhile, on_postgresql
from tests.makers import ANA, BOB, OPEN_GATE, new_job, place, rules
from tests.storage_views import budget_rows, gate_row, job_rows, lane_rows

MODERATOR = 9


def store(database: Database) -> Store:
    return Store(database, rules=rules(), gate=OPEN_GATE, worker="w")


async def check_counters(queue: Store, database: Database) -> None:
    """Counting again changes nothing."""
    before = (await lane_rows(database), await gate_row(database))
    await queue.reconcile()
    assert (await lane_rows(database), await gate_row(database)) == before


@pytest.mark.parametrize("where", [1, EVERYWHERE])
async def test_a_job_put_back_during_a_pause_is_held_until_the_end_of_it(
    database: Database, where: int
) -> None:
    queue = store(database)
    job = await queue.submit(new_job(ANA))
    claim = await queue.claim()
    assert claim is not None
    await queue.pause(where, MODERATOR, "raid")
    await queue.put_back(claim, "busy", 0.0)
    assert await queue.claim() is None
    await check_counters(queue, database)
    assert await queue.pause(where, MODERATOR, None) == 1
    again = await queue.claim()
    assert again is not None
    assert again.job.id == job.id
    await check_counters(queue, database)


@on_postgresql
@pytest.mark.parametrize("where", [1, EVERYWHERE])
async def test_a_request_at_the_moment_of_a_pause_is_refused_or_held(
    database: Database, where: int
) -> None:
    queue = store(database)
    with (
        meanwhile(database, "INSERT INTO budget", moderation.pause, where, MODERATOR, "raid"),
        suppress(PausedHere),
    ):
        await queue.submit(new_job(ANA))
    assert await queue.claim() is None
    await check_counters(queue, database)


@on_postgresql
@pytest.mark.parametrize("before", ["SELECT gate", "UPDATE gate", "UPDATE lane", "UPDATE job"])
async def test_a_job_put_back_at_the_moment_of_a_pause_is_held(
    database: Database, before: str
) -> None:
    queue = store(database)
    await queue.submit(new_job(ANA))
    claim = await queue.claim()
    assert claim is not None
    with meanwhile(database, before, moderation.pause, 1, MODERATOR, "raid"):
        await queue.put_back(claim, "busy", 0.0)
    assert await queue.claim() is None
    await check_counters(queue, database)


@on_postgresql
async def test_a_server_paused_while_everywhere_is_resumed_stays_paused_alone(
    database: Database,
) -> None:
    queue = store(database)
    await queue.submit(new_job(ANA))
    elsewhere = await queue.submit(new_job(BOB, place=place(guild_id=2)))
    await queue.pause(EVERYWHERE, MODERATOR, "out of money")
    with meanwhile(database, "UPDATE lane", moderation.pause, 1, MODERATOR, "raid"):
        await queue.pause(EVERYWHERE, MODERATOR, None)
    claim = await queue.claim()
    assert claim is not None
    assert claim.job.id == elsewhere.id
    assert await queue.claim() is None
    await check_counters(queue, database)


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


async def test_held_jobs_count_as_waiting(database: Database) -> None:
    queue = store(database)
    for guild_id in (1, 2):
        for _ in range(5):
            await queue.submit(new_job(ANA, place=place(guild_id=guild_id)))
        await queue.pause(guild_id, MODERATOR, "raid")
    with pytest.raises(WaitingFull) as refused:
        await queue.submit(new_job(ANA, place=place(guild_id=3)))
    assert (refused.value.waiting, refused.value.allowed) == (10, 10)
    await queue.submit(new_job(BOB, place=place(guild_id=3)))
    assert len(await job_rows(database)) == 11

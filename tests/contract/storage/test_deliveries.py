"""News for Discord: told by one worker at a time, and none of it is missed."""

import pytest

from bot.domain.errors import LeaseLost
from bot.domain.job import Claim, Stage, Status
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import BOB, OPEN_GATE, batch, rules


def store(database: Database, worker: str = "w") -> Store:
    return Store(database, rules=rules(), gate=OPEN_GATE, worker=worker)


async def taken(queue: Store) -> Claim:
    claim = await queue.claim_delivery()
    assert claim is not None
    return claim


async def test_a_new_job_is_news_once(database: Database) -> None:
    queue = store(database)
    job = await queue.submit(batch(1))
    claim = await taken(queue)
    assert claim.job.id == job.id
    assert await queue.claim_delivery() is None
    await queue.end_delivery(claim, None)
    assert await queue.claim_delivery() is None


async def test_what_happens_while_it_is_told_is_told_next(database: Database) -> None:
    queue = store(database)
    job = await queue.submit(batch(1))
    claim = await taken(queue)
    await queue.cancel(job.id)
    await queue.end_delivery(claim, None)
    assert (await taken(queue)).job.status is Status.CANCELLED


async def test_a_running_job_that_is_called_off_while_it_is_told_is_told_next(
    database: Database,
) -> None:
    queue = store(database)
    job = await queue.submit(batch(1))
    making = await queue.claim()
    assert making is not None
    claim = await taken(queue)
    await queue.cancel(job.id)
    await queue.end_delivery(claim, 100)
    assert (await taken(queue)).job.cancel_asked


async def test_it_is_looked_at_again_when_asked_for(database: Database) -> None:
    queue = store(database)
    await queue.submit(batch(1))
    await queue.end_delivery(await taken(queue), 90)
    database.shift = 89
    assert await queue.claim_delivery() is None
    database.shift = 91
    await taken(queue)


async def test_failures_are_counted_until_one_succeeds(database: Database) -> None:
    queue = store(database)
    await queue.submit(batch(1))
    await queue.retry_delivery(await taken(queue), 0)
    claim = await taken(queue)
    assert claim.job.delivery.tries == 1
    await queue.end_delivery(claim, 0)
    assert (await taken(queue)).job.delivery.tries == 0


async def test_a_dead_workers_news_are_told_by_another(database: Database) -> None:
    dead, alive = store(database, "dead"), store(database, "alive")
    await dead.submit(batch(1))
    lost = await taken(dead)
    assert await alive.claim_delivery() is None
    database.shift = 31
    await taken(alive)
    with pytest.raises(LeaseLost):
        await dead.card_posted(lost, 1, Stage.IN_LINE)


async def test_the_same_place_again_is_the_same_post_and_another_place_the_next(
    database: Database,
) -> None:
    queue = store(database)
    await queue.submit(batch(1, BOB))
    claim = await taken(queue)
    posts = [await queue.post_begun(claim, channel) for channel in (5, 5, 6, 6, 5)]
    assert posts == [1, 1, 2, 2, 3]

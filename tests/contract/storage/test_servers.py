"""Servers that remove the bot: nothing more is paid for them, and their data goes in time."""

import pytest

from bot.domain.job import Status
from bot.domain.server_refusals import Blocked, PausedHere
from bot.domain.servers import EVERYWHERE
from bot.services.servers import Servers
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import ANA, BOB, OPEN_GATE, PRICE, new_job, place, rules
from tests.storage_views import budget_rows, job_rows, lane_rows

DAY = 86_400.0
MODERATOR = 9


def store(database: Database) -> Store:
    return Store(database, rules=rules(), gate=OPEN_GATE, worker="w")


async def forget(queue: Store) -> None:
    while await queue.forget_guild(7 * DAY) is not None:
        pass


async def statuses(database: Database) -> list[str]:
    return [row.status for row in await job_rows(database)]


async def test_what_holds_everywhere_outlasts_every_restart(database: Database) -> None:
    queue = store(database)
    await queue.pause(EVERYWHERE, MODERATOR, "out of money")
    await queue.block(EVERYWHERE, ANA.id, MODERATOR, hours=8000, reason="abuse")
    for _ in range(2):
        await Servers(queue).here([1], lambda _: True)
        database.shift += 8 * DAY
        await forget(queue)
    with pytest.raises(PausedHere):
        await queue.submit(new_job(BOB))
    await queue.pause(EVERYWHERE, MODERATOR, None)
    with pytest.raises(Blocked):
        await queue.submit(new_job(ANA))


async def test_what_waits_or_is_held_ends_with_its_money_back_where_the_bot_is_removed(
    database: Database,
) -> None:
    queue = store(database)
    await queue.submit(new_job(ANA))
    await queue.pause(1, MODERATOR, "raid")
    await queue.submit(new_job(ANA, place=place(guild_id=2)))
    elsewhere = await queue.submit(new_job(BOB, place=place(guild_id=3)))
    await queue.guild_left(1)
    await queue.guild_left(2)
    assert await statuses(database) == ["cancelled", "cancelled", "queued"]
    assert sum(row.reserved for row in await budget_rows(database) if row.scope == "all") == (
        2 * PRICE  # of a day and of a month
    )
    await queue.pause(2, MODERATOR, "raid")
    await queue.pause(2, MODERATOR, None)
    claim = await queue.claim()
    assert claim is not None
    assert claim.job.id == elsewhere.id
    assert await queue.claim() is None
    assert sum(row.queued for row in await lane_rows(database)) == 0


async def test_what_a_worker_has_taken_but_not_sent_is_not_sent_any_more(
    database: Database,
) -> None:
    queue = store(database)
    await queue.submit(new_job(ANA))
    claim = await queue.claim()
    assert claim is not None
    await queue.guild_left(1)
    assert not await queue.mark_submitting(claim, [])


async def test_a_server_is_known_until_its_last_job_has_ended(database: Database) -> None:
    queue = store(database)
    await queue.submit(new_job(ANA))
    claim = await queue.claim()
    assert claim is not None
    await queue.mark_submitting(claim, [])
    await queue.mark_unknown(claim)
    await queue.guild_left(1)
    await queue.guild_left(2)
    late = await queue.submit(new_job(ANA))  # was on its way when the bot was removed
    await queue.submit(new_job(BOB, place=place(guild_id=2)))
    database.shift += 8 * DAY
    await forget(queue)
    assert await statuses(database) == [Status.UNKNOWN]
    assert await queue.job(late.id) is None
    again = await queue.claim_unknown()
    assert again is not None
    await queue.mark_lost(again)
    await forget(queue)
    assert await statuses(database) == []
    assert {row.reserved for row in await budget_rows(database)} == {0}

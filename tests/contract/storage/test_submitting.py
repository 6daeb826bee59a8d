"""What is accepted into the queue, and in which words it is refused (values here)."""

import asyncio

import pytest

from bot.domain.errors import UserError
from bot.domain.job import Status
from bot.domain.money import micros
from bot.domain.refusals import (
    BudgetScope,
    BudgetUsedUp,
    LimitReached,
    Period,
    TooManyAsked,
    WaitingFull,
    Window,
)
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import ANA, BOB, OPEN_GATE, PRICE, batch, new_job, place, rules
from tests.storage_views import budget_rows, ledger_rows


def store(database: Database, **limits: dict[str, int]) -> Store:
    return Store(database, rules=rules(**limits), gate=OPEN_GATE, worker="w")


async def test_an_accepted_job_is_queued_with_its_price_reserved(database: Database) -> None:
    job = await store(database).submit(batch(3))
    assert job.status is Status.QUEUED
    assert job.reserved == 3 * PRICE
    assert [(row.event, row.amount) for row in await ledger_rows(database)] == [
        ("reserve", 3 * PRICE)
    ]


async def test_the_same_key_again_is_the_same_job_and_costs_nothing_more(
    database: Database,
) -> None:
    queue = store(database)
    new = new_job()
    first = await queue.submit(new)
    assert (await queue.submit(new)).id == first.id
    assert len(await ledger_rows(database)) == 1


async def test_the_same_key_at_the_same_moment_is_one_job(database: Database) -> None:
    queue = store(database)
    new = new_job()
    jobs = await asyncio.gather(*(queue.submit(new) for _ in range(8)))
    assert len({job.id for job in jobs}) == 1
    assert len(await ledger_rows(database)) == 1


async def test_pictures_an_hour_are_counted_and_the_refusal_says_when_they_free(
    database: Database,
) -> None:
    queue = store(database, user={"images_per_hour": 5})
    await queue.submit(batch(2))
    database.shift = 600
    await queue.submit(batch(3))
    database.shift = 1200
    with pytest.raises(LimitReached) as refusal:
        await queue.submit(batch(3))
    limit = refusal.value
    assert (limit.window, limit.used, limit.allowed, limit.asked) == (Window.HOUR, 5, 5, 3)
    assert limit.asked_at - limit.one_at == pytest.approx(600, abs=2)


async def test_the_window_rolls(database: Database) -> None:
    queue = store(database, user={"images_per_hour": 2})
    await queue.submit(batch(2))
    database.shift = 3599
    with pytest.raises(LimitReached):
        await queue.submit(batch(1))
    database.shift = 3601
    await queue.submit(batch(1))


async def test_a_day_is_refused_as_a_day(database: Database) -> None:
    queue = store(database, user={"images_per_hour": 3, "images_per_day": 4})
    await queue.submit(batch(3))
    database.shift = 7200
    with pytest.raises(LimitReached) as refusal:
        await queue.submit(batch(2))
    assert refusal.value.window is Window.DAY


async def test_more_than_could_ever_be_allowed_is_refused_as_such(database: Database) -> None:
    queue = store(database, user={"images_per_hour": 4})
    with pytest.raises(TooManyAsked) as refusal:
        await queue.submit(batch(5))
    assert refusal.value.allowed == 4


async def test_waiting_requests_are_limited(database: Database) -> None:
    queue = store(database, user={"max_waiting": 2})
    for _ in range(2):
        await queue.submit(batch(1))
    with pytest.raises(WaitingFull) as refusal:
        await queue.submit(batch(1))
    assert refusal.value.waiting == 2
    await queue.submit(batch(1, BOB))


@pytest.mark.parametrize(
    ("budgets", "scope", "period"),
    [
        ({"guild_day": 2 * PRICE}, BudgetScope.GUILD, Period.DAY),
        ({"guild_month": 2 * PRICE}, BudgetScope.GUILD, Period.MONTH),
        ({"all_day": 2 * PRICE}, BudgetScope.ALL, Period.DAY),
        ({"all_month": 2 * PRICE}, BudgetScope.ALL, Period.MONTH),
    ],
)
async def test_a_budget_is_a_hard_stop(
    database: Database, budgets: dict[str, int], scope: BudgetScope, period: Period
) -> None:
    queue = store(database, budgets=budgets)
    await queue.submit(batch(2))
    with pytest.raises(BudgetUsedUp) as refusal:
        await queue.submit(batch(1, BOB))
    assert (refusal.value.scope, refusal.value.period) == (scope, period)
    assert refusal.value.used == 2 * PRICE
    assert refusal.value.opens_at > 0


async def test_direct_messages_have_a_budget_of_their_own(database: Database) -> None:
    queue = store(database, budgets={"dm_day": PRICE})
    await queue.submit(new_job(place=place(guild_id=None)))
    with pytest.raises(BudgetUsedUp) as refusal:
        await queue.submit(new_job(place=place(guild_id=None)))
    assert refusal.value.scope is BudgetScope.DM


async def test_a_refusal_leaves_nothing_behind(database: Database) -> None:
    queue = store(database, user={"images_per_hour": 1})
    await queue.submit(batch(1))
    before = await budget_rows(database)
    for _ in range(5):
        with pytest.raises(UserError):
            await queue.submit(batch(1))
    assert await budget_rows(database) == before
    database.shift = 3601
    await queue.submit(batch(1))


async def test_concurrent_requests_admit_exactly_what_is_allowed(database: Database) -> None:
    queue = store(database, user={"images_per_hour": 5}, budgets={"guild_day": micros(100)})
    answers = await asyncio.gather(
        *(queue.submit(batch(1, ANA)) for _ in range(30)), return_exceptions=True
    )
    assert sum(not isinstance(answer, Exception) for answer in answers) == 5
    assert all(isinstance(answer, UserError) for answer in answers if isinstance(answer, Exception))

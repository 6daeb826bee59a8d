"""The owner hears of a condition once, over restarts and workers, and once when it is over."""

import pytest

from bot.domain.alerts import Alert, Condition
from bot.domain.errors import BotError
from bot.domain.money import micros
from bot.services.alerts import Alerts
from bot.services.erasing import Erasing
from bot.services.housekeeping import Housekeeping
from bot.services.watch import Watch
from bot.storage.database import Database
from bot.storage.operations import DatabaseOperations
from bot.storage.store import Store
from bot.ui.texts.owner import alert
from tests.makers import BOB, OPEN_GATE, PRICE, batch, rules

BUDGETS = rules(budgets={"all_day": 5 * PRICE, "all_month": micros(100)})


class Ear:
    """An owner who listens."""

    def __init__(self) -> None:
        self.heard: list[Alert] = []

    async def tell(self, alert: Alert) -> None:
        self.heard.append(alert)


class Purse:
    """A provider of which only the balance is asked."""

    def __init__(self, balance: int) -> None:
        self.amount = balance

    async def balance(self) -> int:
        if self.amount < 0:
            raise BotError("no answer")
        return self.amount


def watch(database: Database, ear: Ear, purse: Purse, worker: str = "w") -> Watch:
    notes = store(database, worker)
    return Watch(
        totals=notes,
        provider=purse,  # type: ignore[arg-type]  # only its balance is asked
        alerts=Alerts(notes=notes, owner=ear, price=PRICE),
        housekeeping=Housekeeping(  # not run
            keeper=notes,
            members=notes,
            servers=notes,
            images=None,  # type: ignore[arg-type]
            retention_days=30,
        ),
        erasing=Erasing(members=notes, jobs=notes, keeper=notes, images=None),  # type: ignore[arg-type]
        budgets=BUDGETS.budgets,
        operations=DatabaseOperations(database),
        deadline=600,
    )


def store(database: Database, worker: str = "w") -> Store:
    return Store(database, rules=BUDGETS, gate=OPEN_GATE, worker=worker)


async def test_the_owner_is_told_at_80_and_at_100_percent_once_each(database: Database) -> None:
    queue, ear = store(database), Ear()
    looking = watch(database, ear, Purse(0))
    await queue.submit(batch(3))
    await looking.look_at_budgets()
    assert ear.heard == []
    await queue.submit(batch(1, BOB))
    for _ in range(2):
        await looking.look_at_budgets()
    assert [one.condition for one in ear.heard] == [Condition.BUDGET_NEARLY]
    await queue.submit(batch(1, BOB))
    await looking.look_at_budgets()
    await watch(database, ear, Purse(0), "another").look_at_budgets()
    assert [one.condition for one in ear.heard] == [Condition.BUDGET_NEARLY, Condition.BUDGET_USED]
    assert alert(ear.heard[0]).startswith("80 % of the total picture budget of 20")


async def test_the_next_day_is_told_anew(database: Database) -> None:
    queue, ear = store(database), Ear()
    looking = watch(database, ear, Purse(0))
    for day in range(2):
        database.shift = day * 86_400
        await queue.submit(batch(5))
        await looking.look_at_budgets()
    assert len({one.detail for one in ear.heard}) == 2


async def test_low_credit_is_told_once_and_its_end_once(database: Database) -> None:
    ear, purse = Ear(), Purse(19 * PRICE)
    looking = watch(database, ear, purse)
    for amount in (19 * PRICE, 5 * PRICE, 400 * PRICE, 500 * PRICE):
        purse.amount = amount
        await looking.look_at_balance()
    assert [(one.condition, one.over) for one in ear.heard] == [
        (Condition.LOW_CREDIT, False),
        (Condition.LOW_CREDIT, True),
    ]
    assert alert(ear.heard[0]) == "Segmind credit is low: $0.665, about 19 pictures."


async def test_a_job_that_runs_far_too_long_is_told_once_and_its_end_once(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    queue, ear = store(database), Ear()
    looking = watch(database, ear, Purse(0))
    job = await queue.submit(batch(1))
    claim = await queue.claim()
    assert claim is not None
    await queue.mark_submitting(claim, [])
    await queue.mark_submitted(claim, "p-1")
    database.shift = 600 + 1800 - 10
    await looking.look_at_running()
    assert ear.heard == []
    database.shift = 600 + 1800 + 10
    for _ in range(2):
        await looking.look_at_running()
    assert [(one.condition, one.over) for one in ear.heard] == [(Condition.STUCK, False)]
    assert [getattr(one, "job", None) for one in caplog.records] == [job.id, job.id]
    await queue.mark_unknown(claim)
    for _ in range(2):
        await looking.look_at_running()
    assert [one.over for one in ear.heard] == [False, True]
    assert alert(ear.heard[0]).startswith("A request has been running for much longer than ")
    assert alert(ear.heard[1]) == "No request has been running for too long any more."

"""The figures of the queue: right, and never read from finished jobs."""

import pytest
from sqlalchemy import event, text

from bot.domain.errors import Failure
from bot.domain.job import Status
from bot.domain.operations import Figures, Money
from bot.storage.database import Database
from bot.storage.operations import DatabaseOperations
from bot.storage.store import Store
from tests.makers import ANA, BOB, OPEN_GATE, PRICE, batch, new_job, rules


def store(database: Database) -> Store:
    return Store(database, rules=rules(), gate=OPEN_GATE, worker="w")


async def test_an_empty_queue_has_figures_too(database: Database) -> None:
    figures = await DatabaseOperations(database).figures()
    nothing = (Status.QUEUED, Status.SUBMITTING, Status.SUBMITTED, Status.UNKNOWN)
    assert figures == Figures(
        jobs=dict.fromkeys(nothing, 0),
        oldest_queued=0.0,
        oldest_running=0.0,
        news=0,
        oldest_news=0.0,
        money=(
            Money(period="day", spent=0, reserved=0),
            Money(period="month", spent=0, reserved=0),
        ),
    )


async def test_each_job_is_counted_where_it_stands(database: Database) -> None:
    queue, operations = store(database), DatabaseOperations(database)
    for asked in (new_job(ANA), new_job(BOB), batch(2), batch(3, BOB), batch(4), batch(5)):
        await queue.submit(asked)
    claims = [claim for _ in range(4) if (claim := await queue.claim())]
    assert len(claims) == 4  # two members, two at once each
    for claim in claims[:3]:
        assert await queue.mark_submitting(claim, [])
    await queue.mark_submitted(claims[0], "p-0")
    await queue.mark_unknown(claims[1])
    figures = await operations.figures()
    assert figures.jobs == {
        Status.QUEUED: 3,  # one of them is claimed, its pictures are on their way
        Status.SUBMITTING: 1,
        Status.SUBMITTED: 1,
        Status.UNKNOWN: 1,
    }
    assert figures.news == 6
    assert figures.money[0] == Money(period="day", spent=0, reserved=16 * PRICE)


async def test_ages_are_those_of_the_oldest(database: Database) -> None:
    queue, operations = store(database), DatabaseOperations(database)
    await queue.submit(new_job(ANA))
    claim = await queue.claim()
    assert claim is not None
    database.shift = 100
    assert await queue.mark_submitting(claim, [])
    await queue.submit(new_job(BOB))
    database.shift = 150
    await queue.submit(batch(2))
    database.shift = 160
    figures = await operations.figures()
    assert figures.oldest_queued == pytest.approx(60, abs=1)
    assert figures.oldest_running == pytest.approx(60, abs=1)
    assert figures.oldest_news == pytest.approx(160, abs=1)
    longest = await operations.longest_running()
    assert longest is not None
    assert longest.job_id == claim.job.id


async def test_what_is_over_is_in_no_count_but_the_money(database: Database) -> None:
    queue, operations = store(database), DatabaseOperations(database)
    for _ in range(2):
        await queue.submit(new_job())
        await queue.submit(new_job(BOB))
    for number in range(4):
        claim = await queue.claim()
        assert claim is not None
        if number % 2:
            await queue.mark_failed(claim, Failure.BAD_REQUEST)
        else:
            await queue.mark_generated(claim, 30_000, 1)
    figures = await operations.figures()
    assert set(figures.jobs.values()) == {0}
    assert figures.oldest_queued == figures.oldest_running == 0
    assert [sums.spent for sums in figures.money] == [60_000, 60_000]


async def test_no_figure_reads_the_table_of_jobs_from_end_to_end(database: Database) -> None:
    """SQLite tells how it finds what is asked for; on PostgreSQL that depends on statistics."""
    if database.shared:
        pytest.skip("see the docstring")
    asked: list[tuple[str, object]] = []
    operations = DatabaseOperations(database)

    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    await operations.figures()
    event.remove(database.engine, "before_cursor_execute", note)
    about_jobs = [one for one in asked if "FROM job" in one[0]]
    assert len(about_jobs) == 5
    for statement, parameters in about_jobs:
        plan = await database.read(
            lambda tx, sql=statement, with_=parameters: [  # type: ignore[misc]
                row[-1] for row in tx.connection.exec_driver_sql(f"explain query plan {sql}", with_)
            ]
        )
        scans = [step for step in plan if "SCAN job" in step and "INDEX" not in step]
        assert scans == [], statement
    assert await database.read(lambda tx: tx.connection.scalar(text("select 1"))) == 1

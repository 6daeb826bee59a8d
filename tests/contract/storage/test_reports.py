"""Reports are counted in the database: whichever processes they come through."""

import asyncio

import pytest

from bot.domain.job import Place, Stage
from bot.domain.reports import AN_HOUR, NothingToReport, ReportedAlready, TooManyReports
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import BOB, OPEN_GATE, new_job, place, rules
from tests.storage_views import report_rows

GUILD = 1
MINUTE = 60.0


def store(database: Database) -> Store:
    return Store(database, rules=rules(user={"max_waiting": 99}), gate=OPEN_GATE, worker="w")


async def cards(queue: Store, count: int, where: Place | None = None) -> list[int]:
    """Have some jobs with a card each; return the cards' ids."""
    ids = []
    for _ in range(count):
        await queue.submit(new_job(place=where or place(guild_id=GUILD)))
        claim = await queue.claim_delivery()
        assert claim is not None
        ids.append(1000 + claim.job.number)
        await queue.card_posted(claim, ids[-1], Stage.IN_LINE)
        await queue.end_delivery(claim, None)
    return ids


async def begun(queue: Store, message_id: int, user_id: int = BOB.id) -> str:
    try:
        await queue.begin_report(message_id, GUILD, user_id)
    except (ReportedAlready, TooManyReports) as refusal:
        return type(refusal).__name__
    return "taken"


async def test_at_once_through_two_processes_a_member_reports_five_jobs_once(
    database: Database,
) -> None:
    other = Database(database.engine.url.render_as_string(hide_password=False))
    first, second = store(database), store(other)
    messages = await cards(first, 8)
    answers = await asyncio.gather(
        *(begun(queue, one) for one in messages for queue in (first, second))
    )
    await other.close()
    assert answers.count("taken") == AN_HOUR
    assert len(await report_rows(database)) == AN_HOUR


async def test_one_that_was_told_stays_and_one_that_was_not_does_not_count(
    database: Database,
) -> None:
    queue = store(database)
    told, untold = await cards(queue, 2)
    for message, heard in ((told, True), (untold, False)):
        job = await queue.begin_report(message, GUILD, BOB.id)
        await queue.end_report(job.id, BOB.id, told=heard)
    database.shift = 2 * 3600
    assert await begun(queue, told) == "ReportedAlready"
    assert await begun(queue, told, user_id=300) == "taken"
    assert await begun(queue, untold) == "taken"


async def test_a_process_that_broke_off_while_telling_loses_no_report(database: Database) -> None:
    queue = store(database)
    (message,) = await cards(queue, 1)
    assert await begun(queue, message) == "taken"
    assert await begun(queue, message) == "ReportedAlready"
    database.shift = MINUTE + 1
    assert await begun(queue, message) == "taken"


@pytest.mark.parametrize("where", [place(guild_id=2), place(guild_id=GUILD, private=True)])
async def test_what_others_do_not_see_here_cannot_be_reported_here(
    database: Database, where: Place
) -> None:
    queue = store(database)
    (message,) = await cards(queue, 1, where)
    with pytest.raises(NothingToReport):
        await queue.reportable(message, GUILD, BOB.id)
    with pytest.raises(NothingToReport):
        await queue.reportable(message + 1, GUILD, BOB.id)


async def test_reports_go_with_the_job(database: Database) -> None:
    queue = store(database)
    (message,) = await cards(queue, 1)
    job = await queue.begin_report(message, GUILD, BOB.id)
    await queue.cancel(job.id)
    await queue.guild_left(GUILD)
    database.shift = 3600
    while await queue.forget_guild(0) is not None:
        pass
    assert await queue.job(job.id) is None
    assert await report_rows(database) == []

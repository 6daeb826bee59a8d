"""Who takes a result off a board wins over a star that comes at the same moment."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.job import Deleter, Job
from bot.storage import boards, entries, finished
from bot.storage.database import Database, Transaction
from tests.contract.storage.races import meanwhile, on_postgresql
from tests.contract.storage.showcases import (
    BOARD,
    RESULT,
    Wall,
    bring_up_to_date,
    delivered,
    give,
    store,
)
from tests.storage_views import entry_rows

pytestmark = on_postgresql
Taking = Callable[[Transaction, Job, int], object]


def withdraw(tx: Transaction, job: Job, _: int) -> None:
    boards.withdraw(tx, job.number)


def opt_out(tx: Transaction, job: Job, _: int) -> None:
    boards.opt(tx, job.requester.id, shown=False)


def delete(tx: Transaction, job: Job, _: int) -> None:
    finished.remove(tx, job.id, Deleter.MODERATOR)


def delete_message(tx: Transaction, _: Job, message_id: int) -> None:
    boards.message_gone(tx, message_id)


def find_message_deleted(tx: Transaction, _: Job, __: int) -> None:
    """A worker that comes to bring the entry up to date finds no message."""
    claim = entries.claim_entry(tx, "w")
    assert claim is not None
    entries.entry_removed(tx, claim, for_good=True)
    entries.end_entry(tx, claim)


@pytest.mark.parametrize("take", [withdraw, opt_out, delete, delete_message, find_message_deleted])
async def test_a_star_brings_nothing_back(database: Database, take: Taking) -> None:
    queue, wall = store(database), Wall()
    await queue.set_board(1, replace(BOARD, threshold=1))
    job = await delivered(queue, message_id=RESULT)
    await give(queue, 200)
    await bring_up_to_date(queue, wall)
    await give(queue, 201)  # its edit is due in some seconds
    database.shift += 100
    (shown,) = await entry_rows(database)
    with meanwhile(database, "INSERT INTO entry", take, job, shown.message_id):
        await give(queue, 202)
    database.shift += 100
    if take in {delete_message, find_message_deleted}:
        wall.shown.clear()
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}
    await give(queue, 203)
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}


async def test_the_first_star_shows_nothing_of_who_opts_out(database: Database) -> None:
    queue, wall = store(database), Wall()
    await queue.set_board(1, replace(BOARD, threshold=1))
    job = await delivered(queue, message_id=RESULT)
    with meanwhile(database, "INSERT INTO entry", opt_out, job, 0):
        await give(queue, 200)
    await bring_up_to_date(queue, wall)
    assert wall.shown == {}

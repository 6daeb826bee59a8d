"""However many ask at once, through however many processes: admitted is what is allowed."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from bot.domain.refusals import BudgetUsedUp, LimitReached
from bot.storage.database import Database
from bot.storage.store import Store
from tests.contract.storage.submit_program import open_store, submit_some
from tests.makers import PRICE
from tests.storage_views import budget_rows, gate_row, job_rows, lane_rows, ledger_rows

Submitting = Callable[[dict[str, int | str]], Awaitable[Counter[str]]]

STORES = 3
EACH = 30
ALLOWED = 5
AFFORDABLE = 3


def options(database: Database, **changes: int) -> dict[str, int | str]:
    """What the submitters are allowed; `picture_budget` is a month's, in pictures."""
    url = database.engine.url.render_as_string(hide_password=False)
    known = {"images_per_hour": 10_000, "picture_budget": 10_000, "one_member": 1, "count": EACH}
    return {"database": url, **known, **changes}


async def in_one_process(given: dict[str, int | str]) -> Counter[str]:
    """Submit all at once through stores that have nothing but the database in common."""
    opened: list[tuple[Database, Store]] = [open_store(given) for _ in range(STORES)]
    counts = await asyncio.gather(
        *(submit_some(store, given, first=n * EACH) for n, (_, store) in enumerate(opened))
    )
    await asyncio.gather(*(database.close() for database, _ in opened))
    return sum(counts, Counter())


async def in_processes(given: dict[str, int | str]) -> Counter[str]:
    """The same through as many real processes, let loose together."""
    program = (sys.executable, "-m", "tests.contract.storage.submit_program", json.dumps(given))
    running = [
        await asyncio.create_subprocess_exec(*program, str(n * EACH), stdin=PIPE, stdout=PIPE)
        for n in range(STORES)
    ]
    for process in running:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    outputs = await asyncio.gather(*(process.communicate(b"go\n") for process in running))
    return sum((Counter(json.loads(output)) for output, _ in outputs), Counter())


HOW = [
    pytest.param(in_one_process, id="stores"),
    pytest.param(in_processes, id="processes", marks=pytest.mark.soak),
]


async def check(database: Database, admitted: int) -> None:
    """Whatever was refused has left nothing behind."""
    assert len(await job_rows(database)) == admitted
    assert sum(row.queued for row in await lane_rows(database)) == admitted
    assert {(row.reserved, row.spent) for row in await budget_rows(database)} == {
        (PRICE * admitted, 0)
    }
    assert [row.event for row in await ledger_rows(database)] == ["reserve"] * admitted
    assert (await gate_row(database)).running == 0


@pytest.mark.parametrize("submit_all", HOW)
async def test_a_member_gets_exactly_what_the_hour_allows(
    submit_all: Submitting, database: Database
) -> None:
    counts = await submit_all(options(database, images_per_hour=ALLOWED))
    assert counts == {"admitted": ALLOWED, LimitReached.__name__: STORES * EACH - ALLOWED}
    await check(database, ALLOWED)


@pytest.mark.parametrize("submit_all", HOW)
@pytest.mark.parametrize("one_member", [0, 1])
async def test_a_budget_is_spent_to_its_end_and_not_beyond(
    submit_all: Submitting, database: Database, one_member: int
) -> None:
    given = options(database, picture_budget=AFFORDABLE, one_member=one_member)
    counts = await submit_all(given)
    assert counts == {"admitted": AFFORDABLE, BudgetUsedUp.__name__: STORES * EACH - AFFORDABLE}
    await check(database, AFFORDABLE)

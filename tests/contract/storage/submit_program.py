"""Submits many jobs at once, in a process of its own.

`python -m tests.contract.storage.submit_program '{"database": …, …}' <number of the first>` says
when it is ready, waits for a line, submits, and prints how many were admitted or refused, by kind.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping

from bot.domain.errors import UserError
from bot.domain.job import Requester
from bot.storage.database import Database
from bot.storage.store import Store
from tests.makers import OPEN_GATE, PRICE, new_job, rules

Options = Mapping[str, int | str]


def open_store(options: Options) -> tuple[Database, Store]:
    """Open the database as a process of its own would."""
    an_hour, money = int(options["images_per_hour"]), PRICE * int(options["picture_budget"])
    limits = rules(
        user={"images_per_hour": an_hour, "images_per_day": 10_000, "max_waiting": 10_000},
        budgets=dict.fromkeys(("guild_day", "guild_month", "all_day", "all_month"), money),
    )
    database = Database(str(options["database"]))
    return database, Store(database, rules=limits, gate=OPEN_GATE, worker="w")


async def submit_some(store: Store, options: Options, *, first: int) -> Counter[str]:
    """Submit all at once, of one member or each of another."""
    numbers = range(first, first + int(options["count"]))
    return Counter(
        await asyncio.gather(
            *(_submit(store, n, 1 if options["one_member"] else n) for n in numbers)
        )
    )


async def _submit(store: Store, number: int, member: int) -> str:
    try:
        await store.submit(new_job(Requester(id=member, name="x"), key=f"interaction:{number}"))
    except UserError as refusal:
        return type(refusal).__name__
    return "admitted"


async def main() -> None:
    options, first = json.loads(sys.argv[1]), int(sys.argv[2])
    database, store = open_store(options)
    await store.job("none")  # connected
    print("ready", flush=True)  # noqa: T201 - its answer
    await asyncio.to_thread(sys.stdin.readline)
    counts = await submit_some(store, options, first=first)
    print(json.dumps(counts))  # noqa: T201 - its answer
    await database.close()


if __name__ == "__main__":
    asyncio.run(main())

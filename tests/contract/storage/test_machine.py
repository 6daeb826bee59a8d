"""Any order of events leaves statuses, counters, turns and money as a simple model has them."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import event

from bot.storage.database import Database
from bot.storage.migrate import migrate
from tests.contract.storage.machine import Scheduler


def _unsafe(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("pragma synchronous = off")  # nobody pulls the plug here


async def _run(database: Database, examples: int, steps_each: int) -> None:
    machine = type("Machine", (Scheduler,), {"database": database})
    bounds = settings(
        max_examples=examples,
        stateful_step_count=steps_each,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=bounds)


async def test_any_order_of_events_agrees_with_the_model(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/bot.db")
    event.listen(database.engine, "connect", _unsafe)
    await migrate(database)
    await _run(database, 60, 40)
    await database.close()


@pytest.mark.soak
async def test_many_more_orders_of_events_agree_with_the_model(database: Database) -> None:
    await _run(database, 150, 60)

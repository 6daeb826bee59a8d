"""What tests look at in the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, select

from bot.storage.database import AnyRow, Database
from bot.storage.tables import budget, gate, job, lane, ledger


async def _rows(database: Database, table: Table) -> Sequence[AnyRow]:
    return await database.read(
        lambda tx: tx.connection.execute(select(table).order_by(*table.primary_key.columns)).all()
    )


async def ledger_rows(database: Database) -> Sequence[AnyRow]:
    return await _rows(database, ledger)


async def budget_rows(database: Database) -> Sequence[AnyRow]:
    return await _rows(database, budget)


async def lane_rows(database: Database) -> Sequence[AnyRow]:
    return await _rows(database, lane)


async def job_rows(database: Database) -> Sequence[AnyRow]:
    return await _rows(database, job)


async def gate_row(database: Database) -> Any:
    return (await _rows(database, gate))[0]

"""What tests look at in the database."""

from collections.abc import Sequence

from sqlalchemy import Table, select

from bot.domain.job import Job
from bot.storage.community import audit, entry, vote
from bot.storage.database import AnyRow, Database
from bot.storage.rows import read_job
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


async def gate_row(database: Database) -> AnyRow:
    return (await _rows(database, gate))[0]


async def entry_rows(database: Database) -> Sequence[AnyRow]:
    return await _rows(database, entry)


async def audit_rows(database: Database) -> Sequence[AnyRow]:
    return await _rows(database, audit)


async def vote_rows(database: Database) -> Sequence[AnyRow]:
    return await _rows(database, vote)


async def all_jobs(database: Database) -> list[Job]:
    return await database.read(
        lambda tx: [
            read_job(tx, row)
            for row in tx.connection.execute(select(job).order_by(job.c.number)).all()
        ]
    )

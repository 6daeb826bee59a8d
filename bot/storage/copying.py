"""Moving an installation: every row of one database into another, empty one."""

from sqlalchemy import Connection, func, insert, select, text

from bot.domain.errors import BotError
from bot.storage.community import audit, entry
from bot.storage.database import Database, Transaction
from bot.storage.schema import metadata
from bot.storage.tables import job, ledger

BATCH = 1000
NUMBERED = ((job, "number"), (ledger, "id"), (entry, "id"), (audit, "id"))


async def copy_all(source: Database, target: Database) -> int:
    """Copy every table (both up to date) and return the number of jobs.

    BotError when the target holds jobs already. Stop the bot before: what is written meanwhile
    is not copied.
    """
    return await target.run(lambda tx: _copy(source, tx))


def _copy(source: Database, tx: Transaction) -> int:
    if tx.connection.scalar(select(func.count()).select_from(job)):
        raise BotError("the database to copy into holds jobs already")
    with source.engine.execution_options(reads=True).begin() as reading:
        for table in metadata.sorted_tables:
            tx.connection.execute(table.delete())
            for batch in reading.execute(select(table)).mappings().partitions(BATCH):
                tx.connection.execute(insert(table), [dict(row) for row in batch])
    _continue_numbers(tx.connection)
    return tx.connection.execute(select(func.count()).select_from(job)).scalar_one()


def _continue_numbers(connection: Connection) -> None:
    """Let PostgreSQL's sequences go on after the highest number; SQLite does by itself."""
    if connection.dialect.name == "sqlite":
        return
    for table, column in NUMBERED:
        last = connection.scalar(select(func.max(table.c[column]))) or 0
        connection.execute(
            text("select setval(pg_get_serial_sequence(:table, :column), :next, false)"),
            {"table": table.name, "column": column, "next": last + 1},
        )

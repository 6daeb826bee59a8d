"""Bringing the database up to date; safe when several processes start at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bot.storage.database import Database, Transaction
from bot.storage.tables import gate

LOCK = 0x5EED


def alembic_config(connection: Connection) -> Config:
    """Make Alembic's configuration for our scripts on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database) -> None:
    """Run the missing migrations and make the gate, in one transaction under a lock."""
    await database.run(_migrate)


def _migrate(tx: Transaction) -> None:
    if tx.connection.dialect.name == "postgresql":
        tx.connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
    command.upgrade(alembic_config(tx.connection), "head")
    row = {"running": 0, "tat": 0.0, "vnow": 0.0, "closed_until": 0.0, "failures": 0}
    tx.connection.execute(tx.insert(gate).values(id="main", **row).on_conflict_do_nothing())

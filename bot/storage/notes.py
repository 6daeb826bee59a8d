"""Single values the bot remembers."""

from sqlalchemy import select

from bot.storage.database import Transaction
from bot.storage.tables import note


def read_note(tx: Transaction, key: str) -> str | None:
    """Read a note."""
    return tx.connection.scalar(select(note.c.value).where(note.c.key == key))


def set_note(tx: Transaction, key: str, value: str) -> None:
    """Write a note, in place of the last one."""
    tx.connection.execute(
        tx.insert(note)
        .values(key=key, value=value)
        .on_conflict_do_update(index_elements=["key"], set_={"value": value})
    )

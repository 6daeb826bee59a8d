"""Single values the bot remembers."""

from sqlalchemy import delete, select

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


def set_once(tx: Transaction, key: str) -> bool:
    """Write a note unless it is there; tell whether it was written now."""
    written = tx.insert(note).values(key=key, value="").on_conflict_do_nothing()
    return tx.connection.scalar(written.returning(note.c.key)) is not None


def clear(tx: Transaction, key: str) -> bool:
    """Remove a note; tell whether it was there."""
    return tx.connection.execute(delete(note).where(note.c.key == key)).rowcount > 0

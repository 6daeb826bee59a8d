"""Events that several processes may hear: the first one to say so acts on them."""

from sqlalchemy import delete

from bot.storage.community import heard
from bot.storage.database import Transaction

SAME_SECONDS = 10.0
"""What is heard again within this time is the same event; a process lags less than that."""


def first_to_hear(tx: Transaction, key: str) -> bool:
    """Tell whether nobody has heard this event within the last seconds."""
    tx.connection.execute(delete(heard).where(heard.c.at < tx.now - SAME_SECONDS))
    written = tx.insert(heard).values(key=key, at=tx.now).on_conflict_do_nothing()
    return tx.connection.scalar(written.returning(heard.c.key)) is not None


def unhear(tx: Transaction, key: str) -> None:
    """Let the same event count anew at once: it was taken back in between."""
    tx.connection.execute(delete(heard).where(heard.c.key == key))

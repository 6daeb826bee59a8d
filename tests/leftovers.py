"""Everything a database and an image store hold, to be searched for what should not be there."""

from sqlalchemy import select

from bot.images.store import PictureStore
from bot.storage.database import Database, Transaction
from bot.storage.schema import metadata


async def holding(database: Database, *words: str, but: tuple[str, ...] = ()) -> list[str]:
    """Name every table and column, `but` some tables, that has one of some words in any row."""
    return await database.read(lambda tx: _holding(tx, words, but))


def _holding(tx: Transaction, words: tuple[str, ...], but: tuple[str, ...]) -> list[str]:
    return [
        f"{table.name}.{name}: {value}"
        for table in metadata.sorted_tables
        if table.name not in but
        for row in tx.connection.execute(select(table)).mappings()
        for name, value in row.items()
        if any(word in str(value) for word in words)
    ]


async def stored(images: PictureStore) -> list[str]:
    """List every key of an image store."""
    return [key async for keys in images.list_older_than(-60) for key in keys]

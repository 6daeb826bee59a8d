"""Looking at a database without changing it: nothing is made, nothing is migrated."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import not_, select
from sqlalchemy.engine import make_url

from bot.domain.errors import BotError
from bot.storage.community import guild
from bot.storage.database import Database, Transaction
from bot.storage.migrate import alembic_config
from bot.storage.tables import job

CONNECT_SECONDS = 5
RECENT_SECONDS = 30 * 86400.0
MOST_PLACES = 100


class NoDatabase(BotError):
    """There is no file where SQLite's should be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """A channel or thread the bot posts in; `board` for the showcase."""

    guild_id: int
    channel_id: int
    board: bool


class NoDriver(BotError):
    """The library for this kind of database is not installed."""


@asynccontextmanager
async def examined(url: str) -> AsyncIterator[Database]:
    """Open a database to read in; NoDatabase where there is none, NoDriver without its library."""
    try:
        database = Database(_careful(url))
    except ModuleNotFoundError as error:
        raise NoDriver(f"{error.name} is not installed") from error
    try:
        yield database
    finally:
        await database.close()


def _careful(url: str) -> str:
    """Refuse where opening would make SQLite's file; give PostgreSQL's wait for a host an end."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if not Path(parsed.database or "").is_file():
            raise NoDatabase(f"there is no file {parsed.database}")
        return url
    if "connect_timeout" in parsed.query:
        return url
    timed = parsed.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
    return timed.render_as_string(hide_password=False)


def revisions(tx: Transaction) -> tuple[str | None, str]:
    """Read the revision the database is at (None: empty) and the one this program needs."""
    scripts = ScriptDirectory.from_config(alembic_config(tx.connection))
    return (
        MigrationContext.configure(tx.connection).get_current_revision(),
        scripts.get_current_head() or "",
    )


def known_revisions(tx: Transaction) -> set[str]:
    """List the revisions this program has heard of."""
    scripts = ScriptDirectory.from_config(alembic_config(tx.connection))
    return {script.revision for script in scripts.walk_revisions()}


def used_places(tx: Transaction) -> list[Used]:
    """List where servers' members asked in the last 30 days, and the boards."""
    channel = job.c.place["channel_id"].as_string()
    asked = tx.connection.execute(
        select(job.c.guild_id, channel)
        .where(
            job.c.created_at > tx.now - RECENT_SECONDS,
            job.c.guild_id.is_not(None),
            not_(job.c.place["private"].as_boolean()),
        )
        .distinct()
        .limit(MOST_PLACES)
    ).all()
    boards = tx.connection.execute(
        select(guild.c.guild_id, guild.c.showcase_channel_id).where(
            guild.c.showcase_channel_id.is_not(None)
        )
    ).all()
    return [
        Used(guild_id=row[0], channel_id=int(row[1]), board=board)
        for rows, board in ((asked, False), (boards, True))
        for row in rows
    ]

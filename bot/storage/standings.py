"""How a member stands in a server: settings, pause, block."""

from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import bindparam, func, select, text

from bot.domain.servers import EVERYWHERE, ServerSettings, Standing
from bot.storage.community import block, guild
from bot.storage.database import Transaction

_settings = TypeAdapter(ServerSettings)
_GUILDS = select(guild.c.guild_id, guild.c.settings, guild.c.paused, guild.c.showcase_emoji).where(
    guild.c.guild_id.in_((bindparam("guild"), EVERYWHERE))
)
# A lock of its own, not of the server's row: there may be none, and to lock a row is to write it.
_PAUSES_KEY = 7_217_001
_HOLD_PAUSES = text(f"select pg_advisory_xact_lock_shared({_PAUSES_KEY})")
_CHANGE_PAUSES = text(f"select pg_advisory_xact_lock({_PAUSES_KEY})")
_BLOCKED = select(func.max(block.c.until)).where(
    block.c.user_id == bindparam("user"),
    block.c.guild_id.in_((bindparam("guild"), EVERYWHERE)),
    block.c.until > bindparam("now"),
)


def hold_pauses(tx: Transaction) -> None:
    """Have nothing paused or resumed until this transaction ends (SQLite has one writer anyway).

    To be taken before any other lock.
    """
    if tx.dialect == "postgresql":
        tx.connection.execute(_HOLD_PAUSES)


def change_pauses(tx: Transaction) -> None:
    """Wait for whoever relies on what is paused, and let the others wait."""
    if tx.dialect == "postgresql":
        tx.connection.execute(_CHANGE_PAUSES)


def standing(tx: Transaction, guild_id: int | None, user_id: int) -> Standing:
    """Read how a member stands in a server (None: a direct message)."""
    asked = {"guild": guild_id or EVERYWHERE, "user": user_id, "now": tx.now}
    rows = {row.guild_id: row for row in tx.connection.execute(_GUILDS, asked)}
    here, everywhere = rows.get(guild_id), rows.get(EVERYWHERE)
    paused = [one.paused for one in (everywhere, here) if one and one.paused is not None]
    return Standing(
        settings=read_settings(here.settings) if here else ServerSettings(),
        paused=paused[0] if paused else None,
        blocked_until=tx.connection.scalar(_BLOCKED, asked),
        star=here.showcase_emoji if here else None,
    )


def is_blocked(tx: Transaction, guild_id: int, user_id: int) -> bool:
    """Tell whether a member may not use the bot in a server now."""
    asked = {"guild": guild_id, "user": user_id, "now": tx.now}
    return tx.connection.scalar(_BLOCKED, asked) is not None


def read_settings(stored: dict[str, Any]) -> ServerSettings:
    """Make settings of their column; what it does not name is as by default."""
    return _settings.validate_python(stored) if stored else ServerSettings()


def settings_json(settings: ServerSettings) -> dict[str, Any]:
    """Make settings ready for their column."""
    return dict(_settings.dump_python(settings, mode="json"))

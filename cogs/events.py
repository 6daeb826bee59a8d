"""What happens in Discord without anybody asking the bot: messages go, servers come and go."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.errors import BotError
from bot.services.bundle import Services

if TYPE_CHECKING:
    from bot.client import StudioBot

log = logging.getLogger(__name__)


class Events(commands.Cog):
    """Listens; what was missed while nobody did is made up for at each new session."""

    def __init__(self, bot: StudioBot) -> None:
        self._bot = bot
        self._services: Services = bot.services
        self._recounting: asyncio.Task[None] | None = None

    async def cog_unload(self) -> None:
        """Stop counting."""
        if self._recounting:
            self._recounting.cancel()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Find out which servers it is in; count again what was starred meanwhile."""
        guild_ids = [guild.id for guild in self._bot.guilds]
        await self._services.servers.here(guild_ids, self._bot.is_of_this_process)
        if self._recounting is None or self._recounting.done():
            self._recounting = asyncio.create_task(self._recount(guild_ids), name="recount")

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Keep what it has of a server that it was let into again."""
        await self._services.servers.joined(guild.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note when it was removed: its data goes some days later."""
        await self._services.servers.left(guild.id)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Delete what a deleted result left elsewhere; a deleted entry does not come back."""
        await self._gone(payload.guild_id, payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The same for many at once."""
        for message_id in payload.message_ids:
            await self._gone(payload.guild_id, message_id)

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """The same for an entry that is a forum's post: its first message has the thread's id."""
        await self._services.showcase.message_gone(payload.thread_id)

    async def _gone(self, guild_id: int | None, message_id: int) -> None:
        await self._services.removal.message_gone(guild_id, message_id)
        await self._services.showcase.message_gone(message_id)

    async def _recount(self, guild_ids: list[int]) -> None:
        try:
            changed = await self._services.recount.run(guild_ids)
        except BotError:
            log.exception("stars could not be counted again")
        else:
            log.info("stars counted again; results with others than known: %d", changed)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Events(bot))

"""`/queue` and `/usage`: where one stands, what one has used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.services.line import Line
from bot.ui.answers import acknowledge, answer
from bot.ui.buttons import cancel_buttons
from bot.ui.reading import requester_of
from bot.ui.texts import commands as words
from bot.ui.texts import line

if TYPE_CHECKING:
    from bot.client import StudioBot


class LineCommands(commands.Cog):
    """Shows a member their own."""

    def __init__(self, service: Line) -> None:
        self._line = service

    @app_commands.command(name="queue", description=words.QUEUE)
    async def queue(self, interaction: discord.Interaction) -> None:
        """List own waiting and running jobs, a cancel button each."""
        await acknowledge(interaction)
        jobs = await self._line.overview(interaction.user.id)
        buttons = cancel_buttons([job.id for job, _ in jobs])
        await answer(interaction, line.overview(jobs), buttons)

    @app_commands.command(name="usage", description=words.USAGE)
    async def usage(self, interaction: discord.Interaction) -> None:
        """Say what was used of what is allowed."""
        await acknowledge(interaction)
        used = await self._line.usage(requester_of(interaction), interaction.guild_id)
        await answer(interaction, line.usage(used))


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(LineCommands(bot.services.line))

"""`/results`: own finished pictures, looked through one request after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.services.finished import Finished
from bot.ui.answers import acknowledge, answer
from bot.ui.pages import page_answer
from bot.ui.texts import commands as words

if TYPE_CHECKING:
    from bot.client import StudioBot


class ResultCommands(commands.Cog):
    """Shows a member their own."""

    def __init__(self, finished: Finished) -> None:
        self._finished = finished

    @app_commands.command(name="results", description=words.RESULTS)
    @app_commands.describe(id=words.RESULT_ID)
    async def results(
        self,
        interaction: discord.Interaction,
        id: app_commands.Range[str, 1, 20] | None = None,  # noqa: A002 - its name in Discord
    ) -> None:
        """Show the newest result, or the one asked for."""
        await acknowledge(interaction)
        job_id = id.strip().lstrip("#").lower() if id else None
        shown = await self._finished.show(
            interaction.user.id, job_id, file_limit=interaction.filesize_limit
        )
        await answer(interaction, *page_answer(shown, job_id))


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(ResultCommands(bot.services.finished))

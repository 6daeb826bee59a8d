"""The message command Report: abuse to the moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import BotError, UserError
from bot.services.reports import Reports
from bot.ui.answers import acknowledge, answer, answer_error
from bot.ui.reports import read_report, report_form
from bot.ui.texts import commands as words
from bot.ui.texts import report as texts

if TYPE_CHECKING:
    from bot.client import StudioBot


class ReportCommand(commands.Cog):
    """Shows the form, and takes what was sent with it: by this process or an earlier one."""

    def __init__(self, bot: StudioBot) -> None:
        self._tree = bot.tree
        self._reports: Reports = bot.services.reports
        self._menu = app_commands.guild_only(
            app_commands.ContextMenu(name=words.REPORT, callback=self.report)
        )

    async def cog_load(self) -> None:
        """Add the message command: discord.py takes none from a cog's class."""
        self._tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self._tree.remove_command(self._menu.name, type=self._menu.type)

    async def report(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show the form, unless the report would be refused anyway."""
        guild_id = interaction.guild_id or 0
        try:
            job = await self._reports.check(message.id, guild_id, interaction.user.id)
        except UserError as error:
            await answer(interaction, texts.refused(error))
        else:
            await interaction.response.send_modal(report_form(message.id, job))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take a form that was sent."""
        complaint = read_report(interaction)
        if complaint is None:
            return
        await acknowledge(interaction)
        try:
            job = await self._reports.report(complaint)
        except UserError as error:
            await answer(interaction, texts.refused(error, complaint.reason))
        except BotError as error:
            await answer_error(interaction, error)
        else:
            await answer(interaction, texts.thanks(job))


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(ReportCommand(bot))

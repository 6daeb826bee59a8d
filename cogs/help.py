"""`/help`: what to type, what is left, where to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import UserError
from bot.services.bundle import Services
from bot.ui.answers import acknowledge, answer, answer_error
from bot.ui.help import is_for_moderators, moderators_button
from bot.ui.reading import requester_of
from bot.ui.texts import commands as words
from bot.ui.texts import help as texts

if TYPE_CHECKING:
    from bot.client import StudioBot


class HelpCommand(commands.Cog):
    """Shows a screen to members, and another one to moderators."""

    def __init__(self, bot: StudioBot) -> None:
        self._bot = bot
        self._services: Services = bot.services

    @app_commands.command(name="help", description=words.HELP)
    async def help(self, interaction: discord.Interaction) -> None:
        """Show the members' screen."""
        await acknowledge(interaction)
        guild_id = interaction.guild_id
        used = await self._services.line.usage(requester_of(interaction), guild_id)
        star = await self._services.servers.star(guild_id, interaction.user.id)
        portal = self._bot.application
        here = texts.Here(
            reroll=self._bot.reroll_emoji,
            star=star or self._bot.showcase_emoji,
            in_server=guild_id is not None,
            privacy_policy=portal.privacy_policy_url if portal else None,
            terms=portal.terms_of_service_url if portal else None,
        )
        await answer(interaction, texts.members(used, here), moderators_button(interaction))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Show the moderators' screen."""
        try:
            if is_for_moderators(interaction):
                await answer(interaction, texts.MODERATORS)
        except UserError as error:
            await answer_error(interaction, error)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(HelpCommand(bot))

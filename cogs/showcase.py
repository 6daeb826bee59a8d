"""`/showcase`: where a server shows what its members starred."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.refusals import NotAllowed
from bot.domain.showcase import Board
from bot.services.showcase import Showcase
from bot.ui.answers import answer
from bot.ui.texts import commands as words
from bot.ui.texts import results

if TYPE_CHECKING:
    from bot.client import StudioBot


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class ShowcaseCommands(commands.GroupCog, group_name="showcase", group_description=words.SHOWCASE):
    """Sets the board."""

    def __init__(self, showcase: Showcase, threshold: int) -> None:
        self._showcase = showcase
        self._threshold = threshold

    @app_commands.command(name="set", description=words.SHOWCASE_SET)
    @app_commands.describe(channel=words.SHOWCASE_CHANNEL, threshold=words.SHOWCASE_THRESHOLD)
    async def set(
        self,
        interaction: discord.Interaction,
        channel: discord.TextChannel,
        threshold: app_commands.Range[int, 1, 100] | None = None,
    ) -> None:
        """Show starred results in a channel."""
        _check_right(interaction)
        board = Board(
            channel_id=channel.id,
            threshold=threshold or self._threshold,
            age_restricted=channel.is_nsfw(),
        )
        await self._showcase.set_board(channel.guild.id, board)
        await answer(interaction, results.board_set(board.channel_id, board.threshold))

    @app_commands.command(name="off", description=words.SHOWCASE_OFF)
    async def off(self, interaction: discord.Interaction) -> None:
        """Show nothing any more."""
        _check_right(interaction)
        await self._showcase.set_board(interaction.guild_id or 0, None)
        await answer(interaction, results.BOARD_OFF)


def _check_right(interaction: discord.Interaction) -> None:
    if not interaction.permissions.manage_guild:
        raise NotAllowed(permission="Manage Server")


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(ShowcaseCommands(bot.services.showcase, bot.showcase_threshold))

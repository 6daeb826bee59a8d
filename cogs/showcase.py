"""`/showcase`: where a server shows what its members starred, and the best of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.server_refusals import NotAllowed
from bot.domain.showcase import Span
from bot.services.showcase import Showcase
from bot.ui.answers import acknowledge, answer
from bot.ui.boards import board_of
from bot.ui.pages import best_answer, exhibit_answer
from bot.ui.reading import is_age_restricted
from bot.ui.texts import commands as words
from bot.ui.texts import showcase
from bot.ui.texts.labels import CROSS

if TYPE_CHECKING:
    from bot.client import StudioBot

SPANS = [app_commands.Choice(name=words.SPANS[span], value=span.value) for span in Span]


@app_commands.guild_only()
class ShowcaseCommands(commands.GroupCog, group_name="showcase", group_description=words.SHOWCASE):
    """Sets the board, and shows what is on it."""

    def __init__(
        self, service: Showcase, *, threshold: int, emoji: str, taken: Collection[str]
    ) -> None:
        self._showcase = service
        self._threshold = threshold
        self._emoji = emoji
        self._taken = taken

    @app_commands.command(name="set", description=words.SHOWCASE_SET)
    @app_commands.describe(
        channel=words.SHOWCASE_CHANNEL,
        threshold=words.SHOWCASE_THRESHOLD,
        emoji=words.SHOWCASE_EMOJI,
    )
    async def set(
        self,
        interaction: discord.Interaction,
        channel: discord.TextChannel | discord.ForumChannel,
        threshold: app_commands.Range[int, 1, 100] | None = None,
        emoji: app_commands.Range[str, 1, 100] | None = None,
    ) -> None:
        """Show starred results in a channel or forum."""
        _check_right(interaction)
        await acknowledge(interaction)
        board = await board_of(
            interaction,
            channel,
            threshold=threshold or self._threshold,
            emoji=emoji or self._emoji,
            taken=self._taken,
        )
        await self._showcase.set_board(channel.guild.id, board)
        await answer(interaction, showcase.board_set(board))

    @app_commands.command(name="off", description=words.SHOWCASE_OFF)
    async def off(self, interaction: discord.Interaction) -> None:
        """Show nothing any more."""
        _check_right(interaction)
        await self._showcase.set_board(interaction.guild_id or 0, None)
        await answer(interaction, showcase.BOARD_OFF)

    @app_commands.command(name="top", description=words.SHOWCASE_TOP)
    @app_commands.describe(period=words.SHOWCASE_PERIOD)
    @app_commands.choices(period=SPANS)
    async def top(self, interaction: discord.Interaction, period: str = Span.WEEK) -> None:
        """Show the best of a week, a month, or ever."""
        await acknowledge(interaction)
        span = Span(period)
        found, exhibits = await self._showcase.best(
            interaction.guild_id or 0, span, restricted=is_age_restricted(interaction.channel)
        )
        await answer(interaction, *best_answer(found, span, exhibits))

    @app_commands.command(name="random", description=words.SHOWCASE_RANDOM)
    async def random(self, interaction: discord.Interaction) -> None:
        """Show one entry, whichever."""
        await acknowledge(interaction)
        exhibit = await self._showcase.any_entry(
            interaction.guild_id or 0, restricted=is_age_restricted(interaction.channel)
        )
        await answer(interaction, *exhibit_answer(exhibit))


def _check_right(interaction: discord.Interaction) -> None:
    if not interaction.permissions.manage_guild:
        raise NotAllowed(permission="Manage Server")


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(
        ShowcaseCommands(
            bot.services.showcase,
            threshold=bot.showcase_threshold,
            emoji=bot.showcase_emoji,
            taken=(bot.reroll_emoji, CROSS),
        )
    )

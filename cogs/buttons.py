"""Buttons of cards, results and lists: read from the interaction, so that old ones work too."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.errors import BotError
from bot.services.line import Line
from bot.services.rerolls import Rerolls
from bot.ui.answers import acknowledge, answer, answer_error
from bot.ui.buttons import Action, Press, read
from bot.ui.reading import actor_of, requester_of
from bot.ui.texts import line, results

if TYPE_CHECKING:
    from bot.client import StudioBot


DEAD_SECONDS = 1.5


class Buttons(commands.Cog):
    """Does what was pressed, for whoever pressed, and says so privately."""

    def __init__(self, *, rerolls: Rerolls, line_service: Line) -> None:
        self._rerolls = rerolls
        self._line = line_service
        self._actions = {
            Action.REROLL: self._reroll,
            Action.AGAIN: self._again,
            Action.CANCEL: self._cancel,
        }

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer a press of one of our buttons, and of those that nothing answers any more."""
        press = read(interaction)
        if press is None:
            await _answer_dead_one(interaction)
            return
        await acknowledge(interaction)
        try:
            text = await self._actions[press.action](press, interaction)
        except BotError as error:
            await answer_error(interaction, error)
        else:
            await answer(interaction, text)

    async def _reroll(self, press: Press, interaction: discord.Interaction) -> str:
        job = await self._rerolls.reroll(press.job_id, requester_of(interaction))
        return results.rerolling(job)

    async def _again(self, press: Press, interaction: discord.Interaction) -> str:
        job = await self._rerolls.again(press.job_id, requester_of(interaction))
        return results.sent_again(job)

    async def _cancel(self, press: Press, interaction: discord.Interaction) -> str:
        return line.cancelled(await self._line.cancel(press.job_id, actor_of(interaction)))


async def _answer_dead_one(interaction: discord.Interaction) -> None:
    """Say that a button or form is from another time, where Discord would say "failed"."""
    if interaction.type is discord.InteractionType.component:
        await asyncio.sleep(DEAD_SECONDS)
        if not interaction.response.is_done():
            await answer(interaction, line.DEAD_BUTTON)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Buttons(rerolls=bot.services.rerolls, line_service=bot.services.line))

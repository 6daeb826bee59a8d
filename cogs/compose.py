"""`/compose`: the form of a request, for phones and for many pictures at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import BotError
from bot.domain.model import SEEDREAM_5_LITE
from bot.services.submission import Ask, Submission
from bot.ui.answers import acknowledge, answer, answer_error
from bot.ui.forms import Filled, compose_form, filled, is_compose
from bot.ui.reading import place_of, requester_of, sent_file
from bot.ui.texts import cards, forms
from bot.ui.texts import commands as words

if TYPE_CHECKING:
    from bot.client import StudioBot

PARAMETERS = SEEDREAM_5_LITE.parameters


class Compose(commands.Cog):
    """Shows the form, and takes what was sent with it: by this process or an earlier one."""

    def __init__(self, submission: Submission) -> None:
        self._submission = submission

    @app_commands.command(name="compose", description=words.COMPOSE)
    async def compose(self, interaction: discord.Interaction) -> None:
        """Show the form, unless the bot could not answer here anyway."""
        place_of(interaction)
        await interaction.response.send_modal(compose_form())

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take a form that was sent."""
        if not is_compose(interaction):
            return
        await acknowledge(interaction)
        form = filled(interaction)
        try:
            job = await self._submission.submit(
                _ask(form),
                key=f"interaction:{interaction.id}",
                requester=requester_of(interaction),
                place=place_of(interaction),
            )
        except BotError as error:
            await answer_error(interaction, error, form.prompt)
        else:
            await answer(interaction, cards.accepted(job))


def _ask(form: Filled) -> Ask:
    files = [
        sent_file(forms.picture(number), attachment)
        for number, attachment in enumerate(form.attachments, start=1)
    ]
    return Ask(
        prompt=form.prompt,
        files=files,
        aspect_ratio=form.aspect_ratio,
        size=form.size,
        max_images=form.max_images,
        optimize_prompt=str(PARAMETERS["optimize_prompt"].default),
        watermark=bool(PARAMETERS["watermark"].default),
    )


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Compose(bot.services.submission))

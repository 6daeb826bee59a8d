"""Requests by form: `/compose`, the message command Restyle, and the forms of Edit buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import BotError
from bot.domain.job import Job
from bot.domain.model import SEEDREAM_5_LITE
from bot.domain.pictures import SentFile
from bot.services.bundle import Services
from bot.services.rerolls import Change
from bot.services.submission import Ask
from bot.ui.answers import acknowledge, answer, answer_error, greet
from bot.ui.forms import Filled, Form, Sent, compose_form, filled, read_form, restyle_form
from bot.ui.reading import (
    attachment_json,
    attachments_of,
    place_of,
    requester_of,
    sent_file,
    stored_attachments,
)
from bot.ui.texts import cards, forms
from bot.ui.texts import commands as words

if TYPE_CHECKING:
    from bot.client import StudioBot

PARAMETERS = SEEDREAM_5_LITE.parameters


class Forms(commands.Cog):
    """Shows forms, and takes what was sent with them: by this process or an earlier one."""

    def __init__(self, bot: StudioBot) -> None:
        self._tree = bot.tree
        self._services: Services = bot.services
        self._restyle = app_commands.ContextMenu(name=words.RESTYLE, callback=self.restyle)
        self._forms = {
            Form.COMPOSE: self._composed,
            Form.EDIT: self._edited,
            Form.RESTYLE: self._restyled,
        }

    async def cog_load(self) -> None:
        """Add the message command: discord.py takes none from a cog's class."""
        self._tree.add_command(self._restyle)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self._tree.remove_command(self._restyle.name, type=self._restyle.type)

    @app_commands.command(name="compose", description=words.COMPOSE)
    async def compose(self, interaction: discord.Interaction) -> None:
        """Show the form, unless the bot could not answer here anyway."""
        place = place_of(interaction)
        await self._services.submission.welcome(requester_of(interaction), place)
        await interaction.response.send_modal(compose_form())

    async def restyle(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """Show the form for a message's pictures; which they are is remembered until it is sent.

        A message can be read here, but not fetched later: that would take a privileged intent.
        """
        place = place_of(interaction)
        here = await self._services.submission.welcome(requester_of(interaction), place)
        pictures, left_out = attachments_of(interaction, message, here.settings.restyle)
        noted = [attachment_json(one) for one in pictures]
        await self._services.restyle.remember(interaction.user.id, message.id, noted, left_out)
        await interaction.response.send_modal(restyle_form(message.id, len(pictures)))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take a form that was sent."""
        sent = read_form(interaction)
        if sent is None:
            return
        await acknowledge(interaction)
        form = filled(interaction)
        try:
            await greet(interaction, self._services.privacy)
            job, left_out = await self._forms[sent.form](sent, form, interaction)
        except BotError as error:
            await answer_error(interaction, error, form.prompt)
        else:
            await answer(interaction, cards.accepted(job) + forms.left_out(left_out))

    async def _composed(
        self, _: Sent, form: Filled, interaction: discord.Interaction
    ) -> tuple[Job, list[str]]:
        return await self._submit(form, _files(form.attachments), interaction), []

    async def _restyled(
        self, sent: Sent, form: Filled, interaction: discord.Interaction
    ) -> tuple[Job, list[str]]:
        recalled = await self._services.restyle.recall(interaction.user.id, int(sent.about))
        noted, left_out = recalled
        together = [*stored_attachments(interaction, noted), *form.attachments]
        return await self._submit(form, _files(together), interaction), left_out

    async def _edited(
        self, sent: Sent, form: Filled, interaction: discord.Interaction
    ) -> tuple[Job, list[str]]:
        change = Change(
            prompt=form.prompt,
            files=_files(form.attachments),
            aspect_ratio=form.aspect_ratio,
            size=form.size,
            max_images=form.max_images,
        )
        job = await self._services.rerolls.edit(
            sent.about,
            change,
            key=f"interaction:{interaction.id}",
            requester=requester_of(interaction),
        )
        return job, []

    async def _submit(
        self, form: Filled, files: list[SentFile], interaction: discord.Interaction
    ) -> Job:
        ask = Ask(
            prompt=form.prompt,
            files=files,
            aspect_ratio=form.aspect_ratio,
            size=form.size,
            max_images=form.max_images,
            optimize_prompt=str(PARAMETERS["optimize_prompt"].default),
            watermark=bool(PARAMETERS["watermark"].default),
        )
        return await self._services.submission.submit(
            ask,
            key=f"interaction:{interaction.id}",
            requester=requester_of(interaction),
            place=place_of(interaction),
        )


def _files(attachments: list[discord.Attachment]) -> list[SentFile]:
    return [
        sent_file(forms.picture(number), attachment)
        for number, attachment in enumerate(attachments, start=1)
    ]


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Forms(bot))

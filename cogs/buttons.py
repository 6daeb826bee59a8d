"""Buttons of cards, results and lists: read from the interaction, so that old ones work too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.errors import BotError
from bot.services.bundle import Services
from bot.services.finished import SHOWN
from bot.ui.answers import (
    acknowledge,
    acknowledge_in_place,
    answer,
    answer_dead_one,
    answer_error,
    greet,
)
from bot.ui.buttons import OWN_DATA, Action, Press, consent_button, delete_button, read
from bot.ui.forms import edit_form
from bot.ui.known import is_known
from bot.ui.pages import Answer, details_answer, more_answer, page_answer
from bot.ui.reading import actor_of, place_of, requester_of
from bot.ui.texts import line, report, results, showcase

if TYPE_CHECKING:
    from bot.client import StudioBot

ASKING = {Action.REROLL, Action.AGAIN}
IN_PLACE = {Action.SHOW, Action.DELETE_SURE}


class Buttons(commands.Cog):
    """Does what was pressed, for whoever pressed, and says so privately."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._actions = {
            Action.REROLL: self._reroll,
            Action.AGAIN: self._again,
            Action.CANCEL: self._cancel,
            Action.DETAILS: self._details,
            Action.DELETE: self._ask_delete,
            Action.DELETE_SURE: self._delete,
            Action.SHOW: self._show,
            Action.MORE: self._more,
            Action.POST: self._post,
            Action.WITHDRAW: self._withdraw,
            Action.KEEP_OUT: self._keep_out,
            Action.LET_IN: self._let_in,
            Action.BLOCK: self._block,
        }

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer a press of one of our buttons, and of those that nothing answers any more."""
        press = read(interaction)
        if press is None:
            if not is_known(interaction):
                await answer_dead_one(interaction)
            return
        if press.action in OWN_DATA:
            return  # see the cog of /privacy
        if press.action is Action.EDIT:
            await self._show_edit(press, interaction)
            return
        in_place = press.action in IN_PLACE and _is_private(interaction.message)
        await (acknowledge_in_place(interaction) if in_place else acknowledge(interaction))
        try:
            if press.action in ASKING:
                await greet(interaction, self._services.privacy)
            said = await self._actions[press.action](press, interaction)
        except BotError as error:
            await answer_error(interaction, error)
        else:
            await answer(interaction, *said)

    async def _show_edit(self, press: Press, interaction: discord.Interaction) -> None:
        """Show a form: that has to be the first answer, so nothing is acknowledged before it."""
        try:
            job = await self._services.rerolls.editable(press.job_id, requester_of(interaction))
        except BotError as error:
            await answer_error(interaction, error)
        else:
            await interaction.response.send_modal(edit_form(job))

    async def _reroll(self, press: Press, interaction: discord.Interaction) -> Answer:
        queued = await self._services.rerolls.reroll(press.job_id, requester_of(interaction))
        return results.rerolling(*queued), None, []

    async def _again(self, press: Press, interaction: discord.Interaction) -> Answer:
        job = await self._services.rerolls.again(press.job_id, requester_of(interaction))
        return results.sent_again(job), None, []

    async def _cancel(self, press: Press, interaction: discord.Interaction) -> Answer:
        job = await self._services.line.cancel(press.job_id, actor_of(interaction))
        return line.cancelled(job), None, []

    async def _details(self, press: Press, interaction: discord.Interaction) -> Answer:
        job, sheet = await self._services.finished.details(press.job_id, actor_of(interaction))
        if job.requester.id != interaction.user.id or job.place.guild_id is None:
            return details_answer(job, sheet, None)
        shown = await self._services.showcase.is_shown(interaction.user.id)
        return details_answer(job, sheet, consent_button(job.id, shown=shown))

    async def _ask_delete(self, press: Press, interaction: discord.Interaction) -> Answer:
        job = await self._services.removal.check(press.job_id, actor_of(interaction))
        return results.ask_delete(job), delete_button(job.id), []

    async def _delete(self, press: Press, interaction: discord.Interaction) -> Answer:
        job = await self._services.removal.delete(press.job_id, actor_of(interaction))
        return results.deleted(job), None, []

    async def _show(self, press: Press, interaction: discord.Interaction) -> Answer:
        shown = await self._services.finished.show(
            interaction.user.id, press.job_id, file_limit=interaction.filesize_limit
        )
        return page_answer(shown, press.job_id)

    async def _more(self, press: Press, interaction: discord.Interaction) -> Answer:
        shown = await self._services.finished.show(
            interaction.user.id, press.job_id, after=SHOWN, file_limit=interaction.filesize_limit
        )
        return more_answer(shown, press.job_id)

    async def _post(self, press: Press, interaction: discord.Interaction) -> Answer:
        job = await self._services.finished.post_here(
            press.job_id, interaction.user.id, place_of(interaction, private=True)
        )
        return results.posting_here(job), None, []

    async def _withdraw(self, press: Press, interaction: discord.Interaction) -> Answer:
        job = await self._services.showcase.withdraw(press.job_id, actor_of(interaction))
        own = job.requester.id == interaction.user.id
        consent = consent_button(job.id, shown=True) if own else None
        return showcase.withdrawn(job), consent, []

    async def _keep_out(self, press: Press, interaction: discord.Interaction) -> Answer:
        await self._services.showcase.opt(interaction.user.id, shown=False)
        return showcase.KEPT_OUT, consent_button(press.job_id, shown=False), []

    async def _let_in(self, press: Press, interaction: discord.Interaction) -> Answer:
        await self._services.showcase.opt(interaction.user.id, shown=True)
        return showcase.LET_IN, consent_button(press.job_id, shown=True), []

    async def _block(self, press: Press, interaction: discord.Interaction) -> Answer:
        blocked = await self._services.reports.block(press.job_id, actor_of(interaction))
        return report.blocked(*blocked), None, []


def _is_private(message: discord.Message | None) -> bool:
    """Whether a button's message is for one member only, and may be changed into another."""
    return message is not None and message.flags.ephemeral


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Buttons(bot.services))

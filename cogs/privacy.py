"""`/privacy`: what is kept of a member; an export of it; everything of theirs erased."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import BotError
from bot.services.export import Export, Parcel
from bot.services.privacy import Privacy
from bot.ui.answers import acknowledge, answer, answer_error
from bot.ui.buttons import OWN_DATA, Action, erase_button, privacy_buttons, read
from bot.ui.texts import commands as words
from bot.ui.texts import privacy

if TYPE_CHECKING:
    from bot.client import StudioBot


class PrivacyCommands(commands.GroupCog, group_name="privacy", group_description=words.PRIVACY):
    """Shows, hands over and erases what is kept of whoever asks."""

    def __init__(self, service: Privacy, export: Export) -> None:
        self._privacy = service
        self._export = export
        self._actions = {
            Action.EXPORT: self._send_export,
            Action.ERASE: self._ask_erase,
            Action.ERASE_SURE: self._erase,
        }

    @app_commands.command(name="about", description=words.PRIVACY_ABOUT)
    async def about(self, interaction: discord.Interaction) -> None:
        """Say what is kept, how long, where it goes."""
        await acknowledge(interaction)
        kept = await self._privacy.kept(interaction.user.id)
        text = privacy.about(kept, self._privacy.retention_days)
        await answer(interaction, text, privacy_buttons(shown=kept.shown))

    @app_commands.command(name="export", description=words.PRIVACY_EXPORT)
    async def export(self, interaction: discord.Interaction) -> None:
        """Hand over everything as zip files."""
        await acknowledge(interaction)
        await self._send_export(interaction)

    @app_commands.command(name="erase", description=words.PRIVACY_ERASE)
    async def erase(self, interaction: discord.Interaction) -> None:
        """Ask once; the button erases."""
        await acknowledge(interaction)
        await self._ask_erase(interaction)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer the buttons about whoever presses."""
        press = read(interaction)
        if press is None or press.action not in OWN_DATA:
            return
        await acknowledge(interaction)
        try:
            await self._actions[press.action](interaction)
        except BotError as error:
            await answer_error(interaction, error)

    async def _ask_erase(self, interaction: discord.Interaction) -> None:
        kept = await self._privacy.kept(interaction.user.id)
        await answer(interaction, privacy.ask_erase(kept), erase_button())

    async def _erase(self, interaction: discord.Interaction) -> None:
        await self._privacy.erase(interaction.user.id)
        await answer(interaction, privacy.ERASING)

    async def _send_export(self, interaction: discord.Interaction) -> None:
        """Send what fits as an answer, the rest by direct message, else its first part."""
        user, limit = interaction.user, interaction.filesize_limit
        async with self._export.begun(user.id, limit) as parcels:
            total = 0
            async for parcel in parcels:
                total = parcel.total
                if total == 1:
                    await _answer_with(interaction, parcel, privacy.parcel(1, 1))
                    return
                if not await _sent_directly(user, parcel):
                    await _answer_with(interaction, parcel, privacy.shut_out(total))
                    return
            await answer(interaction, privacy.sent(total))


async def _answer_with(interaction: discord.Interaction, parcel: Parcel, text: str) -> None:
    file = await asyncio.to_thread(discord.File, parcel.path)
    try:
        await answer(interaction, text, files=[file])
    finally:
        file.close()


async def _sent_directly(user: discord.User | discord.Member, parcel: Parcel) -> bool:
    """Send a part by direct message; False where the member takes none."""
    text = privacy.parcel(parcel.number, parcel.total)
    file = await asyncio.to_thread(discord.File, parcel.path)
    try:
        await user.send(text, file=file)
    except discord.Forbidden:
        return False
    finally:
        file.close()
    return True


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(PrivacyCommands(bot.services.privacy, bot.services.export))

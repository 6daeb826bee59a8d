"""`/manage`: what moderators do in their server. Rights are looked at with every press."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import BotError
from bot.domain.server_refusals import NotAllowed
from bot.services.moderation import Moderation
from bot.ui.answers import acknowledge, answer, answer_error
from bot.ui.panel import Part, chosen, panel, read_part
from bot.ui.panel_forms import numbers_form, read_numbers, read_role, role_form, rules_json
from bot.ui.texts import commands as words
from bot.ui.texts import manage
from bot.ui.texts.status import chart_alt

if TYPE_CHECKING:
    from bot.client import StudioBot

LISTS = {Part.CHANNELS}
NUMBERS = {Part.MODERATORS, Part.REROLL_ROLE, Part.ARCHIVE}


@app_commands.guild_only()
@app_commands.default_permissions(manage_messages=True)
class ManageCommands(commands.GroupCog, group_name="manage", group_description=words.MANAGE):
    """Does it, and says so privately."""

    def __init__(self, bot: StudioBot) -> None:
        self._bot = bot
        self._moderation: Moderation = bot.services.moderation

    @app_commands.command(name="status", description=words.MANAGE_STATUS)
    async def status(self, interaction: discord.Interaction) -> None:
        """Sum up the server."""
        await acknowledge(interaction)
        _require_moderator(interaction)
        report = await self._moderation.status(interaction.guild_id or 0)
        files = []
        if report.chart:
            alt = chart_alt(report.days, report.budgets.guild_day)
            files = [discord.File(BytesIO(report.chart), manage.CHART, description=alt)]
        await answer(interaction, manage.status(report), files=files)

    @app_commands.command(name="pause", description=words.MANAGE_PAUSE)
    @app_commands.describe(reason=words.PAUSE_REASON, everywhere=words.EVERYWHERE)
    async def pause(
        self,
        interaction: discord.Interaction,
        reason: app_commands.Range[str, 1, 200],
        everywhere: bool = False,
    ) -> None:
        """Hold what waits, refuse what is new."""
        await acknowledge(interaction)
        _require_moderator(interaction)
        await self._check_owner(interaction, everywhere)
        held = await self._moderation.pause(
            interaction.guild_id or 0, interaction.user.id, reason, everywhere=everywhere
        )
        await answer(interaction, manage.paused(held, everywhere=everywhere))

    @app_commands.command(name="resume", description=words.MANAGE_RESUME)
    @app_commands.describe(everywhere=words.EVERYWHERE)
    async def resume(self, interaction: discord.Interaction, everywhere: bool = False) -> None:
        """Let it go on."""
        await acknowledge(interaction)
        _require_moderator(interaction)
        await self._check_owner(interaction, everywhere)
        freed = await self._moderation.resume(
            interaction.guild_id or 0, interaction.user.id, everywhere=everywhere
        )
        await answer(interaction, manage.resumed(freed, everywhere=everywhere))

    @app_commands.command(name="block", description=words.MANAGE_BLOCK)
    @app_commands.describe(
        member=words.BLOCK_MEMBER, hours=words.BLOCK_HOURS, reason=words.BLOCK_REASON
    )
    async def block(
        self,
        interaction: discord.Interaction,
        member: discord.User,
        hours: app_commands.Range[int, 1, 8760] = 24,
        reason: app_commands.Range[str, 0, 200] = "",
    ) -> None:
        """Keep a member out."""
        await acknowledge(interaction)
        _require_moderator(interaction)
        until, cancelled = await self._moderation.block(
            interaction.guild_id or 0, member.id, interaction.user.id, hours=hours, reason=reason
        )
        await answer(interaction, manage.blocked(member.id, until, cancelled))

    @app_commands.command(name="unblock", description=words.MANAGE_UNBLOCK)
    @app_commands.describe(member=words.UNBLOCK_MEMBER)
    async def unblock(self, interaction: discord.Interaction, member: discord.User) -> None:
        """Let them in again."""
        await acknowledge(interaction)
        _require_moderator(interaction)
        await self._moderation.unblock(interaction.guild_id or 0, member.id, interaction.user.id)
        await answer(interaction, manage.unblocked(member.id))

    @app_commands.command(name="cancel", description=words.MANAGE_CANCEL)
    @app_commands.describe(member=words.CANCEL_MEMBER)
    async def cancel(
        self, interaction: discord.Interaction, member: discord.User | None = None
    ) -> None:
        """Cancel what waits, of a member or of all."""
        await acknowledge(interaction)
        _require_moderator(interaction)
        count = await self._moderation.cancel(
            interaction.guild_id or 0, member.id if member else None, interaction.user.id
        )
        await answer(interaction, manage.cancelled(count))

    @app_commands.command(name="settings", description=words.MANAGE_SETTINGS)
    async def settings(self, interaction: discord.Interaction) -> None:
        """Show the panel."""
        _require_manager(interaction)
        draft = await self._moderation.open_panel(interaction.guild_id or 0, interaction.user.id)
        await interaction.response.send_message(view=panel(draft), ephemeral=True)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Take what was chosen in a panel, or sent with one of its forms."""
        found = read_part(interaction)
        if found is None or interaction.guild_id is None:
            return
        try:
            _require_manager(interaction)
            await self._take(interaction, *found)
        except BotError as error:
            await answer_error(interaction, error)

    async def _take(self, interaction: discord.Interaction, part: Part, about: str) -> None:
        here = (interaction.guild_id or 0, interaction.user.id)
        if interaction.type is discord.InteractionType.modal_submit:
            await self._take_form(interaction, part, about)
        elif part in {Part.NUMBERS, Part.ROLE}:
            await self._show_form(interaction, part)
        elif part is Part.SAVE:
            await _show(interaction, panel(await self._moderation.save(*here), saved=True))
        elif part is Part.DISCARD:
            await _show(interaction, panel(await self._moderation.open_panel(*here)))
        else:
            changed = {part.value: _value(part, chosen(interaction))}
            await _show(interaction, panel(await self._moderation.alter(*here, changed)))

    async def _show_form(self, interaction: discord.Interaction, part: Part) -> None:
        draft = await self._moderation.panel(interaction.guild_id or 0, interaction.user.id)
        if part is Part.NUMBERS:
            await interaction.response.send_modal(numbers_form(draft.after))
            return
        role_id = int(next(iter(chosen(interaction)), 0))
        role = interaction.guild.get_role(role_id) if interaction.guild else None
        if role is None:
            await interaction.response.defer()
            return
        rule = next((one for one in draft.after.roles if one.role_id == role.id), None)
        await interaction.response.send_modal(role_form(role, rule))

    async def _take_form(self, interaction: discord.Interaction, part: Part, about: str) -> None:
        here = (interaction.guild_id or 0, interaction.user.id)
        if part is Part.NUMBERS:
            draft = await self._moderation.panel(*here)
            changed = await read_numbers(interaction, draft.after)
        else:
            draft = await self._moderation.panel(*here)
            changed = rules_json(draft.after, int(about), read_role(interaction, int(about)))
        await _show(interaction, panel(await self._moderation.alter(*here, changed)))

    async def _check_owner(self, interaction: discord.Interaction, everywhere: bool) -> None:
        if everywhere and not await self._bot.is_owner(interaction.user):
            raise NotAllowed(permission=manage.OWNER)


def _value(part: Part, values: list[str]) -> object:
    """Make of what was chosen what is stored."""
    if part in LISTS:
        return [int(one) for one in values]
    if part in NUMBERS:
        return int(values[0]) if values else None
    if part is Part.LOOSER:
        return values == ["True"]
    return values[0] if values else None


async def _show(interaction: discord.Interaction, view: discord.ui.LayoutView) -> None:
    await interaction.response.edit_message(view=view)


def _require_moderator(interaction: discord.Interaction) -> None:
    if not interaction.permissions.manage_messages:
        raise NotAllowed(permission=manage.MODERATOR)


def _require_manager(interaction: discord.Interaction) -> None:
    if not interaction.permissions.manage_guild:
        raise NotAllowed(permission=manage.MANAGER)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(ManageCommands(bot))

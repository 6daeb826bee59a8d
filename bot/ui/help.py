"""The button of `/help` that leads to the moderators' screen."""

import discord

from bot.domain.server_refusals import NotAllowed
from bot.ui.texts import labels, manage

MODERATORS = "help:moderators"


def moderators_button(interaction: discord.Interaction) -> discord.ui.View | None:
    """Make it for those who moderate here; stopped, or it would stay in discord.py's memory."""
    if not interaction.permissions.manage_messages or interaction.guild_id is None:
        return None
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label=labels.FOR_MODERATORS, custom_id=MODERATORS))
    view.stop()
    return view


def is_switch(interaction: discord.Interaction) -> bool:
    """Tell whether the button to the moderators' screen was pressed."""
    pressed = interaction.type is discord.InteractionType.component
    return pressed and dict(interaction.data or {}).get("custom_id") == MODERATORS


def is_for_moderators(interaction: discord.Interaction) -> bool:
    """Tell whether it was pressed; raises NotAllowed where the member may not."""
    if not is_switch(interaction):
        return False
    if not interaction.permissions.manage_messages:
        raise NotAllowed(permission=manage.MODERATOR)
    return True

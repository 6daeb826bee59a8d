"""Buttons and forms that somebody answers; the others are from an earlier version."""

import discord

from bot.ui.buttons import read
from bot.ui.forms import read_form
from bot.ui.help import is_switch
from bot.ui.panel import read_part
from bot.ui.reports import read_report


def is_known(interaction: discord.Interaction) -> bool:
    """Tell whether a pressed button or a sent form is one of this version's."""
    readers = (read, read_form, read_part, read_report, is_switch)
    return any(reader(interaction) for reader in readers)

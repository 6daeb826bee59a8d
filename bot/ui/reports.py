"""The form of a report: read from the interaction, so that one opened before a restart counts."""

import re

import discord

from bot.domain.job import Job
from bot.domain.reports import Complaint
from bot.ui.forms import values_of
from bot.ui.reading import requester_of
from bot.ui.texts import report as words

REASON = "reason"
_CUSTOM_ID = re.compile(r"report:([0-9]{1,19})")


def report_form(message_id: int, job: Job) -> discord.ui.Modal:
    """Make the form; it is stopped before it is sent, or it would stay in discord.py's memory."""
    form = discord.ui.Modal(title=words.title(job), custom_id=f"report:{message_id}")
    reason = discord.ui.TextInput[discord.ui.Modal](
        style=discord.TextStyle.paragraph, custom_id=REASON, max_length=words.REASON_LIMIT
    )
    form.add_item(
        discord.ui.Label(text=words.REASON, description=words.REASON_HINT, component=reason)
    )
    form.stop()
    return form


def read_report(interaction: discord.Interaction) -> Complaint | None:
    """Read a form that was sent; None where it is not this one, or sent from no server."""
    if interaction.type is not discord.InteractionType.modal_submit or not interaction.guild_id:
        return None
    match = _CUSTOM_ID.fullmatch(str(dict(interaction.data or {}).get("custom_id", "")))
    if match is None:
        return None
    return Complaint(
        message_id=int(match[1]),
        channel_id=interaction.channel_id or 0,
        guild_id=interaction.guild_id,
        server=interaction.guild.name if interaction.guild else "",
        reporter=requester_of(interaction),
        reason=str(values_of(interaction).get(REASON) or ""),
    )

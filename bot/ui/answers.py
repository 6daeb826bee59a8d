"""Answering whoever pressed or typed: privately, once, and whatever went wrong."""

import logging
from collections.abc import Sequence
from typing import Protocol

import discord

from bot.domain.errors import TransientError, UserError
from bot.ui.plain import cut
from bot.ui.texts import line, refusals
from bot.ui.texts.privacy import NOTICE

log = logging.getLogger(__name__)

CONTENT_LIMIT = 2000
ALREADY_ACKNOWLEDGED = 40060
ACKNOWLEDGED = "acknowledged"
GREETED = "greeted"


class Greeting(Protocol):
    """Whoever remembers which members were told."""

    async def is_new(self, user_id: int) -> bool:
        """Tell whether a member is here for the first time, once."""


async def acknowledge(interaction: discord.Interaction) -> None:
    """Say within Discord's three seconds that it was heard; the answer follows, privately.

    When Discord's reply to a first try is lost, discord.py tries again and is told that it has
    been acknowledged: so it has.
    """
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        interaction.extras[ACKNOWLEDGED] = True


async def acknowledge_in_place(interaction: discord.Interaction) -> None:
    """The same for a button whose own message will be changed."""
    try:
        await interaction.response.defer()
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        interaction.extras[ACKNOWLEDGED] = True


async def greet(interaction: discord.Interaction, privacy: Greeting) -> None:
    """Tell a member once, before anything of theirs is sent, what becomes of it.

    It stays at the top of the answer that follows.
    """
    if await privacy.is_new(interaction.user.id):
        await answer(interaction, NOTICE)
        interaction.extras[GREETED] = True


async def answer(
    interaction: discord.Interaction,
    text: str,
    buttons: discord.ui.View | None = None,
    files: Sequence[discord.File] = (),
) -> None:
    """Say something only the member sees, as the first answer or in place of a deferred one."""
    none = discord.AllowedMentions.none()
    if GREETED in interaction.extras and len(NOTICE) + len(text) + 2 <= CONTENT_LIMIT:
        text = f"{NOTICE}\n\n{text}"
    elif GREETED in interaction.extras:  # the notice stays, what was typed is given back whole
        await _follow_up(interaction, text, buttons, files)
        return
    content = cut(text, CONTENT_LIMIT)
    if interaction.response.is_done() or ACKNOWLEDGED in interaction.extras:
        await interaction.edit_original_response(
            content=content, view=buttons, attachments=files, allowed_mentions=none
        )
    else:
        await interaction.response.send_message(content, ephemeral=True, allowed_mentions=none)


async def _follow_up(
    interaction: discord.Interaction,
    text: str,
    buttons: discord.ui.View | None,
    files: Sequence[discord.File],
) -> None:
    await interaction.followup.send(
        cut(text, CONTENT_LIMIT),
        ephemeral=True,
        files=files,
        allowed_mentions=discord.AllowedMentions.none(),
        view=buttons or discord.utils.MISSING,
    )


async def answer_dead_one(interaction: discord.Interaction) -> None:
    """Say that a button or form is from another time, where Discord would say "failed"."""
    dead = line.DEAD.get(interaction.type.name)
    if dead is None:
        return
    await answer(interaction, dead)


async def answer_error(
    interaction: discord.Interaction, error: Exception, prompt: str | None = None
) -> None:
    """Say what went wrong: a refusal in its own words, else that it is not the member's fault."""
    if isinstance(error, UserError):
        await answer(interaction, refusals.refusal(error, prompt))
        return
    log.error("interaction failed", exc_info=error)
    passing = isinstance(error, TransientError)
    await answer(interaction, refusals.TRY_AGAIN_SOON if passing else refusals.SOMETHING_WENT_WRONG)

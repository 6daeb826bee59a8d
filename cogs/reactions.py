"""Reactions on results: 🔁 makes it again, ⭐ votes for the showcase, ❌ deletes one's own.

Raw events, so that messages from before a restart count too.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.errors import UserError
from bot.domain.job import Requester
from bot.services.removal import Removal
from bot.services.rerolls import Rerolls
from bot.services.showcase import Showcase
from bot.ui.texts import refusals

if TYPE_CHECKING:
    from bot.client import StudioBot

REFUSAL_SECONDS = 15.0
TOLD_SECONDS = 60.0
CROSS = "❌"
VARIATION = "\ufe0f"


class Reactions(commands.Cog):
    """Listens."""

    def __init__(
        self,
        *,
        client: discord.Client,
        rerolls: Rerolls,
        showcase: Showcase,
        removal: Removal,
        emoji: tuple[str, str],
    ) -> None:
        self._client = client
        self._rerolls = rerolls
        self._showcase = showcase
        self._removal = removal
        self._told: dict[int, float] = {}
        self._reroll_emoji, self._showcase_emoji = (text.strip(VARIATION) for text in emoji)

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Reroll, or count a star; the bot's own and other bots' reactions are nobody's wish."""
        if self._is_bot(payload):
            return
        emoji = str(payload.emoji).strip(VARIATION)
        if emoji == self._reroll_emoji:
            await self._reroll(payload)
        elif emoji == self._showcase_emoji:
            await self._showcase.star(payload.message_id, payload.user_id)
        elif emoji == CROSS:
            await self._removal.crossed_out(payload.message_id, payload.user_id)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take a star back, or a reroll that has not started."""
        emoji = str(payload.emoji).strip(VARIATION)
        if emoji == self._showcase_emoji:
            await self._showcase.unstar(payload.message_id, payload.user_id)
        elif emoji == self._reroll_emoji:
            await self._rerolls.take_back(payload.message_id, payload.user_id)

    @commands.Cog.listener()
    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        """Delete what a deleted result left elsewhere."""
        await self._removal.message_gone(payload.message_id)

    @commands.Cog.listener()
    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        """The same for many at once."""
        for message_id in payload.message_ids:
            await self._removal.message_gone(message_id)

    async def _reroll(self, payload: discord.RawReactionActionEvent) -> None:
        name = payload.member.display_name if payload.member else "you"
        requester = Requester(id=payload.user_id, name=name)
        try:
            await self._rerolls.reroll_message(payload.message_id, requester)
        except UserError as error:
            if not self._may_tell(payload.user_id):
                return
            await self._client.get_partial_messageable(payload.channel_id).send(
                refusals.no_reroll(payload.user_id, error),
                delete_after=REFUSAL_SECONDS,
                allowed_mentions=discord.AllowedMentions(users=[discord.Object(payload.user_id)]),
            )

    def _may_tell(self, user_id: int) -> bool:
        """Let one refusal a minute through to each member: a storm of reactions stays outside."""
        now = time.monotonic()
        self._told = {who: at for who, at in self._told.items() if now - at < TOLD_SECONDS}
        if user_id in self._told:
            return False
        self._told[user_id] = now
        return True

    def _is_bot(self, payload: discord.RawReactionActionEvent) -> bool:
        own = self._client.user is not None and payload.user_id == self._client.user.id
        return own or (payload.member is not None and payload.member.bot)


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(
        Reactions(
            client=bot,
            rerolls=bot.services.rerolls,
            showcase=bot.services.showcase,
            removal=bot.services.removal,
            emoji=(bot.reroll_emoji, bot.showcase_emoji),
        )
    )

"""Reactions on results: 🔁 makes it again, ⭐ votes for the showcase, ❌ deletes one's own.

Raw events, so that messages from before a restart count too.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import discord
from discord.ext import commands

from bot.domain.errors import UserError
from bot.domain.job import Requester
from bot.domain.showcase import Star, emoji_key
from bot.services.bundle import Services
from bot.ui.patience import Patience
from bot.ui.reading import roles_of
from bot.ui.texts import refusals
from bot.ui.texts.labels import CROSS

if TYPE_CHECKING:
    from bot.client import StudioBot

REFUSAL_SECONDS = 15.0


class Reactions(commands.Cog):
    """Listens, and follows what happens to one message in the order in which it happened."""

    def __init__(self, *, client: discord.Client, services: Services, reroll_emoji: str) -> None:
        self._client = client
        self._rerolls = services.rerolls
        self._showcase = services.showcase
        self._removal = services.removal
        self._reroll_emoji = emoji_key(reroll_emoji)
        self._patience = Patience()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @commands.Cog.listener()
    async def on_raw_reaction_add(self, payload: discord.RawReactionActionEvent) -> None:
        """Reroll, or count a star; the bot's own and other bots' reactions are nobody's wish."""
        if self._is_nobodys(payload) or self._is_foreign(payload):
            return
        try:
            async with self._turn(payload.message_id):
                await self._added(payload)
        except UserError as error:
            await self._refuse(payload, error)

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """Take a star back, or a reroll that has not started."""
        async with self._turn(payload.message_id):
            if emoji_key(str(payload.emoji)) == self._reroll_emoji:
                await self._rerolls.take_back(payload.message_id, payload.user_id)
            elif payload.guild_id:
                await self._showcase.unstar(_star(payload))

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """Take all stars back: a moderator cleared the message."""
        async with self._turn(payload.message_id):
            await self._showcase.cleared(payload.guild_id or 0, payload.message_id, None)

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """The same for one emoji."""
        async with self._turn(payload.message_id):
            await self._showcase.cleared(
                payload.guild_id or 0, payload.message_id, str(payload.emoji)
            )

    async def _added(self, payload: discord.RawReactionActionEvent) -> None:
        emoji = emoji_key(str(payload.emoji))
        if emoji == self._reroll_emoji:
            name = payload.member.display_name if payload.member else "you"
            roles = roles_of(payload.member)
            requester = Requester(
                id=payload.user_id, name=name, roles=roles, guild_id=payload.guild_id
            )
            await self._rerolls.reroll_message(payload.message_id, requester)
        elif emoji == CROSS:
            await self._removal.crossed_out(payload.message_id, payload.user_id)
        elif payload.guild_id:
            await self._showcase.star(_star(payload))

    async def _refuse(self, payload: discord.RawReactionActionEvent, error: UserError) -> None:
        """Say why not, for a moment; nothing else on the message waits for it."""
        if not self._patience.allows(payload.user_id, payload.channel_id):
            return
        await self._client.get_partial_messageable(payload.channel_id).send(
            refusals.no_reroll(payload.user_id, error),
            delete_after=REFUSAL_SECONDS,
            allowed_mentions=discord.AllowedMentions(users=[discord.Object(payload.user_id)]),
        )

    def _turn(self, message_id: int) -> asyncio.Lock:
        """Make whoever handles an event wait for those who handle earlier ones of its message."""
        turn = self._turns.get(message_id)
        if turn is None:
            turn = self._turns[message_id] = asyncio.Lock()
        return turn

    def _is_nobodys(self, payload: discord.RawReactionActionEvent) -> bool:
        """Tell a bot's reaction, and that of somebody who is no member of the server any more."""
        own = self._client.user is not None and payload.user_id == self._client.user.id
        if payload.member is None:
            return own or payload.guild_id is not None
        return own or payload.member.bot

    def _is_foreign(self, payload: discord.RawReactionActionEvent) -> bool:
        """Tell a reaction on somebody else's message, where Discord says whose it is."""
        own, author = self._client.user, payload.message_author_id
        return own is not None and author is not None and author != own.id


def _star(payload: discord.RawReactionActionEvent) -> Star:
    return Star(
        guild_id=payload.guild_id or 0,
        message_id=payload.message_id,
        user_id=payload.user_id,
        emoji=str(payload.emoji),
        burst=payload.burst,
    )


async def setup(bot: StudioBot) -> None:
    """Called by discord.py."""
    await bot.add_cog(Reactions(client=bot, services=bot.services, reroll_emoji=bot.reroll_emoji))

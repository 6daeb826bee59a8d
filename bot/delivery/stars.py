"""Who starred a message, as Discord has it."""

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.domain.showcase import Counted, Star, emoji_key


class DiscordStars:
    """Implements `bot.domain.ports.StarReader`; one call where nothing has changed, else three."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def count(self, message: Counted) -> int | None:
        """See the port."""
        try:
            found = await self._reaction(message)
        except PlaceLost:
            return None
        return found.count - found.me if found else 0

    async def stars(self, message: Counted) -> list[Star]:
        """See the port."""
        try:
            found = await self._reaction(message)
            if found is None:
                return []
            with translated():
                return [
                    Star(
                        guild_id=message.guild_id,
                        message_id=message.message_id,
                        user_id=user.id,
                        emoji="",
                        burst=burst,
                    )
                    for burst in (False, True)
                    async for user in found.users(type=_kind(burst=burst))
                    if not user.bot
                ]
        except PlaceLost:
            return []

    async def _reaction(self, message: Counted) -> discord.Reaction | None:
        channel = self._client.get_partial_messageable(message.channel_id)
        with translated():
            fetched = await channel.fetch_message(message.message_id)
        wanted = emoji_key(message.emoji)
        return next((one for one in fetched.reactions if emoji_key(str(one.emoji)) == wanted), None)


def _kind(*, burst: bool) -> discord.ReactionType:
    return discord.ReactionType.burst if burst else discord.ReactionType.normal

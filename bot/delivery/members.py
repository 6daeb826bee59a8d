"""Who is in a server, asked of Discord: the bot hears of none of it."""

import discord

from bot.delivery.errors import PlaceLost, translated


class DiscordMembers:
    """Implements `bot.domain.ports.Members`."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def roles(self, guild_id: int, user_id: int) -> tuple[int, ...] | None:
        """See the port."""
        try:
            with translated():
                member = await self._client.http.get_member(guild_id, user_id)
        except PlaceLost:
            return None
        return tuple(int(role_id) for role_id in member["roles"])

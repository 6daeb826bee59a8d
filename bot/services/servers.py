"""The servers the bot is in; the data of those that removed it goes after some days."""

from collections.abc import Callable, Collection

from bot.domain.servers import ServerStore


class Servers:
    """Follows servers as they come and go."""

    def __init__(self, store: ServerStore) -> None:
        self._store = store

    async def here(self, guild_ids: Collection[int], is_ours: Callable[[int], bool]) -> None:
        """Note which servers it is in now; of the others `is_ours` says which could be."""
        here = set(guild_ids)
        known = await self._store.known_guilds()
        await self._store.guilds_here(sorted(here))
        for guild_id in known - here:
            if is_ours(guild_id):
                await self._store.guild_left(guild_id)

    async def star(self, guild_id: int | None, user_id: int) -> str | None:
        """Read a server's own star; None: as everywhere."""
        return (await self._store.standing_of(guild_id, user_id)).star

    async def joined(self, guild_id: int) -> None:
        """Note that it is in a server, perhaps again."""
        await self._store.guilds_here([guild_id])

    async def left(self, guild_id: int) -> None:
        """Note that it was removed from a server."""
        await self._store.guild_left(guild_id)

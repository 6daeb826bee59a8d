"""Servers."""

from collections.abc import Sequence
from typing import Protocol


class ServerStore(Protocol):
    """What is known of servers; each method one transaction."""

    async def known_guilds(self) -> set[int]:
        """List the servers the bot was in, as far as it knows."""

    async def guilds_here(self, guild_ids: Sequence[int]) -> None:
        """Note that the bot is in some servers."""

    async def guild_left(self, guild_id: int) -> None:
        """Note that it was removed from one; the first time counts."""

    async def forget_guild(self, seconds: float) -> list[str] | None:
        """Delete some of what belongs to a server that was left so long ago.

        Returns the keys of pictures that nobody needs any more; None when there is nothing left.
        """

"""What the bot may do in a server's channels, asked over REST: no gateway, no cache."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import discord
from discord.abc import GuildChannel

# as Discord's own client names them, in the order of its page
NAMES = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "create_public_threads": "Create Public Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
    "add_reactions": "Add Reactions",
}
IN_THREADS = {"send_messages_in_threads", "create_public_threads"}
IN_CHANNEL = tuple(NAMES)
IN_A_THREAD = tuple(set(NAMES) - {"send_messages", "create_public_threads"})
ON_A_BOARD = tuple(set(NAMES) - IN_THREADS)
TO_TELL = ("view_channel", "send_messages")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """A server as it stands: the bot's own member and every channel, threads left out."""

    name: str
    me: discord.Member
    channels: Sequence[GuildChannel]

    def missing(self, channel_id: int, needed: Iterable[str]) -> tuple[str, ...] | None:
        """Name the rights of `needed` the bot lacks; None where there is no such channel.

        Without View Channel Discord lets nothing else count, so that stands alone.
        """
        channel = next((one for one in self.channels if one.id == channel_id), None)
        if channel is None:
            return None
        rights = self._rights(channel)
        if not rights.view_channel:
            return (NAMES["view_channel"],)
        return tuple(name for right, name in NAMES.items() if right in set(needed) - _had(rights))

    def name_of(self, channel_id: int) -> str | None:
        """Find a channel's name; None where there is no such channel."""
        return next((one.name for one in self.channels if one.id == channel_id), None)

    def sees(self, channel: GuildChannel) -> bool:
        """Whether the bot sees a channel at all."""
        return self._rights(channel).view_channel

    def _rights(self, channel: GuildChannel) -> discord.Permissions:
        """Reckon as Discord grants, without what a text channel's own method adds.

        That takes files and embeds away along with Send Messages, though in threads they stay.
        """
        return GuildChannel.permissions_for(channel, self.me)


def _had(rights: discord.Permissions) -> set[str]:
    return {right for right in NAMES if getattr(rights, right)}


async def look(client: discord.Client, guild_id: int) -> Sight:
    """Fetch a server; raises discord.py's errors."""
    guild = await client.fetch_guild(guild_id, with_counts=False)
    me = await guild.fetch_member(client.user.id if client.user else 0)
    return Sight(name=guild.name, me=me, channels=await guild.fetch_channels())

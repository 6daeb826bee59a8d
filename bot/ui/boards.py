"""A board as a manager chose it, read from an interaction."""

import unicodedata
from collections.abc import Collection

import discord

from bot.domain.refusals import MissingPermissions
from bot.domain.server_refusals import NoEmoji
from bot.domain.showcase import Board, emoji_key
from bot.ui.reading import permission_names

NEEDED = ("view_channel", "send_messages", "attach_files", "read_message_history")
KEYCAP = "\u20e3"
LONGEST_EMOJI = 16


async def board_of(
    interaction: discord.Interaction,
    channel: discord.TextChannel | discord.ForumChannel,
    *,
    threshold: int,
    emoji: str,
    taken: Collection[str],
) -> Board:
    """Make a board; `taken` are emoji with another meaning. Raises MissingPermissions, NoEmoji."""
    rights = channel.permissions_for(channel.guild.me)
    missing = [right for right in NEEDED if not getattr(rights, right)]
    if missing:
        raise MissingPermissions(place=channel.mention, names=permission_names(missing))
    if emoji_key(emoji) in map(emoji_key, taken):
        raise NoEmoji(given=emoji)
    return Board(
        channel_id=channel.id,
        threshold=threshold,
        emoji=await _usable(channel.guild, emoji.strip()),
        set_by=interaction.user.id,
        forum=isinstance(channel, discord.ForumChannel),
        age_restricted=channel.is_nsfw(),
    )


async def _usable(guild: discord.Guild, given: str) -> str:
    """Check an emoji: one of this server's own, or one that everybody has.

    Discord is asked for the first: the bot does not hear when they come and go.
    """
    parsed = discord.PartialEmoji.from_str(given)
    if parsed.id is None:
        if _is_emoji(given):
            return given
        raise NoEmoji(given=given)
    try:
        known = await guild.fetch_emoji(parsed.id)
    except discord.NotFound as error:
        raise NoEmoji(given=given) from error
    if not known.available:
        raise NoEmoji(given=given)
    return str(known)


def _is_emoji(text: str) -> bool:
    """Tell an emoji from words: Discord has no list to ask."""
    if len(text) > LONGEST_EMOJI or any(one.isalpha() or one.isspace() for one in text):
        return False
    return KEYCAP in text or any(unicodedata.category(one) == "So" for one in text)

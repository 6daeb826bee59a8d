"""The check of the bot's rights, server by server, in the channels it is used in."""

from collections import defaultdict
from contextlib import suppress

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.doctor import texts
from bot.doctor.findings import Finding, Subject, broken, holds
from bot.doctor.rights import IN_A_THREAD, IN_CHANNEL, ON_A_BOARD, Sight, look
from bot.domain.errors import BotError
from bot.storage.examination import Used, examined, used_places


async def permissions(subject: Subject) -> Finding:
    """Name what is missing where the bot posts.

    Only servers that may spend count. Where it was never used, one text channel in which
    everything is allowed will do: servers have channels that nobody is meant to write in.
    """
    used, may_spend = await _used(subject), subject.settings.guild_ids
    lacking: dict[str, list[str]] = defaultdict(list)
    said: dict[str, list[str]] = defaultdict(list)
    with translated():
        ids = [guild.id async for guild in subject.client.fetch_guilds(limit=None)]
    for guild_id in [one for one in ids if not may_spend or one in may_spend]:
        with translated():
            sight = await look(subject.client, guild_id)
        if places := used.get(guild_id):
            lacks = await _lacking(subject.client, sight, places)
            said[sight.name].append(texts.rights_hold(len(places)))
        else:
            lacks, words = _unused(sight)
            said[sight.name].append(words)
        if lacks:
            lacking[sight.name] += lacks
    if lacking:
        return broken(texts.everywhere(lacking), texts.RIGHTS_STEP)
    return holds(texts.everywhere(said))


async def _used(subject: Subject) -> dict[int, list[Used]]:
    """Read where it is used; nowhere as far as one knows, if the database cannot be read."""
    places: dict[int, list[Used]] = defaultdict(list)
    with suppress(BotError):
        async with examined(subject.settings.database_url) as database:
            for used in await database.read(used_places):
                places[used.guild_id].append(used)
    return places


async def _lacking(client: discord.Client, sight: Sight, places: list[Used]) -> list[str]:
    found = {}
    for used in places:
        name = sight.name_of(used.channel_id)
        channel_id, needed = used.channel_id, ON_A_BOARD if used.board else IN_CHANNEL
        if name is None:
            thread = await _thread(client, used.channel_id)
            if thread is None:
                continue
            name, channel_id, needed = thread.name, thread.parent_id, IN_A_THREAD
        if missing := sight.missing(channel_id, needed):
            found[texts.lacks(name, missing)] = True
    return list(found)


async def _thread(client: discord.Client, channel_id: int) -> discord.Thread | None:
    """Find a thread; None where it is gone, and with it the need of any right."""
    try:
        with translated():
            channel = await client.fetch_channel(channel_id)
    except PlaceLost:
        return None
    return channel if isinstance(channel, discord.Thread) else None


def _unused(sight: Sight) -> tuple[list[str], str]:
    """Look at every text channel the bot can see."""
    seen = [
        (channel.name, sight.missing(channel.id, IN_CHANNEL) or ())
        for channel in sight.channels
        if isinstance(channel, discord.TextChannel) and sight.sees(channel)
    ]
    usable = sum(not missing for _, missing in seen)
    if usable:
        return [], texts.USABLE.format(usable=usable, all=len(seen))
    lacks = [texts.lacks(name, missing) for name, missing in seen]
    return [texts.USABLE_NOWHERE.format(lacks="; ".join(lacks) or "it sees none")], ""

"""Checks of Discord's side, over REST with a client that is logged in and never connects."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import cast

import discord

from bot.client import INTENTS, PERMISSIONS, StudioBot
from bot.delivery.errors import PlaceLost, translated
from bot.doctor import texts
from bot.doctor.findings import Finding, Subject, broken, holds
from bot.doctor.rights import TO_TELL, look
from bot.registered import differing
from bot.services.bundle import Services

PRIVILEGED = {
    "members": ("gateway_guild_members", "gateway_guild_members_limited"),
    "presences": ("gateway_presence", "gateway_presence_limited"),
    "message_content": ("gateway_message_content", "gateway_message_content_limited"),
}


async def token(subject: Subject) -> Finding:
    """Log in, as the bot does."""
    try:
        with translated():
            await subject.client.login(subject.settings.discord_token.get_secret_value())
    except discord.LoginFailure:
        return broken(texts.TOKEN_REFUSED, texts.TOKEN_STEP)
    return holds(str(subject.client.user))


async def intents(subject: Subject) -> Finding:
    """Compare what is asked for with what the application is granted.

    Only privileged intents can be withheld, and only they show in an application's flags.
    """
    with translated():
        flags = (await subject.client.application_info()).flags
    missing = [
        intent
        for intent, granting in PRIVILEGED.items()
        if getattr(INTENTS, intent) and not any(getattr(flags, flag) for flag in granting)
    ]
    if missing:
        return broken(texts.intents(missing), texts.INTENTS_STEP)
    return holds(texts.INTENTS_HOLD)


async def application(subject: Subject) -> Finding:
    """See who may add it, and that its interactions come over the gateway."""
    with translated():
        info = await subject.client.application_info()
    if info.interactions_endpoint_url:
        return broken(texts.ENDPOINT, texts.ENDPOINT_STEP)
    if not info.bot_public:
        return holds(texts.PRIVATE)
    if not subject.settings.guild_ids:
        return broken(texts.PUBLIC, texts.PUBLIC_STEP)
    return holds(texts.LISTED)


async def servers(subject: Subject) -> Finding:
    """See that it is in a server, and in those that may spend."""
    with translated():
        found = {guild.id: guild.name async for guild in subject.client.fetch_guilds(limit=None)}
    if not found:
        return broken(*texts.no_servers(_invite(subject)))
    if absent := sorted(subject.settings.guild_ids - found.keys()):
        return broken(*texts.absent(absent, _invite(subject)))
    return holds(texts.servers(list(found.values())))


async def commands(subject: Subject) -> Finding:
    """Compare our commands with what Discord lists."""
    client = subject.client
    with translated():
        theirs = await client.http.get_global_commands(client.application_id or 0)
    settings = subject.settings
    async with StudioBot(
        emoji=(settings.reroll_emoji, settings.showcase_emoji),
        threshold=settings.showcase_threshold,
    ) as bot:
        # the cogs are read, not run: they need no services that work
        bot.services = cast(
            "Services", SimpleNamespace(**dict.fromkeys(Services.__dataclass_fields__))
        )
        await bot.load_cogs()
        ours = bot.payloads()
    if other := differing(ours, theirs):
        return broken(texts.out_of_step(other), texts.COMMANDS_STEP)
    return holds(texts.commands(len(ours)))


async def alert_channel(subject: Subject) -> Finding:
    """See that the owner can be told; nothing is posted."""
    channel_id = subject.settings.alert_channel_id
    if channel_id is None:
        return holds(texts.OWNER_TOLD_DIRECTLY)
    try:
        missing = await _missing_to_tell(subject.client, channel_id)
    except PlaceLost:
        missing = None
    if missing is None:
        return broken(texts.ALERT_GONE.format(id=channel_id), texts.ALERT_GONE_STEP)
    if missing:
        return broken(texts.ALERT_MUTE.format(rights=", ".join(missing)), texts.ALERT_MUTE_STEP)
    return holds(texts.ALERT_HOLDS)


async def _missing_to_tell(client: discord.Client, channel_id: int) -> Iterable[str] | None:
    with translated():
        channel = await client.fetch_channel(channel_id)
        if isinstance(channel, discord.abc.PrivateChannel):
            return ()
        in_thread = isinstance(channel, discord.Thread)
        needed = ("view_channel", "send_messages_in_threads") if in_thread else TO_TELL
        sight = await look(client, channel.guild.id)
    parent = channel.parent_id if isinstance(channel, discord.Thread) else channel.id
    return sight.missing(parent, needed)


def _invite(subject: Subject) -> str:
    return discord.utils.oauth_url(
        subject.client.application_id or 0,
        permissions=PERMISSIONS,
        scopes=("bot", "applications.commands"),
    )

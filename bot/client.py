"""The gateway's bot: loads the cogs, keeps its commands in step, answers every failed command."""

import logging
import sys
from collections.abc import Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.registered import differing
from bot.services.bundle import Services
from bot.ui.answers import answer_error

log = logging.getLogger(__name__)

COGS = (
    "cogs.imagine",
    "cogs.forms",
    "cogs.line",
    "cogs.results",
    "cogs.buttons",
    "cogs.reactions",
    "cogs.events",
    "cogs.showcase",
    "cogs.privacy",
    "cogs.manage",
    "cogs.report",
    "cogs.help",
)
# guilds, messages and reactions there and in direct messages; none of them privileged
INTENTS = discord.Intents(
    guilds=True, guild_messages=True, guild_reactions=True, dm_messages=True, dm_reactions=True
)
# view channels, send (in threads too), create public threads, embed links, attach files,
# read message history, add reactions
PERMISSIONS = discord.Permissions(309237763136)
RATE_LIMIT_SECONDS = 60.0


class StudioBot(commands.AutoShardedBot):
    """`services` is what cogs may ask for; it is set before the bot starts.

    `emoji` are the reroll and the showcase reaction, `threshold` the stars a showcase takes by
    default. `shards` are the shards of this process and their number in all; None leaves both to
    Discord.
    """

    services: Services

    def __init__(
        self,
        *,
        emoji: tuple[str, str],
        threshold: int,
        shards: tuple[Sequence[int], int] | None = None,
    ) -> None:
        sharding: dict[str, Any] = {}
        if shards:
            sharding = {"shard_ids": list(shards[0]), "shard_count": shards[1]}
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=INTENTS,
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=RATE_LIMIT_SECONDS,
            tree_cls=_Tree,
            **sharding,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )
        self.reroll_emoji, self.showcase_emoji = emoji
        self.showcase_threshold = threshold

    async def setup_hook(self) -> None:
        """Load the cogs and tell Discord of the commands when it has others."""
        await self.load_cogs()
        theirs = await self.http.get_global_commands(self.application_id or 0)
        if other := differing(self.payloads(), theirs):
            await self.tree.sync()
            log.info("commands are in step; changed: %s", ", ".join(other))

    async def load_cogs(self) -> None:
        """Load what listens and answers."""
        for cog in COGS:
            await self.load_extension(cog)

    def payloads(self) -> list[dict[str, Any]]:
        """List the commands as Discord should have them."""
        return [command.to_dict(self.tree) for command in self.tree.get_commands()]

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Answer a press or a form all the same when what was to answer it broke."""
        await super().on_error(event_method, *args, **kwargs)
        error = sys.exc_info()[1]
        if args and isinstance(args[0], discord.Interaction) and isinstance(error, Exception):
            await answer_error(args[0], error)

    def is_of_this_process(self, guild_id: int) -> bool:
        """Tell whether a server's shard is one of this process."""
        shards = self.shard_ids
        return shards is None or (guild_id >> 22) % (self.shard_count or 1) in shards

    @property
    def invite(self) -> str:
        """The link that brings the bot into a server, with the rights it needs and no more."""
        return discord.utils.oauth_url(
            self.application_id or 0,
            permissions=PERMISSIONS,
            scopes=("bot", "applications.commands"),
        )


class _Tree(app_commands.CommandTree[Any]):
    async def on_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError
    ) -> None:
        """Answer in words, and give the prompt back."""
        original = getattr(error, "original", error)
        prompt = getattr(interaction.namespace, "prompt", None)
        await answer_error(interaction, original, prompt)

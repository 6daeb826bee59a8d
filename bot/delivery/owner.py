"""The owner's ear: a channel, else a direct message to the application's owner."""

import logging

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.domain.alerts import Alert
from bot.domain.errors import TransientError
from bot.ui.texts import owner

log = logging.getLogger(__name__)


class DiscordOwner:
    """Implements `bot.domain.ports.Owner`."""

    def __init__(self, *, client: discord.Client, channel_id: int | None) -> None:
        self._client = client
        self._channel_id = channel_id

    async def tell(self, alert: Alert) -> None:
        """Say it; the log has it in any case, so that Discord's being away loses nothing."""
        text = owner.alert(alert)
        log.warning("%s", text)
        try:
            with translated():
                channel = await self.channel()
                await channel.send(text, allowed_mentions=discord.AllowedMentions.none())
        except (PlaceLost, TransientError) as error:
            log.warning("the owner could not be told: %s", error)

    async def channel(self) -> discord.abc.Messageable:
        """Find where the owner is told; raises what discord.py does."""
        if self._channel_id:
            return self._client.get_partial_messageable(self._channel_id)
        application = await self._client.application_info()
        team = application.team
        owner_id = team.owner_id if team and team.owner_id else application.owner.id
        return await self._client.create_dm(discord.Object(owner_id))

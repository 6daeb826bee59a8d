"""Where reports are read: the channel a server's moderators chose, else where the owner is told."""

import logging

import discord

from bot.delivery.errors import PlaceLost, translated
from bot.delivery.owner import DiscordOwner
from bot.domain.errors import TransientError
from bot.domain.reports import Report
from bot.ui.buttons import report_buttons
from bot.ui.texts import report as words

log = logging.getLogger(__name__)


class DiscordRoom:
    """Implements `bot.domain.reports.Room`."""

    def __init__(self, *, client: discord.Client, owner: DiscordOwner) -> None:
        self._client = client
        self._owner = owner

    async def tell(self, report: Report) -> bool:
        """Post it to the first of them that takes it; nobody is pinged."""
        return await self._moderators(report) or await self._owner_of_the_bot(report)

    async def _moderators(self, report: Report) -> bool:
        if report.room_id is None:
            return False
        try:
            with translated():
                await self._send(await self._room(report, report.room_id), report, far=False)
        except (PlaceLost, TransientError) as error:
            log.warning("a report did not reach its moderators' channel: %s", error)
            return False
        return True

    async def _room(self, report: Report, room_id: int) -> discord.abc.Messageable:
        """Find the channel; one of another server is none, whatever the settings say."""
        room = self._client.get_channel(room_id) or await self._client.fetch_channel(room_id)
        guild = getattr(room, "guild", None)
        if guild is None or guild.id != report.complaint.guild_id:
            raise PlaceLost("the channel is of another server", code=0)
        if not isinstance(room, discord.abc.Messageable):
            raise PlaceLost("the channel takes no messages", code=0)
        return room

    async def _owner_of_the_bot(self, report: Report) -> bool:
        try:
            with translated():
                await self._send(await self._owner.channel(), report, far=True)
        except (PlaceLost, TransientError):
            log.exception("nobody could be told of a report", extra={"job": report.job.id})
            return False
        return True

    async def _send(self, place: discord.abc.Messageable, report: Report, *, far: bool) -> None:
        await place.send(
            words.report(report, far=far),
            view=report_buttons(report.job),
            allowed_mentions=discord.AllowedMentions.none(),
        )

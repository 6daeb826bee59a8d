"""What moderators and managers do in their own server, and the owner everywhere."""

import json
from collections.abc import Sequence

from bot.domain.errors import BotError
from bot.domain.limits import Budgets
from bot.domain.ports import Charts, Provider
from bot.domain.server_refusals import NotBlocked
from bot.domain.servers import EVERYWHERE, Draft, ServerReport, ServerStore
from bot.domain.spending import Day
from bot.domain.stores import JobStore, Notes


class Moderation:
    """Does it, and has who did it noted."""

    def __init__(
        self,
        *,
        servers: ServerStore,
        jobs: JobStore,
        notes: Notes,
        provider: Provider,
        charts: Charts,
        budgets: Budgets,
        price: int,
    ) -> None:
        self._servers = servers
        self._jobs = jobs
        self._notes = notes
        self._provider = provider
        self._charts = charts
        self._budgets = budgets
        self._price = max(1, price)

    async def status(self, guild_id: int) -> ServerReport:
        """Sum up how a server does."""
        state = await self._servers.state(guild_id)
        budgets = state.settings.budgets(self._budgets)
        days = [Day(date=date, amount=amount) for date, amount in state.days]
        return ServerReport(
            state=state,
            budgets=budgets,
            days=days,
            balance=await self._balance(),
            price=self._price,
            chart=await self._chart(days, budgets.guild_day),
        )

    async def _balance(self) -> int | None:
        try:
            return await self._provider.balance()
        except BotError:
            return None

    async def _chart(self, days: Sequence[Day], cap: int) -> bytes | None:
        try:
            return await self._charts.spending(days, cap)
        except BotError:
            return None

    async def pause(self, guild_id: int, by: int, reason: str, *, everywhere: bool) -> int:
        """Pause a server, or all; return how many waiting requests that holds."""
        return await self._servers.pause(EVERYWHERE if everywhere else guild_id, by, reason)

    async def resume(self, guild_id: int, by: int, *, everywhere: bool) -> int:
        """Resume it; return how many waiting requests go on."""
        return await self._servers.pause(EVERYWHERE if everywhere else guild_id, by, None)

    async def block(
        self, guild_id: int, user_id: int, by: int, *, hours: int, reason: str
    ) -> tuple[float, int]:
        """Keep a member out for some hours and cancel what waits of theirs here.

        Returns until when, and how many requests were cancelled.
        """
        until = await self._servers.block(guild_id, user_id, by, hours=hours, reason=reason)
        return until, await self._cancel(guild_id, user_id)

    async def unblock(self, guild_id: int, user_id: int, by: int) -> None:
        """Let a member in again; raises NotBlocked."""
        if not await self._servers.unblock(guild_id, user_id, by):
            raise NotBlocked

    async def cancel(self, guild_id: int, user_id: int | None, by: int) -> int:
        """Cancel what waits of a member here, or all; the money goes back. Returns how many."""
        count = await self._cancel(guild_id, user_id)
        await self._servers.note_change(
            guild_id, by, {"action": "cancel", "member": user_id, "requests": count}
        )
        return count

    async def _cancel(self, guild_id: int, user_id: int | None) -> int:
        count = 0
        for job_id in await self._servers.waiting(guild_id, user_id):
            count += await self._jobs.cancel(job_id, if_waiting=True) is not None
        return count

    async def panel(self, guild_id: int, by: int) -> Draft:
        """Read the settings as they are, and as a manager is about to save them."""
        return await self._servers.preview(guild_id, await self._changed(guild_id, by))

    async def open_panel(self, guild_id: int, by: int) -> Draft:
        """The same, with nothing changed yet."""
        await self._notes.clear(_key(guild_id, by))
        return await self.panel(guild_id, by)

    async def alter(self, guild_id: int, by: int, changed: dict[str, object]) -> Draft:
        """Note what a manager would have otherwise; nothing holds before it is saved."""
        draft = await self._changed(guild_id, by) | changed
        await self._notes.set_note(_key(guild_id, by), json.dumps(draft))
        return await self._servers.preview(guild_id, draft)

    async def save(self, guild_id: int, by: int) -> Draft:
        """Save it on top of whatever others saved meanwhile; return what holds now."""
        changed = await self._changed(guild_id, by)
        draft = await self._servers.preview(guild_id, changed)
        if draft.before != draft.after:
            await self._servers.change(guild_id, by, changed)
        await self._notes.clear(_key(guild_id, by))
        return await self._servers.preview(guild_id, {})

    async def _changed(self, guild_id: int, by: int) -> dict[str, object]:
        noted = await self._notes.note(_key(guild_id, by))
        return dict(json.loads(noted)) if noted else {}


def _key(guild_id: int, user_id: int) -> str:
    return f"settings:{guild_id}:{user_id}"

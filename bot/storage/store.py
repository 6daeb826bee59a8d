"""The ports of the queue on a database: each method one transaction."""

from collections.abc import Sequence

from bot.domain.forecast import Forecast
from bot.domain.job import Deleter, FinishedPage, Job, NewJob, Place, Requester
from bot.domain.limits import GateLimits
from bot.domain.rerolls import RerollHistory
from bot.domain.servers import Draft, ServerSettings, ServerState, Standing
from bot.domain.usage import BudgetUse, Usage
from bot.storage import (
    cancels,
    finished,
    forecasts,
    heard,
    keeping,
    lookups,
    moderation,
    notes,
    reconcile,
    reports,
    servers,
    standings,
    submitting,
    usage,
)
from bot.storage.database import Database
from bot.storage.membership import Membership
from bot.storage.submitting import Rules
from bot.storage.working import Working


class Store(Working, Membership):
    """Implements every port of the database in `bot.domain.ports`.

    `worker` names this process in its claims; `first_guess` is the run time (seconds) expected
    before anything was made. Errors are those of `Database.run`.
    """

    def __init__(
        self,
        database: Database,
        *,
        rules: Rules,
        gate: GateLimits,
        worker: str,
        first_guess: float = forecasts.FIRST_GUESS,
    ) -> None:
        super().__init__(database, gate=gate, worker=worker)
        self._rules = rules
        self._first_guess = first_guess

    async def submit(self, job: NewJob) -> Job:
        """See JobStore."""
        return await self._run_and_wake(submitting.submit, job, self._rules)

    async def check(self, requester: Requester, place: Place, asked: int) -> Standing:
        """See JobStore."""
        return await self._read(submitting.check, requester, place, asked, self._rules)

    async def job(self, job_id: str) -> Job | None:
        """See JobStore."""
        return await self._read(lookups.job_by_id, job_id)

    async def job_by_message(self, message_id: int) -> Job | None:
        """See JobStore."""
        return await self._read(lookups.job_by_message, message_id)

    async def cancel(self, job_id: str, *, if_waiting: bool = False) -> Job | None:
        """See JobStore."""
        return await self._run_and_wake(cancels.cancel, job_id, if_waiting=if_waiting)

    async def finished(self, user_id: int, job_id: str | None) -> FinishedPage | None:
        """See JobStore."""
        return await self._read(finished.finished, user_id, job_id)

    async def post_again(self, job_id: str, place: Place) -> Job | None:
        """See JobStore."""
        return await self._run_and_wake(finished.post_again, job_id, place)

    async def remove(self, job_id: str, by: Deleter) -> list[str]:
        """See JobStore."""
        return await self._run_and_wake(finished.remove, job_id, by)

    async def unfinished(self, user_id: int) -> list[Job]:
        """See JobStore."""
        return await self._read(lookups.unfinished, user_id)

    async def usage(self, requester: Requester, guild_id: int | None) -> Usage:
        """See JobStore."""
        return await self._read(usage.usage, requester, guild_id, self._rules.user)

    async def total_spent(self) -> list[BudgetUse]:
        """See Totals."""
        return await self._read(usage.total_spent)

    async def let_go(self, age_seconds: float) -> list[str]:
        """See PictureKeeper."""
        return await self._run(keeping.let_go, age_seconds)

    async def unneeded(self, keys: list[str]) -> list[str]:
        """See PictureKeeper."""
        return await self._read(keeping.unneeded, keys)

    async def reconcile(self) -> None:
        """Count again what the counters claim."""
        await self._run(reconcile.reconcile)

    async def reroll_history(self, parent_id: str, user_id: int) -> RerollHistory:
        """See JobStore."""
        return await self._read(lookups.reroll_history, parent_id, user_id)

    async def forecast(self, job: Job) -> Forecast:
        """See JobStore."""
        return await self._read(forecasts.forecast, job, self._gate.max_running, self._first_guess)

    async def standing_of(self, guild_id: int | None, user_id: int) -> Standing:
        """See ServerStore."""
        return await self._read(standings.standing, guild_id, user_id)

    async def state(self, guild_id: int) -> ServerState:
        """See ServerStore."""
        return await self._read(moderation.state, guild_id)

    async def change(
        self, guild_id: int, user_id: int, changed: dict[str, object]
    ) -> ServerSettings:
        """See ServerStore."""
        return await self._run(moderation.change, guild_id, user_id, changed)

    async def preview(self, guild_id: int, changed: dict[str, object]) -> Draft:
        """See ServerStore."""
        return await self._read(moderation.preview, guild_id, changed)

    async def pause(self, guild_id: int, user_id: int, reason: str | None) -> int:
        """See ServerStore."""
        return await self._run_and_wake(moderation.pause, guild_id, user_id, reason)

    async def block(
        self, guild_id: int, user_id: int, by: int, *, hours: int, reason: str
    ) -> float:
        """See ServerStore."""
        return await self._run(
            moderation.block_member, guild_id, user_id, by, hours=hours, reason=reason
        )

    async def unblock(self, guild_id: int, user_id: int, by: int) -> bool:
        """See ServerStore."""
        return await self._run(moderation.unblock, guild_id, user_id, by)

    async def waiting(self, guild_id: int, user_id: int | None) -> list[str]:
        """See ServerStore."""
        return await self._read(moderation.waiting, guild_id, user_id)

    async def note_change(self, guild_id: int, user_id: int, what: dict[str, object]) -> None:
        """See ServerStore."""
        await self._run(moderation.note, guild_id, user_id, what)

    async def known_guilds(self) -> set[int]:
        """See ServerStore."""
        return await self._read(servers.known_guilds)

    async def guilds_here(self, guild_ids: Sequence[int]) -> None:
        """See ServerStore."""
        await self._run(servers.guilds_here, guild_ids)

    async def guild_left(self, guild_id: int) -> None:
        """See ServerStore. The removal is noted last: what a crash left undone is done again."""
        for job_id in await self._read(servers.under_way, guild_id):
            await self.cancel(job_id)
        await self._run(servers.guild_left, guild_id)

    async def forget_guild(self, seconds: float) -> list[str] | None:
        """See ServerStore."""
        return await self._run(servers.forget_guild, seconds)

    async def reportable(self, message_id: int, guild_id: int, user_id: int) -> Job:
        """See ReportStore."""
        return await self._read(reports.reportable, message_id, guild_id, user_id)

    async def begin_report(self, message_id: int, guild_id: int, user_id: int) -> Job:
        """See ReportStore."""
        return await self._run(reports.begin_report, message_id, guild_id, user_id)

    async def end_report(self, job_id: str, user_id: int, *, told: bool) -> None:
        """See ReportStore."""
        await self._run(reports.end_report, job_id, user_id, told=told)

    async def first_to_hear(self, key: str) -> bool:
        """See JobStore."""
        return await self._run(heard.first_to_hear, key)

    async def unhear(self, key: str) -> None:
        """See JobStore."""
        await self._run(heard.unhear, key)

    async def note(self, key: str) -> str | None:
        """See Notes."""
        return await self._read(notes.read_note, key)

    async def set_note(self, key: str, value: str) -> None:
        """See Notes."""
        await self._run(notes.set_note, key, value)

    async def set_once(self, key: str) -> bool:
        """See Notes."""
        return await self._run(notes.set_once, key)

    async def clear(self, key: str) -> bool:
        """See Notes."""
        return await self._run(notes.clear, key)

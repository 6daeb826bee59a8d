"""The line as a member sees it: what waits and runs, and calling it off."""

from bot.domain.forecast import Forecast
from bot.domain.job import Actor, Job, Requester
from bot.domain.refusals import JobGone, OnlyRequesterOrModerator, TooLate
from bot.domain.stores import JobStore
from bot.domain.usage import Usage


class Line:
    """Shows the line and takes jobs out of it."""

    def __init__(self, *, store: JobStore) -> None:
        self._store = store

    async def overview(self, user_id: int) -> list[tuple[Job, Forecast]]:
        """List a member's waiting and running jobs with what to expect of each."""
        jobs = await self._store.unfinished(user_id)
        return [(job, await self._store.forecast(job)) for job in jobs]

    async def cancel(self, job_id: str, actor: Actor) -> Job:
        """Cancel a job for its requester or a moderator of its server; raises UserError."""
        job = await self._store.job(job_id)
        if job is None:
            raise JobGone(job_id=job_id)
        if actor.id != job.requester.id and not job.is_moderated_by(actor):
            raise OnlyRequesterOrModerator(user_name=job.requester.name)
        cancelled = await self._store.cancel(job_id)
        if cancelled is None:
            raise TooLate(job_id=job_id)
        return cancelled

    async def usage(self, requester: Requester, guild_id: int | None) -> Usage:
        """Read a member's use against their limits where they are."""
        return await self._store.usage(requester, guild_id)

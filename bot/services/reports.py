"""Reports of abuse: to the moderators of the server, else to the owner; and blocking over one."""

from bot.domain.job import Actor, Job
from bot.domain.refusals import JobGone
from bot.domain.reports import BLOCK_HOURS, Complaint, NobodyToTell, Report, ReportStore, Room
from bot.domain.server_refusals import NotAllowed
from bot.domain.servers import EVERYWHERE, ServerStore
from bot.domain.stores import JobStore
from bot.services.moderation import Moderation


class Reports:
    """Takes reports. Who is blocked may report too: safety first."""

    def __init__(
        self,
        *,
        reports: ReportStore,
        jobs: JobStore,
        servers: ServerStore,
        moderation: Moderation,
        room: Room,
    ) -> None:
        self._reports = reports
        self._jobs = jobs
        self._servers = servers
        self._moderation = moderation
        self._room = room

    async def check(self, message_id: int, guild_id: int, user_id: int) -> Job:
        """Refuse before a form is shown what would be refused when it is sent."""
        return await self._reports.reportable(message_id, guild_id, user_id)

    async def report(self, complaint: Complaint) -> Job:
        """Tell the moderators, else the owner; raises UserError, NobodyToTell among them."""
        guild_id, reporter = complaint.guild_id, complaint.reporter
        job = await self._reports.begin_report(complaint.message_id, guild_id, reporter.id)
        here = await self._servers.standing_of(guild_id, reporter.id)
        room_id = here.settings.moderators_channel_id
        told = await self._room.tell(Report(complaint=complaint, job=job, room_id=room_id))
        await self._reports.end_report(job.id, reporter.id, told=told)
        if not told:
            raise NobodyToTell
        return job

    async def block(self, job_id: str, actor: Actor) -> tuple[Job, float]:
        """Block a job's requester in its server for a day; return until when. Raises UserError.

        Who is blocked already stays so until then: a day may be shorter. What waits is cancelled.
        """
        job = await self._jobs.job(job_id)
        if job is None:
            raise JobGone(job_id=job_id)
        if not job.is_moderated_by(actor):
            raise NotAllowed(permission="Manage Messages")
        guild_id = _server(job, actor)
        standing = await self._servers.standing_of(guild_id, job.requester.id)
        if standing.blocked_until:
            return job, standing.blocked_until
        why = f"report of #{job.id}"
        until, _ = await self._moderation.block(
            guild_id, job.requester.id, actor.id, hours=BLOCK_HOURS, reason=why
        )
        return job, until


def _server(job: Job, actor: Actor) -> int:
    """Find where to block: the moderator's own server; the owner may press elsewhere."""
    if actor.moderates and job.stands_in(actor.moderates):
        return actor.moderates
    return job.place.guild_id or job.posted_in.guild_id or EVERYWHERE

"""Reports of abuse: what a member tells the moderators of a result, and why it is not taken."""

from dataclasses import dataclass
from typing import Protocol

from bot.domain.errors import UserError
from bot.domain.job import Job, Requester

AN_HOUR = 5
"""Reports of a member that are taken within an hour."""

BLOCK_HOURS = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Complaint:
    """What a member says of a message; `server` is the name of the server it stands in."""

    message_id: int
    channel_id: int
    guild_id: int
    server: str
    reporter: Requester
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """A complaint, the job it is about, and where the moderators read it (None: nowhere)."""

    complaint: Complaint
    job: Job
    room_id: int | None


@dataclass(kw_only=True, eq=False)
class NothingToReport(UserError):
    """The message that was chosen belongs to no job of this server."""


@dataclass(kw_only=True, eq=False)
class ReportedAlready(UserError):
    """This member has reported this job before."""

    job_id: str


@dataclass(kw_only=True, eq=False)
class TooManyReports(UserError):
    """A member's reports of an hour are used; the next may come at an epoch second."""

    allowed: int
    next_at: float


@dataclass(kw_only=True, eq=False)
class NobodyToTell(UserError):
    """Neither the moderators' channel nor the owner could be reached."""


class ReportStore(Protocol):
    """What was reported; each method one transaction."""

    async def reportable(self, message_id: int, guild_id: int, user_id: int) -> Job:
        """Find the job a message of a server belongs to, unless this member may not report it.

        Raises NothingToReport, ReportedAlready, TooManyReports.
        """

    async def begin_report(self, message_id: int, guild_id: int, user_id: int) -> Job:
        """Do the same, and count the report."""

    async def end_report(self, job_id: str, user_id: int, *, told: bool) -> None:
        """Note that a report was told; one that was not does not count."""


class Room(Protocol):
    """Where reports are read."""

    async def tell(self, report: Report) -> bool:
        """Post a report to the moderators, else to the owner; whether one of them has it."""

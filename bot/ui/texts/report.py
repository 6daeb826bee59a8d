"""Reports of abuse: to the moderators, and what the member who reports is told."""

from bot.domain.errors import UserError
from bot.domain.job import Job
from bot.domain.reports import (
    NobodyToTell,
    NothingToReport,
    Report,
    ReportedAlready,
    TooManyReports,
)
from bot.ui.plain import block, name, quoted
from bot.ui.texts.server_reasons import reason
from bot.ui.texts.words import relative

REASON = "What is wrong with it?"
REASON_HINT = "Only the moderators read this, with your name"
REASON_LIMIT = 500


def title(job: Job) -> str:
    """Head the form."""
    return f"Report #{job.id}"


def report(news: Report, *, far: bool) -> str:
    """Tell the moderators; `far`: the reader may be in another server."""
    job, said = news.job, news.complaint
    link = f"https://discord.com/channels/{said.guild_id}/{said.channel_id}/{said.message_id}"
    where = f" in {name(said.server)}" if far else ""
    requester = f"<@{job.requester.id}> ({name(job.requester.name)})"
    return (
        f"**Report** of #{job.id}{where}: {link}\n"
        f"Asked for by {requester}: {_prompt(job)}\n"
        f"Reported by {name(said.reporter.name)}:\n{block(said.reason, REASON_LIMIT)}"
    )


def _prompt(job: Job) -> str:
    if not job.request.spoiler:
        return quoted(job.request.prompt, 300)
    # a bar in it would end the spoiler
    return f"||{quoted(job.request.prompt.replace('|', 'ǀ'), 300)}||"


def thanks(job: Job) -> str:
    """Thank who reported."""
    return (
        f"Thank you. Your report of #{job.id} is with the moderators; nobody else sees that it "
        "came from you."
    )


def refused(error: UserError, words: str = "") -> str:
    """Say why a report was not taken, and give its words back."""
    given = f"\nYour words:\n{block(words, REASON_LIMIT)}" if words.strip() else ""
    return f"{reason(error)}{given}"


def blocked(job: Job, until: float) -> str:
    """Confirm a block."""
    return (
        f"{name(job.requester.name)} is blocked in the server of #{job.id}. That ends "
        f"{relative(until)}, or with /manage unblock."
    )


@reason.register
def _(_: NothingToReport) -> str:
    return (
        "Only my cards, results and showcase entries can be reported to this server's moderators "
        "here. For other messages, tell the moderators, or use Discord's own Report Message."
    )


@reason.register
def _(error: ReportedAlready) -> str:
    return f"You have reported #{error.job_id} already; the moderators know."


@reason.register
def _(error: TooManyReports) -> str:
    return (
        f"You have sent {error.allowed} reports within an hour, the most I take. The next one "
        f"{relative(error.next_at)}. If it cannot wait, tell a moderator."
    )


@reason.register
def _(_: NobodyToTell) -> str:
    return (
        "I could not pass your report on: please tell a moderator of this server yourself. "
        "You can also try again later."
    )

"""Results, threads and showcase entries."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.job import FinishedPage, Job, Status
from bot.domain.money import dollars
from bot.domain.usage import Usage
from bot.ui.plain import block, name, one_line, quoted
from bot.ui.texts.cards import run_time
from bot.ui.texts.words import pictures, relative

PROMPT_SHOWN = 1700
"""Characters of a prompt beside the rest of a message; a longer one comes as a file too."""

_REFUSALS = {
    160005: "it is locked",
    160006: "the server has reached its limit of threads",
    50001: "I cannot see it",
    50013: "I am not allowed to",
    10003: "it is gone",
    10008: "its message is gone",
    30033: "it is full",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A channel that refused a result, with Discord's error code; None: a thread to be opened."""

    channel_id: int | None
    code: int


def opening(job: Job, parent: Job | None, lost: Sequence[Lost]) -> str:
    """Open a result: tell the requester, and only them; and why it is not where it should be."""
    if not lost:
        return ready(job, parent)
    place = next((one for one in lost if one.channel_id), lost[0])
    why = _REFUSALS.get(place.code, "Discord refused it")
    where = f"post in <#{place.channel_id}>" if place.channel_id else "open a thread here"
    return (
        f"<@{job.requester.id}> I could not {where} ({why}), "
        f"so here {'is your picture' if len(job.results) == 1 else 'are your pictures'}."
    )


def ready(job: Job, parent: Job | None) -> str:
    """Open a result: tell the requester, and only them."""
    are = "picture is" if len(job.results) == 1 else "pictures are"
    text = f"<@{job.requester.id}> your {are} ready."
    if parent is None:
        return text
    return f"{text} Reroll of {name(parent.requester.name)}'s #{parent.id}."


def footer(job: Job) -> str:
    """Close a result: how it was made, in small print."""
    request = job.request
    parts = [request.aspect_ratio, request.size]
    if request.images:
        parts.append(f"from {pictures(len(request.images))}")
    parts += [run_time(job), dollars(job.cost or 0), f"#{job.id}", "made with AI"]
    text = f"-# {' · '.join(parts)}"
    made, asked = len(job.results), request.max_images
    if made == asked:
        return text
    if job.cost == made * job.price:
        return f"{text}\n-# Model made {made} of {asked}; you pay for {made}."
    return f"{text}\n-# {made} of {asked} pictures could be used; you pay {dollars(job.cost or 0)}."


def alt(job: Job, position: int) -> str:
    """Describe a result picture to those who do not see it (Discord takes 1024 characters)."""
    head = f"Picture {position} of {len(job.results)}: "
    return head + one_line(job.request.prompt, 1024 - len(head))


def sheet_alt(job: Job) -> str:
    """Describe the sheet of inputs."""
    return f"The {pictures(len(job.request.images))} #{job.id} was made from, numbered"


def details(job: Job) -> str:
    """Say everything about a job: whole prompt, options, lineage, id."""
    request = job.request
    lineage = f" · reroll of #{job.parent_id}" if job.parent_id else ""
    optimised = f"prompt optimizer {request.optimize_prompt}"
    watermark = "with watermark" if request.watermark else "no watermark"
    made = f"{len(job.results)} of {request.max_images} made, {dollars(job.cost or 0)}"
    options = f"{request.aspect_ratio} · {request.size} · {optimised} · {watermark} · {made}"
    head = f"**#{job.id}** by {name(job.requester.name)}{lineage}\n-# {options}"
    return f"{head}\n{block(request.prompt, PROMPT_SHOWN)}"


def ask_delete(job: Job) -> str:
    """Ask once before a result is deleted."""
    them = "its picture" if len(job.results) == 1 else f"all its {len(job.results)} pictures"
    return (
        f"Delete #{job.id} and {them} for good, here and in storage? "
        "The money is spent and does not come back."
    )


def deleted(job: Job) -> str:
    """Confirm it."""
    return f"#{job.id} is deleted. Its messages go within a minute."


DELETED_THREAD = "deleted"
NO_RESULTS = "You have no finished pictures yet. Start with /imagine."


def no_such_result(job_id: str) -> str:
    """Say that an id leads nowhere."""
    return f"You have no finished result {quoted('#' + job_id.lstrip('#'), 20)}."


def page(shown: FinishedPage) -> str:
    """Show one of a member's own results and where it stands."""
    job = shown.job
    when = f" {relative(job.ended_at)}" if job.ended_at else ""
    which = "your only result" if shown.total == 1 else f"one of your {shown.total} results"
    lines = [f"**#{job.id}**, {which}.{when}"]
    lines += [quoted(job.request.prompt, 300), _where(job), footer(job)]
    return "\n".join(lines)


def _where(job: Job) -> str:
    if job.pictures_gone:
        return "Its stored pictures are gone."
    if job.status is Status.GENERATED:
        return "It has not been posted."
    if not job.delivery.message_ids:
        return "It is posted."
    return f"It is posted: <{link(job)}>"


def link(job: Job) -> str:
    """Link the first message of a result."""
    guild_id = None if job.in_direct_message else job.posted_in.guild_id
    place = f"{guild_id or '@me'}/{job.delivery.channel_id}/{job.delivery.message_ids[0]}"
    return f"https://discord.com/channels/{place}"


def more(job: Job) -> str:
    """Head the pictures that did not fit beside the first ones."""
    return f"The rest of #{job.id}:"


def posting_here(job: Job) -> str:
    """Confirm that a result is on its way once more."""
    where = "by direct message" if job.place.private else "here"
    return f"#{job.id} comes {where} in a moment."


def thread_name(job: Job) -> str:
    """Name a result's thread: the prompt's beginning, on one line."""
    return one_line(job.request.prompt, 60) or f"#{job.id}"


def rerolling(job: Job, used: Usage) -> str:
    """Confirm a reroll to whoever pressed, and say what is left to them."""
    left = f"{max(0, used.day.allowed - used.day.used)} of {used.day.allowed} pictures left today"
    return f"Rerolling for you as #{job.id}: up to {dollars(job.reserved)}, {left}."


def sent_again(job: Job) -> str:
    """Confirm that a failed request is tried once more."""
    return f"Sent again as #{job.id}: up to {dollars(job.reserved)}."

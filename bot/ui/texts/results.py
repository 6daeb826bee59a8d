"""Results, threads and showcase entries."""

from collections.abc import Sequence

from bot.domain.job import Job
from bot.domain.money import dollars
from bot.ui.plain import name, one_line, quoted
from bot.ui.texts.cards import run_time
from bot.ui.texts.words import pictures

_REFUSALS = {
    160005: "it is locked",
    160006: "the server has reached its limit of threads",
    50001: "I cannot see it",
    50013: "I am not allowed to",
    10003: "it is gone",
    10008: "it is gone",
    30033: "it is full",
}


def opening(job: Job, parent: Job | None, lost: Sequence[tuple[int, int]]) -> str:
    """Open a result: tell the requester, and only them; and why it is not where it should be.

    `lost` are the channels that refused it, each with Discord's error code.
    """
    if lost:
        channel_id, code = lost[0]
        why = _REFUSALS.get(code, "Discord refused it")
        return (
            f"<@{job.requester.id}> I could not post in <#{channel_id}> ({why}), "
            f"so here {'is your picture' if len(job.results) == 1 else 'are your pictures'}."
        )
    return ready(job, parent)


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


def thread_name(job: Job) -> str:
    """Name a result's thread: the prompt's beginning, on one line."""
    return one_line(job.request.prompt, 60) or f"#{job.id}"


def entry(job: Job) -> str:
    """Caption a showcase entry: credit goes to the requester."""
    return (
        f"⭐ by **{name(job.requester.name)}** · #{job.id} · made with AI\n"
        f"{quoted(job.request.prompt, 300)}"
    )


def rerolling(job: Job) -> str:
    """Confirm a reroll to whoever pressed."""
    return f"Rerolling for you as #{job.id}: up to {dollars(job.reserved)}."


def sent_again(job: Job) -> str:
    """Confirm that a failed request is tried once more."""
    return f"Sent again as #{job.id}: up to {dollars(job.reserved)}."


def board_set(channel_id: int, threshold: int) -> str:
    """Confirm a showcase."""
    stars = "one member stars" if threshold == 1 else f"{threshold} members star"
    return (
        f"What {stars} with ⭐ is now shown in <#{channel_id}>. "
        "A requester's own star does not count."
    )

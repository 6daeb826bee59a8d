"""The showcase: boards, entries, the best of them."""

from bot.domain.job import Job
from bot.domain.showcase import Best, Board, PostedEntry, Shown, Span
from bot.ui.plain import name, one_line, quoted

SHOWN = "In the showcase: "
TAKEN_DOWN = "taken down"
BOARD_OFF = "This server shows no results any more. Entries that are there stay."
KEPT_OUT = (
    "None of your results is shown in a showcase any more, here or in other servers, however many "
    "stars it gets."
)
LET_IN = "Your results may be shown in showcases again when they get enough stars."
_SPANS = {Span.WEEK: "of the week", Span.MONTH: "of the month", Span.EVER: "ever"}


def shapes(aspect_ratio: str) -> tuple[str, str]:
    """Name a ratio as a forum's tags may: itself, and what people call it."""
    width, height = (int(part) for part in aspect_ratio.split(":"))
    shape = "square" if width == height else "landscape" if width > height else "portrait"
    return aspect_ratio, shape


def entry(job: Job, stars: int, emoji: str) -> str:
    """Caption a showcase entry: credit goes to the requester."""
    return (
        f"{emoji} **{stars}** · by **{name(job.requester.name)}** · #{job.id} · made with AI\n"
        f"{quoted(job.request.prompt, 300)}"
    )


def link(job: Job, at: PostedEntry) -> str:
    """Link an entry."""
    return f"https://discord.com/channels/{job.place.guild_id}/{at.channel_id}/{at.message_id}"


def shown_in(job: Job, at: PostedEntry) -> str:
    """Say of a result where it is shown."""
    return f"-# {SHOWN}<{link(job, at)}>"


def board_set(board: Board) -> str:
    """Confirm a showcase."""
    star = "one member stars" if board.threshold == 1 else f"{board.threshold} members star"
    text = (
        f"What {star} with {board.emoji} is now shown in <#{board.channel_id}>. "
        "A requester's own star does not count."
    )
    if board.forum:
        text += " Tags named like a shape (16:9, Portrait, Square) are put on by themselves."
    return text


def board_shut(board_id: int, *, gone: bool) -> str:
    """Tell a manager that their showcase takes nothing."""
    if gone:
        return (
            f"The showcase you chose, <#{board_id}>, is gone. What your members star is kept and "
            "posted when you choose another one with /showcase set."
        )
    return (
        f"I may not post in the showcase you chose, <#{board_id}>. What your members star is kept "
        "and posted when I may again: allow View Channel, Send Messages, Attach Files and Read "
        "Message History there, then use /showcase set, or wait an hour."
    )


def withdrawn(job: Job) -> str:
    """Confirm that a job left the showcase."""
    return f"#{job.id} is no longer in the showcase, and will not come back to it."


def best(found: Best, span: Span) -> str:
    """List a server's best, with credit to their requesters."""
    lines = [f"The best {_SPANS[span]}:"]
    lines += [f"{place}. {_credited(one)}" for place, one in enumerate(found.entries, start=1)]
    together = ", ".join(f"{name(one.user_name)} {one.stars}" for one in found.credits)
    return "\n".join([*lines, f"-# Most stars together: {together}"])


def one(shown: Shown) -> str:
    """Caption an entry that came by chance."""
    return _credited(shown)


def _credited(shown: Shown) -> str:
    job = shown.job
    prompt = quoted(job.request.prompt, 80)
    by = f"{shown.emoji} **{shown.stars}** by **{name(job.requester.name)}**"
    return f"{by}: {prompt} [Jump](<{link(job, shown.at)}>)"


def alt(shown: Shown, place: int) -> str:
    """Describe one of several entries' pictures to those who do not see it (1024 characters)."""
    return one_line(f"{place}. By {shown.job.requester.name}: {shown.job.request.prompt}", 1024)

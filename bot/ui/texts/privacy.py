"""What members are told of their data: once, when they ask, and before it is erased."""

from bot.domain.members import ExportLimit, ExportRunning, Kept
from bot.ui.texts.reasons import reason
from bot.ui.texts.words import count, pictures, relative

NOTICE = (
    "First time here: your words and pictures go to Segmind, where copies stay under an "
    "unguessable address that I cannot delete. Results are public here unless you choose "
    "`private`. `/privacy` shows and erases what I keep."
)
ERASING = (
    "Your erasure is under way: what waited is called off, what is being made is erased once it "
    "has ended, and posted results go one after the other. It takes moments for a few requests, "
    "about an hour for thousands, a day at most."
)
_NOT_REACHED = (
    "I cannot reach: copies at Segmind; pictures that others saved, and what they made from "
    "yours (your pictures are taken out of their requests, the words stay); your own reactions "
    "(take a star off, or it is counted again); messages that only mention you; places I was shut "
    "out of; what Discord keeps of deleted messages; logs and backups, until they are replaced."
)


def about(kept: Kept, retention_days: int) -> str:
    """Say what is kept of a member, how long, and where it goes."""
    now = "Your erasure is under way.\n" if kept.erasing else ""
    return (
        f"{now}**Kept of you now:** {count(kept.jobs, 'request')}, {pictures(kept.pictures)}, "
        f"{count(kept.votes, 'star')} you gave, {count(kept.entries, 'showcase entry')}.\n"
        f"**How long:** pictures {retention_days} days, on a showcase as long as they are there; "
        "words, options, times and stars until you erase them.\n"
        "**Where it goes:** words and pictures to Segmind, which makes the results; copies stay "
        "there under an unguessable address that I cannot delete. Results go to Discord: public "
        "where you asked, unless you chose `private`.\n"
        "**The whole policy** is linked in my profile: press my name."
    )


def ask_erase(kept: Kept) -> str:
    """Ask once, and be plain about what goes, what stays and what is out of reach."""
    return (
        f"Erase everything of yours: {count(kept.jobs, 'request')}, {pictures(kept.pictures)}, "
        f"{count(kept.votes, 'star')}, {count(kept.entries, 'showcase entry')}, and the "
        "results posted in Discord? It cannot be undone, and no money comes back for what was "
        "made.\n"
        "It also forgets that you kept yours out of showcases.\n"
        "What stays: sums of money without your name; for 24 hours a code made from your id with "
        "what you used, so that no limit starts anew; a moderator's block until it runs out; what "
        "you did as a moderator.\n"
        f"{_NOT_REACHED}"
    )


def parcel(number: int, total: int) -> str:
    """Head one zip of an export."""
    if total == 1:
        return "Here is all I keep of you: `data.json`, and your pictures."
    return f"Your export, part {number} of {total}."


def sent(total: int) -> str:
    """Say that an export went by direct message."""
    return f"Your export is in your direct messages, in {total} parts."


def shut_out(total: int) -> str:
    """Say that an export could not go by direct message, beside its first part."""
    return (
        f"Your export has {total} parts and I may not send you direct messages. Here is the first "
        "one: all of `data.json` that fits, then your newest pictures. Allow direct messages from "
        "this server and export again for the rest."
    )


@reason.register
def _(_: ExportRunning) -> str:
    return "Your last export is still being made; one at a time."


@reason.register
def _(error: ExportLimit) -> str:
    had = f"You had {error.allowed} exports within a day, the most allowed."
    return f"{had} Again {relative(error.next_at)}."

"""A server's showcase: the board, votes for jobs, entries on the board."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.job import Job
from bot.domain.pictures import Picture

_CUSTOM = re.compile(r"<a?:\w+:(\d+)>")
_VARIATION = "\ufe0f"


def emoji_key(emoji: str) -> str:
    """Reduce an emoji to what stays the same: a custom one may be renamed, others come in styles.

    `<a:star:123>` becomes `123`; the mark that asks for colour goes.
    """
    custom = _CUSTOM.fullmatch(emoji)
    return custom[1] if custom else emoji.strip().replace(_VARIATION, "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """The channel where a server shows what its members starred, and how many stars it takes.

    `emoji` is the star as Discord writes it, `set_by` the manager who chose the board.
    """

    channel_id: int
    threshold: int
    emoji: str
    set_by: int
    forum: bool = False
    age_restricted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Star:
    """A member's reaction on a message; a burst one and a normal one may stand side by side."""

    guild_id: int
    message_id: int
    user_id: int
    emoji: str
    burst: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A job's place on a board: what the votes say (`wanted`, `stars`), and what is shown there.

    `channel_id` is the board, or the post's thread where the board is a forum; `posts` counts how
    often it was taken down, `begun` that a post of it may stand without having been noted,
    `is_current` that its board is still the server's.
    """

    id: int
    board_id: int
    forum: bool
    emoji: str
    set_by: int
    wanted: bool
    stars: int
    shown_stars: int | None
    channel_id: int | None
    message_id: int | None
    posts: int
    begun: bool
    tries: int
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryClaim:
    """Proof that a worker holds an entry; every write it makes carries it (the fence)."""

    entry: Entry
    job: Job
    worker: str
    attempt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PostedEntry:
    """Where an entry stands: the board's message, or the first one of a thread in a forum."""

    channel_id: int
    message_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An entry that stands on a board."""

    job: Job
    stars: int
    emoji: str
    at: PostedEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """What a requester's entries have got in stars together."""

    user_name: str
    stars: int


class Span(StrEnum):
    """How far back the best are looked for."""

    WEEK = "week"
    MONTH = "month"
    EVER = "ever"

    @property
    def seconds(self) -> float | None:
        """Its length; None: no end."""
        return {Span.WEEK: 7 * 86_400.0, Span.MONTH: 30 * 86_400.0, Span.EVER: None}[self]


@dataclass(frozen=True, kw_only=True, slots=True)
class Best:
    """The entries with the most stars, and the requesters whose entries have the most together."""

    entries: Sequence[Shown] = ()
    credits: Sequence[Credit] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Exhibit:
    """An entry with a small picture of it."""

    shown: Shown
    preview: Picture


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What is known of a message's stars: how many, and a number that changes with each change."""

    guild_id: int
    channel_id: int
    message_id: int
    emoji: str
    stars: int
    changes: int

"""A Discord conversation as values: what a page needs to show it as members saw it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file of a message, `width` by `height` pixels where it is a picture."""

    data: bytes = field(repr=False)
    content_type: str
    name: str
    alt: str = ""
    width: int = 0
    height: int = 0
    spoiler: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Gallery:
    """A row of pictures among the blocks of a message."""

    items: tuple[Attachment, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Select:
    """A select among the blocks of a message, with what is chosen in it."""

    chosen: str


class ButtonStyle(StrEnum):
    """Discord's five."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    SUCCESS = "success"
    DANGER = "danger"
    LINK = "link"


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """A button; one with a `url` to Discord leads to that message where it is on the page."""

    label: str
    emoji: str = ""
    style: ButtonStyle = ButtonStyle.SECONDARY
    disabled: bool = False
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reaction:
    """An emoji under a message; `mine` when the bot is one of those who gave it."""

    emoji: str
    count: int
    mine: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """The line over an answer: who used which command, with what.

    `name` is without the slash, `options` the other options as (name, value).
    """

    user: str
    name: str
    prompt: str = ""
    options: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The message that is answered."""

    author: str
    snippet: str
    is_bot: bool = False
    message_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadLink:
    """The box under a message that a thread was made from; `id` is the thread's."""

    id: int
    name: str
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What a message said before an edit, and when it began to say so."""

    content: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A message; texts are Discord's markdown, `at` (aware) is when it began to say them.

    `components` are the blocks of a Components V2 message; `only_for` is the
    one member who sees an ephemeral one. Clock times are shown in the zone of `at`, relative ones
    counted from it.
    """

    id: int
    author: str
    at: datetime
    content: str = ""
    is_bot: bool = False
    earlier: tuple[Version, ...] = ()
    command: Command | None = None
    reply_to: Reply | None = None
    only_for: str | None = None
    attachments: tuple[Attachment, ...] = ()
    components: tuple[str | Gallery | Select, ...] = ()
    buttons: tuple[Button, ...] = ()
    reactions: tuple[Reaction, ...] = ()
    thread: ThreadLink | None = None
    edited: bool = False
    deleted: bool = False

    @property
    def posted_at(self) -> datetime:
        """When it first appeared."""
        return self.earlier[0].at if self.earlier else self.at


class ColumnKind(StrEnum):
    """What kind of place a column shows."""

    CHANNEL = "channel"
    THREAD = "thread"
    SHOWCASE = "showcase"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One channel or thread with its messages, oldest first; `id` is Discord's."""

    id: int
    kind: ColumnKind
    name: str
    topic: str = ""
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """A whole conversation.

    `figures` are (label, value) for the strip on top, `note` is the banner's text, `users` and
    `channels` name whom mentions are of (columns need not be repeated).
    """

    title: str
    note: str
    columns: tuple[Column, ...]
    figures: tuple[tuple[str, str], ...] = ()
    users: Mapping[int, str] = field(default_factory=dict)
    channels: Mapping[int, str] = field(default_factory=dict)

"""The reasons that lie with a server: what its managers and moderators decide."""

from dataclasses import dataclass

from bot.domain.errors import UserError


@dataclass(kw_only=True, eq=False)
class PausedHere(UserError):
    """A moderator (or the owner, everywhere) paused pictures, and said why."""

    reason: str


@dataclass(kw_only=True, eq=False)
class Blocked(UserError):
    """A moderator blocked the member, until an epoch second."""

    until: float


@dataclass(kw_only=True, eq=False)
class NotBlocked(UserError):
    """The member to be let in again is not blocked."""


@dataclass(kw_only=True, eq=False)
class BadSetting(UserError):
    """What a manager wrote into a form of settings cannot be read; `given` is that."""

    given: str


@dataclass(kw_only=True, eq=False)
class WrongChannel(UserError):
    """Pictures are asked for in other channels of this server."""

    channel_ids: tuple[int, ...]


@dataclass(kw_only=True, eq=False)
class NeedsRole(UserError):
    """Only members with a role may do that here."""

    role_id: int


@dataclass(kw_only=True, eq=False)
class NothingShown(UserError):
    """A server's showcase is empty."""


@dataclass(kw_only=True, eq=False)
class NoEmoji(UserError):
    """What was given for an emoji is none that this server's members and the bot can use."""

    given: str


@dataclass(kw_only=True, eq=False)
class NotAllowed(UserError):
    """The member lacks a right in this server; its name as Discord's client shows it."""

    permission: str

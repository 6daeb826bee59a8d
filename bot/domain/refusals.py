"""The reasons a request is refused, as values; `bot.ui.texts` turns them into sentences."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.errors import UserError


class PictureFault(StrEnum):
    """What is wrong with a file a member sent."""

    NOT_A_PICTURE = "not_a_picture"
    EMPTY = "empty"
    CUT_OFF = "cut_off"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_NARROW = "too_narrow"
    TOO_SMALL = "too_small"
    TOO_LARGE_FILE = "too_large_file"
    HEIC_UNSUPPORTED = "heic_unsupported"
    UNDECODABLE = "undecodable"
    LINK_DIED = "link_died"


@dataclass(kw_only=True, eq=False)
class BadPicture(UserError):
    """One file cannot be used; `option` is the name of the option it came in."""

    name: str
    option: str
    fault: PictureFault
    width: int = 0
    height: int = 0


@dataclass(kw_only=True, eq=False)
class RequestTooLarge(UserError):
    """All files together are larger than is read for one request (bytes)."""

    byte_count: int
    allowed: int


@dataclass(kw_only=True, eq=False)
class TooManyPictures(UserError):
    """Pictures in and out exceed what the model takes together."""

    inputs: int
    outputs: int
    together: int


@dataclass(kw_only=True, eq=False)
class TooManyAsked(UserError):
    """More pictures are asked for in one request than a member may."""

    asked: int
    allowed: int


@dataclass(kw_only=True, eq=False)
class EmptyPrompt(UserError):
    """The prompt has no visible character."""


class Window(StrEnum):
    """The rolling windows a member's pictures are counted in."""

    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> int:
        """Its length."""
        return 3600 if self is Window.HOUR else 86400


@dataclass(kw_only=True, eq=False)
class LimitReached(UserError):
    """A member's pictures per window are used; times are epoch seconds of the database."""

    window: Window
    used: int
    allowed: int
    asked: int
    one_at: float
    asked_at: float


@dataclass(kw_only=True, eq=False)
class WaitingFull(UserError):
    """A member has as many requests waiting as allowed."""

    waiting: int
    allowed: int
    next_at: float


@dataclass(kw_only=True, eq=False)
class CoolOff(UserError):
    """The content rules refused a member's requests too often; they wait until `until`."""

    refusals: int
    until: float


class BudgetScope(StrEnum):
    """Whose budget it is."""

    GUILD = "guild"
    DM = "dm"
    ALL = "all"


class Period(StrEnum):
    """UTC day or month."""

    DAY = "day"
    MONTH = "month"


@dataclass(kw_only=True, eq=False)
class BudgetUsedUp(UserError):
    """A hard stop in money (micro-dollars); `opens_at` is the start of the next period."""

    scope: BudgetScope
    period: Period
    used: int
    allowed: int
    opens_at: float


@dataclass(kw_only=True, eq=False)
class MissingPermissions(UserError):
    """The bot lacks rights it needs in this place; names as Discord's client shows them."""

    place: str
    names: tuple[str, ...]


class NotHereReason(StrEnum):
    """Why this place may not be used at all."""

    SERVER = "server"
    DM = "dm"


@dataclass(kw_only=True, eq=False)
class NotHere(UserError):
    """This server or direct message may not spend."""

    reason: NotHereReason


@dataclass(kw_only=True, eq=False)
class BlockedWords(UserError):
    """The prompt holds a word the owner blocked (which one is not told)."""


@dataclass(kw_only=True, eq=False)
class JobGone(UserError):
    """The stored pictures of a job can no longer be used."""

    job_id: str


@dataclass(kw_only=True, eq=False)
class AskedElsewhere(UserError):
    """A job is made again in the server it was asked for in, by its members."""

    job_id: str


@dataclass(kw_only=True, eq=False)
class BeingPosted(UserError):
    """A result is being posted at this moment."""

    job_id: str


@dataclass(kw_only=True, eq=False)
class StaysRestricted(UserError):
    """What was made in an age-restricted place is not posted in one that is not."""

    job_id: str


@dataclass(kw_only=True, eq=False)
class NoPicturesThere(UserError):
    """The message that was chosen has no pictures."""


@dataclass(kw_only=True, eq=False)
class NotYours(UserError):
    """The message that was chosen is neither the member's own nor the bot's."""


@dataclass(kw_only=True, eq=False)
class FormTooOld(UserError):
    """What a form was about is not known any more."""


@dataclass(kw_only=True, eq=False)
class ThreadLocked(UserError):
    """Nobody but moderators may post in this thread."""


@dataclass(kw_only=True, eq=False)
class AlreadyRerolling(UserError):
    """This member's reroll of this job is still waiting or running."""

    job_id: str


@dataclass(kw_only=True, eq=False)
class RerollLimit(UserError):
    """A job was rerolled as often as allowed within an hour."""

    job_id: str
    allowed: int
    next_at: float


@dataclass(kw_only=True, eq=False)
class OnlyRequester(UserError):
    """Only the requester may do that."""

    user_name: str


@dataclass(kw_only=True, eq=False)
class OnlyRequesterOrModerator(UserError):
    """Only the requester or a moderator may do that."""

    user_name: str


@dataclass(kw_only=True, eq=False)
class NotMadeYet(UserError):
    """A job is still on its way, so that there is nothing to delete."""

    job_id: str


@dataclass(kw_only=True, eq=False)
class TooLate(UserError):
    """A job has ended already and cannot be cancelled."""

    job_id: str


@dataclass(kw_only=True, eq=False)
class AlreadyOnItsWay(UserError):
    """The same request of the same member was taken seconds ago; its card, if it stands."""

    job_id: str
    guild_id: int | None
    channel_id: int
    card_id: int | None

"""A server's showcase."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """The channel where a server shows what its members starred, and how many stars it takes."""

    channel_id: int
    threshold: int
    age_restricted: bool = False

    @property
    def keeps_from(self) -> int:
        """How many stars keep an entry there: half of what brings it, rounded up."""
        return -(-self.threshold // 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A job on a board; no message: it is not shown. A withdrawn one is not shown again."""

    message_id: int | None
    withdrawn: bool

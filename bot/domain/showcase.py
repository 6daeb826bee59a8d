"""A server's showcase."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Board:
    """The channel where a server shows what its members starred, and how many stars it takes."""

    channel_id: int
    threshold: int

"""Members and what is kept of them: told once, shown, exported, erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.domain.errors import UserError
from bot.domain.job import Job

EXPORTS_A_DAY = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """How much is kept of a member; `shown`: they let theirs be shown, `erasing`: asked to be."""

    jobs: int
    pictures: int
    votes: int
    entries: int
    shown: bool
    erasing: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """A member who asked to be erased, and when (epoch seconds): what came later is not meant."""

    user_id: int
    asked_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What a step of an erasure came to.

    `keys` are pictures nobody needs any more; `more`: another step would do more right now;
    `done`: nothing of the member is left in any job. Else it waits: for Discord, or for a run.
    """

    keys: Sequence[str]
    more: bool
    done: bool


@dataclass(kw_only=True, eq=False)
class ExportRunning(UserError):
    """A member's last export is still being made."""


@dataclass(kw_only=True, eq=False)
class ExportLimit(UserError):
    """A member had as many exports as allowed within a day; `next_at` is epoch seconds."""

    allowed: int
    next_at: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Left:
    """What is left to do of an erasure: jobs that stand in Discord, and such that are being made.

    `workers` are those that live, and will do it.
    """

    standing: int
    under_way: int
    workers: int


class MemberStore(Protocol):
    """What is kept of members; each method one transaction."""

    async def welcome(self, user_id: int) -> bool:
        """Tell whether a member is here for the first time, once."""

    async def kept(self, user_id: int) -> Kept:
        """Count what is kept of a member."""

    async def begin_export(self, user_id: int) -> None:
        """Note that an export begins; ExportRunning, ExportLimit."""

    async def end_export(self, user_id: int) -> None:
        """Note that it has ended."""

    async def jobs_of(self, user_id: int, before: int | None, most: int) -> list[Job]:
        """Read a member's jobs, newest first, those with numbers below `before`."""

    async def noted_of(self, user_id: int) -> dict[str, Any]:
        """Read what else is kept of a member: entries, votes, blocks, what moderators noted."""

    async def ask_erasure(self, user_id: int) -> Erasure:
        """Note that a member is to be erased; what no job needs goes at once."""

    async def erasures(self) -> list[Erasure]:
        """List the members who are to be erased."""

    async def erase_some(self, user_id: int) -> Erased | None:
        """Erase a little of a member; None when somebody else does, or nothing is asked."""

    async def end_erasure(self, erasure: Erasure) -> None:
        """Note that nothing is left of a member, unless they asked again meanwhile."""

    async def left_of(self, user_id: int) -> Left:
        """Count what is left to do of a member's erasure."""

    async def forget_erased(self) -> None:
        """Delete what limits need no more of members who were erased."""

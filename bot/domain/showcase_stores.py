"""How services see showcases in the database: each method one transaction."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from bot.domain.showcase import Best, Board, Counted, EntryClaim, PostedEntry, Shown, Span, Star


class BoardStore(Protocol):
    """Boards and votes; what follows for an entry is written with each vote."""

    async def set_board(self, guild_id: int, board: Board | None) -> None:
        """Set a server's board, or none; what waits for an earlier board goes to the new one."""

    async def star(self, given: Star, default_emoji: str) -> None:
        """Note a star once, if it is one: servers have emoji of their own, else the default."""

    async def unstar(self, taken: Star, default_emoji: str) -> None:
        """Take a star back."""

    async def clear_stars(
        self, guild_id: int, message_id: int, emoji: str | None, default_emoji: str
    ) -> None:
        """Take all stars from a message; None: whatever the emoji."""

    async def countable(self, guild_ids: Sequence[int]) -> list[Counted]:
        """List the newest messages whose stars count, and what is known of them."""

    async def recount(self, counted: Counted, stars: Iterable[Star]) -> bool:
        """Put what Discord says in place of what was known; False when that changed meanwhile."""

    async def withdraw(self, number: int) -> None:
        """Take a job from every board for good."""

    async def entry_message_gone(self, message_id: int) -> bool:
        """Note that a moderator deleted an entry's message; False: it is none, or ours to do."""

    async def opt(self, user_id: int, *, shown: bool) -> None:
        """Note whether a member's results may be shown at all."""

    async def is_shown(self, user_id: int) -> bool:
        """Tell whether a member's results may be shown."""

    async def best(self, guild_id: int, span: Span, *, restricted: bool) -> Best:
        """Read a server's best; `restricted`: also what was made in age-restricted places."""

    async def any_entry(self, guild_id: int, *, restricted: bool) -> Shown | None:
        """Read one entry, whichever."""


class EntryQueue(Protocol):
    """Entries to be brought up to date on their boards; every write is behind the claim's fence."""

    async def claim_entry(self) -> EntryClaim | None:
        """Take the next entry that is due."""

    async def entry_begun(self, claim: EntryClaim) -> None:
        """Note that a post is about to be sent."""

    async def entry_posted(self, claim: EntryClaim, at: PostedEntry) -> None:
        """Note where it stands, with the stars of the claim."""

    async def entry_edited(self, claim: EntryClaim) -> None:
        """Note that it shows the stars of the claim."""

    async def entry_removed(self, claim: EntryClaim, *, for_good: bool = False) -> None:
        """Note that it stands no longer, and is not to come back if a moderator took it down."""

    async def end_entry(self, claim: EntryClaim) -> None:
        """Note that the board says what it should."""

    async def retry_entry(self, claim: EntryClaim, again_in: float) -> None:
        """Note a passing failure; try again after some seconds."""

    async def drop_entry(self, claim: EntryClaim) -> None:
        """Leave it to whoever claims it next."""

    async def rest_board(self, board_id: int, seconds: float) -> None:
        """Let everything that waits for a board wait as long."""

    async def wake_board(self, board_id: int) -> None:
        """Have everything that waits for a board looked at now."""

"""The ports of showcases on a database: each method one transaction."""

from collections.abc import Iterable, Sequence

from bot.domain.showcase import Best, Board, Counted, EntryClaim, PostedEntry, Shown, Span, Star
from bot.storage import boards, entries, votes
from bot.storage.database import Database
from bot.storage.runner import Runner


class Showcasing(Runner):
    """Implements BoardStore and EntryQueue; `worker` is the name in its claims."""

    def __init__(self, database: Database, *, worker: str) -> None:
        super().__init__(database)
        self._worker = worker

    async def set_board(self, guild_id: int, board: Board | None) -> None:
        """See BoardStore."""
        await self._run_and_wake(boards.set_board, guild_id, board)

    async def star(self, given: Star, default_emoji: str) -> None:
        """See BoardStore."""
        await self._run_and_wake_if(votes.star, given, default_emoji)

    async def unstar(self, taken: Star, default_emoji: str) -> None:
        """See BoardStore."""
        await self._run_and_wake_if(votes.unstar, taken, default_emoji)

    async def clear_stars(
        self, guild_id: int, message_id: int, emoji: str | None, default_emoji: str
    ) -> None:
        """See BoardStore."""
        await self._run_and_wake_if(votes.clear_stars, guild_id, message_id, emoji, default_emoji)

    async def countable(self, guild_ids: Sequence[int]) -> list[Counted]:
        """See BoardStore."""
        return await self._read(votes.countable, guild_ids)

    async def recount(self, counted: Counted, stars: Iterable[Star]) -> bool:
        """See BoardStore."""
        return await self._run_and_wake_if(votes.recount, counted, list(stars)) is not None

    async def withdraw(self, number: int) -> None:
        """See BoardStore."""
        await self._run_and_wake(boards.withdraw, number)

    async def entry_message_gone(self, message_id: int) -> bool:
        """See BoardStore."""
        return await self._run(boards.message_gone, message_id)

    async def opt(self, user_id: int, *, shown: bool) -> None:
        """See BoardStore."""
        await self._run_and_wake(boards.opt, user_id, shown=shown)

    async def is_shown(self, user_id: int) -> bool:
        """See BoardStore."""
        return await self._read(boards.is_shown, user_id)

    async def best(self, guild_id: int, span: Span, *, restricted: bool) -> Best:
        """See BoardStore."""
        return await self._read(boards.best, guild_id, span.seconds, restricted=restricted)

    async def any_entry(self, guild_id: int, *, restricted: bool) -> Shown | None:
        """See BoardStore."""
        return await self._read(boards.any_entry, guild_id, restricted=restricted)

    async def claim_entry(self) -> EntryClaim | None:
        """See EntryQueue."""
        return await self._run(entries.claim_entry, self._worker)

    async def entry_begun(self, claim: EntryClaim) -> None:
        """See EntryQueue."""
        await self._run(entries.entry_begun, claim)

    async def entry_posted(self, claim: EntryClaim, at: PostedEntry) -> None:
        """See EntryQueue."""
        await self._persist(entries.entry_posted, claim, at)

    async def entry_edited(self, claim: EntryClaim) -> None:
        """See EntryQueue."""
        await self._run(entries.entry_edited, claim)

    async def entry_removed(self, claim: EntryClaim, *, for_good: bool = False) -> None:
        """See EntryQueue."""
        await self._persist(entries.entry_removed, claim, for_good=for_good)

    async def end_entry(self, claim: EntryClaim) -> None:
        """See EntryQueue."""
        await self._run_and_wake(entries.end_entry, claim)

    async def retry_entry(self, claim: EntryClaim, again_in: float) -> None:
        """See EntryQueue."""
        await self._run(entries.retry_entry, claim, again_in)

    async def drop_entry(self, claim: EntryClaim) -> None:
        """See EntryQueue."""
        await self._run(entries.drop_entry, claim)

    async def rest_board(self, board_id: int, seconds: float) -> None:
        """See EntryQueue."""
        await self._run(entries.rest_board, board_id, seconds)

    async def wake_board(self, board_id: int) -> None:
        """See EntryQueue."""
        await self._run_and_wake(entries.wake_board, board_id)

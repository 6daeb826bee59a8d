"""What enough members star is shown on the server's board, with credit to the requester."""

from collections.abc import Sequence

from bot.domain.job import Actor, Job
from bot.domain.ports import ImageStore, Pictures
from bot.domain.refusals import JobGone, OnlyRequesterOrModerator
from bot.domain.server_refusals import NothingShown
from bot.domain.showcase import Best, Board, Exhibit, Shown, Span, Star
from bot.domain.showcase_stores import BoardStore
from bot.domain.stores import JobStore


class Showcase:
    """Counts stars, and says what members want to be shown; boards follow by themselves."""

    def __init__(
        self,
        *,
        jobs: JobStore,
        boards: BoardStore,
        images: ImageStore,
        pictures: Pictures,
        emoji: str,
    ) -> None:
        self._jobs = jobs
        self._boards = boards
        self._images = images
        self._pictures = pictures
        self._emoji = emoji

    async def set_board(self, guild_id: int, board: Board | None) -> None:
        """Set where a server shows what was starred, or nowhere."""
        await self._boards.set_board(guild_id, board)

    async def star(self, given: Star) -> None:
        """Count a member's reaction, if it is a star on a job's message."""
        await self._boards.star(given, self._emoji)

    async def unstar(self, taken: Star) -> None:
        """Take a member's star back."""
        await self._boards.unstar(taken, self._emoji)

    async def cleared(self, guild_id: int, message_id: int, emoji: str | None) -> None:
        """Follow a moderator who cleared a message of reactions (None: of all)."""
        await self._boards.clear_stars(guild_id, message_id, emoji, self._emoji)

    async def message_gone(self, message_id: int) -> None:
        """Follow a moderator who deleted an entry from the board."""
        await self._boards.entry_message_gone(message_id)

    async def withdraw(self, job_id: str, actor: Actor) -> Job:
        """Take a job down for good, for its requester or a moderator; raises UserError."""
        job = await self._found(job_id)
        if actor.id != job.requester.id and not job.is_of(actor):
            raise OnlyRequesterOrModerator(user_name=job.requester.name)
        await self._boards.withdraw(job.number)
        return job

    async def opt(self, user_id: int, *, shown: bool) -> None:
        """Keep all of a member's results out of showcases, or let them in again."""
        await self._boards.opt(user_id, shown=shown)

    async def is_shown(self, user_id: int) -> bool:
        """Tell whether a member lets theirs be shown."""
        return await self._boards.is_shown(user_id)

    async def best(
        self, guild_id: int, span: Span, *, restricted: bool
    ) -> tuple[Best, Sequence[Exhibit]]:
        """Show a server's best; NothingShown when there is nothing."""
        found = await self._boards.best(guild_id, span, restricted=restricted)
        if not found.entries:
            raise NothingShown
        return found, [await self._exhibit(one) for one in found.entries]

    async def any_entry(self, guild_id: int, *, restricted: bool) -> Exhibit:
        """Show one of a server's entries, whichever; NothingShown when there is none."""
        found = await self._boards.any_entry(guild_id, restricted=restricted)
        if found is None:
            raise NothingShown
        return await self._exhibit(found)

    async def _exhibit(self, shown: Shown) -> Exhibit:
        data = await self._images.get(shown.job.results[0].key)
        return Exhibit(shown=shown, preview=await self._pictures.preview(data))

    async def _found(self, job_id: str) -> Job:
        job = await self._jobs.job(job_id)
        if job is None:
            raise JobGone(job_id=job_id)
        return job

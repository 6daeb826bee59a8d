"""What enough members star is shown on the server's board, once, with credit to the requester."""

from bot.domain.job import Job, Status
from bot.domain.ports import Publisher
from bot.domain.showcase import Board
from bot.domain.stores import BoardStore, JobStore


class Showcase:
    """Counts stars and posts entries."""

    def __init__(self, *, jobs: JobStore, boards: BoardStore, publisher: Publisher) -> None:
        self._jobs = jobs
        self._boards = boards
        self._publisher = publisher

    async def set_board(self, guild_id: int, board: Board | None) -> None:
        """Set where a server shows what was starred, or nowhere."""
        await self._boards.set_board(guild_id, board)

    async def star(self, message_id: int, user_id: int) -> None:
        """Count a member's star on a job's message, and show the job when it has enough."""
        job = await self._jobs.job_by_message(message_id)
        if job is None or job.place.guild_id is None or job.place.private:
            return
        stars = await self._boards.add_vote(job, user_id)
        board = await self._boards.board_of(job.place.guild_id)
        if board and stars >= board.threshold and job.status is Status.DELIVERED:
            await self._show(job, board)

    async def unstar(self, message_id: int, user_id: int) -> None:
        """Take a member's star back."""
        job = await self._jobs.job_by_message(message_id)
        if job:
            await self._boards.remove_vote(job, user_id)

    async def _show(self, job: Job, board: Board) -> None:
        if await self._boards.begin_entry(job, board.channel_id):
            message_id = await self._publisher.post_entry(job, board)
            await self._boards.entry_posted(job, board.channel_id, message_id)

"""What enough members star is shown on the server's board, once, with credit to the requester."""

from bot.domain.job import Actor, Job, Status
from bot.domain.ports import Publisher
from bot.domain.refusals import JobGone, OnlyRequesterOrModerator
from bot.domain.showcase import Board
from bot.domain.stores import BoardStore, JobStore


class Showcase:
    """Counts stars, and keeps each entry as the stars and its requester want it."""

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
        if job and job.place.guild_id and not job.place.private:
            await self._follow(job, await self._boards.add_vote(job, user_id))

    async def unstar(self, message_id: int, user_id: int) -> None:
        """Take a member's star back, and the entry down when too few are left."""
        job = await self._jobs.job_by_message(message_id)
        if job:
            await self._follow(job, await self._boards.remove_vote(job, user_id))

    async def withdraw(self, job_id: str, actor: Actor) -> Job:
        """Take a job down for good, for its requester or a moderator; raises UserError."""
        job = await self._jobs.job(job_id)
        if job is None:
            raise JobGone(job_id=job_id)
        if actor.id != job.requester.id and not job.is_moderated_by(actor):
            raise OnlyRequesterOrModerator(user_name=job.requester.name)
        if board := await self._board(job):
            await self._boards.withdraw(job, board.channel_id)
            await self._take_down(job, board)
        return job

    async def _board(self, job: Job) -> Board | None:
        return await self._boards.board_of(job.place.guild_id) if job.place.guild_id else None

    async def _follow(self, job: Job, stars: int) -> None:
        """Show the job or take it down, as its stars say; between the two it stays as it is."""
        board = await self._board(job)
        if board is None or (job.place.age_restricted and not board.age_restricted):
            return
        if stars < board.keeps_from:
            await self._take_down(job, board)
        elif stars >= board.threshold and job.status is Status.DELIVERED and not job.pictures_gone:
            await self._show(job, board)

    async def _show(self, job: Job, board: Board) -> None:
        entry = await self._boards.entry_of(job, board.channel_id)
        if entry and entry.withdrawn:
            return
        post = await self._boards.begin_entry(job, board.channel_id)
        if post is not None:
            message_id = await self._publisher.post_entry(job, board, post)
            if not await self._boards.entry_posted(job, board.channel_id, message_id):
                await self._publisher.remove_entry(job, board.channel_id, message_id)

    async def _take_down(self, job: Job, board: Board) -> None:
        entry = await self._boards.entry_of(job, board.channel_id)
        if entry and entry.message_id:
            await self._publisher.remove_entry(job, board.channel_id, entry.message_id)
            await self._boards.entry_posted(job, board.channel_id, None)

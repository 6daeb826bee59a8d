"""The ports of the queue on a database: each method one transaction."""

from bot.domain.job import (
    Deleter,
    FinishedPage,
    Forecast,
    Job,
    NewJob,
    Place,
    RerollHistory,
)
from bot.domain.limits import GateLimits
from bot.domain.showcase import Board, Entry
from bot.domain.usage import BudgetUse, Usage
from bot.storage import (
    boards,
    cancels,
    finished,
    forecasts,
    keeping,
    limits,
    lookups,
    notes,
    reconcile,
    submitting,
    usage,
)
from bot.storage.database import Database
from bot.storage.submitting import Rules
from bot.storage.working import Working


class Store(Working):
    """Implements every port of the database in `bot.domain.ports`.

    `worker` names this process in its claims; `first_guess` is the run time (seconds) expected
    before anything was made. Errors are those of `Database.run`.
    """

    def __init__(
        self,
        database: Database,
        *,
        rules: Rules,
        gate: GateLimits,
        worker: str,
        first_guess: float = forecasts.FIRST_GUESS,
    ) -> None:
        super().__init__(database, gate=gate, worker=worker)
        self._rules = rules
        self._first_guess = first_guess

    async def submit(self, job: NewJob) -> Job:
        """See JobStore."""
        return await self._run_and_wake(submitting.submit, job, self._rules)

    async def check(self, user_id: int, asked: int) -> None:
        """See JobStore."""
        await self._read(limits.check_limits, user_id, asked, self._rules.user)

    async def job(self, job_id: str) -> Job | None:
        """See JobStore."""
        return await self._read(lookups.job_by_id, job_id)

    async def job_by_message(self, message_id: int) -> Job | None:
        """See JobStore."""
        return await self._read(lookups.job_by_message, message_id)

    async def cancel(self, job_id: str, *, if_waiting: bool = False) -> Job | None:
        """See JobStore."""
        return await self._run_and_wake(cancels.cancel, job_id, if_waiting=if_waiting)

    async def finished(self, user_id: int, job_id: str | None) -> FinishedPage | None:
        """See JobStore."""
        return await self._read(finished.finished, user_id, job_id)

    async def post_again(self, job_id: str, place: Place) -> Job | None:
        """See JobStore."""
        return await self._run_and_wake(finished.post_again, job_id, place)

    async def remove(self, job_id: str, by: Deleter) -> list[str]:
        """See JobStore."""
        return await self._run_and_wake(finished.remove, job_id, by)

    async def unfinished(self, user_id: int) -> list[Job]:
        """See JobStore."""
        return await self._read(lookups.unfinished, user_id)

    async def usage(self, user_id: int) -> Usage:
        """See JobStore."""
        return await self._read(usage.usage, user_id, self._rules.user)

    async def total_spent(self) -> list[BudgetUse]:
        """See Totals."""
        return await self._read(usage.total_spent)

    async def let_go(self, age_seconds: float) -> list[str]:
        """See PictureKeeper."""
        return await self._run(keeping.let_go, age_seconds)

    async def unneeded(self, keys: list[str]) -> list[str]:
        """See PictureKeeper."""
        return await self._read(keeping.unneeded, keys)

    async def reconcile(self) -> None:
        """Count again what the counters claim."""
        await self._run(reconcile.reconcile)

    async def reroll_history(self, parent_id: str, user_id: int) -> RerollHistory:
        """See JobStore."""
        return await self._read(lookups.reroll_history, parent_id, user_id)

    async def forecast(self, job: Job) -> Forecast:
        """See JobStore."""
        return await self._read(forecasts.forecast, job, self._gate.max_running, self._first_guess)

    async def set_board(self, guild_id: int, board: Board | None) -> None:
        """See BoardStore."""
        await self._run(boards.set_board, guild_id, board)

    async def board_of(self, guild_id: int) -> Board | None:
        """See BoardStore."""
        return await self._read(boards.board_of, guild_id)

    async def add_vote(self, job: Job, user_id: int) -> int:
        """See BoardStore."""
        return await self._run(boards.add_vote, job, user_id)

    async def remove_vote(self, job: Job, user_id: int) -> int:
        """See BoardStore."""
        return await self._run(boards.remove_vote, job, user_id)

    async def entry_of(self, job: Job, board_id: int) -> Entry | None:
        """See BoardStore."""
        return await self._read(boards.entry_of, job, board_id)

    async def withdraw(self, job: Job, board_id: int) -> None:
        """See BoardStore."""
        await self._run(boards.withdraw, job, board_id)

    async def begin_entry(self, job: Job, board_id: int) -> int | None:
        """See BoardStore."""
        return await self._run(boards.begin_entry, job, board_id)

    async def entry_posted(self, job: Job, board_id: int, message_id: int | None) -> bool:
        """See BoardStore."""
        return await self._run(boards.entry_posted, job, board_id, message_id)

    async def note(self, key: str) -> str | None:
        """See Notes."""
        return await self._read(notes.read_note, key)

    async def set_note(self, key: str, value: str) -> None:
        """See Notes."""
        await self._run(notes.set_note, key, value)

    async def set_once(self, key: str) -> bool:
        """See Notes."""
        return await self._run(notes.set_once, key)

    async def clear(self, key: str) -> bool:
        """See Notes."""
        return await self._run(notes.clear, key)

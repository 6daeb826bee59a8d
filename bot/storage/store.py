"""The ports of the queue on a database: each method one transaction."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Concatenate, ParamSpec, TypeVar

from bot.domain.errors import Failure, TransientError
from bot.domain.job import Claim, Forecast, Job, NewJob, RerollHistory, Stage, StoredPicture
from bot.domain.limits import GateLimits
from bot.domain.pacing import retry_waits
from bot.domain.showcase import Board
from bot.domain.usage import BudgetUse, Usage
from bot.storage import (
    boards,
    cancels,
    claims,
    deliveries,
    forecasts,
    keeping,
    limits,
    lookups,
    notes,
    reconcile,
    steps,
    submitting,
    unknowns,
    usage,
)
from bot.storage.database import NOTIFY, Database, Transaction
from bot.storage.submitting import Rules

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Transaction, P], T]


class Store:
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
        self._database = database
        self._rules = rules
        self._gate = gate
        self._worker = worker
        self._first_guess = first_guess
        self._written = asyncio.Event()

    async def _run(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.run(lambda tx: work(tx, *args, **kwargs))

    async def _read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._database.read(lambda tx: work(tx, *args, **kwargs))

    async def _run_and_wake(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        done = await self._database.run(lambda tx: self._notifying(tx, work(tx, *args, **kwargs)))
        self._written.set()
        return done

    def _notifying(self, tx: Transaction, done: T) -> T:
        if self._database.shared:
            tx.connection.execute(NOTIFY)
        return done

    async def listen(self) -> None:
        """Hear of what other processes write, until cancelled."""
        from bot.storage.wakeups import listen  # noqa: PLC0415 - psycopg is an extra

        await listen(self._database.listen_url, self._written.set)

    async def _persist(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Write what must not be lost: go on trying while the database is away."""
        waits = retry_waits()
        while True:
            try:
                return await self._run_and_wake(work, *args, **kwargs)
            except TransientError as error:
                wait = next(waits)
                log.warning("to be written again in %.0f s: %s", wait, error)
                await asyncio.sleep(wait)

    async def wait_for_work(self, at_most: float) -> None:
        """See JobStore."""
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most):
                await self._written.wait()
        self._written.clear()

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

    async def cancel(self, job_id: str) -> Job | None:
        """See JobStore."""
        return await self._run_and_wake(cancels.cancel, job_id)

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

    async def claim(self) -> Claim | None:
        """See WorkQueue."""
        return await self._run(claims.claim, self._worker, self._gate)

    async def mark_submitting(self, claim: Claim, sent_urls: list[str]) -> bool:
        """See WorkQueue."""
        return await self._run(steps.mark_submitting, claim, sent_urls)

    async def mark_submitted(self, claim: Claim, provider_id: str) -> None:
        """See WorkQueue."""
        await self._persist(steps.mark_submitted, claim, provider_id)

    async def open_gate(self) -> str | None:
        """See WorkQueue."""
        return await self._persist(steps.open_gate)

    async def add_result(self, claim: Claim, position: int, picture: StoredPicture) -> None:
        """See WorkQueue."""
        await self._persist(steps.add_result, claim, position, picture)

    async def mark_generated(self, claim: Claim, cost: int | None, made: int) -> None:
        """See WorkQueue."""
        await self._persist(steps.mark_generated, claim, cost, made)

    async def mark_failed(self, claim: Claim, failure: Failure, cost: int = 0) -> None:
        """See WorkQueue."""
        await self._persist(steps.mark_failed, claim, failure, cost)

    async def mark_unknown(self, claim: Claim) -> None:
        """See WorkQueue."""
        await self._persist(steps.mark_unknown, claim)

    async def mark_cancelled(self, claim: Claim) -> None:
        """See WorkQueue."""
        await self._persist(steps.mark_cancelled, claim)

    async def put_back(self, claim: Claim, reason: str, after: float | None) -> int:
        """See WorkQueue."""
        return await self._persist(steps.put_back, claim, reason, after)

    async def renew(self) -> int:
        """See WorkQueue."""
        return await self._run(claims.renew, self._worker)

    async def drop(self, claim: Claim) -> None:
        """See WorkQueue."""
        await self._run(claims.drop, claim)

    async def hand_over(self) -> None:
        """See WorkQueue."""
        await self._run(claims.expire_claims, self._worker)

    async def adopt_all(self) -> int:
        """Free every claim, of whichever worker: for a process that is the only one."""
        return await self._run_and_wake(claims.expire_claims)

    async def claim_unknown(self) -> Claim | None:
        """See UnknownQueue."""
        return await self._run(unknowns.claim_unknown, self._worker)

    async def check_again(self, claim: Claim, after: float) -> None:
        """See UnknownQueue."""
        await self._run(unknowns.check_again, claim, after)

    async def mark_found(self, claim: Claim, provider_id: str) -> bool:
        """See UnknownQueue."""
        return await self._persist(unknowns.mark_found, claim, provider_id)

    async def mark_lost(self, claim: Claim) -> None:
        """See UnknownQueue."""
        await self._persist(unknowns.mark_lost, claim)

    async def claim_delivery(self) -> Claim | None:
        """See DeliveryQueue."""
        return await self._run(deliveries.claim_delivery, self._worker)

    async def end_delivery(self, claim: Claim, again_in: float | None) -> None:
        """See DeliveryQueue."""
        await self._run_and_wake(deliveries.end_delivery, claim, again_in)

    async def retry_delivery(self, claim: Claim, again_in: float) -> None:
        """See DeliveryQueue."""
        await self._run(deliveries.retry_delivery, claim, again_in)

    async def drop_delivery(self, claim: Claim) -> None:
        """See DeliveryQueue."""
        await self._run(deliveries.drop_delivery, claim)

    async def card_posted(self, claim: Claim, message_id: int | None, stage: Stage) -> None:
        """See DeliveryQueue."""
        await self._persist(deliveries.card_posted, claim, message_id, stage)

    async def card_removed(self, claim: Claim) -> None:
        """See DeliveryQueue."""
        await self._persist(deliveries.card_removed, claim)

    async def post_begun(self, claim: Claim, channel_id: int) -> int:
        """See DeliveryQueue."""
        return await self._run(deliveries.post_begun, claim, channel_id)

    async def result_posted(self, claim: Claim, channel_id: int, message_id: int) -> None:
        """See DeliveryQueue."""
        await self._persist(deliveries.result_posted, claim, channel_id, message_id)

    async def delivered(self, claim: Claim) -> None:
        """See DeliveryQueue."""
        await self._persist(deliveries.delivered, claim)

    async def set_board(self, guild_id: int, board: Board | None) -> None:
        """See BoardStore."""
        await self._run(boards.set_board, guild_id, board)

    async def board_of(self, guild_id: int) -> Board | None:
        """See BoardStore."""
        return await self._read(boards.board_of, guild_id)

    async def add_vote(self, job: Job, user_id: int) -> int:
        """See BoardStore."""
        return await self._run(boards.add_vote, job, user_id)

    async def remove_vote(self, job: Job, user_id: int) -> None:
        """See BoardStore."""
        await self._run(boards.remove_vote, job, user_id)

    async def begin_entry(self, job: Job, board_id: int) -> bool:
        """See BoardStore."""
        return await self._run(boards.begin_entry, job, board_id)

    async def entry_posted(self, job: Job, board_id: int, message_id: int) -> None:
        """See BoardStore."""
        await self._run(boards.entry_posted, job, board_id, message_id)

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

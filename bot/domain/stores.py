"""How services see the database: one protocol a use of it, each method one transaction."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.errors import Failure
from bot.domain.forecast import Forecast
from bot.domain.job import (
    Claim,
    Deleter,
    FinishedPage,
    Job,
    NewJob,
    Place,
    PostedMessage,
    Requester,
    Stage,
    StoredPicture,
)
from bot.domain.rerolls import RerollHistory
from bot.domain.servers import Standing
from bot.domain.usage import BudgetUse, Usage


class JobStore(Protocol):
    """The durable queue. Every method is one transaction."""

    async def submit(self, job: NewJob) -> Job:
        """Check limits and budgets, reserve the price, write the job; a UserError writes nothing.

        The same key again returns the job already written.
        """

    async def check(self, requester: Requester, place: Place, asked: int) -> Standing:
        """Refuse early what `submit` would refuse; return how the member stands here."""

    async def standing_of(self, guild_id: int | None, user_id: int) -> Standing:
        """Read how a member stands in a server (None: a direct message)."""

    async def job(self, job_id: str) -> Job | None:
        """Find a job by its short id."""

    async def job_by_message(self, message_id: int) -> Job | None:
        """Find the job whose card or result a message is."""

    async def reroll_history(self, parent_id: str, user_id: int) -> RerollHistory:
        """Count a job's rerolls."""

    async def forecast(self, job: Job) -> Forecast:
        """Estimate from the line ahead and the last runs of the same size."""

    async def cancel(self, job_id: str, *, if_waiting: bool = False) -> Job | None:
        """Cancel a waiting job, ask a running one not to be posted; None when it is too late.

        With `if_waiting` it is too late for a running one.
        """

    async def finished(self, user_id: int, job_id: str | None) -> FinishedPage | None:
        """Read one of a member's finished jobs (None: the newest) with its neighbours."""

    async def post_again(self, job_id: str, place: Place) -> Job | None:
        """Have a finished job posted in a place; None when it has no pictures, or just now."""

    async def remove(self, job_id: str, by: Deleter) -> list[str]:
        """Delete a finished job's pictures; return the keys that nobody needs any more."""

    async def unfinished(self, user_id: int) -> list[Job]:
        """List a member's waiting and running jobs, oldest first."""

    async def usage(self, requester: Requester, guild_id: int | None) -> Usage:
        """Read a member's use against their limits in a server (None: in a direct message)."""

    async def first_to_hear(self, key: str) -> bool:
        """Tell whether no process has heard this event within the last seconds."""

    async def unhear(self, key: str) -> None:
        """Let the same event count anew."""

    async def wait_for_work(self, at_most: float) -> None:
        """Wait until something was written that may be claimed, or for a number of seconds."""


class WorkQueue(Protocol):
    """A worker's side of the queue; every write but a claim is behind the claim's fence."""

    async def claim(self) -> Claim | None:
        """Take the next job, member by member; None when none may start now."""

    async def mark_submitting(self, claim: Claim, sent_urls: list[str]) -> bool:
        """Note that a paid call is about to be sent, and its inputs; False: it was called off."""

    async def mark_cancelled(self, claim: Claim) -> None:
        """End a job that was called off before it was sent; its money goes back."""

    async def mark_submitted(self, claim: Claim, provider_id: str) -> None:
        """Note the provider's id."""

    async def open_gate(self) -> str | None:
        """Note that the provider takes requests; return why it had not, if so."""

    async def add_result(self, claim: Claim, position: int, picture: StoredPicture) -> None:
        """Note one downloaded picture (position from 1)."""

    async def mark_generated(self, claim: Claim, cost: int | None, made: int) -> None:
        """Settle the price (None: not reported, the reserve is booked) and free lane and gate."""

    async def mark_failed(self, claim: Claim, failure: Failure, cost: int = 0) -> None:
        """Release the money (but for what was charged all the same), free lane and gate."""

    async def mark_unknown(self, claim: Claim) -> None:
        """Keep the money, free lane and gate."""

    async def put_back(self, claim: Claim, reason: str, after: float | None) -> int:
        """Return a job to its line; the gate stays closed for some seconds (None: by itself).

        Returns how many such failures there were in a row.
        """

    async def drop(self, claim: Claim) -> None:
        """Leave a job, where it stands, to whoever adopts it."""

    async def renew(
        self, held: Sequence[int], telling: Sequence[int], showing: Sequence[int]
    ) -> int:
        """Keep the claims of these jobs, deliveries and entries alive; return the live workers.

        What else is claimed in this worker's name is let go of once it has run out.
        """

    async def hand_over(self) -> None:
        """Drop all claims of this worker, of deliveries too."""


class UnknownQueue(Protocol):
    """Jobs whose outcome is unknown, until they are found or given up; fenced like work."""

    async def claim_unknown(self) -> Claim | None:
        """Take the next one that is due to be looked up."""

    async def check_again(self, claim: Claim, after: float) -> None:
        """Look again after some seconds."""

    async def mark_found(self, claim: Claim, provider_id: str) -> bool:
        """Let it go on under the provider's id as if nothing had happened.

        False when that id is another job's.
        """

    async def mark_lost(self, claim: Claim) -> None:
        """Fail it; money goes back unless the provider took it under an id of its own."""


class DeliveryQueue(Protocol):
    """What Discord must hear about, and the log of what it has taken; fenced like work."""

    async def claim_delivery(self) -> Claim | None:
        """Take the next job Discord must hear about."""

    async def end_delivery(self, claim: Claim, again_in: float | None) -> None:
        """Note that Discord knows what the claim showed; look again after some seconds."""

    async def retry_delivery(self, claim: Claim, again_in: float) -> None:
        """Note a passing failure; try again after some seconds."""

    async def drop_delivery(self, claim: Claim) -> None:
        """Leave the news to whoever claims them next."""

    async def card_posted(self, claim: Claim, message_id: int | None, stage: Stage) -> None:
        """Note the card (or its new stage); None where there is none to see."""

    async def card_removed(self, claim: Claim) -> None:
        """Note that the card is gone, its result stands elsewhere."""

    async def post_begun(self, claim: Claim, channel_id: int) -> int:
        """Note the place results are posted to; return the post's number for its nonces."""

    async def result_posted(self, claim: Claim, channel_id: int, message_id: int) -> None:
        """Note one message of the result."""

    async def delivered(self, claim: Claim) -> None:
        """Note that the whole result stands."""

    async def standing(self, claim: Claim) -> list[PostedMessage]:
        """List the messages that stand for a job, those on boards too."""

    async def forgotten(self, claim: Claim) -> None:
        """Note that all a deleted job left in Discord is dealt with."""


class PictureKeeper(Protocol):
    """Which pictures are still needed."""

    async def let_go(self, age_seconds: float) -> list[str]:
        """Take the pictures from a few jobs that ended that long ago; list what nobody needs."""

    async def unneeded(self, keys: list[str]) -> list[str]:
        """Tell which of some keys no job needs."""


class Totals(Protocol):
    """What everybody together has spent."""

    async def total_spent(self) -> list[BudgetUse]:
        """Read today's and this month's sums, reserved money included."""


class Notes(Protocol):
    """Single values the bot remembers over restarts."""

    async def note(self, key: str) -> str | None:
        """Read a note."""

    async def set_note(self, key: str, value: str) -> None:
        """Write a note, in place of the last one."""

    async def set_once(self, key: str) -> bool:
        """Write a note unless it is there; whether it was written now."""

    async def clear(self, key: str) -> bool:
        """Remove a note; whether it was there."""

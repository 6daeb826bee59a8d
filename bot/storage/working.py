"""The workers' ports on a database: jobs, lookups and deliveries, each method one transaction."""

from collections.abc import Sequence

from bot.domain.errors import Failure
from bot.domain.job import Claim, PostedMessage, Stage, StoredPicture
from bot.domain.limits import GateLimits
from bot.storage import claims, deliveries, finished, steps, unknowns
from bot.storage.database import Database
from bot.storage.showcasing import Showcasing


class Working(Showcasing):
    """Implements WorkQueue, UnknownQueue and DeliveryQueue; `worker` is the name in its claims."""

    def __init__(self, database: Database, *, gate: GateLimits, worker: str) -> None:
        super().__init__(database, worker=worker)
        self._gate = gate

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

    async def renew(
        self, held: Sequence[int], telling: Sequence[int], showing: Sequence[int]
    ) -> int:
        """See WorkQueue."""
        return await self._run(claims.renew, self._worker, held, telling, showing)

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

    async def standing(self, claim: Claim) -> list[PostedMessage]:
        """See DeliveryQueue."""
        return await self._read(finished.standing, claim.job.number)

    async def forgotten(self, claim: Claim) -> None:
        """See DeliveryQueue."""
        await self._persist(finished.forget, claim.job.number)

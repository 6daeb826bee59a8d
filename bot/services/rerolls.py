"""The same request again: same words, same stored pictures, for whoever asks and pays."""

from dataclasses import replace

from bot.domain.errors import MAY_HELP
from bot.domain.job import Job, Place, PlaceKind, Requester, RerollHistory, Status
from bot.domain.refusals import AlreadyRerolling, JobGone, OnlyRequester, RerollLimit
from bot.domain.stores import JobStore
from bot.services.submission import Submission

PER_HOUR = 10
HOUR = 3600.0


class Rerolls:
    """Queues a job's request again."""

    def __init__(self, *, store: JobStore, submission: Submission) -> None:
        self._store = store
        self._submission = submission

    async def reroll(self, job_id: str, requester: Requester) -> Job:
        """Queue a job again for a member, where its result stands; raises UserError."""
        job = await self._store.job(job_id)
        if job is None:
            raise JobGone(job_id=job_id)
        return await self._reroll(job, requester)

    async def reroll_message(self, message_id: int, requester: Requester) -> Job | None:
        """Do the same for the job a message belongs to; None for messages of no job."""
        job = await self._store.job_by_message(message_id)
        if job is None:
            return None
        own = requester.id == job.requester.id  # Discord tells no names with a reaction in a DM
        return await self._reroll(job, job.requester if own else requester)

    async def again(self, job_id: str, requester: Requester) -> Job:
        """Queue a failed job once more, where it was asked for; only its requester may."""
        job = await self._store.job(job_id)
        if job is None or job.failure not in MAY_HELP or job.pictures_gone:
            raise JobGone(job_id=job_id)
        if requester.id != job.requester.id:
            raise OnlyRequester(user_name=job.requester.name)
        return await self._submission.queue(
            job.request, key=f"again:{job.id}", requester=requester, place=job.place
        )

    async def _reroll(self, job: Job, requester: Requester) -> Job:
        """Queue it under a key that counts this member's rerolls of the job.

        So the same press, seen twice, by one process or by two, is the same job.
        """
        history = await self._store.reroll_history(job.id, requester.id)
        _check(job, requester, history)
        return await self._submission.queue(
            job.request,
            key=f"reroll:{job.id}:{requester.id}:{history.own}",
            requester=requester,
            place=_place_of_result(job),
            parent_id=job.id,
        )


def _check(job: Job, requester: Requester, history: RerollHistory) -> None:
    if job.pictures_gone:
        raise JobGone(job_id=job.id)
    if job.place.private and requester.id != job.requester.id:
        raise OnlyRequester(user_name=job.requester.name)
    if history.under_way:
        raise AlreadyRerolling(job_id=job.id)
    if history.last_hour >= PER_HOUR:
        raise RerollLimit(job_id=job.id, allowed=PER_HOUR, next_at=history.oldest_at + HOUR)


def _place_of_result(job: Job) -> Place:
    """Find where a reroll is posted: under the result, else where the job was asked for."""
    if job.status is not Status.DELIVERED or job.delivery.channel_id is None:
        return job.place
    moved = job.delivery.channel_id != job.place.channel_id
    kind = PlaceKind.THREAD if moved and job.place.kind is PlaceKind.CHANNEL else job.place.kind
    return replace(
        job.place,
        kind=kind,
        channel_id=job.delivery.channel_id,
        reply_to=job.delivery.message_ids[-1],
    )

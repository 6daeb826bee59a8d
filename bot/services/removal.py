"""Deleting a result with all it left: messages, stored pictures, preview, entry; no refund."""

from bot.domain.job import Actor, Deleter, Job, Status
from bot.domain.ports import ImageStore
from bot.domain.refusals import JobGone, NotMadeYet, OnlyRequester, OnlyRequesterOrModerator
from bot.domain.stores import JobStore


class Removal:
    """Deletes for whoever may: the requester, who uploaded the inputs, a moderator.

    Discord is brought up to date by the delivery, which tries until it has.
    """

    def __init__(self, *, store: JobStore, images: ImageStore) -> None:
        self._store = store
        self._images = images

    async def check(self, job_id: str, actor: Actor) -> Job:
        """Find a job that this actor may delete; raises UserError."""
        job = await self._store.job(job_id)
        if job is None or job.deleted_by or job.status in {Status.FAILED, Status.CANCELLED}:
            raise JobGone(job_id=job_id)
        _role(job, actor)
        if job.status not in {Status.GENERATED, Status.DELIVERED}:
            raise NotMadeYet(job_id=job_id)
        return job

    async def delete(self, job_id: str, actor: Actor) -> Job:
        """Delete it for good; raises UserError."""
        job = await self.check(job_id, actor)
        await self._remove(job, _role(job, actor))
        return job

    async def crossed_out(self, message_id: int, user_id: int) -> None:
        """Delete what the requester crossed out by reaction; nobody else's cross counts."""
        job = await self._store.job_by_message(message_id)
        if job and job.requester.id == user_id:
            await self._remove(job, Deleter.REQUESTER)

    async def message_gone(self, guild_id: int | None, message_id: int) -> None:
        """Follow a moderator who deleted a result's message in Discord (nobody else can).

        What the bot deletes itself, when a result moves or is deleted, is not meant; nor is what
        the moderators of a server delete where a result of another one was posted once more.
        """
        job = await self._store.job_by_message(message_id)
        if job is None or guild_id not in {None, job.place.guild_id}:
            return
        if job.status is Status.DELIVERED and message_id in job.delivery.message_ids:
            await self._remove(job, Deleter.MODERATOR)

    async def _remove(self, job: Job, by: Deleter) -> None:
        await self._images.delete(await self._store.remove(job.id, by))


def _role(job: Job, actor: Actor) -> Deleter:
    """Tell as whom an actor deletes."""
    if actor.id == job.requester.id:
        return Deleter.REQUESTER
    if job.place.private:
        raise OnlyRequester(user_name=job.requester.name)
    if actor.id in job.uploaders:
        return Deleter.UPLOADER
    if job.is_moderated_by(actor):
        return Deleter.MODERATOR
    raise OnlyRequesterOrModerator(user_name=job.requester.name)

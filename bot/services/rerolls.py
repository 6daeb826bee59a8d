"""The same request again: same words, same stored pictures, for whoever asks and pays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.errors import MAY_HELP
from bot.domain.job import Job, Place, PlaceKind, Requester, Status
from bot.domain.pictures import SentFile
from bot.domain.ports import Members
from bot.domain.refusals import AskedElsewhere, JobGone, OnlyRequester
from bot.domain.rerolls import RerollHistory
from bot.domain.stores import JobStore
from bot.domain.usage import Usage
from bot.services.submission import Ask, Submission


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What a member would have otherwise; an empty prompt and no files keep what was."""

    prompt: str
    files: Sequence[SentFile]
    aspect_ratio: str | None
    size: str
    max_images: int


class Rerolls:
    """Queues a job's request again."""

    def __init__(self, *, store: JobStore, submission: Submission, members: Members) -> None:
        self._store = store
        self._submission = submission
        self._members = members

    async def reroll(self, job_id: str, requester: Requester) -> tuple[Job, Usage]:
        """Queue a job again for a member, where its result stands; raises UserError.

        Returns the new job and what the member has used, this one included.
        """
        job = await self._found(job_id)
        again = await self._reroll(job, requester)
        return again, await self._store.usage(requester, again.place.guild_id)

    async def reroll_message(self, message_id: int, requester: Requester) -> Job | None:
        """Do the same for the job a message belongs to, by reaction.

        None for messages of no job, and where another process has heard the same reaction.
        """
        job = await self._store.job_by_message(message_id)
        if job is None or not await self._store.first_to_hear(_reaction(message_id, requester.id)):
            return None
        if requester.guild_id is None and requester.id == job.requester.id:
            requester = job.requester  # Discord tells no names with a reaction in a DM
        return await self._reroll(job, requester)

    async def take_back(self, message_id: int, user_id: int) -> None:
        """Cancel a member's reroll of a message's job while it waits; a running one goes on."""
        parent = await self._store.job_by_message(message_id)
        if parent is None:
            return
        await self._store.unhear(_reaction(message_id, user_id))
        for job in await self._store.unfinished(user_id):
            if job.parent_id == parent.id and job.request == parent.request:  # not an edit
                await self._store.cancel(job.id, if_waiting=True)

    async def editable(self, job_id: str, requester: Requester) -> Job:
        """Find a job that a member may make again, changed; raises UserError."""
        job = await self._found(job_id)
        await self._check(job, requester)
        return job

    async def edit(self, job_id: str, change: Change, *, key: str, requester: Requester) -> Job:
        """Queue a job again, changed, where its result stands; raises UserError."""
        job = await self._found(job_id)
        requester, _ = await self._check(job, requester)
        request = job.request
        ask = Ask(
            prompt=change.prompt.strip() or request.prompt,
            files=change.files,
            aspect_ratio=change.aspect_ratio,
            size=change.size,
            max_images=change.max_images,
            optimize_prompt=request.optimize_prompt,
            watermark=request.watermark,
            kept=request.images,
            spoiler=request.spoiler and not change.files,
        )
        place = _place_of_result(job)
        return await self._submission.submit(
            ask, key=key, requester=requester, place=place, parent_id=job.id
        )

    async def again(self, job_id: str, requester: Requester) -> Job:
        """Queue a failed job once more, where it was asked for; only its requester may."""
        job = await self._store.job(job_id)
        if job is None or job.failure not in MAY_HELP or job.inputs_gone:
            raise JobGone(job_id=job_id)
        if requester.id != job.requester.id:
            raise OnlyRequester(user_name=job.requester.name)
        requester = await self._at_home(job, requester)
        return await self._submission.queue(
            job.request, key=f"again:{job.id}", requester=requester, place=job.place
        )

    async def _found(self, job_id: str) -> Job:
        job = await self._store.job(job_id)
        if job is None:
            raise JobGone(job_id=job_id)
        return job

    async def _check(self, job: Job, requester: Requester) -> tuple[Requester, RerollHistory]:
        """Refuse a reroll that the job, its server or its history do not allow.

        Returns who asks, as the member of the job's server they are.
        """
        own = requester.id == job.requester.id
        if job.inputs_gone:
            raise JobGone(job_id=job.id)
        if job.place.private and not own:
            raise OnlyRequester(user_name=job.requester.name)
        requester = await self._at_home(job, requester)
        here = await self._submission.welcome(requester, _place_of_result(job))
        here.settings.check_reroll(job.requester.name, requester.roles, own=own)
        history = await self._store.reroll_history(job.id, requester.id)
        history.check(job.id)
        return requester, history

    async def _at_home(self, job: Job, requester: Requester) -> Requester:
        """Refuse whoever would spend another server's money: who asks elsewhere, or has left.

        A result that came by direct message is asked for again from there.
        """
        home = job.place.guild_id
        if requester.guild_id == home:
            return requester
        roles = None
        if home is not None and requester.guild_id is None:
            roles = await self._members.roles(home, requester.id)
        if roles is None:
            raise AskedElsewhere(job_id=job.id)
        return replace(requester, roles=roles, guild_id=home)

    async def _reroll(self, job: Job, requester: Requester) -> Job:
        """Queue it under a key that counts this member's rerolls of the job.

        So the same press, seen twice, by one process or by two, is the same job.
        """
        requester, history = await self._check(job, requester)
        return await self._submission.queue(
            job.request,
            key=f"reroll:{job.id}:{requester.id}:{history.own}",
            requester=requester,
            place=_place_of_result(job),
            parent_id=job.id,
        )


def _reaction(message_id: int, user_id: int) -> str:
    return f"reroll:{message_id}:{user_id}"


def _place_of_result(job: Job) -> Place:
    """Find where a reroll is posted: under the result, else where the job was asked for."""
    there = job.delivery
    if job.status is not Status.DELIVERED or job.repost or job.in_direct_message:
        return job.place
    if there.channel_id is None or not there.message_ids:
        return job.place
    moved = there.channel_id != job.place.channel_id
    kind = PlaceKind.THREAD if moved and job.place.kind is PlaceKind.CHANNEL else job.place.kind
    return replace(
        job.place,
        kind=kind,
        channel_id=there.channel_id,
        parent_channel_id=job.place.channel_id if moved else job.place.parent_channel_id,
        reply_to=there.message_ids[-1],
    )

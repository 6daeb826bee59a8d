"""Finished jobs as members see them afterwards: looked through, posted anew, looked into."""

from dataclasses import replace

from bot.domain.job import Actor, FinishedPage, Job, Place, PlaceKind
from bot.domain.pictures import Picture
from bot.domain.ports import ImageStore, Pictures
from bot.domain.refusals import BeingPosted, JobGone, OnlyRequester, StaysRestricted
from bot.domain.stores import JobStore

SHOWN = 10
"""Pictures shown at once: as many as a message takes."""

SHOWN_BYTES = 24_000_000


class Finished:
    """Shows a member their own results, and whoever may what a result was made of."""

    def __init__(self, *, store: JobStore, images: ImageStore, pictures: Pictures) -> None:
        self._store = store
        self._images = images
        self._pictures = pictures

    async def show(
        self, user_id: int, job_id: str | None, *, after: int = 0, file_limit: int
    ) -> tuple[FinishedPage, dict[int, Picture]] | None:
        """Read one of a member's finished jobs, the newest by default, and up to ten pictures.

        They come by position, from `after` on, each within `file_limit` bytes and together within
        a message; what is gone from the image store is left out. None when there is no such job.
        """
        page = await self._store.finished(user_id, job_id)
        if page is None:
            return None
        if page.job.pictures_gone:
            return page, {}
        positions = range(after + 1, min(len(page.job.results), after + SHOWN) + 1)
        limit = min(file_limit, SHOWN_BYTES // max(1, len(positions)))
        found = {place: await self._picture(page.job, place, limit) for place in positions}
        return page, {place: picture for place, picture in found.items() if picture}

    async def _picture(self, job: Job, position: int, byte_limit: int) -> Picture | None:
        stored = job.results[position - 1]
        try:
            data = await self._images.get(stored.key)
        except KeyError:
            return None
        if len(data) > byte_limit:
            return await self._pictures.fit(data, byte_limit=byte_limit)
        return Picture(
            data=data,
            content_type=stored.content_type,
            width=stored.width,
            height=stored.height,
        )

    async def post_here(self, job_id: str, user_id: int, place: Place) -> Job:
        """Post a member's own result once more, where they are; a private one stays private."""
        job = await self._of(job_id)
        if job.requester.id != user_id:
            raise OnlyRequester(user_name=job.requester.name)
        if job.pictures_gone:
            raise JobGone(job_id=job_id)
        if job.place.age_restricted and place.guild_id and not place.age_restricted:
            raise StaysRestricted(job_id=job_id)
        if not job.place.private:
            (await self._store.standing_of(place.guild_id, user_id)).check(place)
        here = PlaceKind.DM if place.kind is PlaceKind.DM else PlaceKind.THREAD
        there = replace(
            place, kind=here, private=job.place.private, age_restricted=job.place.age_restricted
        )
        again = await self._store.post_again(job_id, there)
        if again is None:
            raise BeingPosted(job_id=job_id)
        return again

    async def details(self, job_id: str, actor: Actor) -> tuple[Job, Picture | None]:
        """Read a job, and for its requester and moderators the numbered sheet of its inputs."""
        job = await self._of(job_id)
        own = actor.id == job.requester.id
        elsewhere = actor.guild_id is None or actor.guild_id != job.place.guild_id
        if not own and (job.place.private or elsewhere):
            raise OnlyRequester(user_name=job.requester.name)
        sees_inputs = own or job.is_moderated_by(actor)
        return job, await self._sheet(job) if sees_inputs and job.request.images else None

    async def _sheet(self, job: Job) -> Picture | None:
        try:
            inputs = [await self._images.get(image.key) for image in job.request.images]
        except KeyError:
            return None
        small = [(await self._pictures.preview(data)).data for data in inputs]
        return await self._pictures.sheet(small)

    async def _of(self, job_id: str) -> Job:
        job = await self._store.job(job_id)
        if job is None or job.deleted_by:
            raise JobGone(job_id=job_id)
        return job

"""Members who asked to be erased: called off, taken out of Discord, then deleted, bit by bit."""

from bot.domain.members import Erasure, MemberStore
from bot.domain.ports import ImageStore
from bot.domain.stores import JobStore, PictureKeeper


class Erasing:
    """Goes on with every erasure; each step is complete, so that a crash costs nothing."""

    def __init__(
        self, *, members: MemberStore, jobs: JobStore, keeper: PictureKeeper, images: ImageStore
    ) -> None:
        self._members = members
        self._jobs = jobs
        self._keeper = keeper
        self._images = images

    async def ask(self, user_id: int) -> None:
        """Note that a member is to be erased, and call off what waits and runs."""
        await self._call_off(await self._members.ask_erasure(user_id))

    async def run(self) -> None:
        """Take every erasure as far as it goes without waiting."""
        for erasure in await self._members.erasures():
            await self._call_off(erasure)
            if await self._erase(erasure):
                await self._delete_pictures(erasure)
                await self._members.end_erasure(erasure)

    async def _call_off(self, erasure: Erasure) -> None:
        for job in await self._jobs.unfinished(erasure.user_id):
            if job.created_at <= erasure.asked_at and not job.cancel_asked:
                await self._jobs.cancel(job.id)

    async def _erase(self, erasure: Erasure) -> bool:
        """Erase jobs; tell whether nothing is left to erase."""
        while step := await self._members.erase_some(erasure.user_id):
            await self._images.delete(list(step.keys))
            if step.done or not step.more:
                return step.done
        return False

    async def _delete_pictures(self, erasure: Erasure) -> None:
        """Delete what else lies under the member's id, such as inputs of refused requests.

        What is of nobody goes a day later anyway; here it is not waited for.
        """
        async for keys in self._images.list_under(str(erasure.user_id)):
            await self._images.delete(await self._keeper.unneeded(keys))

"""The port of members on a database: each method one transaction."""

from typing import Any

from bot.domain.job import Job
from bot.domain.members import Erased, Erasure, Kept, Left
from bot.storage import forgetting, kept, remembered
from bot.storage.runner import Runner


class Membership(Runner):
    """Implements MemberStore."""

    async def welcome(self, user_id: int) -> bool:
        """See MemberStore; nearly always it is read only."""
        if await self._read(kept.is_welcomed, user_id):
            return False
        return await self._run(kept.welcome, user_id)

    async def kept(self, user_id: int) -> Kept:
        """See MemberStore."""
        return await self._read(kept.kept, user_id)

    async def begin_export(self, user_id: int) -> None:
        """See MemberStore."""
        await self._run(kept.begin_export, user_id)

    async def end_export(self, user_id: int) -> None:
        """See MemberStore."""
        await self._run(kept.end_export, user_id)

    async def jobs_of(self, user_id: int, before: int | None, most: int) -> list[Job]:
        """See MemberStore."""
        return await self._read(kept.jobs_of, user_id, before, most)

    async def noted_of(self, user_id: int) -> dict[str, Any]:
        """See MemberStore."""
        return await self._read(kept.noted_of, user_id)

    async def ask_erasure(self, user_id: int) -> Erasure:
        """See MemberStore."""
        return await self._run_and_wake(forgetting.ask, user_id)

    async def erasures(self) -> list[Erasure]:
        """See MemberStore."""
        return await self._read(forgetting.erasures)

    async def erase_some(self, user_id: int) -> Erased | None:
        """See MemberStore."""
        return await self._run_and_wake(forgetting.erase_some, user_id)

    async def end_erasure(self, erasure: Erasure) -> None:
        """See MemberStore."""
        await self._run(forgetting.end, erasure)

    async def left_of(self, user_id: int) -> Left:
        """See MemberStore."""
        return await self._read(kept.left_of, user_id)

    async def forget_erased(self) -> None:
        """See MemberStore."""
        await self._run(remembered.forget_erased)

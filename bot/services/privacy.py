"""What a member may know of what is kept of them, and have erased."""

from bot.domain.members import Kept, MemberStore
from bot.services.erasing import Erasing


class Privacy:
    """Greets members once, counts what is kept of them, takes their wish to be erased."""

    def __init__(self, *, members: MemberStore, erasing: Erasing, retention_days: int) -> None:
        self._members = members
        self._erasing = erasing
        self.retention_days = retention_days

    async def is_new(self, user_id: int) -> bool:
        """Tell whether a member is here for the first time, once."""
        return await self._members.welcome(user_id)

    async def kept(self, user_id: int) -> Kept:
        """Count what is kept of a member."""
        return await self._members.kept(user_id)

    async def erase(self, user_id: int) -> None:
        """Have everything of a member erased, bit by bit."""
        await self._erasing.ask(user_id)

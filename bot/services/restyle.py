"""Pictures of a message that somebody wants to work on, remembered while they fill in a form."""

import json
from collections.abc import Sequence
from typing import Any

from bot.domain.refusals import FormTooOld, NoPicturesThere
from bot.domain.stores import Notes


class Restyle:
    """Remembers which files were meant: what Discord says of them, not their bytes."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    async def remember(
        self, user_id: int, message_id: int, pictures: Sequence[dict[str, Any]]
    ) -> None:
        """Note a message's pictures for a member; NoPicturesThere when there are none."""
        if not pictures:
            raise NoPicturesThere
        meant = {"message_id": message_id, "pictures": list(pictures)}
        await self._notes.set_note(_key(user_id), json.dumps(meant))

    async def recall(self, user_id: int, message_id: int) -> list[dict[str, Any]]:
        """Give back what was noted, once; FormTooOld when it is not there any more."""
        noted = await self._notes.note(_key(user_id))
        meant = json.loads(noted) if noted else {}
        if meant.get("message_id") != message_id:
            raise FormTooOld
        await self._notes.clear(_key(user_id))
        return list(meant["pictures"])


def _key(user_id: int) -> str:
    return f"restyle:{user_id}"  # one a member: what nobody sends is overwritten, not collected

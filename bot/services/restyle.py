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
        self,
        user_id: int,
        message_id: int,
        pictures: Sequence[dict[str, Any]],
        left_out: Sequence[str],
    ) -> None:
        """Note a message's pictures for a member; NoPicturesThere when there are none.

        `left_out` are the names of its files that are no pictures.
        """
        if not pictures:
            raise NoPicturesThere
        meant = {"message_id": message_id, "pictures": pictures, "left_out": left_out}
        await self._notes.set_note(_key(user_id), json.dumps(meant))

    async def recall(self, user_id: int, message_id: int) -> tuple[list[dict[str, Any]], list[str]]:
        """Give back what was noted; FormTooOld when it is not there any more."""
        noted = await self._notes.note(_key(user_id))
        meant = json.loads(noted) if noted else {}
        if meant.get("message_id") != message_id:
            raise FormTooOld
        return meant["pictures"], meant["left_out"]


def _key(user_id: int) -> str:
    return f"restyle:{user_id}"  # one a member: what nobody sends is overwritten, not collected

"""How often members are told the same in public: a storm of reactions is answered once in a while.

In memory: after a restart somebody may be told once more.
"""

import time
from collections import deque

SECONDS = 60.0
A_CHANNEL = 5


class Patience:
    """Lets one answer a minute through to each member, and a few to each channel."""

    def __init__(self) -> None:
        self._told: deque[tuple[float, int, int]] = deque()

    def allows(self, user_id: int, channel_id: int) -> bool:
        """Tell whether a member may be answered in a channel now; if so it is counted."""
        now = time.monotonic()
        while self._told and now - self._told[0][0] > SECONDS:
            self._told.popleft()
        if any(user == user_id for _, user, _ in self._told):
            return False
        if sum(channel == channel_id for _, _, channel in self._told) >= A_CHANNEL:
            return False
        self._told.append((now, user_id, channel_id))
        return True

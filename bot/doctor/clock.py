"""The time Discord has, read from the `Date` of its answers."""

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import aiohttp

HALF_A_SECOND = 0.5  # `Date` is cut to whole seconds


@dataclass(slots=True)
class Watch:
    """Notes how far this machine's clock is ahead of Discord's (seconds; None: no answer yet)."""

    ahead: float | None = None

    def trace(self) -> aiohttp.TraceConfig:
        """Make what discord.py's client tells of its requests."""
        config = aiohttp.TraceConfig()
        config.on_request_end.append(self._note)
        return config

    async def _note(
        self, _: aiohttp.ClientSession, __: object, ended: aiohttp.TraceRequestEndParams
    ) -> None:
        if date := ended.response.headers.get("Date"):
            theirs = parsedate_to_datetime(date).timestamp() + HALF_A_SECOND
            self.ahead = time.time() - theirs

"""Discord's errors become ours here, once."""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.domain.errors import BotError, TransientError

TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500


class PlaceLost(BotError):
    """Discord will not take a message here; another place may do.

    `code` is Discord's error code (0 where it gave none).
    """

    def __init__(self, message: str, *, code: int) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def translated() -> Iterator[None]:
    """Raise TransientError for what passes by itself, PlaceLost for what this place refuses."""
    try:
        yield
    except discord.RateLimited as error:
        raise TransientError("rate limited", retry_after=error.retry_after) from error
    except discord.HTTPException as error:
        if error.status == TOO_MANY_REQUESTS or error.status >= SERVER_ERROR:
            raise TransientError(f"Discord answered {error.status}") from error
        raise PlaceLost(f"{error.status} {error.code}: {error.text}", code=error.code) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise TransientError(f"Discord cannot be reached: {type(error).__name__}") from error

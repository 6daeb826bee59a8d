"""How services see the outside, the database aside (see `stores`): one protocol a neighbour."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.domain.alerts import Alert
from bot.domain.job import (
    Claim,
    Forecast,
    GenerationRequest,
    Job,
    StoredPicture,
)
from bot.domain.pictures import Picture
from bot.domain.provider import Accepted, Made, Running
from bot.domain.showcase import Board


class Provider(Protocol):
    """Segmind. Raises the kinds of `bot.domain.errors` and nothing else."""

    async def upload(self, data: bytes, content_type: str) -> str:
        """Hand over an input picture and return its URL; free, may be repeated."""

    async def submit(self, request: GenerationRequest, image_urls: list[str]) -> Accepted | Made:
        """Buy a generation. Only UnknownOutcome leaves open whether it was taken."""

    async def poll(self, provider_id: str) -> Running | Made:
        """Ask for a submitted generation; free, may be repeated."""

    def download(self, url: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Stream a finished picture; TransientError when it breaks off."""

    async def find(
        self, request: GenerationRequest, sent_urls: Sequence[str], *, since: float
    ) -> str | None:
        """Look in the history for a request sent at an epoch second or later; its id, or None."""

    async def balance(self) -> int:
        """What is left on the account, in micro-dollars."""


class ImageStore(Protocol):
    """Bytes by key; TransientError when it cannot be reached, KeyError when a key is gone."""

    async def put(self, key: str, data: bytes) -> None:
        """Store bytes under a key, whole or not at all; the same key again replaces."""

    async def put_result(self, key: str, chunks: AsyncIterator[bytes]) -> StoredPicture:
        """Store a finished picture while it arrives; its extension is appended to `key`.

        TransientError when it is cut off, PermanentError when it is no picture.
        """

    async def get(self, key: str) -> bytes:
        """Read it back."""

    async def delete(self, keys: list[str]) -> None:
        """Remove what is there of these keys."""

    def list_older_than(self, age_seconds: float) -> AsyncIterator[list[str]]:
        """List keys written longer ago than that, in batches."""


class Pictures(Protocol):
    """Work on pixels, done in a child process so that nothing a member sends can hurt."""

    async def normalise(self, data: bytes, *, name: str, option: str) -> Picture:
        """Make an upright, metadata-free picture the provider takes; BadPicture if it is none."""

    async def fit(self, data: bytes, *, byte_limit: int) -> Picture:
        """Re-encode at the best quality that fits a file limit."""

    async def preview(self, data: bytes) -> Picture:
        """Make a small JPEG (see PREVIEW_SIDE)."""

    async def sheet(self, previews: Sequence[bytes]) -> Picture:
        """Put previews side by side, numbered from 1, in one JPEG."""


class Publisher(Protocol):
    """Posts to Discord by ids alone. TransientError: try again later; anything else is final."""

    async def publish(self, claim: Claim, forecast: Forecast) -> float | None:
        """Bring Discord up to date with a job; return in how many seconds to look again.

        Each message is noted in the store before the next is sent.
        """

    async def post_entry(self, job: Job, board: Board, post: int) -> int:
        """Post a job to a showcase, after so many that were taken down; return the message's id."""

    async def remove_entry(self, job: Job, board_id: int, message_id: int) -> None:
        """Take an entry's message down; one that is gone already is no fault."""


class Owner(Protocol):
    """Whoever runs the bot."""

    async def tell(self, alert: Alert) -> None:
        """Tell them; never raises."""

"""How services see the outside, the database aside (see `stores`): one protocol a neighbour."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from bot.domain.alerts import Alert
from bot.domain.errors import BoardShut
from bot.domain.forecast import Forecast
from bot.domain.job import Claim, GenerationRequest, StoredPicture
from bot.domain.pictures import Picture
from bot.domain.provider import Accepted, Made, Running
from bot.domain.showcase import Counted, EntryClaim, PostedEntry, Star
from bot.domain.spending import Day


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

    def list_under(self, folder: str) -> AsyncIterator[list[str]]:
        """List keys that begin with `folder` and a slash, in batches."""


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


class Charts(Protocol):
    """Draws figures, elsewhere than on the loop."""

    async def spending(self, days: Sequence[Day], cap: int) -> bytes:
        """Draw days (oldest first, none left out) and the budget of a day (micro-dollars): a PNG.

        TransientError when it cannot be drawn at present.
        """


class Publisher(Protocol):
    """Posts to Discord by ids alone. TransientError: try again later; anything else is final."""

    async def publish(self, claim: Claim, forecast: Forecast) -> float | None:
        """Bring Discord up to date with a job; return in how many seconds to look again.

        Each message is noted in the store before the next is sent.
        """


class BoardPublisher(Protocol):
    """Brings showcases up to date. BoardShut: this board takes nothing at present."""

    async def post_entry(self, claim: EntryClaim) -> PostedEntry | None:
        """Post a job's pictures; None where they may not be shown on this board."""

    async def edit_entry(self, claim: EntryClaim) -> bool:
        """Show how many stars it has now; False when its message is gone."""

    async def remove_entry(self, claim: EntryClaim) -> None:
        """Take its message down; one that is gone already is no fault."""

    async def tell_manager(self, claim: EntryClaim, error: BoardShut) -> None:
        """Tell whoever chose a board that it takes nothing; never raises."""


class Members(Protocol):
    """Who is in a server. TransientError when Discord cannot be asked."""

    async def roles(self, guild_id: int, user_id: int) -> tuple[int, ...] | None:
        """Read a member's roles; None for who is none, or none any more."""


class StarReader(Protocol):
    """Who reacted with what, as Discord has it. TransientError when it cannot be asked."""

    async def count(self, message: Counted) -> int | None:
        """Count the stars on a message, but for the bot's own; None when it is gone."""

    async def stars(self, message: Counted) -> list[Star]:
        """List the stars of members on a message; other bots' are left out."""


class Owner(Protocol):
    """Whoever runs the bot."""

    async def tell(self, alert: Alert) -> None:
        """Tell them; never raises."""

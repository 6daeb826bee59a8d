"""Rules for pictures on their way in and out (pixels and bytes).

Input limits are ByteDance's (Volcengine 82379/1824121), which the provider's page omits:
at most 10 MB, sides over 14 px, ratio 1/16 to 16, at most 36,000,000 px.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

MAX_SIDE = 4096
MAX_BYTES = 8_000_000
MIN_SIDE = 15
MAX_RATIO = 16
MAX_DECODED_PIXELS = 100_000_000
PREVIEW_SIDE = 512
MAX_RESULT_BYTES = 64_000_000

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """An encoded picture in memory."""

    data: bytes
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SentFile:
    """A file a member attached. Name and size are claims of the sender; `read` gets the bytes."""

    name: str
    option: str
    byte_count: int
    spoiler: bool
    read: Callable[[], Awaitable[bytes]]

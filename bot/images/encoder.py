"""Encoding at the best quality that fits: less quality first, then fewer pixels."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from math import sqrt

from PIL import Image

from bot.domain.pictures import Picture
from bot.domain.refusals import PictureFault
from bot.images.wire import Refused

BEST = 95
_SMALLEST_SIDE = 16
_MARGIN = 0.95  # aim a little lower: bytes do not shrink quite as pixels do


def jpeg(image: Image.Image, quality: int) -> bytes:
    """Encode RGB, colours at full resolution."""
    return _saved(image, "JPEG", quality=quality, subsampling=0)


def png(image: Image.Image, _quality: int = BEST) -> bytes:
    """Encode without loss; the fast level, a few percent larger."""
    return _saved(image, "PNG", compress_level=3)


def webp(image: Image.Image, quality: int) -> bytes:
    """Encode with transparency."""
    return _saved(image, "WEBP", quality=quality, method=2)


def _saved(image: Image.Image, kind: str, **options: int) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoding:
    """A way to encode, and the least quality to go down to before pixels go (BEST: lossless)."""

    content_type: str
    encode: Callable[[Image.Image, int], bytes]
    floor: int


def encode_within(image: Image.Image, encoding: Encoding, byte_limit: int) -> Picture:
    """Encode into at most `byte_limit` bytes; Refused when even an icon would not fit."""
    while True:
        data = _best_quality(image, encoding, byte_limit)
        if len(data) <= byte_limit:
            return Picture(
                data=data,
                content_type=encoding.content_type,
                width=image.width,
                height=image.height,
            )
        image = _smaller(image, _MARGIN * sqrt(byte_limit / len(data)))


def _best_quality(image: Image.Image, encoding: Encoding, byte_limit: int) -> bytes:
    """Search the best quality that fits; the file at the floor when none does."""
    best = encoding.encode(image, BEST)
    if len(best) <= byte_limit or encoding.floor == BEST:
        return best
    best = encoding.encode(image, encoding.floor)
    low, high = encoding.floor + 1, BEST - 1
    while low <= high and len(best) <= byte_limit:
        middle = (low + high) // 2
        data = encoding.encode(image, middle)
        if len(data) <= byte_limit:
            best, low = data, middle + 1
        else:
            high = middle - 1
    return best


def _smaller(image: Image.Image, factor: float) -> Image.Image:
    size = round(image.width * factor), round(image.height * factor)
    if min(size) < _SMALLEST_SIDE:
        raise Refused(PictureFault.TOO_LARGE_FILE, image.width, image.height)
    return image.resize(size, Image.Resampling.LANCZOS)

"""What is done to the pixels of foreign files; runs in the child process only."""

import struct
import zlib
from importlib import import_module
from io import BytesIO

from PIL import Image, PngImagePlugin, WebPImagePlugin

from bot.domain.pictures import (
    MAX_BYTES,
    MAX_DECODED_PIXELS,
    MAX_RATIO,
    MAX_SIDE,
    MIN_SIDE,
    PREVIEW_SIDE,
    Picture,
)
from bot.domain.refusals import PictureFault
from bot.images.colour import plain, to_srgb, upright
from bot.images.encoder import BEST, Encoding, encode_within, jpeg, png, webp
from bot.images.header import read_header
from bot.images.wire import Refused

Image.MAX_IMAGE_PIXELS = None  # refused here, before anything is decoded and with their size
PngImagePlugin.MAX_TEXT_CHUNK = 16_000_000  # Photoshop's notes are longer than Pillow's 1 MB


class _FirstFrame(WebPImagePlugin.WebPImageFile):
    """Lets go of the WebP decoder after a frame: it holds up to eight bytes a pixel to the end."""

    def _get_next(self) -> tuple[bytes, int, int]:
        frame = super()._get_next()
        self._decoder = None
        return frame


Image.register_open("WEBP", _FirstFrame, Image.OPEN["WEBP"][1])

BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What Pillow raises over broken files (more than it documents)."""

_FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*")
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}

_TO_PROVIDER = Encoding(content_type="image/jpeg", encode=jpeg, floor=80)
_TO_PROVIDER_CLEAR = Encoding(content_type="image/png", encode=png, floor=BEST)
_TO_DISCORD = Encoding(content_type="image/jpeg", encode=jpeg, floor=70)
_TO_DISCORD_CLEAR = Encoding(content_type="image/webp", encode=webp, floor=70)
_PREVIEW = Encoding(content_type="image/jpeg", encode=jpeg, floor=70)
_PREVIEW_BYTES = 250_000


def normalise(data: bytes) -> Picture:
    """See `bot.domain.ports.Pictures`; Refused with the fault."""
    image = _pixels(data, MAX_SIDE)
    encoding = _TO_PROVIDER_CLEAR if image.mode == "RGBA" else _TO_PROVIDER
    return encode_within(image, encoding, MAX_BYTES)


def fit(data: bytes, byte_limit: int) -> Picture:
    """See `bot.domain.ports.Pictures`; WebP only where something is transparent."""
    image = _pixels(data)
    encoding = _TO_DISCORD_CLEAR if image.mode == "RGBA" else _TO_DISCORD
    return encode_within(image, encoding, byte_limit)


def preview(data: bytes) -> Picture:
    """See `bot.domain.ports.Pictures`; what is transparent becomes white."""
    image = _pixels(data, PREVIEW_SIDE)
    if image.mode == "RGBA":
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image).convert("RGB")
    return encode_within(image, _PREVIEW, _PREVIEW_BYTES)


def _pixels(data: bytes, max_side: int = MAX_DECODED_PIXELS) -> Image.Image:
    """Decode the first frame: upright, sRGB, no side over `max_side`, nothing but pixels."""
    image = _opened(data)
    whole = image.size
    _check(*whole)
    size = _size_within(whole, max_side)
    image.draft(None, size)  # a JPEG is decoded at a fraction where that is still enough
    try:
        image.load()
    except BROKEN as error:
        raise Refused(PictureFault.CUT_OFF) from error
    except MemoryError as error:
        raise Refused(PictureFault.TOO_MANY_PIXELS, *whole) from error
    profile = image.info.get("icc_profile")
    image = plain(image)
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS)
    image = to_srgb(upright(image), profile)
    image.info = {}
    return image


def _opened(data: bytes) -> Image.Image:
    if not data:
        raise Refused(PictureFault.EMPTY)
    formats = _heif_formats() if _is_heif(data) else _FORMATS
    try:
        _check_header(data)
        return Image.open(BytesIO(data), formats=formats)
    except BROKEN as error:
        fault = PictureFault.CUT_OFF if _claims_to_be_one(data) else PictureFault.NOT_A_PICTURE
        raise Refused(fault) from error


def _check_header(data: bytes) -> None:
    """Look at the size before Pillow does: it makes room for a WebP as soon as it opens one."""
    header = read_header(data) if data[8:12] == b"WEBP" else None
    if header:
        _check(header.width, header.height)


def _check(width: int, height: int) -> None:
    """Refuse what the provider refuses and what memory does not hold."""
    shorter, longer = sorted((width, height))
    if width * height > MAX_DECODED_PIXELS:
        raise Refused(PictureFault.TOO_MANY_PIXELS, width, height)
    if shorter < MIN_SIDE:
        raise Refused(PictureFault.TOO_SMALL, width, height)
    if longer > MAX_RATIO * shorter:
        raise Refused(PictureFault.TOO_NARROW, width, height)


def _size_within(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    scale = min(1.0, max_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _claims_to_be_one(data: bytes) -> bool:
    """Whether the bytes begin as a picture does; `BM` alone begins many a text."""
    if data[:2] == b"BM":
        return int.from_bytes(data[14:18], "little") in _BMP_HEADERS
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return is_webp or data.startswith(_BEGINNINGS) or _is_heif(data)


def _is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS


def _heif_formats() -> list[str]:
    try:
        import_module("pillow_heif").register_heif_opener()
    except ImportError as error:
        raise Refused(PictureFault.HEIC_UNSUPPORTED) from error
    return ["HEIF"]

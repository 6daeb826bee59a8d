"""What a picture says of itself, read from its bytes without decoding.

Only what the provider makes and Discord shows. By hand, because Pillow wants the whole of a WebP
to tell its size, and so that the parent process never parses a foreign file with more than this.
Layouts: PNG specification 5.3 and 11.2.1, ITU T.81 annex B, RFC 9649 section 2.
"""

from dataclasses import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_JPEG_END = b"\xff\xd9"
_PNG_END = b"IEND\xaeB`\x82"
_MARKER = 0xFF
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FRAME_START = 9  # bytes of a frame's segment up to and with its size
_MOST_SEGMENTS = 1000
_SHORTEST = 12  # bytes that tell the type
_PNG_SIZE = slice(16, 24)
_WEBP_START = 30  # bytes up to the size, whichever of three kinds it is

TAIL = 1024
"""Bytes of a file's end that `Header.is_whole` looks at: past its end a picture may be padded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """Type and pixels of a JPEG, PNG or WebP; `byte_count` where it tells its own length."""

    content_type: str
    width: int
    height: int
    byte_count: int | None = None

    def is_whole(self, tail: bytes, byte_count: int) -> bool:
        """Whether a file of that many bytes, ending in `tail`, is not cut off."""
        if self.byte_count is not None:
            return byte_count >= self.byte_count
        end = _PNG_END if self.content_type == "image/png" else _JPEG_END
        return end in tail[-TAIL:]


def read_header(head: bytes) -> Header | None:
    """Read the first bytes of a file; None: more are needed. ValueError: no such picture."""
    if len(head) < _SHORTEST:
        return None
    if head.startswith(_PNG):
        return _png(head)
    if head.startswith(_JPEG):
        return _jpeg(head)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _webp(head)
    raise ValueError("neither JPEG, PNG nor WebP")


def _png(head: bytes) -> Header | None:
    size = head[_PNG_SIZE]
    if len(head) < _PNG_SIZE.stop:
        return None
    return Header(content_type="image/png", width=_big(size[:4]), height=_big(size[4:]))


def _jpeg(head: bytes) -> Header | None:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if at + _FRAME_START > len(head):
            return None
        if head[at] != _MARKER:
            raise ValueError("a JPEG with a broken header")
        marker, length = head[at + 1], _big(head[at + 2 : at + 4])
        if marker in _START_OF_FRAME:
            height, width = _big(head[at + 5 : at + 7]), _big(head[at + 7 : at + 9])
            return Header(content_type="image/jpeg", width=width, height=height)
        at += 1 if marker == _MARKER else 2 + length
    raise ValueError("a JPEG without a size")


def _webp(head: bytes) -> Header | None:
    if len(head) < _WEBP_START:
        return None
    width, height = _webp_size(head[12:16], head[20:_WEBP_START])
    return Header(
        content_type="image/webp", width=width, height=height, byte_count=8 + _little(head[4:8])
    )


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int]:
    if kind == b"VP8X":
        return 1 + _little(body[4:7]), 1 + _little(body[7:10])
    if kind == b"VP8L":
        bits = _little(body[1:5])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return _little(body[6:8]) & 0x3FFF, _little(body[8:10]) & 0x3FFF
    raise ValueError("a WebP with a broken header")


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")

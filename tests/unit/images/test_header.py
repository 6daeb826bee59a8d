"""Type and size are read from a file's first bytes, and its end tells whether it is whole."""

import pytest
from PIL import Image

from bot.images.header import TAIL, Header, read_header
from tests.pictures import encoded

OPAQUE = Image.effect_noise((301, 203), 50).convert("RGB")
SEE_THROUGH = Image.new("RGBA", (301, 203), (200, 100, 50, 90))

FILES = {
    "jpeg": ("image/jpeg", encoded(OPAQUE, "JPEG")),
    "progressive jpeg": ("image/jpeg", encoded(OPAQUE, "JPEG", progressive=True)),
    "grey jpeg": ("image/jpeg", encoded(OPAQUE.convert("L"), "JPEG")),
    "jpeg with long notes": (
        "image/jpeg",
        encoded(OPAQUE, "JPEG", icc_profile=b"\xff\xd9\xff\xc0" * 50_000, comment=b"x" * 60_000),
    ),
    "png": ("image/png", encoded(OPAQUE, "PNG")),
    "lossy webp": ("image/webp", encoded(OPAQUE, "WEBP")),
    "lossless webp": ("image/webp", encoded(OPAQUE, "WEBP", lossless=True)),
    "webp with alpha": ("image/webp", encoded(SEE_THROUGH, "WEBP")),
    "webp with notes": ("image/webp", encoded(OPAQUE, "WEBP", xmp=b"<x/>")),
}
every_file = pytest.mark.parametrize(("content_type", "data"), FILES.values(), ids=FILES)


def header_of(data: bytes) -> Header:
    header = read_header(data)
    assert header
    return header


@every_file
def test_type_and_size_are_told(content_type: str, data: bytes) -> None:
    header = header_of(data)
    assert (header.content_type, header.width, header.height) == (content_type, 301, 203)


@every_file
def test_however_short_a_beginning_it_is_told_or_more_is_asked_for(
    content_type: str, data: bytes
) -> None:
    lengths = [*range(700), *range(700, len(data), 997)]
    told = [read_header(data[:length]) for length in lengths]
    known = told.index(next(filter(None, told)))
    assert known >= 12
    assert set(told[known:]) == {header_of(data)}
    assert header_of(data).content_type == content_type


@every_file
def test_a_whole_file_is_told_from_one_that_is_cut_off(content_type: str, data: bytes) -> None:
    header = header_of(data)
    assert header.content_type == content_type
    assert header.is_whole(data[-TAIL:], len(data))
    assert header.is_whole((data + b"\0" * 100)[-TAIL:], len(data) + 100)
    for cut in (data[:-10], data[: len(data) * 9 // 10]):
        assert not header.is_whole(cut[-TAIL:], len(cut))


@pytest.mark.parametrize(
    "data",
    [
        b"words, many words",
        b"GIF89a" + b"\0" * 50,
        b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 50,
        b"RIFF\0\0\0\0WEBPnope" + b"\0" * 50,
        b"\xff\xd8\xff\xe0\0\x04\0\0" + b"\0" * 50,
        b"\xff\xd8" + b"\xff\xe0\0\x02" * 100_000,
        b"\xff\xd8" + b"\xff" * 1_000_000,
    ],
    ids=["words", "gif", "sound", "webp of no kind", "no segment", "segments for ever", "filling"],
)
def test_anything_else_is_no_picture(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"JPEG|WebP"):
        read_header(data)

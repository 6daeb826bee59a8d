"""Every file that cannot be used is refused with its reason, and hurts nothing."""

import struct
import sys
import zlib
from contextlib import suppress
from random import Random

import pillow_heif
import pytest
from PIL import Image

from bot.domain.refusals import BadPicture, PictureFault
from bot.images import decoder
from bot.images.process import PictureProcess
from bot.images.wire import Refused
from tests.pictures import encoded, jpeg, png

pillow_heif.register_heif_opener()
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def refusal(pictures: PictureProcess, data: bytes) -> BadPicture:
    with pytest.raises(BadPicture) as caught:
        await pictures.normalise(data, name="file.png", option="image2")
    return caught.value


def noise(form: str, **options: str | bool) -> bytes:
    """The same grain every time."""
    grain = Random(7).randbytes(150 * 100 * 3)
    image = Image.frombytes("RGB", (150, 100), grain).resize((300, 200))
    return encoded(image, form, **options)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    crc = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


def png_claiming(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + body + png_chunk(b"IEND", b"")


def gif_claiming(width: int, height: int) -> bytes:
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0)
    return screen + frame + b"\x02\x02\x44\x01\x00;"


def bmp_claiming(width: int, height: int) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + info


def webp_claiming(width: int, height: int) -> bytes:
    canvas = struct.pack("<I", 2) + (width - 1).to_bytes(3, "little")
    canvas += (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


async def test_a_refusal_names_the_file_and_its_option(pictures: PictureProcess) -> None:
    refused = await refusal(pictures, b"hello")
    assert (refused.name, refused.option) == ("file.png", "image2")


async def test_an_empty_file_is_refused(pictures: PictureProcess) -> None:
    assert (await refusal(pictures, b"")).fault is PictureFault.EMPTY


@pytest.mark.parametrize(
    "data",
    [b"just words, whatever the name", b"BMW is a maker of motorcycles", b"\0" * 500, b"%PDF-1.7"],
)
async def test_what_is_no_picture_is_refused_whatever_its_name(
    pictures: PictureProcess, data: bytes
) -> None:
    assert (await refusal(pictures, data)).fault is PictureFault.NOT_A_PICTURE


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("HEIF", {}),
    ],
)
@pytest.mark.parametrize("part", [0.01, 0.5, 0.95])
async def test_a_file_that_is_cut_off_is_refused(
    pictures: PictureProcess, form: str, options: dict[str, str | bool], part: float
) -> None:
    whole = noise(form, **options)
    data = whole[: max(18, int(len(whole) * part))]
    assert (await refusal(pictures, data)).fault is PictureFault.CUT_OFF


@pytest.mark.parametrize(
    ("data", "side"),
    [
        (png_claiming(50_000, 50_000), 50_000),
        (gif_claiming(50_000, 50_000), 50_000),
        (bmp_claiming(50_000, 50_000), 50_000),
        (webp_claiming(16_383, 16_383), 16_383),
    ],
    ids=["png", "gif", "bmp", "webp"],
)
async def test_too_many_pixels_are_refused_from_the_header_with_their_number(
    pictures: PictureProcess, data: bytes, side: int
) -> None:
    refused = await refusal(pictures, data)
    assert refused.fault is PictureFault.TOO_MANY_PIXELS
    assert (refused.width, refused.height) == (side, side)


@pytest.mark.parametrize("size", [(1700, 100), (100, 1700)])
async def test_a_strip_is_refused_as_too_narrow(
    pictures: PictureProcess, size: tuple[int, int]
) -> None:
    refused = await refusal(pictures, png(*size))
    assert refused.fault is PictureFault.TOO_NARROW
    assert (refused.width, refused.height) == size


async def test_the_narrowest_strip_the_provider_takes_is_taken(pictures: PictureProcess) -> None:
    taken = await pictures.normalise(png(1600, 100), name="a", option="image1")
    assert (taken.width, taken.height) == (1600, 100)


async def test_an_icon_of_fourteen_pixels_is_refused_and_one_of_fifteen_taken(
    pictures: PictureProcess,
) -> None:
    assert (await refusal(pictures, png(14, 100))).fault is PictureFault.TOO_SMALL
    assert (await pictures.normalise(png(15, 100), name="a", option="image1")).width == 15


async def test_heic_is_refused_by_its_name_where_the_extra_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(Refused) as caught:
        decoder.normalise(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100)
    assert caught.value.fault is PictureFault.HEIC_UNSUPPORTED


async def test_a_refusal_leaves_the_child_in_place(pictures: PictureProcess) -> None:
    before = pictures.pid
    for data in (b"", b"words", png_claiming(50_000, 50_000), noise("JPEG")[:5000]):
        await refusal(pictures, data)
    await pictures.normalise(jpeg(100, 100), name="a", option="image1")
    assert pictures.pid == before is not None


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
        ("HEIF", {}),
    ],
)
async def test_whatever_is_damaged_it_is_taken_or_refused_quietly(
    form: str, options: dict[str, str | bool], capfd: pytest.CaptureFixture[str]
) -> None:
    random = Random(form)
    whole = noise(form, **options)
    async with PictureProcess() as pictures:
        before = pictures.pid
        for _ in range(30):
            damaged = bytearray(whole)
            for _ in range(random.choice((1, 5, 20))):
                at = random.randrange(min(len(whole), random.choice((40, 400, len(whole)))))
                damaged[at] = random.randrange(256)
            with suppress(BadPicture):
                await pictures.normalise(bytes(damaged), name="a", option="image1")
        assert pictures.pid == before
    assert capfd.readouterr() == ("", "")

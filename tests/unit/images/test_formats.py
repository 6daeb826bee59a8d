"""Whatever a picture comes as, it leaves upright, in sRGB, as JPEG or (see-through) PNG."""

import struct
import zlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from bot.domain.pictures import MAX_BYTES, MAX_SIDE, Picture
from bot.images.process import PictureProcess
from tests.pictures import encoded, jpeg, png

pillow_heif.register_heif_opener()
pytestmark = pytest.mark.asyncio(loop_scope="module")

ORANGE = (240, 140, 30)
Colour = tuple[int, ...]


async def normalised(pictures: PictureProcess, data: bytes) -> tuple[Picture, Image.Image]:
    picture = await pictures.normalise(data, name="file", option="image1")
    image = Image.open(BytesIO(picture.data), formats=["JPEG", "PNG"])
    image.load()
    assert Image.MIME[str(image.format)] == picture.content_type
    assert image.size == (picture.width, picture.height)
    return picture, image


def is_near(colour: object, expected: Colour, by: int = 6) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(a - b) <= by for a, b in zip(colour, expected, strict=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF"])
async def test_every_format_becomes_a_jpeg_of_the_same_size_and_colour(
    pictures: PictureProcess, form: str
) -> None:
    picture, image = await normalised(pictures, encoded(Image.new("RGB", (60, 40), ORANGE), form))
    assert picture.content_type == "image/jpeg"
    assert image.size == (60, 40)
    assert is_near(image.getpixel((30, 20)), ORANGE)


async def test_colours_keep_their_full_resolution(pictures: PictureProcess) -> None:
    _, image = await normalised(pictures, png(60, 40))
    assert [layer[1:3] for layer in image.layer] == [(1, 1)] * 3  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mode", "form", "pixel", "seen"),
    [
        ("L", "PNG", 90, (90, 90, 90)),
        ("1", "PNG", 1, (255, 255, 255)),
        ("P", "PNG", 0, (0, 0, 0)),
        ("LA", "PNG", (90, 255), (90, 90, 90)),
        ("I;16", "PNG", 0x8000, (128, 128, 128)),
        ("I;16", "TIFF", 0x8000, (128, 128, 128)),
        ("I", "TIFF", 0x8000, (128, 128, 128)),
        ("I", "TIFF", 128, (128, 128, 128)),
        ("F", "TIFF", 0.5, (128, 128, 128)),
        ("F", "TIFF", 0.0, (0, 0, 0)),
        ("CMYK", "JPEG", (0, 0, 255, 0), (255, 255, 0)),
        ("CMYK", "TIFF", (0, 0, 255, 0), (255, 255, 0)),
        ("YCbCr", "JPEG", (128, 128, 128), (128, 128, 128)),
        ("RGBX", "TIFF", (*ORANGE, 0), ORANGE),
    ],
)
async def test_every_mode_becomes_rgb(
    pictures: PictureProcess, mode: str, form: str, pixel: float | Colour, seen: Colour
) -> None:
    picture, image = await normalised(pictures, encoded(Image.new(mode, (40, 40), pixel), form))
    assert (picture.content_type, image.mode) == ("image/jpeg", "RGB")
    assert is_near(image.getpixel((20, 20)), seen)


async def test_sixteen_bits_a_colour_are_taken(pictures: PictureProcess) -> None:
    row = b"\0" + struct.pack(">HHH", 0xF000, 0x8C00, 0x1E00) * 40
    file = BytesIO()
    file.write(b"\x89PNG\r\n\x1a\n")
    PngImagePlugin.putchunk(file, b"IHDR", struct.pack(">IIBBBBB", 40, 40, 16, 2, 0, 0, 0))
    PngImagePlugin.putchunk(file, b"IDAT", zlib.compress(row * 40))
    PngImagePlugin.putchunk(file, b"IEND", b"")
    _, image = await normalised(pictures, file.getvalue())
    assert is_near(image.getpixel((20, 20)), ORANGE)


def see_through(mode: str) -> Image.Image:
    image = Image.new("RGBA", (40, 40), (*ORANGE, 255))
    image.paste((0, 0, 0, 0), (0, 0, 20, 40))
    return image.convert(mode)


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("RGBA", "PNG"),
        ("LA", "PNG"),
        ("P", "PNG"),
        ("RGBA", "WEBP"),
        ("RGBA", "TIFF"),
        ("RGBA", "GIF"),
    ],
)
async def test_what_is_see_through_stays_so_as_a_png(
    pictures: PictureProcess, mode: str, form: str
) -> None:
    picture, image = await normalised(pictures, encoded(see_through(mode), form))
    assert (picture.content_type, image.mode) == ("image/png", "RGBA")
    assert image.getchannel("A").getpixel((5, 20)) == 0
    assert image.getchannel("A").getpixel((35, 20)) == 255


async def test_a_colour_declared_see_through_is(pictures: PictureProcess) -> None:
    data = encoded(Image.new("RGB", (40, 40), ORANGE), "PNG", transparency=ORANGE)
    picture, image = await normalised(pictures, data)
    assert picture.content_type == "image/png"
    assert image.getchannel("A").getextrema() == (0, 0)


async def test_an_unused_alpha_channel_goes(pictures: PictureProcess) -> None:
    picture, _ = await normalised(
        pictures, encoded(Image.new("RGBA", (40, 40), (*ORANGE, 255)), "PNG")
    )
    assert picture.content_type == "image/jpeg"


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
async def test_of_an_animation_the_first_frame_is_taken(
    pictures: PictureProcess, form: str
) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (ORANGE, (0, 0, 255))]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:])
    _, image = await normalised(pictures, data)
    assert is_near(image.getpixel((20, 20)), ORANGE)


async def test_the_first_picture_of_a_phone_s_pair_is_taken(pictures: PictureProcess) -> None:
    """Phones append a gain map or a second view to a JPEG (Multi-Picture Format)."""
    frames = [Image.new("RGB", (400, 300), colour) for colour in (ORANGE, (0, 0, 255))]
    data = encoded(frames[0], "MPO", save_all=True, append_images=frames[1:])
    _, image = await normalised(pictures, data)
    assert image.size == (400, 300)
    assert is_near(image.getpixel((20, 20)), ORANGE)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((300, 200), (300, 200)),
        ((4096, 1000), (4096, 1000)),
        ((5000, 1000), (4096, 819)),
        ((1000, 9000), (455, 4096)),
    ],
)
@pytest.mark.parametrize("make", [jpeg, png])
async def test_the_long_side_is_at_most_4096_and_nothing_grows(
    pictures: PictureProcess, make: type, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    picture, _ = await normalised(pictures, make(*size))
    assert (picture.width, picture.height) == expected
    assert max(expected) <= MAX_SIDE


@pytest.mark.parametrize(("mode", "content_type"), [("RGB", "image/jpeg"), ("RGBA", "image/png")])
async def test_a_picture_that_compresses_badly_still_ends_within_the_provider_s_bytes(
    pictures: PictureProcess, mode: str, content_type: str
) -> None:
    side = 2400
    bands = [Image.effect_noise((side, side), 120 + 10 * band) for band in range(len(mode))]
    data = encoded(Image.merge(mode, bands), "TIFF")
    picture, _ = await normalised(pictures, data)
    assert picture.content_type == content_type
    assert len(picture.data) <= MAX_BYTES
    assert picture.width == picture.height > 1000


def swapped_profile() -> bytes:
    """An sRGB profile that takes red for green and green for red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    table = profile[128:].replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ")
    return profile[:128] + table.replace(b"????", b"gXYZ")


@pytest.mark.parametrize(
    ("mode", "form"), [("RGB", "JPEG"), ("RGB", "PNG"), ("RGB", "TIFF"), ("RGB", "WEBP")]
)
async def test_a_profile_is_turned_into_srgb(
    pictures: PictureProcess, mode: str, form: str
) -> None:
    red = Image.new(mode, (40, 40), (255, 0, 0))
    _, image = await normalised(pictures, encoded(red, form, icc_profile=swapped_profile()))
    assert is_near(image.getpixel((20, 20)), (0, 255, 0), by=12)


async def test_a_profile_changes_colours_and_not_what_is_see_through(
    pictures: PictureProcess,
) -> None:
    red = Image.new("RGBA", (40, 40), (255, 0, 0, 100))
    _, image = await normalised(pictures, encoded(red, "PNG", icc_profile=swapped_profile()))
    assert is_near(image.getpixel((20, 20)), (0, 255, 0, 100), by=12)


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    "profile",
    [b"no profile", swapped_profile()[:200], b"\xff" * 3000, swapped_profile()],
    ids=["words", "cut", "noise", "of another mode"],
)
async def test_a_profile_that_cannot_be_used_counts_as_none(
    pictures: PictureProcess, mode: str, profile: bytes
) -> None:
    grey = Image.new("RGB", (40, 40), (128, 128, 128)).convert(mode)
    _, image = await normalised(pictures, encoded(grey, "JPEG", icc_profile=profile))
    assert is_near(image.getpixel((20, 20)), (128, 128, 128))

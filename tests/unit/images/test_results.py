"""Results are made to fit a place's file limit, and shown small on the card."""

from io import BytesIO

import pytest
from PIL import Image

from bot.domain.errors import Failure, PermanentError
from bot.domain.pictures import PREVIEW_SIDE, Picture
from bot.images.process import PictureProcess
from tests.pictures import encoded

pytestmark = pytest.mark.asyncio(loop_scope="module")


def drawn(mode: str = "RGB", side: int = 700) -> Image.Image:
    """Something with enough detail that quality matters."""
    bands = [Image.effect_noise((side // 2, side // 2), 60 + 20 * band) for band in range(3)]
    image = Image.merge("RGB", bands).resize((side, side)).convert(mode)
    if mode == "RGBA":
        image.paste((0, 0, 0, 0), (0, 0, side // 4, side))
    return image


def opened(picture: Picture) -> Image.Image:
    image = Image.open(BytesIO(picture.data))
    image.load()
    assert image.size == (picture.width, picture.height)
    assert Image.MIME[str(image.format)] == picture.content_type
    return image


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_file_that_fits_stays_byte_for_byte_as_it_is(
    pictures: PictureProcess, form: str
) -> None:
    data = encoded(drawn(), form)
    picture = await pictures.fit(data, byte_limit=len(data))
    assert picture.data == data
    opened(picture)


async def test_a_file_too_large_becomes_the_best_jpeg_that_fits(pictures: PictureProcess) -> None:
    image = drawn()
    best = encoded(image, "JPEG", quality=85, subsampling=0)
    picture = await pictures.fit(encoded(image, "PNG"), byte_limit=len(best) + 200)
    assert (picture.content_type, picture.width) == ("image/jpeg", 700)
    assert picture.data == best


async def test_before_quality_falls_below_70_it_gets_smaller(pictures: PictureProcess) -> None:
    image = drawn()
    limit = len(encoded(image, "JPEG", quality=70, subsampling=0)) // 2
    picture = await pictures.fit(encoded(image, "PNG"), byte_limit=limit)
    assert limit // 3 < len(picture.data) <= limit
    assert 300 < picture.width < 700
    opened(picture)


async def test_what_is_see_through_becomes_a_webp(pictures: PictureProcess) -> None:
    data = encoded(drawn("RGBA"), "PNG")
    picture = await pictures.fit(data, byte_limit=len(data) // 3)
    assert picture.content_type == "image/webp"
    assert opened(picture).getchannel("A").getextrema() == (0, 255)
    assert len(picture.data) <= len(data) // 3


async def test_a_picture_discord_does_not_show_is_encoded_even_if_it_fits(
    pictures: PictureProcess,
) -> None:
    picture = await pictures.fit(encoded(drawn(), "TIFF"), byte_limit=10_000_000)
    assert picture.content_type == "image/jpeg"
    assert opened(picture).size == (700, 700)


async def test_a_preview_is_small(pictures: PictureProcess) -> None:
    picture = await pictures.preview(encoded(Image.new("RGB", (4096, 2304), "teal"), "JPEG"))
    assert (picture.content_type, picture.width) == ("image/jpeg", PREVIEW_SIDE)
    assert picture.height == 288
    opened(picture)


async def test_a_preview_of_something_see_through_lies_on_white(pictures: PictureProcess) -> None:
    picture = await pictures.preview(encoded(drawn("RGBA"), "PNG"))
    assert opened(picture).convert("RGB").getpixel((20, 200)) == (255, 255, 255)


@pytest.mark.parametrize("data", [b"", b"words", encoded(drawn(), "PNG")[:9000]])
async def test_a_result_that_is_no_picture_fails_for_good(
    pictures: PictureProcess, data: bytes
) -> None:
    with pytest.raises(PermanentError) as caught:
        await pictures.preview(data)
    assert caught.value.failure is Failure.NO_RESULT


async def test_a_limit_nothing_fits_into_ends_in_an_error(pictures: PictureProcess) -> None:
    with pytest.raises(PermanentError):
        await pictures.fit(encoded(drawn(), "JPEG"), byte_limit=50)

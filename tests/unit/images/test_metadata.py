"""Nothing but pixels leaves: no place, no camera, no name, no comment."""

from io import BytesIO

import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from bot.images.process import PictureProcess
from tests.pictures import encoded

pillow_heif.register_heif_opener()
pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "Waldweg 7"
TRACES = (
    SECRET.encode(),
    b"Exif",
    b"http://ns.adobe.com",
    b"ICC_PROFILE",
    b"iCCP",
    b"eXIf",
    b"tEXt",
)


def exif(orientation: int = 1) -> Image.Exif:
    """A camera's notes with a place in them."""
    notes = Image.Exif()
    notes[ExifTags.Base.Orientation] = orientation
    notes[ExifTags.Base.Artist] = SECRET
    place = notes.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    return notes


XMP = (
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>http://ns.adobe.com {SECRET}</a></x:xmpmeta>'.encode()
)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def with_metadata(form: str, mode: str = "RGB") -> bytes:
    picture = Image.new(mode, (60, 40), (240, 140, 30, 100)[: len(mode)])
    options: dict[str, object] = {"exif": exif(), "icc_profile": PROFILE}
    if form in {"JPEG", "PNG", "WEBP", "HEIF"}:
        options["xmp"] = XMP
    if form in {"JPEG", "GIF"}:
        options["comment"] = SECRET.encode()
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", SECRET)
        text.add_itxt("Comment", SECRET, zip=False)
        options["pnginfo"] = text
    return encoded(picture, form, **options)


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        ("JPEG", "RGB"),
        ("PNG", "RGB"),
        ("PNG", "RGBA"),
        ("WEBP", "RGB"),
        ("WEBP", "RGBA"),
        ("TIFF", "RGB"),
        ("TIFF", "RGBA"),
        ("GIF", "RGB"),
        ("HEIF", "RGB"),
    ],
)
async def test_all_metadata_is_gone(pictures: PictureProcess, form: str, mode: str) -> None:
    data = with_metadata(form, mode)
    assert SECRET.encode() in data
    picture = await pictures.normalise(data, name="a", option="image1")
    assert [trace for trace in TRACES if trace in picture.data] == []
    assert not Image.open(BytesIO(picture.data)).getexif()


async def test_a_preview_and_a_fitted_file_carry_none_either(pictures: PictureProcess) -> None:
    data = with_metadata("PNG", "RGBA")
    fitted = await pictures.fit(data, byte_limit=len(data) - 1)
    for picture in (await pictures.preview(data), fitted):
        assert [trace for trace in TRACES if trace in picture.data] == []


CORNERS = {
    1: (False, "left", "top"),
    2: (False, "right", "top"),
    3: (False, "right", "bottom"),
    4: (False, "left", "bottom"),
    5: (True, "left", "top"),
    6: (True, "right", "top"),
    7: (True, "right", "bottom"),
    8: (True, "left", "bottom"),
}
"""EXIF 4.6.4: where the first row and column are seen, by orientation; whether sides swap."""


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
@pytest.mark.parametrize("orientation", CORNERS)
async def test_every_orientation_ends_upright(
    pictures: PictureProcess, form: str, orientation: int
) -> None:
    """The red corner is stored top left; HEIC tells its turn twice, in a property and in EXIF."""
    stored = Image.new("RGB", (120, 80), "white")
    stored.paste("red", (0, 0, 40, 30))
    data = encoded(stored, form, exif=exif(orientation).tobytes())
    picture = await pictures.normalise(data, name="a", option="image1")
    turned, across, down = CORNERS[orientation]
    size = (80, 120) if turned else (120, 80)
    assert (picture.width, picture.height) == size
    image = Image.open(BytesIO(picture.data)).convert("RGB")
    corners = {
        (x_name, y_name): image.getpixel((x, y))
        for x_name, x in (("left", 8), ("right", size[0] - 8))
        for y_name, y in (("top", 8), ("bottom", size[1] - 8))
    }
    red = [place for place, (_, green, *_) in corners.items() if green < 100]  # type: ignore[misc]
    assert red == [(across, down)]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
async def test_a_large_photo_is_turned_too(pictures: PictureProcess, form: str) -> None:
    data = encoded(Image.new("RGB", (5000, 2500), "white"), form, exif=exif(6))
    picture = await pictures.normalise(data, name="a", option="image1")
    assert (picture.width, picture.height) == (2048, 4096)


@pytest.mark.parametrize(
    "notes",
    [
        b"Exif\0\0",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12\0\x03\0\0\0\x01" * 20,
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\xff\x7f\0\0\0\0",
        exif(6).tobytes()[:30],
    ],
)
async def test_broken_exif_does_not_spoil_a_picture(pictures: PictureProcess, notes: bytes) -> None:
    data = encoded(Image.new("RGB", (60, 40), "white"), "JPEG", exif=notes)
    picture = await pictures.normalise(data, name="a", option="image1")
    assert {picture.width, picture.height} == {60, 40}


async def test_long_notes_in_a_png_do_not_spoil_it(pictures: PictureProcess) -> None:
    """Photoshop's history of a picture, compressed, grows past Pillow's own limit of 1 MB."""
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", "history " * 400_000, zip=True)
    data = encoded(Image.new("RGB", (60, 40), "white"), "PNG", pnginfo=text)
    assert (await pictures.normalise(data, name="a", option="image1")).width == 60

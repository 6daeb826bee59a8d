"""Every mode and profile a file may come in, made into sRGB."""

import struct
from io import BytesIO
from typing import cast

from PIL import Image, ImageCms, ImageOps

_WHITE = 255
_WHITES = (1, _WHITE, 65535)
_RESIZABLE = {"L", "LA", "RGB", "RGBA", "CMYK"}
_SRGB = ImageCms.createProfile("sRGB")


def plain(image: Image.Image) -> Image.Image:
    """Bring a loaded picture into a mode that may be resized: no palette, no wide numbers."""
    if image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        return _eight_bits(image)
    if image.has_transparency_data:
        return image if image.mode in {"LA", "RGBA"} else image.convert("RGBA")
    if image.mode in _RESIZABLE:
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Scale wide greys down, white being what their brightest pixel suggests."""
    wide = image.convert("F")
    brightest = _extrema(wide)[1]
    whites = _WHITES[-1:] if image.mode.startswith("I;16") else _WHITES
    white = next((value for value in whites if brightest <= value), brightest)
    return wide.point(lambda value: value * (_WHITE / white) + 0).convert("L")


def upright(image: Image.Image) -> Image.Image:
    """Turn as EXIF says; a picture whose EXIF cannot be read stays as it is."""
    try:
        return ImageOps.exif_transpose(image)
    except (LookupError, OSError, SyntaxError, TypeError, ValueError, struct.error):
        return image


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Make RGB, or RGBA where something really is transparent."""
    if image.mode not in {"LA", "RGBA"}:
        return _converted(image, profile)
    alpha = image.getchannel("A")
    colours = _converted(image.convert(image.mode.removesuffix("A")), profile)
    if _extrema(alpha)[0] < _WHITE:
        colours.putalpha(alpha)
    return colours


def _converted(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert by a profile; one that is broken, or made for another mode, counts as none."""
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        converted = None
    return converted or image.convert("RGB")


def _extrema(band: Image.Image) -> tuple[float, float]:
    """Darkest and brightest pixel of a picture of one band."""
    return cast("tuple[float, float]", band.getextrema())

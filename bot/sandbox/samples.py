"""Two pictures made by code, for a demo without a picture of one's own."""

from io import BytesIO
from math import cos, pi, sin

from PIL import Image, ImageChops, ImageDraw, ImageFilter

SIZE = (1280, 960)


def harbour() -> bytes:
    """Draw a sailing boat at dusk (JPEG)."""
    picture = _gradient((38, 52, 98), (250, 172, 104))
    draw = ImageDraw.Draw(picture)
    width, height = SIZE
    horizon = int(height * 0.62)
    draw.ellipse((760, horizon - 190, 1000, horizon + 50), fill=(255, 226, 158))
    for step in range(horizon, height, 6):
        share = (step - horizon) / (height - horizon)
        draw.rectangle((0, step, width, step + 6), fill=_mix((236, 150, 104), (24, 40, 74), share))
    for step in range(horizon + 14, height, 26):
        half = 120 - (step - horizon) // 4
        draw.rectangle((880 - half, step, 880 + half, step + 5), fill=(255, 214, 150))
    _boat(draw, 430, horizon + 40)
    return _jpeg(picture.filter(ImageFilter.GaussianBlur(1.2)))


def ornament() -> bytes:
    """Draw a paper-cut rosette (JPEG)."""
    picture = _gradient((22, 66, 74), (96, 150, 140))
    draw = ImageDraw.Draw(picture)
    centre = (SIZE[0] / 2, SIZE[1] / 2)
    colours = [(240, 128, 96), (250, 206, 138), (232, 240, 226), (196, 72, 86)]
    for ring, colour in enumerate(colours):
        radius = 410 - ring * 96
        for petal in range(12):
            _petal(draw, centre, radius, 2 * pi * (petal + ring / 2) / 12, colour)
    return _jpeg(picture.filter(ImageFilter.GaussianBlur(0.8)))


def _boat(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    draw.polygon([(x, y - 330), (x, y - 40), (x - 150, y - 40)], fill=(250, 242, 228))
    draw.polygon([(x + 16, y - 280), (x + 16, y - 40), (x + 150, y - 40)], fill=(226, 96, 76))
    draw.line([(x + 8, y - 350), (x + 8, y)], fill=(70, 46, 40), width=10)
    draw.polygon(
        [(x - 190, y - 20), (x + 210, y - 20), (x + 140, y + 60), (x - 130, y + 60)],
        fill=(52, 36, 44),
    )


def _petal(
    draw: ImageDraw.ImageDraw,
    centre: tuple[float, float],
    radius: float,
    angle: float,
    colour: tuple[int, int, int],
) -> None:
    there = [(step / 40, 1) for step in range(41)]
    back = [(step / 40, -1) for step in range(40, -1, -1)]
    outline = [
        _polar(centre, radius * along, angle, side * sin(along * pi) * radius * 0.22)
        for along, side in there + back
    ]
    draw.polygon(outline, fill=colour)


def _polar(
    centre: tuple[float, float], along: float, angle: float, across: float
) -> tuple[float, float]:
    return (
        centre[0] + along * cos(angle) - across * sin(angle),
        centre[1] + along * sin(angle) + across * cos(angle),
    )


def _gradient(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(SIZE)
    upper, lower = (Image.new("RGB", SIZE, colour) for colour in (top, bottom))
    return ImageChops.add(
        Image.composite(lower, Image.new("RGB", SIZE), ramp),
        Image.composite(upper, Image.new("RGB", SIZE), ImageChops.invert(ramp)),
    )


def _mix(
    one: tuple[int, int, int], other: tuple[int, int, int], share: float
) -> tuple[int, int, int]:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _jpeg(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=90)
    return out.getvalue()

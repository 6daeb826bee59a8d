"""Pictures of the local Segmind: it really works on what it is sent, and says that it simulates."""

import random
import textwrap
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

Size = tuple[int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
SMALL = 640
STRENGTH = 0.75
DARK = (16, 18, 24)
TINTS = ((236, 112, 88), (72, 140, 220), (240, 190, 90), (120, 190, 140), (190, 110, 200))


def paint(inputs: Sequence[bytes], prompt: str, size: Size, seed: int) -> bytes:
    """Compose the inputs into one JPEG of a size, tinted by chance, with the prompt on it.

    OSError for an input that is no picture.
    """
    dice = random.Random(seed)  # noqa: S311 - no secret
    picture = _side_by_side(inputs, size) if inputs else _clouds(size, dice)
    picture = _tinted(picture, dice)
    _write(picture, prompt)
    out = BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def _side_by_side(inputs: Sequence[bytes], size: Size) -> Image.Image:
    """Lay the inputs side by side, each filling its part, one melting into the next."""
    width, height = size
    canvas = Image.new("RGB", size)
    soft = width // (len(inputs) * 6) if len(inputs) > 1 else 0
    for number, data in enumerate(inputs):
        left = max(0, width * number // len(inputs) - soft)
        right = min(width, width * (number + 1) // len(inputs) + soft)
        part = _filling(data, (right - left, height))
        canvas.paste(part, (left, 0), _fading_in(part.size, 2 * soft) if left else None)
    return canvas


def _filling(data: bytes, size: Size) -> Image.Image:
    """Decode no finer than needed, crop to the shape, scale."""
    picture = Image.open(BytesIO(data))
    picture.draft("RGB", size)
    return ImageOps.fit(picture.convert("RGB"), size, Image.Resampling.BILINEAR)


def _fading_in(size: Size, width: int) -> Image.Image:
    mask = Image.new("L", size, 255)
    mask.paste(Image.linear_gradient("L").rotate(90).resize((width, size[1])), (0, 0))
    return mask


def _clouds(size: Size, dice: random.Random) -> Image.Image:
    """Make an abstract picture where there is nothing to work on."""
    small = (SMALL, max(1, SMALL * size[1] // size[0]))
    canvas = Image.new("RGB", small, dice.choice(TINTS))
    draw = ImageDraw.Draw(canvas)
    for _ in range(18):
        x, y = dice.randrange(small[0]), dice.randrange(small[1])
        radius = dice.randrange(40, 190)
        shade = tuple(min(255, part + dice.randrange(-40, 60)) for part in dice.choice(TINTS))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=shade)
    soft = canvas.filter(ImageFilter.GaussianBlur(26))
    return soft.resize(size, Image.Resampling.BILINEAR)


def _tinted(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Bathe it in a light of its own, so that no two rerolls are alike."""
    first, second = dice.sample(TINTS, 2)
    share = dice.random()
    light = tuple(round(a * share + b * (1 - share)) for a, b in zip(first, second, strict=True))
    bathed = picture.point([value for level in light for value in _curve(level)])
    return ImageOps.mirror(bathed) if dice.random() < 0.5 else bathed  # noqa: PLR2004 - a coin


def _curve(level: int) -> bytes:
    """Give each of 256 values in the soft light of one level, most of the way."""
    ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
    lit = ImageChops.soft_light(ramp, Image.new("L", ramp.size, level))
    return Image.blend(ramp, lit, STRENGTH).tobytes()


def _write(picture: Image.Image, prompt: str) -> None:
    """Write the prompt in a band at the foot, and in a corner what this is."""
    width, height = picture.size
    letter = max(14, height // 26)
    lines = textwrap.wrap(prompt, int(width / letter * 1.9), max_lines=2, placeholder=" …")
    band = int(letter * (1.5 * len(lines) + 1))
    under = picture.crop((0, height - band, width, height))
    shade = Image.new("RGB", under.size, DARK)
    picture.paste(Image.blend(under, shade, 0.66), (0, height - band))
    draw = ImageDraw.Draw(picture)
    font = _fitting(lines, letter, width - 2 * letter)
    for number, line in enumerate(lines):
        top = height - band + letter * (0.5 + 1.5 * number)
        draw.text((letter, top), line, font=font, fill=(250, 250, 250))
    _mark(draw, width, letter)


def _fitting(lines: Sequence[str], letter: float, room: float) -> Font:
    """Take a smaller font where wide letters would run out of the picture."""
    font = ImageFont.load_default(letter)
    longest = max((font.getlength(line) for line in lines), default=0.0)
    return font if longest <= room else ImageFont.load_default(letter * room / longest)


def _mark(draw: ImageDraw.ImageDraw, width: int, letter: int) -> None:
    font = ImageFont.load_default(letter * 0.9)
    left = width - draw.textlength("SIMULATED", font) - 2 * letter
    place = (left, letter, width - letter, letter * 2.4)
    draw.rounded_rectangle(place, letter // 3, fill=DARK)
    draw.text((left + letter / 2, letter * 1.2), "SIMULATED", font=font, fill=(255, 210, 120))

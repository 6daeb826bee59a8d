"""Pictures of the local Segmind: it really works on what it is sent, and says that it simulates."""

import random
import textwrap
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

Size = tuple[int, int]
SMALL = 640
TINTS = ((236, 112, 88), (72, 140, 220), (240, 190, 90), (120, 190, 140), (190, 110, 200))


def paint(inputs: Sequence[bytes], prompt: str, size: Size, seed: int, form: str = "JPEG") -> bytes:
    """Compose the inputs into one picture of a size, tinted by chance, with the prompt on it."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    opened = [Image.open(BytesIO(data)).convert("RGB") for data in inputs]
    picture = _dissolve(opened, size) if opened else _clouds(size, dice)
    picture = _tinted(picture, dice)
    _write(picture, prompt)
    out = BytesIO()
    picture.save(out, form, quality=88)
    return out.getvalue()


def _dissolve(inputs: Sequence[Image.Image], size: Size) -> Image.Image:
    """Lay the inputs side by side, one melting into the next."""
    width, height = size
    canvas = ImageOps.fit(inputs[0], size, Image.Resampling.BICUBIC)
    for index, image in enumerate(inputs[1:], start=1):
        seam = width * index // len(inputs)
        soft = width // (len(inputs) * 4)
        ramp = Image.linear_gradient("L").rotate(90).resize((2 * soft, height))
        mask = Image.new("L", size)
        mask.paste(255, (seam + soft, 0, width, height))
        mask.paste(ramp, (seam - soft, 0))
        canvas.paste(ImageOps.fit(image, size, Image.Resampling.BICUBIC), mask=mask)
    return canvas


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
    return canvas.filter(ImageFilter.GaussianBlur(26)).resize(size, Image.Resampling.BICUBIC)


def _tinted(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Bathe it in a light of its own, so that no two rerolls are alike."""
    warm, cold = (Image.new("RGB", picture.size, tint) for tint in dice.sample(TINTS, 2))
    light = Image.blend(warm, cold, dice.random())
    bathed = Image.blend(picture, ImageChops.soft_light(picture, light), 0.75)
    return ImageOps.mirror(bathed) if dice.random() < 0.5 else bathed  # noqa: PLR2004 - a coin


def _write(picture: Image.Image, prompt: str) -> None:
    """Write the prompt in a band at the foot, and in a corner what this is."""
    width, height = picture.size
    letter = max(14, height // 26)
    font = ImageFont.load_default(letter)
    lines = textwrap.wrap(prompt, max(10, int(width / letter * 1.7)))[:2]
    band = int(letter * (1.5 * len(lines) + 1))
    shade = Image.new("RGB", (width, band), (16, 18, 24))
    under = picture.crop((0, height - band, width, height))
    picture.paste(Image.blend(under, shade, 0.66), (0, height - band))
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        top = height - band + letter * (0.5 + 1.5 * number)
        draw.text((letter, top), line, font=font, fill=(250, 250, 250))
    mark = ImageFont.load_default(letter * 0.9)
    length = draw.textlength("SIMULATED", mark)
    left = width - length - 2 * letter
    draw.rounded_rectangle(
        (left, letter, width - letter, letter * 2.4), letter // 3, fill=(16, 18, 24)
    )
    draw.text((left + letter / 2, letter * 1.2), "SIMULATED", font=mark, fill=(255, 210, 120))

"""Several small pictures side by side, numbered; runs in the child process only."""

from io import BytesIO
from itertools import accumulate, pairwise

from PIL import Image, ImageDraw, ImageFont

from bot.domain.pictures import Picture
from bot.images.encoder import jpeg

_SIDE = 300
_GAP = 8
_COLUMNS = 5
_QUALITY = 85
_PAPER, _LABEL, _INK = "#313338", "#5865f2", "white"
_CIRCLE = 44
_LETTERS = 28


def sheet(data: bytes, lengths: str) -> Picture:
    """Lay out pictures that follow each other in `data`, each as long as `lengths` says."""
    ends = list(accumulate(map(int, lengths.split(",")), initial=0))
    tiles = [_tile(data[start:end]) for start, end in pairwise(ends)]
    columns = min(_COLUMNS, len(tiles))
    rows = -(-len(tiles) // columns)
    step = _SIDE + _GAP
    paper = Image.new("RGB", (columns * step + _GAP, rows * step + _GAP), _PAPER)
    for index, tile in enumerate(tiles):
        left, top = index % columns * step + _GAP, index // columns * step + _GAP
        centred = left + (_SIDE - tile.width) // 2, top + (_SIDE - tile.height) // 2
        paper.paste(tile, centred)
        _number(paper, (left, top), index + 1)
    return Picture(
        data=jpeg(paper, _QUALITY),
        content_type="image/jpeg",
        width=paper.width,
        height=paper.height,
    )


def _tile(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data), formats=["JPEG"])
    image.thumbnail((_SIDE, _SIDE))
    return image.convert("RGB")


def _number(paper: Image.Image, corner: tuple[int, int], number: int) -> None:
    left, top = corner
    draw = ImageDraw.Draw(paper)
    draw.ellipse((left, top, left + _CIRCLE, top + _CIRCLE), fill=_LABEL)
    middle = left + _CIRCLE / 2, top + _CIRCLE / 2
    draw.text(middle, str(number), _INK, font=ImageFont.load_default(_LETTERS), anchor="mm")

"""The spending chart: what it shows can be seen, and drawing it disturbs nobody."""

import asyncio
from datetime import date, timedelta
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bot.domain.errors import TransientError
from bot.domain.spending import Day
from bot.images.chart import HEIGHT, WIDTH, draw
from bot.images.charts import Charts
from bot.images.process import PictureProcess
from bot.ui.texts.status import chart_alt

CAP = 5_000_000
BAR, BUDGET, PAPER = (0x79, 0x84, 0xF5), (0xF0, 0xB2, 0x32), (0x1E, 0x1F, 0x22)


def days(*amounts: int) -> list[Day]:
    first = date(2026, 11, 24) - timedelta(days=len(amounts) - 1)
    return [
        Day(date=(first + timedelta(days=at)).isoformat(), amount=amount)
        for at, amount in enumerate(amounts)
    ]


def opened(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    assert picture.format == "PNG"
    assert picture.size == (WIDTH, HEIGHT)
    return picture.convert("RGBA")


def heights(png: bytes) -> list[int]:
    """The bars' heights in pixels, from left to right."""
    columns = (np.asarray(opened(png)) == (*BAR, 255)).all(2).sum(0).tolist()
    edges = [x for x in range(1, WIDTH) if columns[x] and not columns[x - 1]]
    return [max(columns[x : x + 6]) for x in edges]


def budget_row(png: bytes) -> int:
    """The middle of the budget's line, in pixels from the top."""
    lines = (np.asarray(opened(png)) == (*BUDGET, 255)).all(2).sum(1)
    rows = np.flatnonzero(lines > WIDTH / 3).tolist()
    return sum(rows) // len(rows)


@pytest.mark.parametrize("amounts", [(0,) * 30, (1_225_000,), (35_000,) * 30, (9_000_000,) * 30])
def test_it_is_an_opaque_picture_of_the_stated_size(amounts: tuple[int, ...]) -> None:
    picture = opened(draw(days(*amounts), CAP))
    assert picture.getchannel("A").getextrema() == (255, 255)
    assert picture.getpixel((2, 2)) == (*PAPER, 255)


def test_a_day_is_a_bar_as_tall_as_its_sum() -> None:
    found = heights(draw(days(1_000_000, 2_000_000, 4_000_000, 0, 500_000, 3_000_000), CAP))
    one = found[0]
    assert len(found) == 5
    for height, times in zip(found, (1, 2, 4, 0.5, 3), strict=True):
        assert height == pytest.approx(one * times, abs=4)


def test_the_budget_stands_above_what_kept_to_it_and_below_what_did_not() -> None:
    kept, lowered = draw(days(*[2_500_000] * 9), CAP), draw(days(*[2_500_000] * 9), 1_000_000)
    assert max(heights(kept)) > 150
    assert budget_row(kept) < HEIGHT - 85 - max(heights(kept)) - 100
    assert budget_row(lowered) > HEIGHT - 85 - max(heights(lowered)) + 100


def test_nothing_spent_has_no_bars_but_a_budget() -> None:
    empty = draw(days(*[0] * 30), CAP)
    assert heights(empty) == []
    assert budget_row(empty) > 0
    opened(draw(days(*[0] * 30), 0))


async def test_a_chart_is_drawn_while_the_loop_goes_on() -> None:
    drawing = asyncio.create_task(Charts().spending(days(*[1_000_000] * 30), CAP))
    turns = 0
    while not drawing.done():
        await asyncio.sleep(0.002)
        turns += 1
    assert len(heights(await drawing)) == 30
    assert turns > 20  # drawn here there would be one or two


async def test_what_cannot_be_drawn_is_told_as_passing() -> None:
    async with PictureProcess() as pictures:
        with pytest.raises(TransientError, match="could not be drawn"):
            await pictures.chart(b"{}")
        assert (await pictures.chart(b'{"days": [], "cap": 1}')).width == WIDTH


@pytest.mark.parametrize(
    ("amounts", "words"),
    [
        ((0,) * 30, "Spending in 30 days: nothing. The budget is $5.00 a day."),
        (
            (35_000,),
            "Spending in 1 day: $0.035, most on 24 Nov with $0.035. The budget is $5.00 a day.",
        ),
        (
            (*[100_000] * 29, 2_000_000),
            (
                "Spending in 30 days: $4.90, most on 24 Nov with $2.00. The last 7 days came to "
                "$2.60, more than the 7 before ($0.70). The budget is $5.00 a day."
            ),
        ),
        (
            (100_000,) * 14,
            (
                "Spending in 14 days: $1.40, most on 24 Nov with $0.10. The last 7 days came to "
                "$0.70, as much as the 7 before. The budget is $5.00 a day."
            ),
        ),
    ],
)
def test_who_does_not_see_it_is_told_the_same(amounts: tuple[int, ...], words: str) -> None:
    assert chart_alt(days(*amounts), CAP) == words

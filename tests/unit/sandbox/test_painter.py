"""What the local Segmind paints: the right size, from what it was sent, never twice alike."""

from io import BytesIO
from time import thread_time

import pytest
from PIL import Image, ImageChops, ImageStat

from bot.domain.model import SEEDREAM_5_LITE
from bot.sandbox.segmind.painter import paint
from tests.pictures import encoded

PROMPT = "a fox in the rain"
RED, BLUE = (220, 20, 20), (20, 20, 220)
SMALL = (320, 180)


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> bytes:
    return encoded(Image.new("RGB", size, colour), "PNG")


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def difference(one: bytes, other: bytes) -> float:
    """Tell how far two pictures are apart, 0 to 255."""
    return sum(ImageStat.Stat(ImageChops.difference(opened(one), opened(other))).mean) / 3


@pytest.mark.parametrize("inputs", [0, 1, 2, 10])
@pytest.mark.parametrize("ratio", SEEDREAM_5_LITE.ratios)
def test_a_picture_has_the_size_asked_for(ratio: str, inputs: int) -> None:
    width, height = (side // 8 for side in SEEDREAM_5_LITE.pixels["2K"][ratio])
    picture = opened(paint([plain(RED)] * inputs, PROMPT, (width, height), 1))
    assert picture.size == (width, height)


def test_the_inputs_are_in_it_side_by_side() -> None:
    picture = opened(paint([plain(RED), plain(BLUE)], PROMPT, SMALL, 3))
    left, right = picture.getpixel((20, 70)), picture.getpixel((300, 70))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert {left[0] > left[2], right[0] > right[2]} == {True, False}


def test_the_same_seed_makes_the_same_picture() -> None:
    assert paint([plain(RED)], PROMPT, SMALL, 7) == paint([plain(RED)], PROMPT, SMALL, 7)


@pytest.mark.parametrize("inputs", [[], [plain(RED), plain(BLUE)]])
def test_rerolls_differ(inputs: list[bytes]) -> None:
    made = [paint(inputs, PROMPT, SMALL, seed) for seed in range(4)]
    assert all(difference(made[0], other) > 1 for other in made[1:])


def test_the_prompt_is_written_on_it() -> None:
    made = [paint([plain(RED)], prompt, SMALL, 7) for prompt in (PROMPT, "something else")]
    foot = (0, 150, *SMALL)
    assert opened(made[0]).crop(foot) != opened(made[1]).crop(foot)


@pytest.mark.parametrize("prompt", ["W" * 4000, "狐" * 4000, "", "\n\n", "a " * 2000, "🦊"])
def test_any_prompt_can_be_written(prompt: str) -> None:
    assert opened(paint([], prompt, SMALL, 1)).size == SMALL


def test_a_corner_says_that_it_is_simulated() -> None:
    corner = opened(paint([plain(RED)], PROMPT, (1280, 720), 1)).crop((1030, 30, 1250, 60))
    assert min(ImageStat.Stat(corner).extrema[1]) < 40  # the dark sign
    assert max(ImageStat.Stat(corner).extrema[1]) > 180  # its bright letters


@pytest.mark.parametrize("data", [b"", b"no picture", plain(RED)[:60]])
def test_what_is_no_picture_is_an_oserror(data: bytes) -> None:
    with pytest.raises(OSError, match=r"identify|truncated|broken"):
        paint([data], PROMPT, SMALL, 1)


@pytest.mark.parametrize("inputs", [0, 2])
def test_it_is_quick(inputs: int) -> None:
    """Meant to take under 0.3 s of CPU for the largest picture; here with room."""
    photo = plain(RED, (1600, 1200))
    spent = []
    for seed in range(3):
        begun = thread_time()
        paint([photo] * inputs, PROMPT, SEEDREAM_5_LITE.pixels["3K"]["16:9"], seed)
        spent.append(thread_time() - begun)
    assert min(spent) < 0.5

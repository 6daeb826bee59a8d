"""The model's table: what is offered is what the provider takes."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model import PROFILES, SEEDREAM_5_LITE

SMALLEST, LARGEST = 3_686_400, 10_404_496


def test_every_size_and_ratio_has_pixels_of_that_shape_within_the_models_bounds() -> None:
    for profile in PROFILES.values():
        for size in profile.parameters["size"].choices:
            for ratio in profile.ratios:
                width, height = profile.pixels[size][ratio]
                across, down = (int(part) for part in ratio.split(":"))
                assert abs(width / height / (across / down) - 1) < 0.02
                assert SMALLEST <= width * height <= LARGEST


def test_a_picture_gets_the_ratio_it_is_nearest_to() -> None:
    nearest = SEEDREAM_5_LITE.nearest_ratio
    assert nearest(4032, 3024) == "4:3"
    assert nearest(1080, 1920) == "9:16"
    assert nearest(1000, 1000) == "1:1"
    assert nearest(5000, 1000) == "21:9"


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_turning_a_picture_turns_its_ratio(width: int, height: int) -> None:
    across, down = SEEDREAM_5_LITE.nearest_ratio(width, height).split(":")
    if {across, down} != {"21", "9"} and width / height < 1.9 and height / width < 1.9:
        assert SEEDREAM_5_LITE.nearest_ratio(height, width) == f"{down}:{across}"

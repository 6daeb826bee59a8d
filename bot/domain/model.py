"""What the provider's model takes and makes: one table, one profile a model.

Facts: segmind.com/models/seedream-v5-lite-image-to-image/api, and ByteDance's Seedream 4.0-5.0
tutorial (Volcengine 82379/1824121) for pixel sizes and the sum of inputs and outputs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One option as members see it and as the provider names it.

    `minimum` and `maximum` are lengths of a string or values of an integer.
    """

    name: str
    description: str
    default: str | int | bool | None = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelProfile:
    """A model: its slug at the provider, its price in dollars an image, its options and limits.

    `pixels` gives width and height of an output by size and aspect ratio.
    """

    slug: str
    title: str
    price_usd: str
    max_inputs: int
    max_together: int
    default_ratio: str
    pixels: Mapping[str, Mapping[str, tuple[int, int]]]
    parameters: Mapping[str, Parameter]

    @property
    def ratios(self) -> tuple[str, ...]:
        """The aspect ratios it offers."""
        return self.parameters["aspect_ratio"].choices

    def nearest_ratio(self, width: int, height: int) -> str:
        """The offered ratio closest to a picture's, as an eye compares: on a log scale."""
        return min(self.ratios, key=lambda name: abs(log(width / height / _value(name))))


def _value(ratio: str) -> float:
    across, down = ratio.split(":")
    return int(across) / int(down)


def _table(*parameters: Parameter) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in parameters}


_LANDSCAPE = {
    "2K": {
        "1:1": (2048, 2048),
        "4:3": (2304, 1728),
        "16:9": (2848, 1600),
        "3:2": (2496, 1664),
        "21:9": (3136, 1344),
    },
    "3K": {
        "1:1": (3072, 3072),
        "4:3": (3456, 2592),
        "16:9": (4096, 2304),
        "3:2": (3744, 2496),
        "21:9": (4704, 2016),
    },
}
_UPRIGHT = {"3:4": "4:3", "9:16": "16:9", "2:3": "3:2"}

SEEDREAM_5_LITE = ModelProfile(
    slug="seedream-v5-lite-image-to-image",
    title="Seedream 5.0 Lite",
    price_usd="0.035",
    max_inputs=10,
    max_together=15,
    default_ratio="16:9",
    pixels={
        size: sizes | {up: (sizes[wide][1], sizes[wide][0]) for up, wide in _UPRIGHT.items()}
        for size, sizes in _LANDSCAPE.items()
    },
    parameters=_table(
        Parameter(
            name="prompt",
            description="What to make. Refer to your pictures as picture 1, picture 2 and so on",
            minimum=1,
            maximum=4000,
        ),
        Parameter(
            name="aspect_ratio",
            description="Shape of the result (left out: nearest to image1, else 16:9)",
            choices=("1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9"),
        ),
        Parameter(
            name="max_images",
            description="How many pictures at most; the model may make fewer (default 1)",
            default=1,
            minimum=1,
            maximum=15,
        ),
        Parameter(
            name="size",
            description="Resolution of the result (default 3K)",
            default="3K",
            choices=("3K", "2K"),
        ),
        Parameter(
            name="optimize_prompt",
            description="How the model works over your words first (default fast)",
            default="fast",
            choices=("fast", "standard"),
        ),
        Parameter(
            name="watermark",
            description="Put the provider's AI watermark on the picture (default off)",
            default=False,
        ),
    ),
)

PROFILES = {profile.slug: profile for profile in (SEEDREAM_5_LITE,)}

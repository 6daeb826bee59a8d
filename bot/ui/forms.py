"""The form of a request. Read from the interaction, so that one opened before a restart counts.

A modal holds five parts at most, and Discord answers its values by custom_id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import discord

from bot.domain.model import SEEDREAM_5_LITE, Parameter
from bot.ui.texts import forms as words

COMPOSE = "compose"
PROMPT, PICTURES, RATIO, SIZE, NUMBER = "prompt", "pictures", "aspect_ratio", "size", "max_images"
PARAMETERS = SEEDREAM_5_LITE.parameters
NEAREST = "nearest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A form as it was sent; the files in the order the member chose."""

    prompt: str
    attachments: list[discord.Attachment]
    aspect_ratio: str | None
    size: str
    max_images: int


def compose_form() -> discord.ui.Modal:
    """Make the form: prompt, pictures, ratio, size, number.

    It is stopped before it is sent: a live one would stay in discord.py's memory.
    """
    form = discord.ui.Modal(title=words.TITLE, custom_id=COMPOSE)
    prompt = discord.ui.TextInput[discord.ui.Modal](
        style=discord.TextStyle.paragraph, custom_id=PROMPT, max_length=PARAMETERS[PROMPT].maximum
    )
    pictures = discord.ui.FileUpload[discord.ui.Modal](
        custom_id=PICTURES, required=False, min_values=0, max_values=SEEDREAM_5_LITE.max_inputs
    )
    ratios = [(NEAREST, words.NEAREST), *((one, one) for one in SEEDREAM_5_LITE.ratios)]
    number = PARAMETERS[NUMBER]
    numbers = range(number.minimum or 1, (number.maximum or 1) + 1)
    form.add_item(_label(words.PROMPT, words.PROMPT_HINT, prompt))
    form.add_item(_label(words.PICTURES, words.PICTURES_HINT, pictures))
    form.add_item(_label(words.RATIO, None, _select(RATIO, ratios, NEAREST)))
    form.add_item(_label(words.SIZE, None, _select(SIZE, _choices(PARAMETERS[SIZE]), "3K")))
    form.add_item(
        _label(words.NUMBER, None, _select(NUMBER, [(str(n), str(n)) for n in numbers], "1"))
    )
    form.stop()
    return form


def _choices(parameter: Parameter) -> list[tuple[str, str]]:
    return [(one, one) for one in parameter.choices]


def _select(
    custom_id: str, choices: list[tuple[str, str]], chosen: str
) -> discord.ui.Select[discord.ui.Modal]:
    options = [
        discord.SelectOption(label=label, value=value, default=value == chosen)
        for value, label in choices
    ]
    return discord.ui.Select(custom_id=custom_id, options=options, required=False)


def _label(
    text: str, hint: str | None, part: discord.ui.Item[discord.ui.Modal]
) -> discord.ui.Label[discord.ui.Modal]:
    return discord.ui.Label(text=text, description=hint, component=part)


def is_compose(interaction: discord.Interaction) -> bool:
    """Whether an interaction is this form, sent."""
    sent = interaction.type is discord.InteractionType.modal_submit
    return sent and _data(interaction).get("custom_id") == COMPOSE


def filled(interaction: discord.Interaction) -> Filled:
    """Read a sent form. What a select leaves open is the model's default."""
    values = dict(_values(_data(interaction).get("components", [])))
    ratio = _first(values.get(RATIO)) or NEAREST
    return Filled(
        prompt=str(values.get(PROMPT) or ""),
        attachments=_attachments(interaction, values.get(PICTURES) or []),
        aspect_ratio=ratio if ratio in SEEDREAM_5_LITE.ratios else None,
        size=_first(values.get(SIZE)) or str(PARAMETERS[SIZE].default),
        max_images=int(_first(values.get(NUMBER)) or 1),
    )


def _values(components: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for label in components:
        part = label.get("component", {})
        yield str(part.get("custom_id")), part.get("values", part.get("value"))


def _first(values: list[str] | None) -> str | None:
    return values[0] if values else None


def _attachments(interaction: discord.Interaction, ids: list[str]) -> list[discord.Attachment]:
    """Find the files by the ids chosen: Discord's map of them is in no order."""
    files = _data(interaction).get("resolved", {}).get("attachments", {})
    state = interaction._state  # noqa: SLF001 - an attachment is read through its client's session
    return [discord.Attachment(data=files[one], state=state) for one in ids if one in files]


def _data(interaction: discord.Interaction) -> dict[str, Any]:
    return dict(interaction.data or {})

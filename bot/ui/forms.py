"""The form of a request. Read from the interaction, so that one opened before a restart counts.

A modal holds five parts at most, and Discord answers its values by custom_id.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import discord

from bot.domain.job import Job
from bot.domain.model import SEEDREAM_5_LITE, Parameter
from bot.ui.texts import forms as words

PROMPT, PICTURES, RATIO, SIZE, NUMBER = "prompt", "pictures", "aspect_ratio", "size", "max_images"
PARAMETERS = SEEDREAM_5_LITE.parameters
NEAREST = "nearest"
NUMBERS = [str(number) for number in range(1, (PARAMETERS[NUMBER].maximum or 1) + 1)]
MOST = SEEDREAM_5_LITE.max_inputs
PREFILL_BYTES = 6500  # Discord fails over some 10 kB of UTF-8 in a form; the rest has 2.4 kB
_CUSTOM_ID = re.compile(r"(?P<form>compose|edit|restyle)(?::(?P<about>[0-9a-z]{1,20}))?")


class Form(StrEnum):
    """Which form it is."""

    COMPOSE = "compose"
    EDIT = "edit"
    RESTYLE = "restyle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A form that was sent, and what it is about: a job's id, a message's id, nothing."""

    form: Form
    about: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A form as it was sent; the files in the order the member chose."""

    prompt: str
    attachments: list[discord.Attachment]
    aspect_ratio: str | None
    size: str
    max_images: int


def compose_form() -> discord.ui.Modal:
    """Make the empty form."""
    return _form(words.TITLE, Form.COMPOSE, _Start())


def restyle_form(message_id: int, count: int) -> discord.ui.Modal:
    """Make the form for pictures of a message; more may be added."""
    start = _Start(pictures_hint=words.restyled(count), most=max(0, MOST - count))
    return _form(words.RESTYLE, f"{Form.RESTYLE}:{message_id}", start)


def edit_form(job: Job) -> discord.ui.Modal:
    """Make the form with a job's request in it."""
    request = job.request
    fits = len(request.prompt.encode()) <= PREFILL_BYTES
    start = _Start(
        prompt=request.prompt if fits else "",
        prompt_hint=words.PROMPT_HINT if fits else words.PROMPT_KEPT,
        needs_prompt=fits,
        pictures_hint=words.pictures_kept(len(request.images)),
        aspect_ratio=request.aspect_ratio,
        size=request.size,
        max_images=request.max_images,
    )
    return _form(words.edit_title(job.id), f"{Form.EDIT}:{job.id}", start)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Start:
    """What a form shows when it opens."""

    prompt: str = ""
    prompt_hint: str = words.PROMPT_HINT
    needs_prompt: bool = True
    pictures_hint: str = words.PICTURES_HINT
    most: int = MOST
    aspect_ratio: str = NEAREST
    size: str = str(PARAMETERS[SIZE].default)
    max_images: int = 1


def _form(title: str, custom_id: str, start: _Start) -> discord.ui.Modal:
    """Make a form of five parts: prompt, pictures, ratio, size, number.

    It is stopped before it is sent: a live one would stay in discord.py's memory.
    """
    form = discord.ui.Modal(title=title, custom_id=custom_id)
    prompt = discord.ui.TextInput[discord.ui.Modal](
        style=discord.TextStyle.paragraph,
        custom_id=PROMPT,
        default=start.prompt or None,
        required=start.needs_prompt,
        max_length=PARAMETERS[PROMPT].maximum,
    )
    form.add_item(_label(words.PROMPT, start.prompt_hint, prompt))
    if start.most:
        pictures = discord.ui.FileUpload[discord.ui.Modal](
            custom_id=PICTURES, required=False, min_values=0, max_values=start.most
        )
        form.add_item(_label(words.PICTURES, start.pictures_hint, pictures))
    ratios = [(NEAREST, words.NEAREST), *((one, one) for one in SEEDREAM_5_LITE.ratios)]
    form.add_item(_label(words.RATIO, None, _select(RATIO, ratios, start.aspect_ratio)))
    sizes = _choices(PARAMETERS[SIZE])
    form.add_item(_label(words.SIZE, None, _select(SIZE, sizes, start.size)))
    numbers = [(number, number) for number in NUMBERS]
    form.add_item(_label(words.NUMBER, None, _select(NUMBER, numbers, str(start.max_images))))
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


def read_form(interaction: discord.Interaction) -> Sent | None:
    """Read which form was sent; None where it is none of ours."""
    if interaction.type is not discord.InteractionType.modal_submit:
        return None
    match = _CUSTOM_ID.fullmatch(str(_data(interaction).get("custom_id", "")))
    if match is None:
        return None
    sent = Sent(form=Form(match["form"]), about=match["about"] or "")
    return None if sent.form is Form.RESTYLE and not sent.about.isdecimal() else sent


def filled(interaction: discord.Interaction) -> Filled:
    """Read a sent form. What a select leaves open, or cannot have said, is the model's default."""
    values = values_of(interaction)
    ratio, size = _first(values.get(RATIO)), _first(values.get(SIZE))
    number = _first(values.get(NUMBER))
    return Filled(
        prompt=str(values.get(PROMPT) or ""),
        attachments=files_of(interaction, values.get(PICTURES) or []),
        aspect_ratio=ratio if ratio in SEEDREAM_5_LITE.ratios else None,
        size=size if size in PARAMETERS[SIZE].choices else str(PARAMETERS[SIZE].default),
        max_images=int(number) if number in NUMBERS else 1,
    )


def values_of(interaction: discord.Interaction) -> dict[str, Any]:
    """Read what was written and chosen in a sent form, by custom_id."""
    return dict(_values(_data(interaction).get("components", [])))


def _values(components: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for label in components:
        part = label.get("component", {})
        yield str(part.get("custom_id")), part.get("values", part.get("value"))


def _first(values: list[str] | None) -> str | None:
    return values[0] if values else None


def files_of(interaction: discord.Interaction, ids: list[str]) -> list[discord.Attachment]:
    """Find the files by the ids chosen: Discord's map of them is in no order."""
    files = _data(interaction).get("resolved", {}).get("attachments", {})
    state = interaction._state  # noqa: SLF001 - an attachment is read through its client's session
    return [discord.Attachment(data=files[one], state=state) for one in ids if one in files]


def _data(interaction: discord.Interaction) -> dict[str, Any]:
    return dict(interaction.data or {})

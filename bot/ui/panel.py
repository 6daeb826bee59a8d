"""The panel of a server's settings: selects, what is about to change, Save.

Its parts are read from the interaction, like all others, so that it works after a restart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import discord

from bot.domain.servers import Draft, ServerSettings, Who
from bot.ui.texts import manage as words

PREFIX = "set:"
Layout = discord.ui.LayoutView
AnySelect = (
    discord.ui.Select[Layout] | discord.ui.ChannelSelect[Layout] | discord.ui.RoleSelect[Layout]
)
K = TypeVar("K", bound=int | str | bool)


class Part(StrEnum):
    """A part of the panel; most are named like the setting they change."""

    RESULTS = "results"
    ARCHIVE = "archive_minutes"
    REROLL = "reroll"
    REROLL_ROLE = "reroll_role_id"
    RESTYLE = "restyle"
    LOOSER = "looser_words"
    CHANNELS = "channels"
    MODERATORS = "moderators_channel_id"
    ROLE = "role"
    NUMBERS = "numbers"
    SAVE = "save"
    DISCARD = "discard"


def read_part(interaction: discord.Interaction) -> tuple[Part, str] | None:
    """Read which part of a panel, or which of its forms, an interaction is from, and of what."""
    custom_id = str(_data(interaction).get("custom_id", ""))
    name, _, about = custom_id.removeprefix(PREFIX).partition(":")
    ours = custom_id.startswith(PREFIX) and name in set(Part)
    return (Part(name), about) if ours else None


def chosen(interaction: discord.Interaction) -> list[str]:
    """Read what was chosen in a select."""
    return [str(one) for one in _data(interaction).get("values", [])]


def _data(interaction: discord.Interaction) -> dict[str, Any]:
    return dict(interaction.data or {})


def panel(draft: Draft, *, saved: bool = False) -> Layout:
    """Lay the panel out as it would be saved."""
    same = draft.before == draft.after
    view = Layout(timeout=None)
    view.add_item(discord.ui.TextDisplay(words.SAVED if saved else words.TITLE))
    for row in _selects(draft.after):
        view.add_item(discord.ui.ActionRow(row))
    view.add_item(discord.ui.TextDisplay(words.showcase(draft.board)))
    view.add_item(discord.ui.TextDisplay(words.changes(draft.before, draft.after)))
    view.add_item(
        discord.ui.ActionRow(
            _button(Part.NUMBERS, words.NUMBERS, discord.ButtonStyle.secondary),
            _button(Part.SAVE, words.SAVE, discord.ButtonStyle.primary, off=same),
            _button(Part.DISCARD, words.DISCARD, discord.ButtonStyle.secondary, off=same),
        )
    )
    view.stop()
    return view


def _selects(settings: ServerSettings) -> Sequence[AnySelect]:
    rows: list[AnySelect] = [
        _select(Part.RESULTS, words.RESULTS, settings.results),
        _select(Part.ARCHIVE, words.ARCHIVES, settings.archive_minutes),
        _select(Part.REROLL, words.REROLL, settings.reroll),
        _select(Part.RESTYLE, words.RESTYLE, settings.restyle),
        _select(Part.LOOSER, words.LOOSER, settings.looser_words),
        _channels(Part.CHANNELS, settings.channels, most=25),
        _channels(Part.MODERATORS, _some(settings.moderators_channel_id), most=1),
        _roles(Part.ROLE, ()),
    ]
    if settings.reroll is Who.ROLE:
        rows.insert(3, _roles(Part.REROLL_ROLE, _some(settings.reroll_role_id)))
    return rows


def _some(value: int | None) -> tuple[int, ...]:
    return () if value is None else (value,)


def _select(part: Part, options: Mapping[K, str], value: K) -> discord.ui.Select[Layout]:
    head = words.PLACEHOLDERS[part]
    return discord.ui.Select(
        custom_id=PREFIX + part,
        options=[
            discord.SelectOption(
                label=f"{head}: {label}"[:100], value=str(key), default=key == value
            )
            for key, label in options.items()
        ],
    )


def _channels(part: Part, ids: Sequence[int], *, most: int) -> discord.ui.ChannelSelect[Layout]:
    return discord.ui.ChannelSelect(
        custom_id=PREFIX + part,
        placeholder=words.PLACEHOLDERS[part],
        channel_types=[discord.ChannelType.text, discord.ChannelType.forum],
        min_values=0,
        max_values=most,
        default_values=[
            discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.channel)
            for one in ids
        ],
    )


def _roles(part: Part, ids: Sequence[int]) -> discord.ui.RoleSelect[Layout]:
    return discord.ui.RoleSelect(
        custom_id=PREFIX + part,
        placeholder=words.PLACEHOLDERS[part],
        min_values=0,
        default_values=[
            discord.SelectDefaultValue(id=one, type=discord.SelectDefaultValueType.role)
            for one in ids
        ],
    )


def _button(
    part: Part, label: str, style: discord.ButtonStyle, *, off: bool = False
) -> discord.ui.Button[Layout]:
    return discord.ui.Button(label=label, style=style, custom_id=PREFIX + part, disabled=off)

"""Buttons on a result. Their custom_id is an action and a job id, nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.ui.texts import labels


class Action(StrEnum):
    """What a button asks for."""

    REROLL = "reroll"
    AGAIN = "again"
    CANCEL = "cancel"


@dataclass(frozen=True, kw_only=True, slots=True)
class Press:
    """A pressed button of ours. Who presses could have made it up: look the job up."""

    action: Action
    job_id: str


MOST_BUTTONS = 25
_CUSTOM_ID = re.compile(rf"(?P<action>{'|'.join(Action)}):(?P<job_id>[0-9a-z]{{1,16}})")


def custom_id(action: Action, job_id: str) -> str:
    """Write a custom_id."""
    return f"{action}:{job_id}"


def read(interaction: discord.Interaction) -> Press | None:
    """Read the press out of an interaction, None where it is no button of ours."""
    if interaction.type is not discord.InteractionType.component or not interaction.data:
        return None
    match = _CUSTOM_ID.fullmatch(str(interaction.data.get("custom_id", "")))
    return match and Press(action=Action(match["action"]), job_id=match["job_id"])


def result_buttons(job_id: str) -> discord.ui.View:
    """Make the buttons of a result."""
    return _row(
        discord.ui.Button(
            label=labels.REROLL, emoji="🔁", custom_id=custom_id(Action.REROLL, job_id)
        )
    )


def again_button(job_id: str, *, unsure: bool) -> discord.ui.View:
    """Make the button that asks for a failed job once more; `unsure`: it may have been paid."""
    label = labels.SEND_AGAIN if unsure else labels.TRY_AGAIN
    return _row(discord.ui.Button(label=label, custom_id=custom_id(Action.AGAIN, job_id)))


def cancel_button(job_id: str) -> discord.ui.View:
    """Make the button of a waiting card."""
    return _row(discord.ui.Button(label=labels.CANCEL, custom_id=custom_id(Action.CANCEL, job_id)))


def cancel_buttons(job_ids: Sequence[str]) -> discord.ui.View | None:
    """Make a cancel button for each of some jobs (Discord takes 25); None for none."""
    if not job_ids:
        return None
    return _row(
        *(
            discord.ui.Button(
                label=f"{labels.CANCEL} #{job_id}", custom_id=custom_id(Action.CANCEL, job_id)
            )
            for job_id in job_ids[:MOST_BUTTONS]
        )
    )


def _row(*buttons: discord.ui.Button[discord.ui.View]) -> discord.ui.View:
    """Put buttons in a view that is stopped before it is sent.

    A live one would stay in discord.py's memory for ever, and presses are read from the
    interaction anyway, after a restart too.
    """
    view = discord.ui.View(timeout=None)
    for button in buttons:
        view.add_item(button)
    view.stop()
    return view

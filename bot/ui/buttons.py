"""Buttons on a result. Their custom_id is an action and a job id, nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import discord

from bot.domain.job import FinishedPage, Job, Status
from bot.ui.texts import labels


class Action(StrEnum):
    """What a button asks for."""

    REROLL = "reroll"
    AGAIN = "again"
    CANCEL = "cancel"
    EDIT = "edit"
    DETAILS = "details"
    DELETE = "delete"
    DELETE_SURE = "delete-sure"
    SHOW = "show"
    MORE = "more"
    POST = "post"
    WITHDRAW = "withdraw"
    KEEP_OUT = "keep-out"
    LET_IN = "let-in"
    BLOCK = "block"
    EXPORT = "export"
    ERASE = "erase"
    ERASE_SURE = "erase-sure"


OWN_DATA = {Action.EXPORT, Action.ERASE, Action.ERASE_SURE}
"""Actions about whoever presses, and no job."""
NO_JOB = "0"


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
        _button(Action.REROLL, job_id, labels.REROLL, emoji="🔁"),
        _button(Action.EDIT, job_id, labels.EDIT, emoji="✏️"),
        _button(Action.DETAILS, job_id, labels.DETAILS),
        _button(Action.DELETE, job_id, labels.DELETE, style=discord.ButtonStyle.danger),
    )


def delete_button(job_id: str) -> discord.ui.View:
    """Make the button that deletes after having asked."""
    return _row(
        _button(Action.DELETE_SURE, job_id, labels.DELETE_SURE, style=discord.ButtonStyle.danger)
    )


def page_buttons(page: FinishedPage, *, more: bool) -> discord.ui.View:
    """Make the buttons of one of a member's results: its neighbours, and what to do with it."""
    job = page.job
    buttons = []
    if page.newer:
        buttons.append(_button(Action.SHOW, page.newer, labels.NEWER, emoji="◀"))
    if page.older:
        buttons.append(_button(Action.SHOW, page.older, labels.OLDER, emoji="▶"))
    if more:
        buttons.append(_button(Action.MORE, job.id, labels.MORE))
    if not job.pictures_gone:
        post = labels.SEND_TO_ME if job.place.private else labels.POST_HERE
        buttons.append(_button(Action.POST, job.id, post))
    style = discord.ButtonStyle.danger
    return _row(*buttons, _button(Action.DELETE, job.id, labels.DELETE, style=style))


def again_button(job_id: str, *, unsure: bool) -> discord.ui.View:
    """Make the button that asks for a failed job once more; `unsure`: it may have been paid."""
    label = labels.SEND_AGAIN if unsure else labels.TRY_AGAIN
    return _row(_button(Action.AGAIN, job_id, label))


def cancel_button(job_id: str) -> discord.ui.View:
    """Make the button of a waiting card."""
    return _row(_button(Action.CANCEL, job_id, labels.CANCEL))


def withdraw_button(job_id: str) -> discord.ui.Button[discord.ui.LayoutView]:
    """Make the button of a showcase entry."""
    return discord.ui.Button(label=labels.WITHDRAW, custom_id=custom_id(Action.WITHDRAW, job_id))


def consent_button(job_id: str, *, shown: bool) -> discord.ui.View:
    """Make the button that keeps a member's results out of showcases, or lets them in again."""
    return _row(_consent(job_id, shown=shown))


def privacy_buttons(*, shown: bool) -> discord.ui.View:
    """Make the buttons below what is kept of a member."""
    return _row(
        _consent(NO_JOB, shown=shown),
        _button(Action.EXPORT, NO_JOB, labels.EXPORT),
        _button(Action.ERASE, NO_JOB, labels.ERASE, style=discord.ButtonStyle.danger),
    )


def erase_button() -> discord.ui.View:
    """Make the button that erases a member after having asked."""
    style = discord.ButtonStyle.danger
    return _row(_button(Action.ERASE_SURE, NO_JOB, labels.ERASE_SURE, style=style))


def _consent(job_id: str, *, shown: bool) -> discord.ui.Button[discord.ui.View]:
    if shown:
        return _button(Action.KEEP_OUT, job_id, labels.KEEP_OUT)
    return _button(Action.LET_IN, job_id, labels.LET_IN)


def report_buttons(job: Job) -> discord.ui.View:
    """Make the buttons of a report; what ended without pictures has nothing to delete."""
    danger = discord.ButtonStyle.danger
    block = _button(Action.BLOCK, job.id, labels.BLOCK, style=danger)
    if job.deleted_by or job.status in {Status.FAILED, Status.CANCELLED}:
        return _row(block)
    return _row(_button(Action.DELETE, job.id, labels.DELETE, style=danger), block)


def cancel_buttons(job_ids: Sequence[str]) -> discord.ui.View | None:
    """Make a cancel button for each of some jobs (Discord takes 25); None for none."""
    if not job_ids:
        return None
    return _row(
        *(
            _button(Action.CANCEL, job_id, f"{labels.CANCEL} #{job_id}")
            for job_id in job_ids[:MOST_BUTTONS]
        )
    )


def _button(
    action: Action,
    job_id: str,
    label: str,
    *,
    emoji: str | None = None,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(
        label=label, emoji=emoji, style=style, custom_id=custom_id(action, job_id)
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

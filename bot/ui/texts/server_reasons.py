"""The same for what servers, their managers and moderators decide."""

from bot.domain.server_refusals import (
    BadSetting,
    Blocked,
    NeedsRole,
    NoEmoji,
    NotAllowed,
    NotBlocked,
    NothingShown,
    PausedHere,
    WrongChannel,
)
from bot.ui.plain import quoted
from bot.ui.texts.reasons import reason
from bot.ui.texts.words import relative

__all__ = ["reason"]


@reason.register
def _(error: NotAllowed) -> str:
    return f"You need **{error.permission}** for that."


@reason.register
def _(error: PausedHere) -> str:
    why = f": {quoted(error.reason, 200)}" if error.reason else ""
    return f"Pictures are paused here by a moderator{why}. Try again when they are on again."


@reason.register
def _(error: Blocked) -> str:
    return f"A moderator has blocked you from using me here. That ends {relative(error.until)}."


@reason.register
def _(_: NotBlocked) -> str:
    return "They are not blocked here."


@reason.register
def _(error: BadSetting) -> str:
    return (
        f"I cannot read {quoted(error.given, 60)}: write two numbers with a slash, such as 5 / 50, "
        "and leave out the one that stays as the owner has it: 5 /"
    )


@reason.register
def _(error: WrongChannel) -> str:
    channels = ", ".join(f"<#{one}>" for one in error.channel_ids[:10])
    return f"In this server I am used in {channels}."


@reason.register
def _(error: NeedsRole) -> str:
    return f"In this server only members with <@&{error.role_id}> may do that."


@reason.register
def _(_: NothingShown) -> str:
    return "Nothing is shown yet. Star what you like: enough stars bring it here."


@reason.register
def _(error: NoEmoji) -> str:
    return (
        f"{quoted(error.given, 40)} cannot be the star: choose an emoji that everybody has, or one "
        "of this server's own, that means nothing else to me."
    )

"""Refusals as members read them: the reason, and that nothing was charged."""

from bot.domain.errors import UserError
from bot.domain.server_refusals import BadSetting, NoEmoji, NotAllowed, NotBlocked, NothingShown
from bot.ui.plain import block
from bot.ui.texts.server_reasons import reason

NOT_CHARGED = "Nothing was charged."
SOMETHING_WENT_WRONG = "Something went wrong on my side. Please try again in a minute."
TRY_AGAIN_SOON = "I cannot write your request down at the moment. Please try again in a minute."
_ABOUT_NO_REQUEST = (BadSetting, NoEmoji, NotAllowed, NotBlocked, NothingShown)


def refusal(error: UserError, prompt: str | None = None) -> str:
    """Say why a request was refused, and give the words back so that nothing is typed again."""
    if isinstance(error, _ABOUT_NO_REQUEST):
        return reason(error)
    text = f"{reason(error)} {NOT_CHARGED}"
    return f"{text}\nYour prompt:\n{block(prompt, 1700)}" if prompt and prompt.strip() else text


def no_reroll(user_id: int, error: UserError) -> str:
    """Refuse a reroll that was asked for by reaction."""
    return f"<@{user_id}>, no reroll: {reason(error)}"

"""Why a request is refused: one function a reason."""

from functools import singledispatch

from bot.domain.errors import UserError
from bot.domain.money import dollars
from bot.domain.refusals import (
    AlreadyOnItsWay,
    AlreadyRerolling,
    AskedElsewhere,
    BadPicture,
    BeingPosted,
    BlockedWords,
    BudgetScope,
    BudgetUsedUp,
    CoolOff,
    EmptyPrompt,
    FormTooOld,
    JobGone,
    LimitReached,
    MissingPermissions,
    NoPicturesThere,
    NotHere,
    NotHereReason,
    NotMadeYet,
    NotYours,
    OnlyRequester,
    OnlyRequesterOrModerator,
    Period,
    PictureFault,
    RequestTooLarge,
    RerollLimit,
    StaysRestricted,
    ThreadLocked,
    TooLate,
    TooManyAsked,
    TooManyPictures,
    WaitingFull,
    Window,
)
from bot.ui.plain import name, quoted
from bot.ui.texts.words import relative

_FAULTS = {
    PictureFault.NOT_A_PICTURE: "it is not a picture",
    PictureFault.EMPTY: "it is empty",
    PictureFault.CUT_OFF: "it is cut off; send it again",
    PictureFault.TOO_MANY_PIXELS: "{width} × {height} is too large",
    PictureFault.TOO_NARROW: "one side is more than 16 times the other",
    PictureFault.TOO_SMALL: "{width} × {height} is too small; both sides need 15 or more",
    PictureFault.TOO_LARGE_FILE: "the file is larger than 25 MB",
    PictureFault.HEIC_UNSUPPORTED: "it is HEIC, which this bot cannot open; save it as JPEG",
    PictureFault.LINK_DIED: "Discord does not have it any more; attach it again",
    PictureFault.UNDECODABLE: "it could not be opened; save it again as JPEG or PNG",
}


@singledispatch
def reason(error: UserError) -> str:
    """Say why, in a sentence or two."""
    raise NotImplementedError(f"no words for {type(error).__name__}")


@reason.register
def _(error: LimitReached) -> str:
    span = "for now" if error.window is Window.HOUR else "for today"
    used = f"You have used {error.used} of {error.allowed} pictures {span}."
    one = f"One more {relative(error.one_at)}"
    if error.asked == 1:
        return f"{used} {one}."
    at_once = f"{error.asked} at once {relative(error.asked_at)}"
    return f"{used} {one}; {at_once}." if error.used >= error.allowed else f"{used} {at_once}."


@reason.register
def _(error: BudgetUsedUp) -> str:
    period = "today" if error.period is Period.DAY else "this month"
    opens = f"It opens {relative(error.opens_at)}."
    if error.scope is BudgetScope.GUILD:
        use = f"({dollars(error.used)} of {dollars(error.allowed)})"
        return f"This server has used {period}'s picture budget {use}. {opens}"
    whose = (
        "The bot's budget" if error.scope is BudgetScope.ALL else "The budget for direct messages"
    )
    return f"{whose} for {period} is used up. {opens}"


@reason.register
def _(error: WaitingFull) -> str:
    requests = "1 request" if error.waiting == 1 else f"{error.waiting} requests"
    return (
        f"You have {requests} waiting, the most allowed. "
        f"Cancel one in /queue, or try again {relative(error.next_at)}."
    )


@reason.register
def _(error: BadPicture) -> str:
    fault = _FAULTS[error.fault].format(width=f"{error.width:,}", height=f"{error.height:,}")
    return f"{quoted(error.name, 60)} ({error.option}) cannot be used: {fault}."


@reason.register
def _(error: RequestTooLarge) -> str:
    return (
        f"Your files are {error.byte_count / 1e6:.0f} MB together; I read up to "
        f"{error.allowed / 1e6:.0f} MB a request. Send fewer or smaller pictures."
    )


@reason.register
def _(error: TooManyPictures) -> str:
    return (
        f"{error.inputs} pictures in and {error.outputs} out are more than the model takes "
        f"({error.together} together). Ask for {error.together - error.inputs} or fewer, "
        "or send fewer pictures."
    )


@reason.register
def _(error: TooManyAsked) -> str:
    return f"You asked for {error.asked} pictures; {error.allowed} are the most in one request."


@reason.register
def _(error: MissingPermissions) -> str:
    rights = " and ".join(f"**{right}**" for right in error.names)
    are = "is" if len(error.names) == 1 else "are"
    return (
        f"I cannot post in {error.place}: {rights} {are} missing. "
        "A moderator can allow it under Edit Channel → Permissions."
    )


@reason.register
def _(error: CoolOff) -> str:
    return (
        f"The content rules refused {error.refusals} of your requests within an hour. "
        f"You can go on {relative(error.until)}."
    )


@reason.register
def _(error: NotHere) -> str:
    if error.reason is NotHereReason.DM:
        return "I make pictures in servers only, not in direct messages."
    return "I am not set up to make pictures in this server."


@reason.register
def _(_: BlockedWords) -> str:
    return "Your prompt has a word that is not allowed here. Please put it differently."


@reason.register
def _(_: EmptyPrompt) -> str:
    return "Your prompt is empty. Say in a few words what you would like to see."


@reason.register
def _(error: OnlyRequester) -> str:
    return f"Only {name(error.user_name)} can do that."


@reason.register
def _(error: OnlyRequesterOrModerator) -> str:
    return f"Only {name(error.user_name)} or a moderator can do that."


@reason.register
def _(error: NotMadeYet) -> str:
    return f"#{error.job_id} is not made yet: cancel it on its card, or delete it when it is done."


@reason.register
def _(error: TooLate) -> str:
    return f"#{error.job_id} has ended already."


@reason.register
def _(error: AlreadyOnItsWay) -> str:
    where = ""
    if error.card_id:
        place = f"{error.guild_id or '@me'}/{error.channel_id}/{error.card_id}"
        where = f": https://discord.com/channels/{place}"
    return f"The same request is already on its way as #{error.job_id}{where} ."


@reason.register
def _(error: JobGone) -> str:
    return (
        f"The stored pictures of #{error.job_id} are gone (deleted, or older than 30 days). "
        "Start again with /imagine."
    )


@reason.register
def _(error: AskedElsewhere) -> str:
    return f"#{error.job_id} can be made again in the server it was made in, by its members."


@reason.register
def _(error: BeingPosted) -> str:
    return f"#{error.job_id} is being posted at this moment."


@reason.register
def _(error: StaysRestricted) -> str:
    return f"#{error.job_id} was made in an age-restricted channel and is posted only in such ones."


@reason.register
def _(_: NoPicturesThere) -> str:
    return "That message has no pictures."


@reason.register
def _(_: NotYours) -> str:
    return "I restyle pictures of your own messages and of mine, not those of others."


@reason.register
def _(_: FormTooOld) -> str:
    return "I no longer know which pictures this form was about. Please open it again."


@reason.register
def _(_: ThreadLocked) -> str:
    return "This thread is locked. A moderator can unlock it, or use me elsewhere."


@reason.register
def _(error: AlreadyRerolling) -> str:
    return f"Your reroll of #{error.job_id} is still on its way; one at a time."


@reason.register
def _(error: RerollLimit) -> str:
    return (
        f"#{error.job_id} was rerolled {error.allowed} times within an hour, the most allowed. "
        f"Again {relative(error.next_at)}."
    )

"""`/help`: one screen for members, a second one for moderators."""

from dataclasses import dataclass

from bot.domain.usage import Usage, WindowUse
from bot.ui.texts.words import pictures


@dataclass(frozen=True, kw_only=True, slots=True)
class Here:
    """What help depends on: the two reactions, whether it is a server, the owner's documents."""

    reroll: str
    star: str
    in_server: bool
    privacy_policy: str | None = None
    terms: str | None = None


_ASK = (
    "**Report** press and hold the message, *Apps*: this server's moderators look at it. For all "
    "else, ask them."
)
_ASK_ELSEWHERE = "Ask the moderators of the server you know me from."


def members(used: Usage, here: Here) -> str:
    """Say what a member can do, what is left to them, and where to ask."""
    return (
        "### Make pictures\n"
        "`/imagine` your words, and up to ten pictures they can speak of: “the hat of picture 2 on "
        "the dog of picture 1”\n"
        "`/compose` the same as a form, easier on a phone\n"
        "**Restyle** press and hold a message (or right-click it), *Apps*: start from its "
        "pictures\n"
        "### Under a result\n"
        f"**Reroll** or {here.reroll} makes it again, **Edit** changes it first\n"
        "**Details** shows how it was made, **Delete** (or ❌ on your own) takes it away\n"
        f"{here.star} votes for the showcase: `/showcase top`, `/showcase random`\n"
        "### Yours\n"
        "`/queue` what waits, to cancel it · `/results` all you made\n"
        "`/usage` your limits · `/privacy` your data: see it, take it, erase it\n"
        f"**Left to you:** {_left(used.hour)} this hour, {_left(used.day)} today\n"
        "### Something wrong?\n"
        f"{_ASK if here.in_server else _ASK_ELSEWHERE}\n"
        f"-# {' · '.join(['All pictures are made with AI', *_documents(here)])}"
    )


def _left(window: WindowUse) -> str:
    left = max(0, window.allowed - window.used)
    return f"{left} of {pictures(window.allowed)}"


def _documents(here: Here) -> list[str]:
    named = {"Privacy policy": here.privacy_policy, "Terms": here.terms}
    return [f"[{name}](<{url}>)" for name, url in named.items() if url]


MODERATORS = (
    "### With *Manage Messages*\n"
    "`/manage status` money, requests, who spent most, the last changes and who made them\n"
    "`/manage pause` takes nothing new, what waits keeps its place; `/manage resume` goes on\n"
    "`/manage block` keeps a member out for some hours; `/manage unblock` lets them in\n"
    "`/manage cancel` what waits of a member, or all; the money goes back\n"
    "**Delete**, **Cancel** and **Withdraw** work for you on everybody's. A result's message "
    "deleted in Discord takes all of that result along.\n"
    "### Reports\n"
    "They come to the moderators' channel of the settings, else to the bot's owner, each with "
    "**Delete** and **Block for 24 hours**. Nobody is pinged: look in now and then.\n"
    "### With *Manage Server*\n"
    "`/manage settings` channels, results, who may reroll, blocked words, budgets, limits, roles, "
    "the moderators' channel; they lower what the bot's owner allows, never raise it\n"
    "`/showcase set` shows what gets enough stars, `/showcase off` no more"
)

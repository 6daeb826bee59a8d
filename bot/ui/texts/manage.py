"""What moderators and managers read: status, confirmations, settings."""

from collections.abc import Callable, Iterator
from typing import Any

from bot.domain.money import dollars
from bot.domain.servers import (
    Change,
    ResultsIn,
    RoleRule,
    ServerReport,
    ServerSettings,
    Who,
)
from bot.domain.showcase import Board
from bot.ui.plain import quoted
from bot.ui.texts.words import pictures, relative

CHART = "spending.png"
MODERATOR = "Manage Messages"
MANAGER = "Manage Server"
OWNER = "to own the bot"
TITLE = "### Settings of this server\nNothing holds before you press *Save*."
SAVED = "### Settings of this server\nSaved."
UNCHANGED = "Nothing is changed."
ARCHIVES = {60: "1 hour", 1440: "24 hours", 4320: "3 days", 10080: "7 days"}
RESULTS = {ResultsIn.THREAD: "in a thread of the card", ResultsIn.CHANNEL: "in the channel itself"}
REROLL = {
    Who.EVERYONE: "by everyone",
    Who.OWN: "by the requester only",
    Who.ROLE: "by the requester and a role",
}
RESTYLE = {Who.OWN: "own pictures and the bot's", Who.EVERYONE: "everyone's pictures"}
LOOSER = {False: "everywhere", True: "but not in age-restricted channels"}
PLACEHOLDERS = {
    "results": "Results",
    "archive_minutes": "Threads are archived after",
    "reroll": "Reroll",
    "reroll_role_id": "The role that may reroll",
    "restyle": "Restyle",
    "looser_words": "Blocked words count",
    "channels": "Channels I may be used in (none: all)",
    "moderators_channel_id": "Moderators' channel, for reports",
    "role": "Limits and turns of a role: choose it",
}
NUMBERS = "Words, budgets and limits"
SAVE = "Save"
DISCARD = "Discard"
WORDS = "Blocked words, separated by commas"
WORDS_FILE = "Or as a text file, one a line"
WORDS_HINT = "Replaces the words there are; a long list stays if both are empty"
BUDGETS = "Budget a day / a month, in dollars"
LIMITS = "Pictures of a member an hour / a day"
AS_OWNER = "Left out: as the bot's owner has it; never more than that"
ROLE_LIMITS = "Pictures an hour / a day"
WEIGHT = "Turns in line: 2 is twice as often (to 10)"
ROLE_HINT = "All empty: no rule for this role"


def status(report: ServerReport) -> str:
    """Sum up a server for its moderators."""
    state, budgets = report.state, report.budgets
    today = f"**Today** {dollars(state.spent_day)} of {dollars(budgets.guild_day)}"
    month = f"**this month** {dollars(state.spent_month)} of {dollars(budgets.guild_month)}"
    lines = [
        f"{today}, {month}.",
        f"**Requests** {state.running} being made, {state.waiting} waiting.",
        _health(report),
    ]
    if state.paused is not None:
        why = f": {quoted(state.paused, 200)}" if state.paused else ""
        lines.append(f"**Paused**{why}")
    lines += list(_spenders(report))
    lines += list(_changes(report))
    return "\n".join(lines)


def _health(report: ServerReport) -> str:
    service = "takes requests" if report.state.trouble is None else "takes none at the moment"
    if report.balance is None:
        return f"**Segmind** {service}; it does not say what credit is left."
    left = pictures(report.balance // report.price)
    return f"**Segmind** {service}; credit {dollars(report.balance)}, about {left}."


def _spenders(report: ServerReport) -> Iterator[str]:
    if not report.state.spenders:
        yield "Nothing was spent this month."
        return
    yield "**Most spent this month**"
    for place, one in enumerate(report.state.spenders, start=1):
        yield f"{place}. <@{one.user_id}> {dollars(one.amount)}"


def _changes(report: ServerReport) -> Iterator[str]:
    if report.state.changes:
        yield "**Last changes**"
    for one in report.state.changes:
        yield f"-# {relative(one.at)} <@{one.user_id}> {_what(one)}"


def _what(change: Change) -> str:
    what = change.what
    member = f" <@{what['member']}>" if what.get("member") else ""
    match what.get("action"):
        case "block":
            return f"blocked{member} for {what['hours']} h: {quoted(str(what['reason']), 60)}"
        case "cancel":
            whose = f" of{member}" if member else ""
            return f"cancelled {what['requests']} waiting requests{whose}"
        case "settings":
            return f"changed settings: {_settings(what.get('changed'))}"
        case action:
            done = {"pause": "paused pictures", "resume": "resumed pictures"}
            return f"{done.get(str(action), f'{action}ed')}{member}"


def _settings(changed: object) -> str:
    fields = changed if isinstance(changed, dict) else {}
    return ", ".join(_NAMES.get(field, str(field)) for field in fields)


def paused(held: int, *, everywhere: bool) -> str:
    """Confirm a pause."""
    where = "in all servers" if everywhere else "in this server"
    return (
        f"Pictures are paused {where}. {_requests(held)} and will go on when you resume; new ones "
        "are refused with your reason."
    )


def _requests(held: int) -> str:
    return "1 request keeps its place" if held == 1 else f"{held} requests keep their places"


def resumed(freed: int, *, everywhere: bool) -> str:
    """Confirm its end."""
    where = "in all servers" if everywhere else "in this server"
    on = "1 waiting request goes on" if freed == 1 else f"{freed} waiting requests go on"
    return f"Pictures are on again {where}; {on}."


def blocked(user_id: int, until: float, cancelled: int) -> str:
    """Confirm a block."""
    return (
        f"<@{user_id}> cannot use me here until it ends {relative(until)}. {_cancelled(cancelled)}"
    )


def unblocked(user_id: int) -> str:
    """Confirm its end."""
    return f"<@{user_id}> may use me here again."


def cancelled(count: int) -> str:
    """Confirm that what waited was cancelled."""
    return f"{_cancelled(count)} What is being made already goes on."


def _cancelled(count: int) -> str:
    if count == 0:
        return "No request was waiting."
    those = "1 waiting request is" if count == 1 else f"{count} waiting requests are"
    return f"{those} cancelled; the money is back."


def role_title(name: str) -> str:
    """Head the form of a role (45 characters)."""
    return f"Role: {name}"[:45]


def pair(first: int | str | None, second: int | str | None) -> str:
    """Write two numbers into a field: `5 / 50`; one left out stays out."""
    if first is None and second is None:
        return ""
    return f"{'' if first is None else first} / {'' if second is None else second}".strip()


def showcase(board: Board | None) -> str:
    """Say which showcase there is, and how it is chosen."""
    if board is None:
        return "-# No showcase: choose one with /showcase set."
    stars = f"{board.threshold} × {board.emoji}"
    return f"-# Showcase <#{board.channel_id}> from {stars}: change it with /showcase set or off."


def changes(before: ServerSettings, after: ServerSettings) -> str:
    """List what is about to change."""
    lines = [
        f"- {_NAMES[field]}: {_shown(field, before)} → {_shown(field, after)}"
        for field in _NAMES
        if getattr(before, field) != getattr(after, field)
    ]
    return "\n".join(lines) or UNCHANGED


_NAMES = {
    "results": "results",
    "archive_minutes": "threads archived after",
    "reroll": "reroll",
    "reroll_role_id": "role that may reroll",
    "restyle": "restyle",
    "looser_words": "blocked words count",
    "channels": "channels",
    "moderators_channel_id": "moderators' channel",
    "blocked_words": "blocked words",
    "budget_day": "budget a day",
    "budget_month": "budget a month",
    "images_per_hour": "pictures an hour",
    "images_per_day": "pictures a day",
    "roles": "rules of roles",
}


def _shown(field: str, settings: ServerSettings) -> str:
    value = getattr(settings, field)
    if value is None:
        return "none" if field.endswith("_id") else "as the owner has it"
    return _SHOWN.get(field, str)(value)


def _money(value: int) -> str:
    return dollars(value)


def _channels(value: tuple[int, ...]) -> str:
    return ", ".join(f"<#{one}>" for one in value[:10]) or "all"


ROLES_SHOWN = 10


def _roles(value: tuple[RoleRule, ...]) -> str:
    shown = "; ".join(_role(one) for one in value[:ROLES_SHOWN])
    more = len(value) - ROLES_SHOWN
    return f"{shown}; {more} more" if more > 0 else shown or "none"


def _role(rule: RoleRule) -> str:
    limits = pair(rule.images_per_hour, rule.images_per_day) or "as all"
    return f"<@&{rule.role_id}> {limits}, weight {rule.weight}"


_SHOWN: dict[str, Callable[[Any], str]] = {
    "results": RESULTS.__getitem__,
    "archive_minutes": lambda value: ARCHIVES.get(value, f"{value} minutes"),
    "reroll": REROLL.__getitem__,
    "reroll_role_id": lambda value: f"<@&{value}>",
    "restyle": RESTYLE.__getitem__,
    "looser_words": LOOSER.__getitem__,
    "channels": _channels,
    "moderators_channel_id": lambda value: f"<#{value}>",
    "blocked_words": lambda value: str(len(value)),
    "budget_day": _money,
    "budget_month": _money,
    "roles": _roles,
}

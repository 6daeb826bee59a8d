"""What the owner reads when something needs them."""

from bot.domain.alerts import Alert, Condition
from bot.domain.members import Kept, Left
from bot.domain.money import dollars
from bot.ui.texts.words import count

_BEGIN = {
    Condition.KEY: (
        "Segmind refuses the key. Nothing is made until SEGMIND_API_KEY is right; waiting "
        "requests keep their places."
    ),
    Condition.CREDITS: (
        "Segmind says the credit is used up. Nothing is made until you top it up; waiting "
        "requests keep their places and go on by themselves."
    ),
    Condition.LOW_CREDIT: "Segmind credit is low: {balance}, about {pictures} pictures.",
    Condition.OUTAGE: (
        "Segmind does not take requests at the moment. Waiting requests keep their places and go "
        "on by themselves."
    ),
    Condition.BUDGET_NEARLY: "80 % of the total picture budget of {detail} is used.",
    Condition.BUDGET_USED: (
        "The total picture budget of {detail} is used up: requests are refused until it is over, "
        "or until you raise BUDGET_USD_PER_DAY or BUDGET_USD_PER_MONTH."
    ),
    Condition.STUCK: (
        "A request has been running for much longer than SEGMIND_DEADLINE_SECONDS allows. The log "
        "names it; if no worker is running, start one."
    ),
    Condition.WORKER: (
        "The worker broke off with an error nobody foresaw and is being restarted; requests keep "
        "their places. The log has the error: please report it."
    ),
}
_OVER = {
    Condition.KEY: "Segmind accepts the key again; pictures are being made.",
    Condition.CREDITS: "There is credit again; pictures are being made.",
    Condition.LOW_CREDIT: "Segmind credit is fine again: {balance}, about {pictures} pictures.",
    Condition.OUTAGE: "Segmind takes requests again; pictures are being made.",
    Condition.STUCK: "No request has been running for too long any more.",
    Condition.WORKER: "The worker has been running without a fault for a while again.",
}


def erase_question(user_id: int, kept: Kept) -> str:
    """Say what is kept of a member that the owner wants erased."""
    return (
        f"Kept of {user_id}: {count(kept.jobs, 'request')}, {count(kept.pictures, 'picture')}, "
        f"{count(kept.votes, 'star')}, {count(kept.entries, 'showcase entry')}."
    )


def nothing_kept(user_id: int, where: str) -> str:
    """Say that a member to be erased is not known here."""
    return (
        f"Nothing is kept of {user_id} ({where}): is the id right, and is this the bot's database?"
    )


def erased(left: Left) -> str:
    """Say what is erased, what is left to do, and who does it."""
    if not left.standing and not left.under_way:
        return "All of it is erased."
    what = (
        f"Erased, but for what stands in Discord ({count(left.standing, 'request')}) and what is "
        f"being made ({left.under_way})."
    )
    if left.workers:
        return f"{what} The running bot takes it down and erases it, within a day at most."
    return (
        f"{what} No bot is running: their messages, words and names stay until one does, which "
        "then takes them down and erases them by itself."
    )


def alert(news: Alert) -> str:
    """Put an alert in words."""
    words = (_OVER if news.over else _BEGIN)[news.condition]
    balance = dollars(news.balance)
    return words.format(balance=balance, pictures=news.pictures, detail=news.detail)

"""What a member has used, and what all have spent."""

from sqlalchemy import func, select

from bot.domain.job import Requester
from bot.domain.limits import UserLimits
from bot.domain.refusals import Window
from bot.domain.usage import BudgetUse, Usage, WindowUse
from bot.storage.budgets import period_name
from bot.storage.database import Transaction
from bot.storage.limits import pictures_used
from bot.storage.remembered import remembered
from bot.storage.standings import standing
from bot.storage.tables import budget, lane


def usage(tx: Transaction, requester: Requester, guild_id: int | None, owner: UserLimits) -> Usage:
    """Read a member's use against their limits: the owner's, or lower ones of the server."""
    user_id = requester.id
    settings = standing(tx, guild_id, user_id).settings
    limits = settings.limits(owner, requester.roles)
    used = pictures_used(tx, user_id, remembered(tx, user_id))
    counts = tx.connection.execute(
        select(lane.c.queued, lane.c.running).where(lane.c.user_id == user_id)
    ).one_or_none()
    waiting, running = counts or (0, 0)
    return Usage(
        hour=_window(tx.now, used, Window.HOUR, limits.images_per_hour),
        day=_window(tx.now, used, Window.DAY, limits.images_per_day),
        waiting=waiting,
        max_waiting=limits.max_waiting,
        running=running,
        max_running=limits.max_running,
    )


def _window(now: float, used: list[tuple[float, int]], window: Window, allowed: int) -> WindowUse:
    inside = [(at, images) for at, images in used if at > now - window.seconds]
    frees = inside[0][0] + window.seconds if inside else None
    return WindowUse(used=sum(images for _, images in inside), allowed=allowed, frees_at=frees)


def total_spent(tx: Transaction) -> list[BudgetUse]:
    """Read what all servers together have spent and reserved today and this month."""
    uses = []
    for period in ("day", "month"):
        name = period_name(period, tx.now)
        amount = tx.connection.scalar(
            select(func.sum(budget.c.reserved + budget.c.spent)).where(
                budget.c.scope == "all", budget.c.period == name
            )
        )
        uses.append(BudgetUse(period=period, name=name, used=int(amount or 0)))
    return uses

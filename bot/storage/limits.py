"""A member's limits, counted from their jobs: exact, and a refund frees them by itself."""

from itertools import accumulate

from sqlalchemy import bindparam, select

from bot.domain.errors import Failure
from bot.domain.limits import STRIKE_WINDOW, STRIKES, UserLimits
from bot.domain.refusals import CoolOff, LimitReached, TooManyAsked, Window
from bot.storage.database import Transaction
from bot.storage.remembered import Remembered, remembered
from bot.storage.tables import job

Use = list[tuple[float, int]]

_STRUCK = (
    select(job.c.ended_at)
    .where(job.c.user_id == bindparam("user_id"), job.c.failure == Failure.CONTENT_REFUSED)
    .where(job.c.ended_at > bindparam("since"))
    .order_by(job.c.ended_at.desc())
)
_USED = (
    select(job.c.created_at, job.c.counted)
    .where(job.c.user_id == bindparam("user_id"), job.c.counted > 0)
    .where(job.c.created_at > bindparam("since"))
    .order_by(job.c.created_at)
)


def check_limits(tx: Transaction, user_id: int, asked: int, limits: UserLimits) -> None:
    """Refuse when a window is used up; the caller holds the lane's lock.

    Raises TooManyAsked for what could never be allowed, else LimitReached.
    """
    allowed = {Window.HOUR: limits.images_per_hour, Window.DAY: limits.images_per_day}
    most = min(limits.max_images_per_request, *allowed.values())
    if asked > most:
        raise TooManyAsked(asked=asked, allowed=most)
    before = remembered(tx, user_id)
    check_strikes(tx, user_id, before)
    use = pictures_used(tx, user_id, before)
    for window in (Window.DAY, Window.HOUR):
        _check_window(tx.now, use, asked, window, allowed[window])


def check_strikes(tx: Transaction, user_id: int, before: Remembered) -> None:
    """Refuse while a member cools off: one person must not get the shared key blocked."""
    struck = _strikes(tx, user_id, before)
    if len(struck) >= STRIKES:
        raise CoolOff(refusals=len(struck), until=struck[0] + STRIKE_WINDOW)


def recent_strikes(tx: Transaction, user_id: int) -> list[float]:
    """Read when the content rules refused a member within the last hour, latest first."""
    return _strikes(tx, user_id, remembered(tx, user_id))


def _strikes(tx: Transaction, user_id: int, before: Remembered) -> list[float]:
    since = tx.now - STRIKE_WINDOW
    now = tx.connection.scalars(_STRUCK, {"user_id": user_id, "since": since})
    return sorted([*now, *before.strikes], reverse=True)


def pictures_used(tx: Transaction, user_id: int, before: Remembered) -> Use:
    """Read when the member asked for how many pictures within the longest window.

    `before` is what they used before they were erased.
    """
    rows = tx.connection.execute(_USED, {"user_id": user_id, "since": tx.now - Window.DAY.seconds})
    return sorted([*((at, images) for at, images in rows), *before.used])


def _check_window(now: float, use: Use, asked: int, window: Window, allowed: int) -> None:
    inside = [(at + window.seconds, images) for at, images in use if at > now - window.seconds]
    used = sum(images for _, images in inside)
    if used + asked <= allowed:
        return
    raise LimitReached(
        window=window,
        used=used,
        allowed=allowed,
        asked=asked,
        one_at=_frees_at(inside, used + 1 - allowed),
        asked_at=_frees_at(inside, used + asked - allowed),
    )


def _frees_at(leaving: list[tuple[float, int]], needed: int) -> float:
    """Find when enough pictures have left the window (`leaving`: when, how many; in order)."""
    freed = accumulate(images for _, images in leaving)
    return next(at for (at, _), gone in zip(leaving, freed, strict=True) if gone >= needed)

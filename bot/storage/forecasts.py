"""What a waiting member may expect, from the line as it stands and the last runs."""

from statistics import median

from sqlalchemy import case, func, select

from bot.domain.errors import Failure, Halt
from bot.domain.forecast import Forecast
from bot.domain.job import Job
from bot.domain.pacing import OUTAGE
from bot.storage.database import Transaction
from bot.storage.limits import recent_strikes
from bot.storage.standings import standing
from bot.storage.tables import gate, job, lane

# Measured by the provider: 45-47 s on average for one picture of this model.
FIRST_GUESS = 48.0
RUNS = 25
MODERATOR = "moderator"


def forecast(tx: Transaction, waiting: Job, max_running: int, first_guess: float) -> Forecast:
    """Estimate the jobs before this one, its start and its usual run time (seconds).

    `first_guess` is the run time while none of this size and number has been finished.
    """
    usual = _usual_seconds(tx, waiting) or first_guess
    ahead = tx.connection.execute(
        select(func.count(), func.coalesce(func.sum(job.c.images), 0)).where(
            job.c.user_id == waiting.requester.id,
            job.c.status == "queued",
            job.c.worker.is_(None),
            job.c.number < waiting.number,
        )
    ).one()
    before = ahead[0] + _turns_before(tx, waiting.requester.id, float(ahead[1]))
    shared = (before + 1 - _free(tx, max_running)) / max_running
    own = _own_excess(tx, waiting.requester.id, ahead[0])
    refused = waiting.failure is Failure.CONTENT_REFUSED
    return Forecast(
        now=tx.now,
        before=before,
        starts_in=max(0.0, shared, own) * usual,
        usual_seconds=usual,
        paused=MODERATOR if waiting.held else _paused(tx),
        pause_reason=standing(tx, waiting.place.guild_id, 0).paused if waiting.held else None,
        strikes=len(recent_strikes(tx, waiting.requester.id)) if refused else 0,
    )


def _paused(tx: Transaction) -> str | None:
    """Tell why nothing starts: at once for what the owner must mend, an outage when it lasts."""
    reason, failures = tx.connection.execute(select(gate.c.reason, gate.c.failures)).one()
    return reason if reason in set(Halt) or failures >= OUTAGE else None


def lane_wait(tx: Transaction, user_id: int) -> float:
    """Estimate the seconds until a member's next waiting job starts."""
    cap, running = tx.connection.execute(
        select(lane.c.cap, lane.c.running).where(lane.c.user_id == user_id)
    ).one()
    return FIRST_GUESS / cap if running >= cap else 1.0


def _usual_seconds(tx: Transaction, waiting: Job) -> float | None:
    runs = tx.connection.scalars(
        select(job.c.ended_at - job.c.submitted_at)
        .where(job.c.size == waiting.request.size, job.c.images == waiting.request.max_images)
        .where(job.c.cost.is_not(None), job.c.failure.is_(None))
        .order_by(job.c.number.desc())
        .limit(RUNS)
    ).all()
    return median(runs) if runs else None


def _turns_before(tx: Transaction, user_id: int, own_images: float) -> int:
    """Count the turns other members have before a job that `own_images` are ahead of."""
    mine = select(lane.c.vtime).where(lane.c.user_id == user_id).scalar_subquery()
    gap = mine + own_images - lane.c.vtime
    turns = case((gap < 0, 0), (lane.c.queued < gap + 1, lane.c.queued), else_=gap + 1)
    total = tx.connection.scalar(
        select(func.sum(turns)).where(lane.c.queued > 0, lane.c.user_id != user_id)
    )
    return int(total or 0)


def _free(tx: Transaction, max_running: int) -> int:
    return max_running - (tx.connection.scalar(select(gate.c.running)) or 0)


def _own_excess(tx: Transaction, user_id: int, ahead: int) -> float:
    cap, running = tx.connection.execute(
        select(lane.c.cap, lane.c.running).where(lane.c.user_id == user_id)
    ).one()
    return float((ahead + running + 1 - cap) / cap)

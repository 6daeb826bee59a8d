"""A request becomes a job: limits, budget, lane and job in one transaction.

Locks are taken in the order pauses, gate, budget, lane, job, here as everywhere.
"""

from dataclasses import dataclass, replace
from functools import cache

from sqlalchemy import bindparam, case, func, insert, literal_column, select
from sqlalchemy.sql.dml import ReturningInsert

from bot.domain.ids import new_job_id
from bot.domain.job import UNDER_WAY, Job, NewJob, Place, Requester, Status
from bot.domain.limits import Budgets, UserLimits
from bot.domain.refusals import AlreadyOnItsWay, WaitingFull
from bot.domain.servers import Standing
from bot.storage import budgets
from bot.storage.claims import later
from bot.storage.database import Transaction, insert_in
from bot.storage.forecasts import lane_wait
from bot.storage.keeping import keep
from bot.storage.limits import check_limits
from bot.storage.lookups import reroll_history
from bot.storage.rows import new_job, place_json, read_job, request_json
from bot.storage.standings import hold_pauses, standing
from bot.storage.tables import gate, job, lane

DOUBLE_SECONDS = 10.0

_KNOWN = select(job).where(job.c.key == bindparam("key"))
_TWIN = (
    select(job.c.id, job.c.card_id, job.c.place)
    .where(job.c.user_id == bindparam("user_id"), job.c.fingerprint == bindparam("fingerprint"))
    # what counts is found by its time; a failed or cancelled one does not, and is no twin
    .where(job.c.counted > 0, job.c.created_at > bindparam("since"))
    .where(job.c.status.not_in((Status.FAILED, Status.CANCELLED)))
    .limit(1)
)
# Held jobs are in no lane, but wait. Both columns of the index of unfinished jobs are named, and
# its condition spelled out: SQLite would else look through whatever the member ever asked for.
_UNFINISHED = job.c.status.in_([literal_column(f"'{one}'") for one in UNDER_WAY])
_HELD = (
    select(func.count())
    .where(job.c.user_id == bindparam("user_id"), job.c.number > 0, _UNFINISHED)
    .where(job.c.held_at.is_not(None))
    .scalar_subquery()
)
_PARENT = select(job.c.number).where(job.c.id == bindparam("parent")).with_for_update()
_NEW = insert(job).returning(job)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What a request is measured against."""

    user: UserLimits
    budgets: Budgets


def submit(tx: Transaction, new: NewJob, rules: Rules) -> Job:
    """Write a job, or return the one that was written under this key before.

    Raises the refusals of limits and budgets; the caller's rollback then undoes all of it.
    """
    known = tx.connection.execute(_KNOWN, {"key": new.key}).one_or_none()
    if known:
        return read_job(tx, known)
    hold_pauses(tx)
    here = standing(tx, new.place.guild_id, new.requester.id)
    here.check(new.place)
    limits = here.settings.limits(rules.user, new.requester.roles)
    new = replace(
        new, place=here.stamp(new.place), weight=here.settings.weight(new.requester.roles)
    )
    budgets.reserve(tx, new.place.guild_id, _reserve(new), here.settings.budgets(rules.budgets))
    _enter_lane(tx, new, limits)
    _check_double(tx, new)
    check_limits(tx, new.requester.id, new.request.max_images, limits)
    _check_rerolls(tx, new)
    written = _insert(tx, new)
    keep(tx, written.number, (image.key for image in new.request.images))
    budgets.book(tx, written, "reserve", written.reserved)
    return written


def check(
    tx: Transaction, requester: Requester, place: Place, asked: int, rules: Rules
) -> Standing:
    """Refuse early what `submit` would refuse; return how the member stands here."""
    here = standing(tx, place.guild_id, requester.id)
    here.check(place)
    limits = here.settings.limits(rules.user, requester.roles)
    check_limits(tx, requester.id, asked, limits)
    return here


def _reserve(new: NewJob) -> int:
    return new.price * new.request.max_images


def _enter_lane(tx: Transaction, new: NewJob, limits: UserLimits) -> None:
    row = {"user_id": new.requester.id, "cap": limits.max_running}
    waiting = tx.connection.scalar(_entering(tx.dialect), row) or 0
    if waiting > limits.max_waiting:
        raise WaitingFull(
            waiting=waiting - 1,
            allowed=limits.max_waiting,
            next_at=tx.now + lane_wait(tx, new.requester.id),
        )


@cache
def _entering(dialect: str) -> ReturningInsert[int]:
    vnow = select(gate.c.vnow).scalar_subquery()
    idle = (lane.c.queued == 0) & (lane.c.running == 0)
    statement = insert_in(dialect, lane).values(
        user_id=bindparam("user_id"), queued=1, running=0, vtime=vnow, cap=bindparam("cap")
    )
    return statement.on_conflict_do_update(
        index_elements=["user_id"],
        set_={
            "queued": lane.c.queued + 1,
            "cap": statement.excluded.cap,
            # an idle lane starts from now: nobody banks turns by staying away
            "vtime": case((idle, later(dialect)(lane.c.vtime, vnow)), else_=lane.c.vtime),
        },
    ).returning(lane.c.queued + _HELD)


def _check_double(tx: Transaction, new: NewJob) -> None:
    """Refuse what the same member sent seconds ago; the lane's lock keeps doubles in order."""
    if new.fingerprint is None:
        return
    twin = tx.connection.execute(
        _TWIN,
        {
            "user_id": new.requester.id,
            "fingerprint": new.fingerprint,
            "since": tx.now - DOUBLE_SECONDS,
        },
    ).one_or_none()
    if twin:
        raise AlreadyOnItsWay(
            job_id=twin.id,
            guild_id=twin.place["guild_id"],
            channel_id=twin.place["channel_id"],
            card_id=twin.card_id,
        )


def _check_rerolls(tx: Transaction, new: NewJob) -> None:
    """Refuse one reroll too many; the lock on its parent keeps those of one job in order."""
    if new.parent_id is None:
        return
    tx.connection.execute(_PARENT, {"parent": new.parent_id})
    reroll_history(tx, new.parent_id, new.requester.id).check(new.parent_id)


def _insert(tx: Transaction, new: NewJob) -> Job:
    asked = new.request.max_images
    row = tx.connection.execute(
        _NEW,
        {
            "id": new_job_id(),
            "key": new.key,
            "user_id": new.requester.id,
            "user_name": new.requester.name,
            "guild_id": new.place.guild_id,
            "place": place_json(new.place),
            "request": request_json(new.request),
            "size": new.request.size,
            "images": asked,
            "parent_id": new.parent_id,
            "fingerprint": new.fingerprint,
            "weight": new.weight,
            "status": Status.QUEUED,
            "created_at": tx.now,
            "counted": asked,
            "price": new.price,
            "reserved": _reserve(new),
            "delivery_due_at": tx.now,
        },
    ).one()
    return new_job(row)

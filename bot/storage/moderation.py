"""What moderators and managers do: pause, block, change settings; each noted with who and when."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, or_, select, true, update

from bot.domain.job import UNDER_WAY
from bot.domain.refusals import Period
from bot.domain.servers import EVERYWHERE, Change, Draft, ServerSettings, ServerState, Spender
from bot.storage.boards import board_of
from bot.storage.budgets import owner_name, period_name, period_start
from bot.storage.cancels import WAITS
from bot.storage.claims import later
from bot.storage.community import audit, block, guild
from bot.storage.database import Transaction
from bot.storage.standings import change_pauses, read_settings, settings_json
from bot.storage.tables import budget, gate, job, lane

HOUR = 3600.0
DAYS = 30
SPENDERS = 5
CHANGES = 5


def change(
    tx: Transaction, guild_id: int, user_id: int, changed: dict[str, object]
) -> ServerSettings:
    """Change some settings, whatever the others are by now."""
    stored = tx.connection.scalar(
        select(guild.c.settings).where(guild.c.guild_id == guild_id).with_for_update()
    )
    settings = read_settings((stored or {}) | changed)
    _set(tx, guild_id, {"settings": settings_json(settings)})
    noted = {
        key: len(settings.blocked_words) if key == "blocked_words" else value
        for key, value in changed.items()
    }
    note(tx, guild_id, user_id, {"action": "settings", "changed": noted})
    return settings


def preview(tx: Transaction, guild_id: int, changed: dict[str, object]) -> Draft:
    """Read the settings as they are, and as they would be with some changed."""
    stored = tx.connection.scalar(select(guild.c.settings).where(guild.c.guild_id == guild_id))
    return Draft(
        before=read_settings(stored or {}),
        after=read_settings((stored or {}) | changed),
        board=board_of(tx, guild_id),
    )


def note(tx: Transaction, guild_id: int, user_id: int, what: dict[str, object]) -> None:
    """Note what somebody did."""
    tx.connection.execute(
        insert(audit), {"guild_id": guild_id, "at": tx.now, "user_id": user_id, "what": what}
    )


def pause(tx: Transaction, guild_id: int, user_id: int, reason: str | None) -> int:
    """Pause a server (0: all) or resume it; return the waiting jobs that this holds or frees."""
    change_pauses(tx)
    _set(tx, guild_id, {"paused": reason})
    note(tx, guild_id, user_id, {"action": "resume" if reason is None else "pause"})
    paused = select(guild.c.guild_id).where(guild.c.paused.is_not(None))
    everywhere = tx.connection.scalar(
        select(guild.c.guild_id).where(guild.c.guild_id == EVERYWHERE, guild.c.paused.is_not(None))
    )
    holds = true() if everywhere is not None else job.c.guild_id.in_(paused)
    held = _hold(tx, job.c.held_at.is_(None) & holds, held=True)
    free = job.c.guild_id.is_(None) | job.c.guild_id.not_in(paused)
    freed = (
        0 if everywhere is not None else _hold(tx, job.c.held_at.is_not(None) & free, held=False)
    )
    return held + freed


def _hold(tx: Transaction, which: ColumnElement[bool], *, held: bool) -> int:
    """Take waiting jobs out of their lanes, or put them back; their cards say so.

    The gate is locked first, then lanes, then jobs in their order, here as everywhere.
    """
    tx.connection.execute(select(gate.c.id).with_for_update())
    users = tx.connection.scalars(select(job.c.user_id).where(WAITS, which).distinct()).all()
    tx.connection.execute(
        select(lane.c.user_id)
        .where(lane.c.user_id.in_(users))
        .order_by(lane.c.user_id)
        .with_for_update()
    )
    waiting = select(job.c.number).where(WAITS, which).order_by(job.c.number)
    tx.connection.execute(waiting.with_for_update()).all()
    moved = tx.connection.scalars(
        update(job)
        .where(WAITS, which)
        .values(held_at=tx.now if held else None, delivery_due_at=tx.now)
        .returning(job.c.user_id)
    ).all()
    vnow = select(gate.c.vnow).scalar_subquery()
    for user_id in set(moved):
        count = moved.count(user_id)
        tx.connection.execute(
            update(lane)
            .where(lane.c.user_id == user_id)
            .values(
                queued=lane.c.queued + (-count if held else count),
                vtime=lane.c.vtime if held else later(tx.dialect)(lane.c.vtime, vnow),
            )
        )
    return len(moved)


def block_member(
    tx: Transaction, guild_id: int, user_id: int, by: int, *, hours: int, reason: str
) -> float:
    """Block a member for some hours from now; return until when."""
    values = {"until": tx.now + hours * HOUR, "by": by, "reason": reason}
    tx.connection.execute(
        tx.insert(block)
        .values(guild_id=guild_id, user_id=user_id, **values)
        .on_conflict_do_update(index_elements=["guild_id", "user_id"], set_=values)
    )
    note(tx, guild_id, by, {"action": "block", "member": user_id, "hours": hours, "reason": reason})
    return float(values["until"])  # type: ignore[arg-type]


def unblock(tx: Transaction, guild_id: int, user_id: int, by: int) -> bool:
    """Let a member in again."""
    freed = tx.connection.execute(
        delete(block).where(block.c.guild_id == guild_id, block.c.user_id == user_id)
    ).rowcount
    if freed:
        note(tx, guild_id, by, {"action": "unblock", "member": user_id})
    return bool(freed)


def waiting(tx: Transaction, guild_id: int, user_id: int | None) -> list[str]:
    """List the ids of a server's waiting jobs, or of one member's there."""
    of_member = true() if user_id is None else job.c.user_id == user_id
    return list(
        tx.connection.scalars(
            select(job.c.id)
            .where(job.c.guild_id == guild_id, WAITS, of_member)
            .order_by(job.c.number)
        )
    )


def state(tx: Transaction, guild_id: int) -> ServerState:
    """Read a server as its moderators see it."""
    row = tx.connection.execute(select(guild).where(guild.c.guild_id == guild_id)).one_or_none()
    everywhere = tx.connection.scalar(select(guild.c.paused).where(guild.c.guild_id == EVERYWHERE))
    here = (job.c.guild_id == guild_id) & job.c.status.in_(UNDER_WAY)
    counts = tx.connection.execute(
        select(func.count().filter(WAITS), func.count()).where(here)
    ).one()
    spent = _spent(tx, guild_id)
    return ServerState(
        settings=read_settings(row.settings) if row else ServerSettings(),
        paused=everywhere if everywhere is not None or row is None else row.paused,
        trouble=tx.connection.scalar(select(gate.c.reason)),
        spent_day=spent.get(period_name(Period.DAY, tx.now), 0),
        spent_month=spent.get(period_name(Period.MONTH, tx.now), 0),
        running=counts[1] - counts[0],
        waiting=counts[0],
        spenders=_spenders(tx, guild_id),
        days=[(day, spent.get(day, 0)) for day in _last_days(tx.now)],
        changes=_changes(tx, guild_id),
    )


def _spent(tx: Transaction, guild_id: int) -> dict[str, int]:
    """Read what a server has spent and reserved, by day and month."""
    rows = tx.connection.execute(
        select(budget.c.period, budget.c.reserved + budget.c.spent).where(
            budget.c.scope == owner_name(guild_id)
        )
    )
    return {period: int(amount) for period, amount in rows}


def _last_days(now: float) -> list[str]:
    today = datetime.fromtimestamp(now, UTC).date()
    return [f"{today - timedelta(days=ago):%Y-%m-%d}" for ago in reversed(range(DAYS))]


def _spenders(tx: Transaction, guild_id: int) -> list[Spender]:
    amount = func.sum(job.c.cost)
    rows = tx.connection.execute(
        select(job.c.user_id, amount)
        .where(job.c.guild_id == guild_id, job.c.cost > 0)
        .where(job.c.created_at >= period_start(Period.MONTH, tx.now))
        .group_by(job.c.user_id)
        .order_by(amount.desc(), job.c.user_id)
        .limit(SPENDERS)
    )
    return [Spender(user_id=user_id, amount=int(cost)) for user_id, cost in rows]


def _changes(tx: Transaction, guild_id: int) -> list[Change]:
    rows = tx.connection.execute(
        select(audit.c.at, audit.c.user_id, audit.c.what)
        .where(or_(audit.c.guild_id == guild_id, audit.c.guild_id == EVERYWHERE))
        .order_by(audit.c.id.desc())
        .limit(CHANGES)
    )
    return [Change(at=at, user_id=user_id, what=what) for at, user_id, what in rows]


def _set(tx: Transaction, guild_id: int, values: dict[str, Any]) -> None:
    tx.connection.execute(
        tx.insert(guild)
        .values(guild_id=guild_id, **values)
        .on_conflict_do_update(index_elements=["guild_id"], set_=values)
    )

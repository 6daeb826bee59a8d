"""Making trouble at the local Segmind, and reading what came of it."""

from typing import Any

import pytest

from bot import worker
from bot.domain import pacing
from bot.domain.job import Status
from bot.sandbox.segmind import Fault, Route
from tests.discord.conftest import Server
from tests.storage_views import budget_rows, gate_row, lane_rows, ledger_rows

PRICE = 35_000
RESERVED = ("reserve", PRICE)
UNSURE = ("unknown", PRICE)
PAID = ("settle", PRICE)
RELEASED = ("release", PRICE)
DONE = "Done in "
MAYBE_PAID = "so it may have been paid. I am checking and will not send it twice."


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step that is repeated be repeated soon, and the worker see soon what has its time."""
    monkeypatch.setattr(pacing, "RETRY_SECONDS", (0.01,))
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)


def behave(server: Server, *faults: Fault, **changes: Any) -> None:
    behaviour = server.session.segmind.behaviour
    behaviour.faults += faults
    for name, value in changes.items():
        setattr(behaviour, name, value)


async def became(server: Server, statuses: list[Status], card: str) -> bool:
    """Whether the jobs are there and somebody's card says so."""
    there = [job.status for job in await server.jobs()] == statuses
    return there and any(card in one.content for one in server.cards)


async def booked(server: Server) -> list[tuple[str, int]]:
    return [(row.event, row.amount) for row in await ledger_rows(server.session.parts.database)]


async def check_counters(server: Server, *, reserved: int = 0) -> None:
    """Hold the lane, the gate and every budget to what the ledger says."""
    database = server.session.parts.database
    assert [(row.queued, row.running) for row in await lane_rows(database)] == [(0, 0)]
    assert (await gate_row(database)).running == 0
    spent = sum(amount for event, amount in await booked(server) if event == "settle")
    rows = await budget_rows(database)
    assert [(row.reserved, row.spent) for row in rows] == [(reserved, spent)] * 4


def asked(server: Server, route: Route) -> int:
    return [one.route for one in server.session.segmind.requests].count(route)

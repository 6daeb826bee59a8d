"""Steps that must not be torn apart, and which job a task is about."""

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

current_job: ContextVar[str | None] = ContextVar("current_job", default=None)
"""The short id of the job that this task, and all it starts, works on."""


async def whole(step: Coroutine[Any, Any, T]) -> T:
    """Run a step to its end even when cancelled; the cancellation takes effect after it."""
    task = asyncio.ensure_future(step)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise

"""Keeps a worker going: one that breaks off is begun anew, later each time; the owner is told."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from bot.domain.alerts import Condition
from bot.domain.errors import BotError
from bot.services.alerts import Alerts
from bot.settings import SettingsError

log = logging.getLogger(__name__)

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
STEADY_SECONDS = 300.0  # without a fault, and it is over


class Supervisor:
    """Runs `work` again and again, until cancelled; wrong configuration ends it."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, None]], alerts: Alerts) -> None:
        self._work = work
        self._alerts = alerts
        self._waits = _waits()

    async def run(self) -> None:
        """Work for ever; raises SettingsError alone."""
        while True:
            attempt = asyncio.create_task(self._work(), name="work")
            steady = asyncio.create_task(self._steady(), name="steady")
            try:
                await asyncio.wait([attempt])
            finally:
                attempt.cancel()
                steady.cancel()
                await asyncio.wait([attempt, steady])
            error = attempt.exception()
            if wrong := _wrong_settings(error):
                raise wrong
            await self._broke_off(error)

    async def _broke_off(self, error: BaseException | None) -> None:
        wait = next(self._waits)
        log.error("the worker broke off; again in %.0f s", wait, exc_info=error)
        try:
            await self._alerts.begin(Condition.WORKER)
        except BotError as failure:
            log.warning("the owner could not be told: %s", failure)
        await asyncio.sleep(wait)

    async def _steady(self) -> None:
        """After a while without a fault, tell that it is over; waits are short again."""
        await asyncio.sleep(STEADY_SECONDS)
        self._waits = _waits()
        while True:
            try:
                await self._alerts.end(Condition.WORKER)
            except BotError as failure:
                log.warning("the owner could not be told: %s", failure)
                await asyncio.sleep(STEADY_SECONDS)
            else:
                return


def _wrong_settings(error: BaseException | None) -> SettingsError | None:
    """Find wrong configuration in what a group of tasks ended with."""
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(_wrong_settings, error.exceptions)), None)
    return error if isinstance(error, SettingsError) else None


def _waits() -> Iterator[float]:
    """Seconds before each restart in a row."""
    wait = FIRST_WAIT
    while True:
        yield wait
        wait = min(LONGEST_WAIT, 2 * wait)

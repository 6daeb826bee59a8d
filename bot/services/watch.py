"""What is looked at now and then: budget, balance, oldest run, old pictures, erasures."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.domain.alerts import Condition
from bot.domain.errors import BotError
from bot.domain.limits import Budgets
from bot.domain.operations import Operations
from bot.domain.pacing import UNKNOWN_SECONDS
from bot.domain.ports import Provider
from bot.domain.stores import Totals
from bot.services.alerts import Alerts
from bot.services.erasing import Erasing
from bot.services.housekeeping import Housekeeping

log = logging.getLogger(__name__)

BUDGET_SECONDS = 20.0
BALANCE_SECONDS = 600.0
RUNNING_SECONDS = 60.0
HOUSEKEEPING_SECONDS = 3600.0
ERASING_SECONDS = 2.0
NEARLY = 0.8
# beyond the deadline: looked up as an unknown one, then its pictures fetched again and again
SLACK_SECONDS = 2 * UNKNOWN_SECONDS


class Watch:
    """Looks at each in turn, until cancelled; a failure is logged and looked at again later.

    `deadline` is seconds from submit to result.
    """

    def __init__(
        self,
        *,
        totals: Totals,
        provider: Provider,
        alerts: Alerts,
        housekeeping: Housekeeping,
        erasing: Erasing,
        budgets: Budgets,
        operations: Operations,
        deadline: float,
    ) -> None:
        self._totals = totals
        self._provider = provider
        self._alerts = alerts
        self._housekeeping = housekeeping
        self._erasing = erasing
        self._operations = operations
        self._longest = deadline + SLACK_SECONDS
        self._caps = {"day": budgets.all_day, "month": budgets.all_month}

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(_every(BUDGET_SECONDS, self.look_at_budgets))
            group.create_task(_every(BALANCE_SECONDS, self.look_at_balance))
            group.create_task(_every(RUNNING_SECONDS, self.look_at_running))
            group.create_task(_every(HOUSEKEEPING_SECONDS, self._housekeeping.run))
            group.create_task(_every(ERASING_SECONDS, self._erasing.run))

    async def look_at_budgets(self) -> None:
        """Tell the owner at 80 % and at 100 % of a total budget, once each."""
        for use in await self._totals.total_spent():
            cap = self._caps[use.period]
            if use.used >= NEARLY * cap:
                await self._alerts.begin(Condition.BUDGET_NEARLY, detail=use.name)
            if use.used + self._alerts.price > cap:
                await self._alerts.begin(Condition.BUDGET_USED, detail=use.name)

    async def look_at_balance(self) -> None:
        """Tell the owner when the provider's credit runs low."""
        await self._alerts.balance(await self._provider.balance())

    async def look_at_running(self) -> None:
        """Tell the owner when a job should long have come to an end, and when none is left."""
        running = await self._operations.longest_running()
        if running is None or running.seconds <= self._longest:
            await self._alerts.end(Condition.STUCK)
            return
        seconds = running.seconds
        log.warning("running for %.0f s", seconds, extra={"job": running.job_id})
        await self._alerts.begin(Condition.STUCK)


async def _every(seconds: float, look: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await look()
        except BotError as error:
            log.warning("could not look: %s", error)
        await asyncio.sleep(seconds)

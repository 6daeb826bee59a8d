"""100 members press /imagine at the same moment: `python -m tests.bench.bench_acknowledge`.

Raw gateway payloads into the real parser, in process, to the moment Discord has the answer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles
from typing import Any

import discord

from tests.bench.session import press_imagine, whole_bot

MEMBERS = 100
PATIENCE = 60
Times = dict[int, float]


def timing(method: Callable[..., Awaitable[Any]], times: Times) -> Callable[..., Awaitable[Any]]:
    """Wrap a method of an interaction (or its response) to note when it was done."""

    async def timed(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - passed through
        done = await method(self, *args, **options)
        interaction = getattr(self, "_parent", self)
        times[interaction.id] = time.perf_counter()
        return done

    return timed


def figures(pressed: Times, answered: Times) -> str:
    waits = sorted(answered[number] - at for number, at in pressed.items())
    cuts = quantiles(waits, n=100)
    return (
        f"p50 {cuts[49] * 1e3:.0f} ms, p99 {cuts[98] * 1e3:.0f} ms, most {waits[-1] * 1e3:.0f} ms"
    )


async def all_written(written: Times) -> None:
    """Wait for the last answer."""
    for _ in range(PATIENCE * 100):
        if len(written) == MEMBERS:
            return
        await asyncio.sleep(0.01)


async def main() -> None:
    acknowledged: Times = {}
    written: Times = {}
    discord.InteractionResponse.defer = timing(  # type: ignore[assignment]  # to look at it
        discord.InteractionResponse.defer, acknowledged
    )
    discord.Interaction.edit_original_response = timing(  # type: ignore[assignment]  # likewise
        discord.Interaction.edit_original_response, written
    )
    limits = {"budget_usd_per_day": 1000, "guild_budget_usd_per_day": 1000}
    months = {"budget_usd_per_month": 1000, "guild_budget_usd_per_month": 1000}
    async with whole_bot(2.0, **limits, **months) as session:
        guild = session.env.create_guild(name="Studio")
        channel = guild.create_text_channel("art")
        names = [f"member{number}" for number in range(MEMBERS)]
        members = [guild.add_member(session.env.create_user(name)) for name in names]
        pressed = {}
        for member in members:
            number = press_imagine(session, channel.id, guild.id, member.id)
            pressed[number] = time.perf_counter()
        await all_written(written)
    print(f"{MEMBERS} members press /imagine at once")
    print(f"acknowledged: {figures(pressed, acknowledged)}; target p99 <= 100 ms")
    print(f"written down: {figures(pressed, written)}")


if __name__ == "__main__":
    asyncio.run(main())

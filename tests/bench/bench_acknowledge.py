"""100 members press /imagine at the same moment: `python -m tests.bench.bench_acknowledge`.

Raw gateway payloads, each with a small picture, into the real parser, in process; timed until the
simulated Discord has the answer.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import quantiles
from typing import Any

import discord

from bot.sandbox.session import Session
from tests.bench.session import feed, imagine_event, row, until, whole_bot
from tests.pictures import jpeg
from tests.storage_views import all_jobs

MEMBERS = 100
Times = dict[int, float]


def timing(method: Callable[..., Awaitable[Any]], times: Times) -> Callable[..., Awaitable[Any]]:
    """Wrap a method of an interaction (or its response) to note when it was done."""

    async def timed(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - passed through
        done = await method(self, *args, **options)
        interaction = getattr(self, "_parent", self)
        times[interaction.id] = time.perf_counter()
        return done

    return timed


def observe() -> tuple[Times, Times]:
    """Note when each interaction is acknowledged, and when it is told that it is in line."""
    acknowledged: Times = {}
    answered: Times = {}
    discord.InteractionResponse.defer = timing(  # type: ignore[assignment]  # to look at it
        discord.InteractionResponse.defer, acknowledged
    )
    discord.Interaction.edit_original_response = timing(  # type: ignore[assignment]  # likewise
        discord.Interaction.edit_original_response, answered
    )
    return acknowledged, answered


async def press_all(session: Session) -> Times:
    """Have every member press within one turn of the loop; when each did, by interaction."""
    guild = session.env.create_guild(name="Studio")
    channel = guild.create_text_channel("art")
    picture = ("me.jpg", jpeg(320, 240))
    events = {}
    for number in range(MEMBERS):
        member = guild.add_member(session.env.create_user(f"member{number}"))
        await session.parts.store.welcome(member.id)  # later requests are the many
        prompt = f"a fox for {number}"
        name, event = imagine_event(session, member, channel, prompt=prompt, image1=picture)
        events[name] = event
    pressed = {}
    for name, event in events.items():
        pressed[name] = time.perf_counter()
        feed(session, event)
    return pressed


def report(title: str, pressed: Times, answered: Times, target: str = "") -> None:
    waits = sorted(answered[name] - at for name, at in pressed.items())
    cuts = quantiles(waits, n=100, method="inclusive")
    row(f"{title}, p50", f"{cuts[49] * 1e3:.0f} ms")
    row(f"{title}, p99", f"{cuts[98] * 1e3:.0f} ms", target)
    row(f"{title}, most", f"{waits[-1] * 1e3:.0f} ms")


async def main() -> None:
    acknowledged, answered = observe()

    async def all_answered() -> bool:
        return len(answered) == MEMBERS

    async with whole_bot(2.0) as session:
        pressed = await press_all(session)
        await until(all_answered)
        jobs = await all_jobs(session.parts.database)
    assert len(jobs) == MEMBERS, "some were refused: the figures would be of something else"
    print(f"{MEMBERS} members press /imagine at once, each with a picture")
    report("acknowledged", pressed, acknowledged, "target <= 100 ms")
    report("durable, 'In line as #…'", pressed, answered)


if __name__ == "__main__":
    asyncio.run(main())

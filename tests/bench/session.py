"""The whole bot on a simulated Discord, for benchmarks in one process."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import simcord
from simcord.interactions import base_payload, build_options

from bot.domain.job import Status
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import Session, open_session, sandbox_settings
from tests.bench.apart import segmind_apart
from tests.storage_views import all_jobs

COMMAND, CHAT_INPUT = 2, 1
PATIENCE = 60
TICK = 0.02


@asynccontextmanager
async def whole_bot(run_seconds: float, **changes: Any) -> AsyncIterator[Session]:
    """Run it in a folder of its own, with Segmind in another process; `changes`: settings."""
    with tempfile.TemporaryDirectory() as folder:
        async with segmind_apart(run_seconds) as apart:
            segmind = cast("LocalSegmind", SimpleNamespace(**apart))  # only its addresses are read
            settings = sandbox_settings(Path(folder), segmind, **changes)
            async with open_session(settings, segmind, run_seconds=run_seconds) as session:
                yield session


def imagine_event(
    session: Session, member: simcord.MemberActor, channel: simcord.ChannelHandle, **options: Any
) -> tuple[int, dict[str, Any]]:
    """Make the raw event of a member's /imagine; return the interaction's id and the event.

    Actors of simcord wait for each other; raw events do not.
    """
    backend = session.env.backend
    command = backend.commands[None]["imagine", CHAT_INPUT]
    filled, resolved = build_options(member, "imagine", command, options, channel_id=channel.id)
    record, payload = base_payload(
        backend,
        type=COMMAND,
        channel_id=channel.id,
        guild_id=member.guild.id,
        user_id=member.id,
        data={
            "id": command["id"],
            "name": "imagine",
            "type": CHAT_INPUT,
            "options": filled,
            "resolved": resolved,
        },
    )
    return record.id, payload


def feed(session: Session, event: dict[str, Any]) -> None:
    """Hand a raw interaction to the gateway's parser."""
    session.env.backend.emit("INTERACTION_CREATE", event)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something to become true; TimeoutError when it does not."""
    for _ in range(round(PATIENCE / TICK)):
        if await condition():
            return
        await asyncio.sleep(TICK)
    raise TimeoutError(f"not within {PATIENCE} s: the figures would be of something else")


async def all_are(session: Session, status: Status, count: int) -> None:
    """Wait until that many jobs have come just so far."""

    async def so_far() -> bool:
        jobs = await all_jobs(session.parts.database)
        return [job.status for job in jobs] == [status] * count

    await until(so_far)


def row(what: str, figure: str, target: str = "") -> None:
    """Print one line of a table."""
    print(f"{what:<66}{figure:>10}  {target}".rstrip())

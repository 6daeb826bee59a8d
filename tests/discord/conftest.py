"""A server of the simulated Discord with the whole bot in it, and a local Segmind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.domain.job import Job, Status
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import Session, open_session, sandbox_settings
from tests.storage_views import all_jobs

RUN_SECONDS = 0.3
PATIENCE = 15.0
FINAL = {Status.DELIVERED, Status.FAILED, Status.CANCELLED, Status.UNKNOWN}


@dataclass
class Server:
    """One server, two channels, some members; `said` answers what a member was told privately."""

    session: Session
    guild: simcord.GuildHandle
    art: simcord.ChannelHandle
    board: simcord.ChannelHandle
    ana: simcord.MemberActor
    bob: simcord.MemberActor
    carl: simcord.MemberActor
    dora: simcord.MemberActor

    async def imagine(self, prompt: str = "a fox in the rain", **options: Any) -> str:
        """Ana uses /imagine in #art; return what she was told."""
        return said(await self.ana.slash(self.art, "imagine", prompt=prompt, **options))

    def member(self, name: str, **permissions: bool) -> simcord.MemberActor:
        """Add a member with permissions of their own."""
        role = self.guild.create_role(name, permissions=discord.Permissions(**permissions))
        return self.guild.add_member(self.session.env.create_user(name), roles=[role])

    @property
    def cards(self) -> list[discord.Message]:
        """What the bot has posted in #art for all to see."""
        return [one for one in self.art.history() if not one.is_system()]

    @property
    def results(self) -> list[discord.Message]:
        """Every message with pictures in a thread of #art."""
        return [
            message
            for thread in self.art.threads
            for message in thread.history()
            if message.attachments
        ]

    async def jobs(self) -> list[Job]:
        """All jobs, oldest first."""
        return await all_jobs(self.session.parts.database)

    async def settled(self, count: int = 1) -> list[Job]:
        """Wait until that many jobs are final and Discord knows; return them."""

        async def all_final() -> bool:
            jobs = await self.jobs()
            told = all(job.status in FINAL and job.delivery.stage for job in jobs)
            return len(jobs) >= count and told

        await until(all_final)
        return await self.jobs()


def said(answer: simcord.InteractionResult) -> str:
    """Read the private answer to a command."""
    assert answer.response is not None
    assert answer.response.ephemeral
    return answer.response.content


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.02)


def populate(session: Session) -> Server:
    """Make a server with channels and members."""
    guild = session.env.create_guild(name="Studio")
    members = [
        guild.add_member(session.env.create_user(name)) for name in ("Ana", "Bob", "Carl", "Dora")
    ]
    return Server(
        session,
        guild,
        guild.create_text_channel("art"),
        guild.create_text_channel("showcase"),
        *members,
    )


@pytest.fixture
async def segmind() -> AsyncIterator[LocalSegmind]:
    async with LocalSegmind(run_seconds=RUN_SECONDS) as running:
        yield running


@pytest.fixture
def changes() -> dict[str, Any]:
    """Settings a test module or class overrides."""
    return {}


@pytest.fixture
async def server(
    tmp_path: Path, segmind: LocalSegmind, changes: dict[str, Any]
) -> AsyncIterator[Server]:
    settings = sandbox_settings(tmp_path, segmind, **changes)
    async with open_session(settings, segmind, run_seconds=RUN_SECONDS) as session:
        server = populate(session)
        for member in (server.ana, server.bob, server.carl, server.dora):
            await session.parts.store.welcome(member.id)  # what greets them is tested apart
        yield server

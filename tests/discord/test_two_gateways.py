"""Two gateway processes hear the same event, as while one takes over from the other."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import discord
import pytest

from bot.domain.job import Status
from bot.roles import make_bot, make_worker
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import open_session, sandbox_settings
from bot.storage.database import Database
from bot.storage.store import Store
from cogs.reactions import Reactions
from tests.discord.boards import (
    ADD,
    REMOVE,
    idle,
    made,
    message_of,
    reaction,
    set_board,
    stand,
    standing,
)
from tests.discord.conftest import RUN_SECONDS, Server, populate, until
from tests.makers import OPEN_GATE, rules
from tests.storage_views import entry_rows, vote_rows

ROUNDS = 10


@dataclass
class Pair:
    """A server, and the listeners of two processes that have only the database in common."""

    server: Server
    cogs: list[Reactions]
    worker: asyncio.Task[None]

    async def hear(
        self, event: str, message: discord.Message, member: discord.Member, emoji: str
    ) -> None:
        """Have both hear of a reaction at the same time."""
        heard, given = reaction(event, message, member, emoji), event == ADD
        listeners = [
            one.on_raw_reaction_add if given else one.on_raw_reaction_remove for one in self.cogs
        ]
        await asyncio.gather(*(listen(heard) for listen in listeners))

    async def member(self, name: str) -> discord.Member:
        """Add somebody, as discord.py knows them."""
        guild = self.server.session.bot.get_guild(self.server.guild.id)
        assert guild is not None
        return await guild.fetch_member(self.server.member(name).id)


@pytest.fixture
async def pair(tmp_path: Path, segmind: LocalSegmind, database: Database) -> AsyncIterator[Pair]:
    url = database.listen_url
    settings = sandbox_settings(tmp_path, segmind, database_url=url, user_images_per_hour=99)
    async with open_session(settings, segmind, run_seconds=RUN_SECONDS) as session:
        other = Database(url)
        store = Store(other, rules=rules(), gate=OPEN_GATE, worker="other")
        parts = replace(session.parts, database=other, store=store)
        cogs = [
            Reactions(client=session.bot, services=one.services, reroll_emoji="🔁")
            for one in (session.bot, make_bot(parts))
        ]
        worker = asyncio.create_task(make_worker(parts, session.bot).run())
        yield Pair(populate(session), cogs, worker)
        worker.cancel()
        await asyncio.wait([worker])
        await other.close()


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """SQLite has one process."""
    return postgresql_url


async def test_a_reroll_is_made_once_and_nobody_is_refused(pair: Pair) -> None:
    server = pair.server
    message = message_of(server, await made(server))
    for number in range(ROUNDS):
        member = await pair.member(f"M{number}")
        await pair.hear(ADD, message, member, "🔁")
    jobs = await server.settled(1 + ROUNDS)
    assert [job.status for job in jobs] == [Status.DELIVERED] * (1 + ROUNDS)
    assert len({job.requester.id for job in jobs[1:]}) == ROUNDS
    said = [one.content for place in (server.art, *server.art.threads) for one in place.history()]
    assert not any("no reroll" in one for one in said)


async def test_ten_an_hour_hold_for_both_together(pair: Pair) -> None:
    server = pair.server
    message = message_of(server, await made(server))
    crowd = [await pair.member(f"M{number}") for number in range(14)]
    await asyncio.gather(*(pair.hear(ADD, message, member, "🔁") for member in crowd))
    jobs = await server.jobs()
    assert len(jobs) == 1 + 10
    assert len({job.requester.id for job in jobs[1:]}) == 10


async def test_a_star_counts_once_and_makes_one_entry(pair: Pair) -> None:
    server = pair.server
    await set_board(server, threshold=2)
    jobs = [await made(server, f"fox {number}") for number in range(3)]
    first, second = await pair.member("Eve"), await pair.member("Fay")
    for job in jobs:
        for member in (first, second):
            await pair.hear(ADD, message_of(server, job), member, "⭐")
    await until(lambda: stand(server, 3))
    assert len(server.board.history()) == 3
    assert len(await vote_rows(server.session.parts.database)) == 6
    rows = await entry_rows(server.session.parts.database)
    assert [row.stars for row in rows] == [2] * 3


async def test_what_is_taken_back_is_gone_in_whatever_order_both_hear_of_it(pair: Pair) -> None:
    server = pair.server
    await set_board(server)
    message = message_of(server, await made(server))
    crowd = [await pair.member(f"M{number}") for number in range(ROUNDS)]
    for _ in range(5):
        await asyncio.gather(
            *(
                pair.hear(event, message, member, "⭐")
                for member in crowd
                for event in (ADD, REMOVE)
            )
        )
    assert await vote_rows(server.session.parts.database) == []
    await until(lambda: idle(server))
    assert await standing(server) == 0
    assert server.board.history() == []

"""Storms of reactions: counted to the last, paid for as far as allowed, answered hardly ever."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import pytest

from bot.domain.job import Status
from tests.discord.boards import (
    ADD,
    REMOVE,
    hear,
    heard_all,
    idle,
    later,
    made,
    message_of,
    react_raw,
    reaction,
    set_board,
    settle,
    stand,
    text_of,
)
from tests.discord.conftest import Server, until
from tests.storage_views import entry_rows, vote_rows

MEMBERS, EVENTS = 100, 1000
ALLOWED = 10  # rerolls of a job in an hour
HANDFUL = 5
HELD_SECONDS = 0.5  # far below what Discord's heartbeat takes; this machine may be busy


@asynccontextmanager
async def watched_loop() -> AsyncIterator[list[float]]:
    """Note how long the loop is held by others, each time that it is."""
    held: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            held.append(time.perf_counter() - before - 0.01)

    watching = asyncio.create_task(watch())
    try:
        yield held
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def storm(
    server: Server, messages: list[discord.Message], emoji: str, dice: random.Random
) -> set[tuple[int, int, str]]:
    """Have members put reactions on and take them off; return those that are on in the end."""
    guild = server.session.bot.get_guild(server.guild.id)
    assert guild is not None
    crowd = [await guild.fetch_member(server.member(f"M{n}").id) for n in range(MEMBERS)]
    on: set[tuple[int, int, str]] = set()
    for _ in range(EVENTS):
        message, member = dice.choice(messages), dice.choice(crowd)
        given = (message.id, member.id, dice.choice(emoji))
        hear(server, reaction(REMOVE if given in on else ADD, message, member, given[2]))
        on ^= {given}
        await asyncio.sleep(0)
    await heard_all()
    return on


def posted(server: Server, since: int) -> Counter[str]:
    """Count the messages the bot has sent, by channel."""
    calls = server.session.env.http_requests[since:]
    sent = [one.path for one in calls if one.method == "POST" and one.path.endswith("/messages")]
    return Counter(sent)


async def test_a_storm_of_both_on_one_job_is_followed_exactly(server: Server) -> None:
    await set_board(server, threshold=3)
    job = await made(server)
    message, card = message_of(server, job), server.cards[0]
    await server.session.stop_worker()
    since = len(server.session.env.http_requests)
    async with watched_loop() as held:
        on = await storm(server, [message, card], "⭐🔁", random.Random(7))
    assert max(held) < HELD_SECONDS
    stars = {(where, who) for where, who, emoji in on if emoji == "⭐"}
    votes = await vote_rows(server.session.parts.database)
    assert {(row.message_id, row.user_id) for row in votes} == stars
    (entry,) = await entry_rows(server.session.parts.database)
    assert entry.stars == len({who for _, who in stars})
    assert max(posted(server, since).values()) <= HANDFUL
    _, *rerolls = await server.jobs()
    assert 0 < len(rerolls) <= ALLOWED
    wanted = {who for _, who, emoji in on if emoji == "🔁"}
    assert {one.requester.id for one in rerolls if one.status is Status.QUEUED} <= wanted
    await server.session.start_worker()
    await until(lambda: stand(server, 1))
    assert f"⭐ **{entry.stars}**" in text_of(server.board.history()[0])
    await server.settled(len(rerolls) + 1)
    assert posted(server, since).total() <= 2 * HANDFUL + 1 + 2 * len(rerolls)


async def test_stars_in_a_storm_edit_their_entry_hardly_ever(server: Server) -> None:
    await set_board(server)
    job = await made(server)
    since = len(server.session.env.http_requests)
    on = await storm(server, [message_of(server, job)], "⭐", random.Random(8))
    await until(lambda: idle(server))
    await later(server, 6)
    calls = server.session.env.http_requests[since:]
    board = [one for one in calls if f"/channels/{server.board.id}/" in one.path]
    assert 1 <= len(board) <= HANDFUL * 2
    (entry,) = await entry_rows(server.session.parts.database)
    assert entry.stars == entry.shown_stars == len(on)
    assert f"⭐ **{len(on)}**" in text_of(server.board.history()[0])


async def test_a_storm_on_messages_that_are_none_of_ours_does_nothing(server: Server) -> None:
    await set_board(server)
    await made(server)
    foreign = await server.ana.send(server.art, "hello")
    await storm(server, [foreign], "⭐🔁❌", random.Random(9))
    assert len(await server.jobs()) == 1
    assert await vote_rows(server.session.parts.database) == []
    assert [one.content for one in server.art.history()][-1] == "hello"


class TestLimits:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_images_per_hour": 1, "guild_budget_usd_per_day": "0.14"}

    async def test_money_holds_in_a_storm_as_well(self, server: Server) -> None:
        message = message_of(server, await made(server))
        await server.session.stop_worker()
        since = len(server.session.env.http_requests)
        for member in [server.member(f"M{number}") for number in range(30)]:
            react_raw(server, ADD, message, member.id, "🔁")
        await settle(server)
        assert len(await server.jobs()) == 4  # of $0.035 each
        assert 1 <= posted(server, since).total() <= HANDFUL

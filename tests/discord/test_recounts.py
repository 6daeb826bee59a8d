"""Stars given and taken while the bot is down: counted again at each new session."""

import asyncio
from collections.abc import Callable
from typing import Any

import discord
import pytest
from simcord.http import router

from tests.discord.boards import (
    idle,
    later,
    made,
    message_of,
    on_board,
    set_board,
    settle,
    stand,
    text_of,
)
from tests.discord.conftest import Server, until
from tests.storage_views import entry_rows, vote_rows

STAR = "⭐"


@pytest.fixture(autouse=True)
def _bursts_are_listed_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Discord; simcord lists every reaction as a normal and as a burst one."""
    dispatch: Callable[..., Any] = router.dispatch

    def apart(*to: Any, **what: Any) -> object:
        asked = what.get("params") or {}
        return [] if int(asked.get("type") or 0) == 1 else dispatch(*to, **what)

    monkeypatch.setattr(router, "dispatch", apart)


def meanwhile(server: Server, message: discord.Message, *, give: str = "", take: str = "") -> None:
    """Change who starred a message, while nobody listens."""
    env = server.session.env
    ids = {user.name: user.id for user in env.backend.users.values()}
    stored = env.backend.get_message(message.channel.id, message.id)
    reaction = stored.reaction_for(STAR)
    assert reaction is not None  # the bot's own stands there from the start
    reaction.user_ids += [ids[name] for name in give.split()]
    for name in take.split():
        reaction.user_ids.remove(ids[name])


async def back(server: Server) -> None:
    """Start a new session, as after an outage."""
    server.session.bot.dispatch("ready")
    await until(counted)
    await until(lambda: idle(server))


async def counted() -> bool:
    names = {task.get_name() for task in asyncio.all_tasks()}
    return not names & {"discord.py: on_ready", "recount"}


async def voters(server: Server) -> set[int]:
    return {row.user_id for row in await vote_rows(server.session.parts.database)}


async def test_stars_given_meanwhile_bring_it_to_the_board(server: Server) -> None:
    await set_board(server, threshold=3)
    message = message_of(server, await made(server))
    await server.bob.react(message, STAR)
    meanwhile(server, message, give="Carl Dora")
    await server.session.restart()
    await settle(server)
    await until(lambda: stand(server, 1))
    assert await voters(server) == {server.bob.id, server.carl.id, server.dora.id}


async def test_stars_taken_meanwhile_take_it_down(server: Server) -> None:
    await set_board(server)
    message = message_of(server, await on_board(server))
    meanwhile(server, message, take="Bob")
    await back(server)
    await until(lambda: stand(server, 0))
    assert server.board.history() == []


async def test_what_was_counted_again_is_followed_as_before(server: Server) -> None:
    await set_board(server)
    message = message_of(server, await on_board(server))
    meanwhile(server, message, give="Carl Dora", take="Bob")
    await back(server)
    await server.carl.unreact(message, STAR)
    await later(server, 6)
    (row,) = await entry_rows(server.session.parts.database)
    assert (row.stars, row.shown_stars) == (1, 1)


async def test_other_bots_and_the_requester_do_not_count(server: Server) -> None:
    await set_board(server, threshold=2)
    message = message_of(server, await made(server))
    server.guild.add_member(server.session.env.create_user("Robot", bot=True))
    meanwhile(server, message, give="Ana Robot Bob")
    await back(server)
    assert server.board.history() == []
    assert await voters(server) == {server.ana.id, server.bob.id}


async def test_where_nothing_changed_nobody_is_asked_for(server: Server) -> None:
    """One call a message; who reacted is read only where the number is another."""
    await set_board(server)
    await on_board(server)
    before = len(server.session.env.http_requests)
    await back(server)
    calls = server.session.env.http_requests[before:]
    asked = [one.path for one in calls if one.method == "GET"]
    assert len(asked) == 2  # card and result
    assert not any("reactions" in path for path in asked)


async def test_a_message_that_is_gone_or_closed_stops_nothing(server: Server) -> None:
    await set_board(server)
    first = message_of(server, await made(server, "a fox"))
    second = message_of(server, await made(server, "a hare"))
    meanwhile(server, first, give="Bob")
    env = server.session.env
    gone = f"/channels/{second.channel.id}/messages/*"
    env.inject_error("GET", gone, status=403, code=50001, times=None)
    env.inject_error("GET", f"/channels/{server.art.id}/messages/*", status=503, times=None)
    await back(server)
    await until(lambda: stand(server, 1))


async def test_another_emoji_for_the_board_takes_down_nothing_that_stands(server: Server) -> None:
    """What was starred with the earlier one was starred."""
    await set_board(server)
    message = message_of(server, await on_board(server))
    await set_board(server, emoji="🔥")
    await back(server)
    await server.carl.react(message, "🔥")
    await later(server, 6)
    assert await stand(server, 1)
    (entry,) = server.board.history()
    assert "⭐ **2** · by **Ana**" in text_of(entry)


async def test_nor_what_waited_for_a_board_and_came_to_one_with_another_emoji(
    server: Server,
) -> None:
    await set_board(server)
    message = message_of(server, await made(server))
    path = f"/channels/{server.board.id}/messages"
    server.session.env.inject_error("POST", path, status=403, code=50013, times=None)
    await server.bob.react(message, STAR)
    await until(lambda: idle(server))
    server.session.env.backend.faults.clear()
    await set_board(server, server.guild.create_text_channel("gallery"), emoji="🔥")
    await until(lambda: stand(server, 1))
    await back(server)
    assert await stand(server, 1)

"""Boards that are gone or closed to the bot: told of once, and nothing that was starred is lost."""

import discord

from bot.domain.job import Job
from tests.discord.boards import (
    idle,
    later,
    made,
    message_of,
    on_board,
    press_raw,
    set_board,
    settle,
    stand,
    standing,
)
from tests.discord.conftest import Server, said, until
from tests.storage_views import entry_rows

HOUR = 3610.0
MESSAGES = "/channels/{}/messages"


def told(server: Server) -> list[str]:
    """What the manager was told by direct message."""
    backend = server.session.env.backend
    manager = next(user for user in backend.users.values() if user.name == "Mara")
    channel = backend.dm_channels.get(manager.id)
    return [one.content for one in backend.messages.get(channel or 0, {}).values()]


def close(server: Server) -> None:
    """Have Discord refuse whatever the bot posts on the board."""
    path = MESSAGES.format(server.board.id)
    server.session.env.inject_error("POST", path, status=403, code=50013, times=None)


async def refused(server: Server, *prompts: str) -> list[Job]:
    """Have results starred that the board takes none of."""
    jobs = [await made(server, prompt) for prompt in prompts]
    for job in jobs:
        await server.bob.react(message_of(server, job), "⭐")
        await until(lambda: idle(server))
    return jobs


async def test_a_board_that_takes_nothing_is_told_of_once_and_gets_all_when_it_works_again(
    server: Server,
) -> None:
    await set_board(server)
    close(server)
    await refused(server, "a fox", "a hare")
    for _ in range(3):
        await later(server, HOUR)
    assert len(told(server)) == 1
    assert told(server)[0].startswith(
        f"I may not post in the showcase you chose, <#{server.board.id}>"
    )
    server.session.env.backend.faults.clear()
    await later(server, HOUR)
    await until(lambda: stand(server, 2))
    assert len(server.board.history()) == 2
    assert len(told(server)) == 1


async def test_choosing_it_again_brings_what_waits_at_once(server: Server) -> None:
    await set_board(server)
    close(server)
    await refused(server, "a fox")
    server.session.env.backend.faults.clear()
    await set_board(server)
    await until(lambda: stand(server, 1))


async def test_a_deleted_board_is_told_of_once_and_what_waits_goes_to_the_next(
    server: Server,
) -> None:
    await set_board(server)
    server.session.env.backend.delete_channel(server.board.id)
    await refused(server, "a fox", "a hare")
    (only,) = told(server)
    assert only.startswith(f"The showcase you chose, <#{server.board.id}>, is gone.")
    other = server.guild.create_text_channel("gallery")
    await set_board(server, other, threshold=5)
    await until(lambda: stand(server, 2))
    assert len(other.history()) == 2
    assert len(told(server)) == 1


async def test_what_is_taken_back_meanwhile_is_no_news_from_the_board(server: Server) -> None:
    """The board still takes nothing: its manager has been told that."""
    await set_board(server)
    close(server)
    first, _ = await refused(server, "a fox", "a hare")
    press_raw(server, server.ana, message_of(server, first), f"withdraw:{first.id}")
    await settle(server)
    await until(lambda: idle(server))
    await later(server, HOUR)
    assert len(told(server)) == 1
    server.session.env.backend.faults.clear()
    await later(server, HOUR)
    await until(lambda: stand(server, 1))


async def test_a_manager_who_takes_no_messages_is_no_obstacle(server: Server) -> None:
    await set_board(server)
    close(server)
    server.session.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    await refused(server, "a fox")
    assert told(server) == []
    server.session.env.backend.faults.clear()
    await later(server, HOUR)
    await until(lambda: stand(server, 1))


async def test_what_may_not_be_taken_down_is_tried_again_and_shown_by_no_command(
    server: Server,
) -> None:
    await set_board(server)
    job = await on_board(server)
    (entry,) = server.board.history()
    path = f"{MESSAGES.format(server.board.id)}/{entry.id}"
    server.session.env.inject_error("DELETE", path, status=403, code=50001, times=None)
    await server.ana.react(message_of(server, job), "❌")
    await until(lambda: waits(server))
    for command in ("showcase top", "showcase random"):
        answer = said(await server.bob.slash(server.art, command))
        assert answer.startswith("Nothing is shown yet.")
    server.session.env.backend.faults.clear()
    await later(server, HOUR)
    assert await standing(server) == 0
    assert server.board.history() == []


async def waits(server: Server) -> bool:
    (row,) = await entry_rows(server.session.parts.database)
    return bool(row.tries and row.worker is None)


async def test_a_board_the_bot_may_not_use_is_refused_when_it_is_chosen(server: Server) -> None:
    me = server.session.bot.user
    assert me is not None
    for right, words in (
        ("send_messages", "Send Messages"),
        ("attach_files", "Attach Files"),
        ("read_message_history", "Read Message History"),
    ):
        overwrite = discord.PermissionOverwrite(**{right: False})
        channel = server.guild.create_text_channel(
            f"no-{right}", overwrites={server.guild.default_role: overwrite, me: overwrite}
        )
        answer = await set_board(server, channel)
        assert answer.startswith(f"I cannot post in {channel.mention}: **")
        assert f"**{words}**" in answer
    await refused(server, "a fox")
    assert await entry_rows(server.session.parts.database) == []

"""A forum as a board: each entry a post of its own, tagged, found again, taken down."""

from typing import Any

import discord
import pytest
import simcord
from simcord.backend import Backend, serializers
from simcord.backend.models import Channel, Message

from tests.discord.boards import (
    idle,
    later,
    made,
    message_of,
    on_board,
    set_board,
    settle,
    stand,
    standing,
    text_of,
)
from tests.discord.conftest import Server, said, until
from tests.discord.test_boards import crash, waits
from tests.storage_views import entry_rows

REQUIRE_TAG = 1 << 4


@pytest.fixture(autouse=True)
def _posts_have_the_id_of_their_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Discord; simcord gives them two."""
    commit = Backend.commit_message

    def one_id(self: Backend, message: Message, *, broadcast: bool = True) -> Message:
        channel = self.get_channel(message.channel_id)
        parent = channel.parent_id and self.channels.get(channel.parent_id)
        if (
            parent
            and parent.type == discord.ChannelType.forum.value
            and not self.messages[channel.id]
        ):
            message.id = channel.id
        return commit(self, message, broadcast=broadcast)

    monkeypatch.setattr(Backend, "commit_message", one_id)


def forum(server: Server, *tags: str, moderated: tuple[str, ...] = ()) -> simcord.ChannelHandle:
    """Make a forum with some tags."""
    made_one = server.guild.create_forum_channel("gallery")
    backend = server.session.env.backend
    backend.get_channel(made_one.id).available_tags = [
        {"id": str(backend.snowflake()), "name": tag, "moderated": tag in moderated,
         "emoji_id": None, "emoji_name": None}
        for tag in (*tags, *moderated)
    ]  # fmt: skip
    return made_one


def tags_of(server: Server, board: simcord.ChannelHandle) -> list[str]:
    """Read the tags of a forum's only post."""
    (post,) = board.threads
    backend = server.session.env.backend
    names = {int(tag["id"]): tag["name"] for tag in backend.get_channel(board.id).available_tags}
    return [names[tag] for tag in backend.get_channel(post.id).applied_tags]


async def posted(server: Server, board: simcord.ChannelHandle, **options: Any) -> None:
    told = await set_board(server, board)
    assert "Tags named like a shape" in told
    await on_board(server, "a fox\nin the rain", **options)


async def test_an_entry_is_a_post_named_like_its_prompt(server: Server) -> None:
    board = forum(server)
    await posted(server, board, max_images=12, size="2K")
    (post,) = board.threads
    assert post.name == "a fox in the rain"
    (entry,) = post.history()
    assert len(entry.attachments) == 10
    assert "by **Ana**" in text_of(entry)
    link = (
        f"-# In the showcase: <https://discord.com/channels/{server.guild.id}/{post.id}/{post.id}>"
    )
    assert server.results[-1].content.endswith(link)


@pytest.mark.parametrize(
    ("ratio", "tags", "moderated", "chosen"),
    [
        ("16:9", ("Cats", "16:9"), (), ["16:9"]),
        ("16:9", ("portrait", "LANDSCAPE"), (), ["LANDSCAPE"]),
        ("9:16", ("Portrait", "Landscape", "9:16"), (), ["Portrait", "9:16"]),
        ("1:1", ("Square", "Portrait"), (), ["Square"]),
        ("1:1", ("Portrait",), ("Square",), []),
        ("1:1", (), (), []),
    ],
)
async def test_tags_named_like_the_shape_are_put_on_but_moderated_ones(
    server: Server,
    ratio: str,
    tags: tuple[str, ...],
    moderated: tuple[str, ...],
    chosen: list[str],
) -> None:
    board = forum(server, *tags, moderated=moderated)
    await posted(server, board, aspect_ratio=ratio)
    assert tags_of(server, board) == chosen


async def test_a_forum_that_wants_a_tag_and_has_none_that_fits_gets_its_first(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = serializers.channel_payload

    def asking(backend: Backend, channel: Channel, *rest: Any, **options: Any) -> dict[str, Any]:
        said_of_it = dict(payload(backend, channel, *rest, **options))
        return said_of_it | ({"flags": REQUIRE_TAG} if channel.available_tags else {})

    monkeypatch.setattr(serializers, "channel_payload", asking)
    board = forum(server, "Staff picks", "Cats", "Dogs", moderated=("Winner",))
    await posted(server, board)
    assert tags_of(server, board) == ["Staff picks"]


async def test_the_stars_of_a_post_are_edited(server: Server) -> None:
    board = forum(server)
    await posted(server, board)
    await server.carl.react(server.results[0], "⭐")
    await later(server, 6)
    (post,) = board.threads
    assert "⭐ **2**" in text_of(post.history()[0])


async def withdraw(server: Server, board: simcord.ChannelHandle) -> None:
    (post,) = board.threads
    assert "is no longer in the showcase" in said(
        await server.ana.click(post.history()[0], label="Withdraw")
    )


async def test_a_post_taken_down_is_deleted_where_the_bot_may(server: Server) -> None:
    board = forum(server)
    await posted(server, board)
    await withdraw(server, board)
    await until(lambda: stand(server, 0))
    assert board.threads == []
    assert "In the showcase" not in server.results[0].content


async def test_without_manage_threads_it_is_left_closed_and_empty(server: Server) -> None:
    board = forum(server)
    await posted(server, board)
    (post,) = board.threads
    server.session.env.inject_error("DELETE", f"/channels/{post.id}", status=403, code=50013)
    await withdraw(server, board)
    await until(lambda: stand(server, 0))
    (post,) = board.threads
    assert (post.history(), post.name) == ([], "taken down")
    meta = server.session.env.backend.get_channel(post.id).thread_metadata
    assert meta is not None
    assert meta.archived


async def test_a_post_that_could_not_be_closed_at_once_is_closed_later(server: Server) -> None:
    board = forum(server)
    await posted(server, board)
    (post,) = board.threads
    server.session.env.inject_error("DELETE", f"/channels/{post.id}", status=503)
    await withdraw(server, board)
    await later(server, 10)
    await until(lambda: stand(server, 0))
    assert board.threads == []


async def test_a_post_a_moderator_deleted_does_not_come_back(server: Server) -> None:
    board = forum(server)
    await posted(server, board)
    (post,) = board.threads
    server.session.env.backend.delete_channel(post.id)
    await settle(server)
    await server.carl.react(server.results[0], "⭐")
    await later(server, 6)
    assert board.threads == []
    (row,) = await entry_rows(server.session.parts.database)
    assert (row.wanted, row.withdrawn) == (False, True)


async def test_a_post_opened_but_not_noted_is_found_and_not_opened_twice(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash(server, monkeypatch)
    board = forum(server)
    await set_board(server, board)
    job = await made(server)
    await server.bob.react(message_of(server, job), "⭐")
    await until(lambda: waits(server))
    (post,) = board.threads
    await later(server, 7200)
    assert await standing(server) == 1
    (row,) = await entry_rows(server.session.parts.database)
    assert (row.channel_id, row.message_id) == (post.id, post.id)
    assert await idle(server)
    assert len(board.threads) == 1

"""`/showcase set`: which emoji is the star, and who may choose."""

import discord
import pytest

from tests.discord.boards import ADD, made, message_of, react_raw, set_board, settle, stand, text_of
from tests.discord.conftest import Server, said, until
from tests.storage_views import entry_rows, vote_rows


@pytest.mark.parametrize("animated", [False, True])
async def test_a_custom_emoji_of_the_server_is_its_star(server: Server, animated: bool) -> None:
    own = server.guild.create_emoji("wow", animated=animated)
    await settle(server)
    written = f"<{'a' if animated else ''}:wow:{own.id}>"
    told = await set_board(server, emoji=written)
    assert told.startswith(f"What one member stars with {written} is now shown in")
    message = message_of(server, await made(server))
    react_raw(server, ADD, message, server.bob.id, "⭐")
    react_raw(server, ADD, message, server.carl.id, f"<:wow:{own.id + 1}>")
    await settle(server)
    assert await entry_rows(server.session.parts.database) == []
    react_raw(server, ADD, message, server.dora.id, written)
    await settle(server)
    await until(lambda: stand(server, 1))
    (entry,) = server.board.history()
    assert f"{written} **1** · by **Ana**" in text_of(entry)


async def test_emoji_that_not_every_member_can_use_are_refused(server: Server) -> None:
    other = server.session.env.create_guild(name="Elsewhere")
    foreign = other.create_emoji("wow")
    gone = server.guild.create_emoji("gone")
    locked = server.guild.create_emoji("locked")
    backend = server.session.env.backend
    backend.edit_emoji(server.guild.id, locked.id, {"available": False})
    backend.delete_emoji(server.guild.id, gone.id)
    await settle(server)
    for emoji in (foreign, gone, locked):
        told = await set_board(server, emoji=f"<:{emoji.name}:{emoji.id}>")
        assert told.startswith(f"`<:{emoji.name}:{emoji.id}>` cannot be the star")


@pytest.mark.parametrize(
    "words", ["star", ":star:", "⭐ please", "1", "*", "-", "@everyone", "<@1>", "狐", " ", "x⭐"]
)
async def test_words_are_no_emoji(server: Server, words: str) -> None:
    told = await set_board(server, emoji=words)
    assert "cannot be the star: choose an emoji that everybody has" in told


@pytest.mark.parametrize("emoji", ["❤", "❤️", "👍🏽", "🇩🇪", "1️⃣", "👨‍👩‍👧"])
async def test_any_emoji_everybody_has_is_fine_in_whatever_style(
    server: Server, emoji: str
) -> None:
    assert "is now shown in" in await set_board(server, emoji=emoji)
    message = message_of(server, await made(server))
    given = emoji.replace("\ufe0f", "") if "❤" in emoji else emoji
    react_raw(server, ADD, message, server.bob.id, given)
    await settle(server)
    assert len(await vote_rows(server.session.parts.database)) == 1


@pytest.mark.parametrize("emoji", ["🔁", "❌"])
async def test_an_emoji_that_means_something_else_cannot_be_the_star(
    server: Server, emoji: str
) -> None:
    """Every vote would be a paid reroll, or delete what is voted for."""
    assert "cannot be the star" in await set_board(server, emoji=emoji)


async def test_servers_have_stars_of_their_own(server: Server) -> None:
    env = server.session.env
    other = env.create_guild(name="Elsewhere")
    role = other.create_role("managers", permissions=discord.Permissions(manage_guild=True))
    manager = other.add_member(env.create_user("Zoe"), roles=[role])
    place = other.create_text_channel("art")
    await set_board(server, emoji="🔥")
    told = said(await manager.slash(place, "showcase set", channel=place, threshold=2))
    assert "2 members star with ⭐" in told
    message = message_of(server, await made(server))
    await server.bob.react(message, "⭐")
    assert await vote_rows(server.session.parts.database) == []
    await server.bob.react(message, "🔥")
    await until(lambda: stand(server, 1))

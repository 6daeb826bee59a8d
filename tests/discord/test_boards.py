"""A text channel as a board: what an entry shows, and that it stands there once."""

import discord
import pytest

from bot.domain.errors import TransientError
from bot.domain.showcase import EntryClaim, PostedEntry
from tests.discord.boards import (
    ADD,
    REMOVE,
    idle,
    later,
    made,
    message_of,
    on_board,
    react_raw,
    set_board,
    settle,
    stand,
    standing,
    text_of,
)
from tests.discord.conftest import Server, until
from tests.pictures import jpeg
from tests.storage_views import entry_rows, vote_rows

EDITED = 6.0  # more than the few seconds between two edits


def caption(server: Server) -> str:
    (entry,) = server.board.history()
    return text_of(entry)


async def shows(server: Server, stars: int) -> bool:
    return f"⭐ **{stars}** · by **Ana**" in caption(server)


def gallery(message: discord.Message) -> list[discord.MediaGalleryItem]:
    (found,) = [one for one in message.components if isinstance(one, discord.MediaGalleryComponent)]
    return list(found.items)


async def test_an_entry_shows_ten_pictures_with_words_for_those_who_do_not_see_them(
    server: Server,
) -> None:
    await set_board(server)
    job = await on_board(server, "many foxes", max_images=15, size="2K")
    (entry,) = server.board.history()
    shown = gallery(entry)
    assert len(entry.attachments) == len(shown) == 10
    assert [one.description for one in shown] == [
        f"Picture {number} of 15: many foxes" for number in range(1, 11)
    ]
    assert not any(one.spoiler for one in shown)
    first = server.results[0].attachments[0]
    assert await entry.attachments[0].read() == await first.read()
    link = f"https://discord.com/channels/{server.guild.id}/{job.delivery.channel_id}"
    assert link in text_of(entry)
    assert "Jump to the result" in text_of(entry)
    assert "made with AI" in text_of(entry)


async def test_a_spoiler_stays_one_and_inputs_are_never_shown(server: Server) -> None:
    await set_board(server)
    await on_board(server, "a fox", image1=("SPOILER_me.jpg", jpeg(400, 300)))
    (entry,) = server.board.history()
    (only,) = gallery(entry)
    assert only.spoiler
    (file,) = entry.attachments
    assert file.is_spoiler()
    assert await file.read() == await server.results[0].attachments[0].read()


async def test_no_words_of_a_prompt_are_anything_else_on_the_board(server: Server) -> None:
    await set_board(server)
    await on_board(server, "@everyone [click](https://evil.example) <@1> `` ` discord.gg/x")
    (entry,) = server.board.history()
    stored = server.session.env.backend.get_message(server.board.id, entry.id)
    assert not stored.mention_everyone
    assert stored.ping_user_ids == []
    (text,) = [one.content for one in entry.components if isinstance(one, discord.TextDisplay)]
    assert text.splitlines()[-1].strip("`").count("``") == 0
    assert text.splitlines()[-1].startswith("`")


async def test_the_stars_on_an_entry_follow_the_votes(server: Server) -> None:
    await set_board(server)
    job = await on_board(server)
    assert await shows(server, 1)
    (entry,) = server.board.history()
    await server.carl.react(message_of(server, job), "⭐")
    await server.dora.react(server.cards[0], "⭐")
    await later(server, EDITED)
    assert await shows(server, 3)
    await server.carl.unreact(message_of(server, job), "⭐")
    await later(server, EDITED)
    assert await shows(server, 2)
    assert [one.id for one in server.board.history()] == [entry.id]
    assert len(gallery(server.board.history()[0])) == 1


async def test_a_burst_star_counts_like_a_normal_one_and_a_member_once(server: Server) -> None:
    await set_board(server, threshold=2)
    message = message_of(server, await made(server))
    for burst in (True, False):
        react_raw(server, ADD, message, server.bob.id, "⭐", burst=burst, type=int(burst))
    await settle(server)
    assert await standing(server) == 0
    react_raw(server, ADD, message, server.carl.id, "⭐", burst=True, type=1)
    await settle(server)
    await until(lambda: stand(server, 1))
    react_raw(server, REMOVE, message, server.bob.id, "⭐")
    await settle(server)
    await later(server, EDITED)
    assert await shows(server, 2)
    react_raw(server, REMOVE, message, server.bob.id, "⭐", burst=True, type=1)
    await settle(server)
    await later(server, EDITED)
    assert await shows(server, 1)


@pytest.mark.parametrize("emoji", ["⭐", None])
async def test_what_a_moderator_clears_leaves_the_board(server: Server, emoji: str | None) -> None:
    await set_board(server)
    message = message_of(server, await on_board(server))
    backend = server.session.env.backend
    if emoji:
        backend.clear_reaction(message.channel.id, message.id, emoji)
    else:
        backend.clear_reactions(message.channel.id, message.id)
    await settle(server)
    await until(lambda: stand(server, 0))
    assert await vote_rows(server.session.parts.database) == []


async def test_clearing_another_emoji_changes_nothing(server: Server) -> None:
    await set_board(server)
    message = message_of(server, await on_board(server))
    server.session.env.backend.clear_reaction(message.channel.id, message.id, "🔁")
    await settle(server)
    await until(lambda: idle(server))
    assert await standing(server) == 1


async def test_stars_from_before_a_restart_count_with_those_after_it(server: Server) -> None:
    await set_board(server, threshold=2)
    message = message_of(server, await made(server))
    await server.bob.react(message, "⭐")
    await server.session.restart()
    await server.carl.react(message, "⭐")
    await until(lambda: stand(server, 1))
    assert await shows(server, 2)


async def test_an_entry_a_moderator_deleted_does_not_come_back(server: Server) -> None:
    await set_board(server)
    job = await on_board(server)
    await server.board.history()[0].delete()
    await settle(server)
    for member in (server.carl, server.dora):
        await member.react(message_of(server, job), "⭐")
    await later(server, EDITED)
    assert server.board.history() == []
    (row,) = await entry_rows(server.session.parts.database)
    assert (row.wanted, row.withdrawn) == (False, True)


async def test_an_entry_deleted_while_nobody_listened_does_not_come_back_either(
    server: Server,
) -> None:
    await set_board(server)
    job = await on_board(server)
    (entry,) = server.board.history()
    del server.session.env.backend.messages[server.board.id][entry.id]
    for member in (server.carl, server.dora):
        await member.react(message_of(server, job), "⭐")
        await later(server, EDITED)
    assert server.board.history() == []
    assert await standing(server) == 0
    assert "In the showcase" not in server.results[0].content


async def test_an_entry_posted_but_not_noted_is_found_and_not_posted_twice(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process loses its memory in between; the nonce is of no use hours later."""
    crash(server, monkeypatch)
    await set_board(server)
    job = await made(server)
    await server.bob.react(message_of(server, job), "⭐")
    await until(lambda: waits(server))
    (entry,) = server.board.history()
    for number in range(50):
        await server.dora.send(server.board, f"lovely {number}")
    await later(server, 7200)
    assert await standing(server) == 1
    (row,) = await entry_rows(server.session.parts.database)
    assert row.message_id == entry.id
    assert sum(bool(one.components) for one in server.board.history()) == 1


def crash(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the first note of where an entry stands get lost."""
    store = server.session.parts.store
    note, crashed = store.entry_posted, list[int]()

    async def once(claim: EntryClaim, at: PostedEntry) -> None:
        if not crashed:
            crashed.append(at.message_id)
            raise TransientError("crashed here")
        await note(claim, at)

    monkeypatch.setattr(store, "entry_posted", once)


async def waits(server: Server) -> bool:
    rows = await entry_rows(server.session.parts.database)
    return [row.tries for row in rows] == [1] and await idle(server)

"""The showcase: entries as the stars and their requesters want them."""

from collections.abc import Sequence

import pytest

from bot.domain.job import Actor, Deleter
from bot.domain.refusals import OnlyRequesterOrModerator
from bot.domain.showcase import EntryClaim, PostedEntry
from tests.discord.conftest import Server, said, until


async def board(server: Server, threshold: int) -> None:
    manager = server.member("Mara", manage_guild=True)
    await manager.slash(server.art, "showcase set", channel=server.board, threshold=threshold)


def entries(server: Server) -> int:
    return len(server.board.history())


async def shown(server: Server) -> bool:
    return entries(server) == 1


async def taken_down(server: Server, posted: Sequence[int] = (0,)) -> bool:
    return bool(posted) and entries(server) == 0


async def starred(server: Server) -> None:
    """Have a result on a board that takes three stars."""
    await board(server, 3)
    await server.imagine("a fox")
    await server.settled()
    for member in (server.bob, server.carl, server.dora):
        await member.react(server.results[0], "⭐")
    await until(lambda: shown(server))


async def test_an_entry_stays_until_less_than_half_of_its_stars_are_left(server: Server) -> None:
    await starred(server)
    await server.bob.unreact(server.results[0], "⭐")
    assert entries(server) == 1
    await server.carl.unreact(server.results[0], "⭐")
    await until(lambda: taken_down(server))


async def test_the_result_says_where_it_is_shown_as_long_as_it_is(server: Server) -> None:
    await starred(server)
    (entry,) = server.board.history()
    before, shown_at = server.results[0].content.rsplit("\n", 1)
    assert shown_at == f"-# In the showcase: <{entry.jump_url}>"
    (job,) = await server.jobs()
    await server.session.bot.services.showcase.withdraw(
        job.id, Actor(id=server.ana.id, moderates=None)
    )
    await until(lambda: says(server, before))


async def says(server: Server, text: str) -> bool:
    return server.results[0].content == text


async def test_what_is_deleted_while_its_entry_is_posted_does_not_stay_there(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = server.session.parts.store
    note = store.entry_posted
    posted: list[int] = []

    async def after_deletion(claim: EntryClaim, at: PostedEntry) -> None:
        assert entries(server) == 1
        posted.append(at.message_id)
        await store.remove(claim.job.id, Deleter.REQUESTER)
        await note(claim, at)

    monkeypatch.setattr(store, "entry_posted", after_deletion)
    await board(server, 1)
    await server.imagine("a fox")
    await server.settled()
    await server.bob.react(server.results[0], "⭐")
    await until(lambda: taken_down(server, posted))


async def test_it_comes_back_when_it_reaches_the_threshold_again(server: Server) -> None:
    await starred(server)
    for member in (server.bob, server.carl):
        await member.unreact(server.results[0], "⭐")
    await until(lambda: taken_down(server))
    await server.bob.react(server.results[0], "⭐")
    assert entries(server) == 0
    await server.carl.react(server.results[0], "⭐")
    await until(lambda: shown(server))


async def test_its_requester_withdraws_it_for_good(server: Server) -> None:
    await starred(server)
    (entry,) = server.board.history()
    told = said(await server.ana.click(entry, label="Withdraw"))
    assert told.endswith("is no longer in the showcase, and will not come back to it.")
    await until(lambda: taken_down(server))
    await server.member("Eve").react(server.results[0], "⭐")
    assert entries(server) == 0


async def test_nobody_else_but_a_moderator_withdraws_it(server: Server) -> None:
    await starred(server)
    (entry,) = server.board.history()
    told = said(await server.bob.click(entry, label="Withdraw"))
    assert told.startswith("Only Ana or a moderator can do that.")
    (job,) = await server.jobs()
    with pytest.raises(OnlyRequesterOrModerator):
        await server.session.bot.services.showcase.withdraw(job.id, Actor(id=1, moderates=1))
    assert entries(server) == 1
    moderator = server.member("Mo", manage_messages=True)
    await moderator.click(entry, label="Withdraw")
    await until(lambda: taken_down(server))


async def test_off_shows_nothing_more(server: Server) -> None:
    await board(server, 1)
    manager = server.member("Max", manage_guild=True)
    assert said(await manager.slash(server.art, "showcase off")).startswith("This server shows no")
    await server.imagine("a fox")
    await server.settled()
    await server.bob.react(server.results[0], "⭐")
    assert entries(server) == 0


async def test_what_was_made_among_adults_reaches_no_other_board(server: Server) -> None:
    await board(server, 1)
    channel = server.session.bot.get_channel(server.art.id)
    channel.nsfw = True  # type: ignore[union-attr]  # simcord has no such channels
    await server.imagine("a fox")
    await server.settled()
    await server.bob.react(server.results[0], "⭐")
    assert entries(server) == 0

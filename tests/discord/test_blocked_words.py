"""A server's blocked words hold wherever a prompt comes from, before anything is spent."""

import asyncio
import random
import string

import discord
import pytest
import simcord

from bot.domain.words import WordFilter
from tests.discord.conftest import Server, said
from tests.pictures import jpeg

REASON = "Your prompt has a word that is not allowed here. Please put it differently."
REFUSED = f"{REASON} Nothing was charged."


async def forbid(server: Server, *words: str, guild_id: int = 0, looser: bool = False) -> None:
    changed: dict[str, object] = {"blocked_words": words, "looser_words": looser}
    await server.session.parts.store.change(guild_id or server.guild.id, 1, changed)


async def made(server: Server, prompt: str) -> discord.Message:
    """Have a result whose prompt is blocked afterwards."""
    await server.imagine(prompt, image1=("sea.jpg", jpeg(300, 200)))
    await server.settled()
    return server.results[0]


async def nothing_more(server: Server, jobs: int) -> bool:
    """Whether neither a job nor a paid call came of it."""
    return len(await server.jobs()) == jobs == len(server.session.segmind.accepted)


async def test_imagine_is_refused_and_which_word_it_was_is_not_told(server: Server) -> None:
    await forbid(server, "gore", "grue")
    told = await server.imagine("a bit of G O R E here", image1=("a.png", b"not even a picture"))
    assert told == f"{REFUSED}\nYour prompt:\n```\na bit of G O R E here\n```"
    assert await nothing_more(server, 0)


async def test_compose_is_refused_and_gives_the_words_back(server: Server) -> None:
    form = await server.ana.slash(server.art, "compose")
    await forbid(server, "gore")
    told = said(await server.ana.submit_modal(form, {"prompt": "some gore"}))
    assert told == f"{REFUSED}\nYour prompt:\n```\nsome gore\n```"
    assert await nothing_more(server, 0)


async def test_an_edit_is_judged_by_its_new_words(server: Server) -> None:
    result = await made(server, "a fox")
    await forbid(server, "gore")
    form = await server.bob.click(result, label="Edit")
    told = said(await server.bob.submit_modal(form, {"prompt": "a fox with g0re"}))
    assert told.startswith(REFUSED)
    assert await nothing_more(server, 1)


async def test_an_edit_that_keeps_words_blocked_since_is_refused(server: Server) -> None:
    result = await made(server, "a fox with gore")
    await forbid(server, "gore")
    form = await server.bob.click(result, label="Edit")
    kept = {"prompt": "a fox with gore", "max_images": ["2"]}
    assert said(await server.bob.submit_modal(form, kept)).startswith(REFUSED)
    assert await nothing_more(server, 1)


async def test_a_reroll_of_words_blocked_since_is_refused_by_button_and_by_reaction(
    server: Server,
) -> None:
    result = await made(server, "a fox with gore")
    await forbid(server, "gore")
    assert said(await server.bob.click(result, label="Reroll")) == REFUSED
    (thread,) = server.art.threads
    await server.bob.react(result, "🔁")
    told = [one.content for one in thread.history() if "no reroll" in one.content]
    assert told == [f"<@{server.bob.id}>, no reroll: {REASON}"]
    assert await nothing_more(server, 1)


async def test_restyle_is_refused(server: Server) -> None:
    message = await server.ana.send(server.art, "look", attachments=[("sea.jpg", jpeg(300, 200))])
    await forbid(server, "gore")
    form = await server.ana.context_menu(server.art, "Restyle", message)
    told = said(await server.ana.submit_modal(form, {"prompt": "with GORE"}))
    assert told.startswith(REFUSED)
    assert await nothing_more(server, 0)


class TestOwners:
    @pytest.fixture
    def changes(self) -> dict[str, object]:
        return {"blocked_words": ("slur",)}

    async def test_a_servers_list_is_looser_among_adults_the_owners_never(
        self, server: Server
    ) -> None:
        channel = server.session.bot.get_channel(server.art.id)
        channel.nsfw = True  # type: ignore[union-attr]  # simcord has no such channels
        await forbid(server, "gore")
        assert (await server.imagine("some gore")).startswith(REFUSED)
        await forbid(server, "gore", looser=True)
        assert (await server.imagine("some gore")).startswith("In line")
        assert (await server.imagine("a slur")).startswith(REFUSED)
        channel.nsfw = False  # type: ignore[union-attr]  # likewise
        assert (await server.imagine("some gore again")).startswith(REFUSED)

    async def test_a_servers_list_touches_no_other_server_the_owners_all(
        self, server: Server
    ) -> None:
        eve, there = elsewhere(server)
        await forbid(server, "gore")
        assert "In line" in said(await eve.slash(there, "imagine", prompt="gore"))
        assert said(await eve.slash(there, "imagine", prompt="a slur")).startswith(REFUSED)
        assert (await server.imagine("gore")).startswith(REFUSED)


def elsewhere(server: Server) -> tuple[simcord.MemberActor, simcord.ChannelHandle]:
    other = server.session.env.create_guild(name="Elsewhere")
    eve = other.add_member(server.session.env.create_user("Eve"))
    return eve, other.create_text_channel("there")


async def test_ten_thousand_words_are_made_ready_once_and_beside_the_loop(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(1)
    words = ["".join(dice.choices(string.ascii_lowercase, k=9)) for _ in range(10_000)]
    await forbid(server, *words)
    made_of: list[int] = []
    make = WordFilter.__init__

    def counting(self: WordFilter, listed: tuple[str, ...]) -> None:
        made_of.append(len(listed))
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        make(self, listed)

    monkeypatch.setattr(WordFilter, "__init__", counting)
    first = await server.imagine("a fox")
    told = await server.imagine(f"a fox and {words[-1]}")
    assert first.startswith("In line")
    assert told.startswith(REFUSED)
    assert made_of == [10_000]

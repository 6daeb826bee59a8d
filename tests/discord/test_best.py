"""`/showcase top` and `random`: the best of a server, for all of its members."""

from typing import Any

import discord
import pytest
import simcord
from simcord.backend import Backend, serializers
from simcord.backend.models import Channel

from tests.discord.boards import later, made, message_of, on_board, set_board, settle, stand
from tests.discord.conftest import Server, said, until
from tests.pictures import jpeg

DAY = 86_400.0


async def top(server: Server, **options: str) -> simcord.InteractionResult:
    return await server.carl.slash(server.art, "showcase top", **options)


def files(answer: simcord.InteractionResult) -> list[discord.Attachment]:
    assert answer.response is not None
    return answer.response.message.attachments


async def by_bob(server: Server, prompt: str, stars: int, **options: Any) -> None:
    """Have a picture of Bob's on the board that so many starred."""
    before = len(await server.jobs())
    await server.bob.slash(server.art, "imagine", prompt=prompt, **options)
    job = (await server.settled(before + 1))[-1]
    for member in (server.ana, server.carl, server.dora)[:stars]:
        await member.react(message_of(server, job), "⭐")


async def test_nothing_shown_yet_is_said_in_words(server: Server) -> None:
    for command in ("showcase top", "showcase random"):
        told = said(await server.carl.slash(server.art, command))
        assert told.startswith("Nothing is shown yet. Star what you like")


async def test_the_best_come_in_order_with_credit_pictures_and_links(server: Server) -> None:
    await set_board(server)
    await on_board(server, "a fox")
    await by_bob(server, "a hare", 3)
    await until(lambda: stand(server, 2))
    await later(server, 6)
    answer = await top(server)
    heading, first, second, together = said(answer).splitlines()
    assert heading == "The best of the week:"
    assert first.startswith(
        "1. ⭐ **3** by **Bob**: `a hare` [Jump](<https://discord.com/channels/"
    )
    assert second.startswith("2. ⭐ **1** by **Ana**: `a fox`")
    assert together == "-# Most stars together: Bob 3, Ana 1"
    assert [one.description for one in files(answer)] == ["1. By Bob: a hare", "2. By Ana: a fox"]
    links = {entry.jump_url for entry in server.board.history()}
    assert all(any(link in line for link in links) for line in (first, second))


async def test_six_are_shown_at_most_with_small_pictures(server: Server) -> None:
    await set_board(server)
    for number in range(7):
        await on_board(server, f"fox {number}")
    answer = await top(server)
    assert said(answer).count("by **Ana**") == len(files(answer)) == 6
    sizes = [(one.width or 0, one.height or 0) for one in files(answer)]
    assert all(max(size) <= 512 for size in sizes)
    assert all(one.size < 100_000 for one in files(answer))


async def test_how_far_back_is_chosen(server: Server) -> None:
    await set_board(server)
    await on_board(server, "a fox")
    server.session.parts.database.shift += 8 * DAY
    assert said(await top(server)).startswith("Nothing is shown yet.")
    assert said(await top(server, period="month")).startswith("The best of the month:\n1. ")
    server.session.parts.database.shift += 30 * DAY
    assert said(await top(server, period="month")).startswith("Nothing is shown yet.")
    assert said(await top(server, period="ever")).startswith("The best ever:\n1. ")


async def test_a_spoiler_stays_one(server: Server) -> None:
    await set_board(server)
    await on_board(server, "a fox", image1=("SPOILER_me.jpg", jpeg(400, 300)))
    for command in ("showcase top", "showcase random"):
        (file,) = files(await server.carl.slash(server.art, command))
        assert file.is_spoiler()


async def test_one_by_chance_is_one_that_stands(server: Server) -> None:
    await set_board(server)
    await on_board(server, "a fox")
    await made(server, "a hare")
    for _ in range(5):
        answer = await server.carl.slash(server.art, "showcase random")
        assert said(answer).startswith("⭐ **1** by **Ana**: `a fox` [Jump](<")
        assert len(files(answer)) == 1


async def test_what_was_made_among_adults_is_shown_among_adults_only(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = serializers.channel_payload

    def marked(backend: Backend, channel: Channel, *rest: Any, **options: Any) -> dict[str, Any]:
        return {**payload(backend, channel, *rest, **options), "nsfw": channel.name == "bar"}

    monkeypatch.setattr(serializers, "channel_payload", marked)
    bar = server.guild.create_text_channel("bar")
    await settle(server)
    await set_board(server, bar)
    await server.ana.slash(bar, "imagine", prompt="a secret")
    (job,) = await server.settled()
    assert job.place.age_restricted
    await server.bob.react(bar.threads[0].history()[-1], "⭐")
    await until(lambda: stand(server, 1))
    for command in ("showcase top", "showcase random"):
        told = said(await server.carl.slash(server.art, command))
        assert told.startswith("Nothing is shown yet.")
        assert "`a secret`" in said(await server.carl.slash(bar, command))
    await server.carl.react(bar.threads[0].history()[-1], "⭐")
    await later(server, 6)
    assert await stand(server, 1)

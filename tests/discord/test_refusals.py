"""What is refused is said privately, in words; nothing is queued and nothing charged."""

from typing import Any

import discord
import pytest

from tests.discord.conftest import Server, said
from tests.pictures import jpeg, png


async def nothing_happened(server: Server) -> bool:
    return not (await server.jobs() or server.session.segmind.accepted or server.cards)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"max_images": 8, **{f"image{n}": (f"{n}.png", png(40, 40)) for n in range(1, 11)}},
            "10 pictures in and 8 out are more than the model takes (15 together).",
        ),
        (
            {"image1": ("note.png", b"just words, no picture at all")},
            "`note.png` (image1) cannot be used: it is not a picture.",
        ),
        ({"image1": ("none.jpg", b"")}, "`none.jpg` (image1) cannot be used: it is empty."),
        (
            {"image1": ("half.jpg", jpeg(800, 800)[:5000])},
            "`half.jpg` (image1) cannot be used: it is cut off; send it again.",
        ),
        (
            {"image1": ("a.jpg", jpeg(90, 90)), "image2": ("long.png", png(1700, 100))},
            "`long.png` (image2) cannot be used: one side is more than 16 times the other.",
        ),
        (
            {"image1": ("big.jpg", b"\xff\xd8\xff" + b"x" * 25_000_001)},
            "`big.jpg` (image1) cannot be used: the file is larger than 25 MB.",
        ),
        (
            {f"image{n}": (f"{n}.jpg", b"\xff\xd8\xff" + b"x" * 22_000_000) for n in range(1, 4)},
            "Your files are 66 MB together; I read up to 64 MB a request.",
        ),
        ({"prompt": "  \u3000 "}, "Your prompt is empty."),
    ],
)
async def test_what_cannot_work_is_refused_before_anything_is_spent(
    server: Server, options: dict[str, Any], words: str
) -> None:
    told = await server.imagine(**options)
    assert told.startswith(words)
    assert "Nothing was charged." in told
    assert await nothing_happened(server)


async def test_a_refusal_gives_the_prompt_back(server: Server) -> None:
    told = await server.imagine("a long thought", image1=("x.png", b"no"))
    assert told.endswith("Your prompt:\n```\na long thought\n```")


class TestLimits:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_images_per_hour": 2, "user_max_images_per_request": 2}

    async def test_the_hour_is_told_with_the_time_it_frees(self, server: Server) -> None:
        await server.imagine(max_images=2)
        told = await server.imagine()
        assert told.startswith("You have used 2 of 2 pictures for now. One more <t:")
        assert len(await server.jobs()) == 1

    async def test_more_than_a_request_may_ask_for(self, server: Server) -> None:
        told = await server.imagine(max_images=3)
        assert told.startswith("You asked for 3 pictures; 2 are the most in one request.")


class TestDay:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_images_per_day": 1}

    async def test_the_day_is_told_with_the_time_it_frees(self, server: Server) -> None:
        await server.imagine()
        told = await server.imagine()
        assert told.startswith("You have used 1 of 1 pictures for today. One more <t:")


class TestWaiting:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_max_waiting": 1, "user_max_running": 1}

    async def test_waiting_requests_are_limited_in_words(self, server: Server) -> None:
        server.session.segmind.behaviour.run_seconds = 5
        answers = [await server.imagine(f"fox {number}") for number in range(4)]
        assert answers[-1].startswith("You have 1 request waiting, the most allowed.")
        assert "<t:" in answers[-1]


class TestBudgets:
    @pytest.fixture(
        params=["guild_budget_usd_per_day", "guild_budget_usd_per_month", "budget_usd_per_day"]
    )
    def changes(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        return {request.param: 0.05}

    async def test_a_used_up_budget_is_told_with_the_time_it_opens(self, server: Server) -> None:
        await server.imagine()
        told = await server.imagine()
        assert "budget" in told
        assert "It opens <t:" in told
        assert len(await server.jobs()) == 1


class TestElsewhere:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"guild_ids": frozenset({1})}

    async def test_other_servers_may_not_spend(self, server: Server) -> None:
        assert (await server.imagine()).startswith("I am not set up to make pictures in this")
        assert await nothing_happened(server)


async def test_direct_messages_do_not_spend_by_default(server: Server) -> None:
    told = said(await server.ana.user.slash("imagine", prompt="x"))
    assert told.startswith("I make pictures in servers only")


class TestWords:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"blocked_words": ("Gore",)}

    async def test_a_blocked_word_is_refused_whole_and_in_any_case(self, server: Server) -> None:
        assert (await server.imagine("some GORE here")).startswith("Your prompt has a word")
        assert (await server.imagine("in Gorees house")).startswith("In line as")


async def test_a_missing_permission_is_named_with_the_fix(server: Server) -> None:
    closed = server.guild.create_text_channel(
        "closed",
        overwrites={server.guild.default_role: discord.PermissionOverwrite(attach_files=False)},
    )
    told = said(await server.ana.slash(closed, "imagine", prompt="x"))
    assert told.startswith(
        f"I cannot post in {closed.mention}: **Attach Files** is missing. "
        "A moderator can allow it under Edit Channel → Permissions."
    )
    assert await nothing_happened(server)

"""🔁 makes it again, ⭐ brings it to the showcase; after a restart too."""

from pathlib import Path
from typing import Any

import pytest

from bot.domain.job import Status
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import open_session, sandbox_settings
from tests.discord.conftest import RUN_SECONDS, Server, populate, said, until
from tests.pictures import jpeg
from tests.storage_views import ledger_rows


async def shown(server: Server) -> bool:
    return bool(server.board.history())


async def set_board(server: Server, threshold: int) -> None:
    manager = server.member("Mara", manage_guild=True)
    told = said(
        await manager.slash(server.art, "showcase set", channel=server.board, threshold=threshold)
    )
    assert server.board.mention in told


async def test_a_reaction_makes_the_same_request_again_for_whoever_reacted(server: Server) -> None:
    await server.imagine("a fox", image1=("me.jpg", jpeg(400, 300)), size="2K")
    await server.settled()
    await server.bob.react(server.results[-1], "🔁")
    first, second = await server.settled(2)
    assert second.requester.name == "Bob"
    assert second.request == first.request
    assert second.parent_id == first.id
    assert len(server.art.threads) == 1
    again = server.results[-1]
    assert again.content.startswith(
        f"<@{server.bob.id}> your picture is ready. Reroll of Ana's #{first.id}."
    )
    assert again.reference is not None
    assert again.reference.message_id == server.results[0].id
    pictures = [await message.attachments[0].read() for message in server.results]
    assert pictures[0] != pictures[1]


async def test_the_card_can_be_reacted_to_as_well(server: Server) -> None:
    await server.imagine("a fox")
    await server.settled()
    await server.bob.react(server.cards[0], "🔁")
    assert len(await server.settled(2)) == 2


async def test_the_reroll_button_does_the_same(server: Server) -> None:
    await server.imagine("a fox")
    await server.settled()
    answer = await server.bob.click(server.results[-1], label="Reroll")
    _, second = await server.settled(2)
    assert (
        said(answer)
        == f"Rerolling for you as #{second.id}: up to $0.035, 39 of 40 pictures left today."
    )


async def test_one_reroll_at_a_time_and_the_member_is_told(server: Server) -> None:
    await server.imagine("a fox")
    (job,) = await server.settled()
    server.session.segmind.behaviour.run_seconds = 2
    await server.bob.react(server.results[-1], "🔁")
    answer = await server.bob.click(server.results[-1], label="Reroll")
    assert said(answer).startswith(f"Your reroll of #{job.id} is still on its way")
    assert len(await server.settled(2)) == 2


async def test_the_bots_own_and_other_bots_reactions_make_nothing(server: Server) -> None:
    await server.imagine("a fox")
    await server.settled()
    robot = server.guild.add_member(server.session.env.create_user("Robot", bot=True))
    await robot.react(server.results[-1], "🔁")
    assert len(await server.jobs()) == 1


async def test_reactions_on_foreign_messages_make_nothing(server: Server) -> None:
    message = await server.ana.send(server.art, "hello")
    await server.bob.react(message, "🔁")
    await server.bob.react(message, "⭐")
    assert await server.jobs() == []


class TestLimits:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_images_per_hour": 1}

    async def test_a_reroll_counts_against_the_limits_of_whoever_reacted(
        self, server: Server
    ) -> None:
        await server.imagine("a fox")
        await server.settled()
        await server.ana.react(server.results[-1], "🔁")
        refused = server.art.threads[0].history()[-1].content
        assert refused.startswith(f"<@{server.ana.id}>, no reroll: You have used 1 of 1 pictures")
        assert len(await server.jobs()) == 1


async def test_enough_stars_bring_it_to_the_showcase_once_with_credit(server: Server) -> None:
    await set_board(server, 2)
    await server.imagine("a fox", image1=("me.jpg", jpeg(400, 300)))
    (job,) = await server.settled()
    result = server.results[-1]
    await server.ana.react(result, "⭐")
    await server.bob.react(result, "⭐")
    assert not await shown(server)
    await server.carl.react(result, "⭐")
    await until(lambda: shown(server))
    await server.dora.react(result, "⭐")
    (entry,) = server.board.history()
    assert len(entry.attachments) == 1
    assert await entry.attachments[0].read() == await result.attachments[0].read()
    text = str([component.to_dict() for component in entry.components])
    assert "by **Ana**" in text
    assert f"#{job.id}" in text


async def test_a_star_taken_back_does_not_count(server: Server) -> None:
    await set_board(server, 2)
    await server.imagine("a fox")
    await server.settled()
    result = server.results[-1]
    await server.bob.react(result, "⭐")
    await server.bob.unreact(result, "⭐")
    await server.carl.react(result, "⭐")
    assert not await shown(server)


async def test_only_managers_choose_the_showcase(server: Server) -> None:
    moderator = server.member("Mo", manage_messages=True)
    for command in ("showcase set", "showcase off"):
        options = {"channel": server.board} if command == "showcase set" else {}
        told = said(await moderator.slash(server.art, command, **options))
        assert told.startswith("You need **Manage Server** for that.")


async def test_a_job_accepted_before_a_restart_finishes_after_it(
    tmp_path: Path, segmind: LocalSegmind
) -> None:
    settings = sandbox_settings(tmp_path, segmind)
    segmind.behaviour.run_seconds = 1.5
    async with open_session(settings, segmind, run_seconds=RUN_SECONDS) as session:
        server = populate(session)
        await server.imagine("a fox")
        await until(lambda: submitted(server))
        old = session.bot
        await session.restart()
        assert session.bot is not old
        (job,) = await server.settled()
    assert job.status is Status.DELIVERED
    assert len(segmind.accepted) == 1


async def submitted(server: Server) -> bool:
    return [job.status for job in await server.jobs()] == [Status.SUBMITTED]


async def test_a_reroll_taken_back_before_it_starts_is_cancelled(server: Server) -> None:
    await server.imagine("a fox")
    await server.settled()
    message = server.results[0]
    await server.session.stop_worker()
    await server.bob.react(message, "🔁")
    await server.bob.unreact(message, "🔁")
    _, second = await server.jobs()
    assert second.status is Status.CANCELLED
    rows = await ledger_rows(server.session.parts.database)
    assert [row.event for row in rows] == ["reserve", "settle", "reserve", "release"]


async def test_a_reroll_that_runs_is_not_taken_back(server: Server) -> None:
    await server.imagine("a fox")
    await server.settled()
    server.session.segmind.behaviour.run_seconds = 1
    await server.bob.react(server.results[0], "🔁")
    await until(lambda: second_runs(server))
    await server.bob.unreact(server.results[0], "🔁")
    _, second = await server.settled(2)
    assert second.status is Status.DELIVERED


async def second_runs(server: Server) -> bool:
    return [job.status for job in await server.jobs()][1:] == [Status.SUBMITTED]


async def test_a_member_is_told_once_a_minute_why_not(server: Server) -> None:
    await server.imagine("a fox")
    await server.settled()
    message, (thread,) = server.results[0], server.art.threads
    await server.session.parts.store.let_go(-1)
    for _ in range(3):
        await server.bob.react(message, "🔁")
        await server.bob.unreact(message, "🔁")
    assert sum("no reroll" in one.content for one in thread.history()) == 1

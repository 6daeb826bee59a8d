"""/queue, /usage, cancelling, and the guard against sending the same thing twice."""

from typing import Any

import pytest

from bot.domain.job import Status
from tests.discord.conftest import Server, said, until
from tests.pictures import jpeg
from tests.storage_views import budget_rows, gate_row, job_rows, lane_rows, ledger_rows


class TestOneAtATime:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_max_running": 1, "segmind_max_running": 1}

    async def test_the_queue_lists_own_jobs_with_times_and_a_cancel_button_each(
        self, server: Server
    ) -> None:
        server.session.segmind.behaviour.run_seconds = 3
        await server.imagine("first")
        await until(lambda: has(server, Status.SUBMITTED))
        await server.imagine("second")
        answer = await server.ana.slash(server.art, "queue")
        first, second = await server.jobs()
        lines = said(answer).splitlines()
        assert lines[0].startswith(f"**#{first.id}** `first`: being made, ready <t:")
        assert lines[1].startswith(f"**#{second.id}** `second`: starts <t:")
        assert answer.response is not None
        labels = [
            button["label"] for row in answer.response.components for button in row["components"]
        ]
        assert labels == [f"Cancel #{first.id}", f"Cancel #{second.id}"]

    async def test_a_waiting_job_is_cancelled_at_once_and_the_money_is_back(
        self, server: Server
    ) -> None:
        server.session.segmind.behaviour.run_seconds = 2
        await server.imagine("first")
        await until(lambda: has(server, Status.SUBMITTED))
        await server.imagine("second")
        await until(lambda: card_stands(server, 2))
        card = next(one for one in server.cards if "second" in one.content)
        answer = await server.ana.click(card, label="Cancel")
        _, second = await server.jobs()
        assert said(answer) == (
            f"#{second.id} is cancelled. Nothing was charged and your allowance is back."
        )
        await server.settled(2)
        assert "Cancelled. Nothing was charged." in card_text(server, "second")
        database = server.session.parts.database
        events = [row.event for row in await ledger_rows(database) if row.job_id == second.id]
        assert events == ["reserve", "release"]
        assert (await job_rows(database))[1].counted == 0
        assert len(server.session.segmind.accepted) == 1

    async def test_a_running_job_is_paid_and_not_posted_and_that_is_said(
        self, server: Server
    ) -> None:
        server.session.segmind.behaviour.run_seconds = 1
        await server.imagine("first")
        await until(lambda: has(server, Status.SUBMITTED))
        (job,) = await server.jobs()
        answer = await server.ana.slash(server.art, "queue")
        assert answer.response is not None
        told = said(await server.ana.click(answer.response, label=f"Cancel #{job.id}"))
        assert told.startswith(f"#{job.id} is already being made and cannot be stopped")
        await until(lambda: has(server, Status.GENERATED))
        await until(lambda: counters_are_zero(server))
        await until(lambda: card_says(server, "it is paid for, but will not be posted"))
        assert server.results == []

    async def test_only_the_requester_or_a_moderator_may_cancel(self, server: Server) -> None:
        server.session.segmind.behaviour.run_seconds = 2
        await server.imagine("first")
        await until(lambda: has(server, Status.SUBMITTED))
        await server.imagine("second")
        await until(lambda: card_stands(server, 2))
        card = next(one for one in server.cards if "second" in one.content)
        told = said(await server.bob.click(card, label="Cancel"))
        assert told.startswith("Only Ana or a moderator can do that.")
        moderator = server.member("Mo", manage_messages=True)
        assert "is cancelled." in said(await moderator.click(card, label="Cancel"))


async def has(server: Server, status: Status) -> bool:
    return status in [job.status for job in await server.jobs()]


async def card_stands(server: Server, count: int) -> bool:
    return len(server.cards) == count and all(one.components for one in server.cards[1:])


async def counters_are_zero(server: Server) -> bool:
    database = server.session.parts.database
    lanes = [(row.queued, row.running) for row in await lane_rows(database)]
    return (await gate_row(database)).running == 0 and lanes == [(0, 0)]


def card_text(server: Server, prompt: str) -> str:
    return next(one.content for one in server.cards if prompt in one.content)


async def test_an_empty_queue_says_where_to_begin(server: Server) -> None:
    told = said(await server.ana.slash(server.art, "queue"))
    assert told == "You have nothing waiting or being made. Start with /imagine."


async def test_usage_says_what_is_used_and_when_the_next_one_frees(server: Server) -> None:
    await server.imagine(max_images=3, size="2K")
    await server.settled()
    hour, day, counts = said(await server.ana.slash(server.art, "usage")).splitlines()
    assert hour.startswith("This hour: 3 of 20 pictures. The next one frees <t:")
    assert day.startswith("Today: 3 of 40 pictures.")
    assert counts == "Waiting: 0 of 10 requests. Being made: 0 of 2."


async def test_the_same_request_within_seconds_is_not_a_second_charge(server: Server) -> None:
    photo = jpeg(300, 200)
    await server.imagine("a fox", image1=("a.jpg", photo))
    told = await server.imagine("a fox", image1=("renamed.jpg", photo))
    (job,) = await server.jobs()
    assert told.startswith(f"The same request is already on its way as #{job.id}")
    assert (await server.imagine("a fox", image1=("a.jpg", jpeg(301, 200)))).startswith("In line")
    assert said(
        await server.bob.slash(server.art, "imagine", prompt="a fox", image1=("a.jpg", photo))
    ).startswith("In line")


async def test_after_ten_seconds_the_same_words_are_a_new_wish(server: Server) -> None:
    await server.imagine("a fox")
    server.session.parts.database.shift = 11
    assert (await server.imagine("a fox")).startswith("In line")


async def test_a_reroll_is_not_a_double(server: Server) -> None:
    await server.imagine("a fox")
    await server.settled()
    await server.ana.react(server.results[0], "🔁")
    assert len(await server.settled(2)) == 2
    budgets = await budget_rows(server.session.parts.database)
    assert {row.reserved for row in budgets} == {0}


async def card_says(server: Server, text: str) -> bool:
    return text in server.cards[0].content

"""Trouble that lasts: what waits keeps its place, what is lost is looked for, and all is told."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from bot.domain.job import Status
from bot.sandbox.segmind import Fault, Mishap, Route
from bot.services.processing import TAKEOVERS
from tests.discord.conftest import Server, said, until
from tests.discord.trouble import (
    DONE,
    MAYBE_PAID,
    PAID,
    RELEASED,
    RESERVED,
    UNSURE,
    asked,
    became,
    behave,
    booked,
    check_counters,
    hurry,
)
from tests.pictures import jpeg
from tests.storage_views import gate_row, job_rows

DOWN = (
    "Pictures are paused: the service is down. Your request keeps its place and is not charged; "
    "it goes on by itself."
)
DOWN_TOLD = (
    "Segmind does not take requests at the moment. Waiting requests keep their places and go on by "
    "themselves."
)
PROBES = 22
MOST_POLLS = 10


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


async def waits_for_a_look(server: Server) -> bool:
    """Whether nobody is looking at this moment: a look reckons its next one from when it ends."""
    (row,) = await job_rows(server.session.parts.database)
    return row.worker is None and row.check_due_at is not None


async def test_what_is_given_up_is_sent_again_once_and_paid_once(server: Server) -> None:
    behave(server, Fault(Route.SUBMIT, Mishap.DROP))
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, [Status.UNKNOWN], MAYBE_PAID))
    await until(lambda: waits_for_a_look(server))
    server.session.parts.database.shift = 901
    await until(lambda: became(server, [Status.FAILED], "No trace of it was found."))
    for _ in range(2):
        assert said(await server.ana.click(server.cards[0], label="Send again"))
    await until(lambda: became(server, [Status.FAILED, Status.DELIVERED], DONE))
    assert await booked(server) == [RESERVED, UNSURE, RELEASED, RESERVED, PAID]
    assert len(server.session.segmind.accepted) == 1
    await check_counters(server)


@pytest.mark.parametrize("lookups", [1, 19])
async def test_a_history_that_is_away_for_some_time_is_asked_again(
    server: Server, lookups: int
) -> None:
    behave(
        server,
        Fault(Route.SUBMIT, Mishap.DROP_AFTER),
        Fault(Route.HISTORY, Mishap.STATUS, status=503, times=lookups),
    )
    await server.imagine("a fox", size="2K")
    for count in range(1, lookups + 1):
        await until(partial(looked_up, server, count))
        server.session.parts.database.shift += 45.1
    await until(lambda: submitted(server))
    await server.session.stop_worker()
    server.session.parts.database.shift = 0  # polls of old jobs are far apart
    await server.session.start_worker()
    await until(lambda: became(server, [Status.DELIVERED], DONE))
    assert await booked(server) == [RESERVED, UNSURE, PAID]
    assert len(server.session.segmind.accepted) == 1
    assert "your picture is ready" in server.results[-1].content


async def looked_up(server: Server, count: int) -> bool:
    """Whether so many lookups were in vain, and the next one has its time."""
    (row,) = await job_rows(server.session.parts.database)
    return asked(server, Route.HISTORY) >= count and row.check_due_at and row.worker is None


async def submitted(server: Server) -> bool:
    return [job.status for job in await server.jobs()] == [Status.SUBMITTED]


async def test_an_upload_that_keeps_failing_sends_nothing_and_waits(server: Server) -> None:
    behave(server, Fault(Route.UPLOAD, Mishap.STATUS, status=503, times=4))
    await server.imagine("a fox", image1=("a.jpg", jpeg(300, 200)), size="2K")
    await until(lambda: became(server, [Status.QUEUED], "In line"))
    assert server.session.segmind.accepted == []
    server.session.parts.database.shift = 61
    await until(lambda: became(server, [Status.DELIVERED], DONE))
    assert await booked(server) == [RESERVED, PAID]
    await check_counters(server)


class TestDeadline:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"segmind_deadline_seconds": 30}

    async def overdue(self, server: Server, run_seconds: float) -> None:
        """Bring a job past its deadline, its first lookup behind it."""
        behave(server, run_seconds=run_seconds)
        await server.imagine("a fox", size="2K")
        await until(lambda: submitted(server))
        server.session.parts.database.shift = 31
        await server.session.stop_worker()  # a job counts its time when it is taken up
        await server.session.start_worker()
        await until(lambda: became(server, [Status.UNKNOWN], MAYBE_PAID))
        assert asked(server, Route.STATUS) <= MOST_POLLS

    async def test_a_run_past_the_deadline_is_delivered_when_it_ends(self, server: Server) -> None:
        await self.overdue(server, 2.0)
        await until(lambda: runs_are(server, "COMPLETED"))
        server.session.parts.database.shift += 46
        await until(lambda: became(server, [Status.DELIVERED], DONE))
        assert await booked(server) == [RESERVED, UNSURE, PAID]
        assert len(server.session.segmind.accepted) == 1

    async def test_a_run_that_never_ends_is_given_up_in_time(self, server: Server) -> None:
        await self.overdue(server, 1000.0)
        server.session.parts.database.shift += 901
        await until(lambda: became(server, [Status.FAILED], "so $0.035 is booked for it."))
        assert await booked(server) == [RESERVED, UNSURE, PAID]
        assert not server.cards[0].components, "a button offers to buy it again"
        await check_counters(server)


async def runs_are(server: Server, state: str) -> bool:
    return {run.state for run in server.session.segmind.runs.values()} == {state}


class TestBreaking:
    """A job that no worker survives is taken up so often and no more."""

    async def break_workers(self, server: Server) -> None:
        await server.session.stop_worker()
        store = server.session.parts.store
        for _ in range(TAKEOVERS + 1):
            assert await store.claim()
            await store.hand_over()
        await server.session.start_worker()

    async def test_before_it_is_sent_costs_nothing(self, server: Server) -> None:
        await server.session.stop_worker()
        await server.imagine("a fox", size="2K")
        await self.break_workers(server)
        await until(lambda: became(server, [Status.FAILED], "You were not charged"))
        assert await booked(server) == [RESERVED, RELEASED]
        assert server.session.segmind.accepted == []
        await check_counters(server)

    async def test_after_it_was_sent_is_taken_as_paid(self, server: Server) -> None:
        behave(server, run_seconds=1000.0)
        await server.imagine("a fox", size="2K")
        await until(lambda: submitted(server))
        await self.break_workers(server)
        await until(lambda: became(server, [Status.FAILED], "The service charged $0.035"))
        assert await booked(server) == [RESERVED, PAID]
        await check_counters(server)


@pytest.fixture
async def told(server: Server) -> Server:
    """The same server, where the owner is told of trouble in #showcase."""
    session = server.session
    await session.stop_worker()
    settings = session.parts.settings.model_copy(update={"alert_channel_id": server.board.id})
    session.parts = replace(session.parts, settings=settings)
    await session.start_worker()
    return server


def alerts(server: Server) -> list[str]:
    return [one.content for one in server.board.history()]


class TestTheOwner:
    """One member, one job at a time: whoever waits behind the first sees the pause too."""

    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_max_running": 1}

    @pytest.mark.parametrize(
        ("fault", "why", "begun", "over"),
        [
            (
                Fault(Route.SUBMIT, Mishap.STATUS, status=status, text=text, times=2),
                why,
                begun,
                over,
            )
            for status, text, why, begun, over in [
                (401, "Unauthorized", "the service does not let the bot in",
                 "Segmind refuses the key.", "Segmind accepts the key again"),
                (403, "Forbidden", "the service does not let the bot in",
                 "Segmind refuses the key.", "Segmind accepts the key again"),
                (402, "empty", "the bot's account is out of credit",
                 "Segmind says the credit is used up.", "There is credit again"),
                (406, "Insufficient credits", "the bot's account is out of credit",
                 "Segmind says the credit is used up.", "There is credit again"),
            ]
        ],
        ids=["401", "403", "402", "406"],
    )  # fmt: skip
    async def test_is_told_once_and_once_when_it_is_over(
        self, told: Server, fault: Fault, why: str, begun: str, over: str
    ) -> None:
        behave(told, replace(fault))
        for prompt in ("first", "second"):
            await told.imagine(prompt, size="2K")
        paused = f"Pictures are paused: {why}. Your request keeps its place and is not charged"
        await until(lambda: all_cards_say(told, 2, paused))
        assert told.session.segmind.accepted == []
        told.session.parts.database.shift = 61
        await until(lambda: refused(told, 2))
        told.session.parts.database.shift = 122
        await until(lambda: became(told, [Status.DELIVERED] * 2, DONE))
        first, last = alerts(told)
        assert first.startswith(begun)
        assert last.startswith(over)
        assert await booked(told) == [RESERVED, RESERVED, PAID, PAID]
        await check_counters(told)

    async def test_a_halt_of_any_length_keeps_every_place(self, told: Server) -> None:
        behave(told, Fault(Route.SUBMIT, Mishap.STATUS, status=401, times=PROBES))
        for prompt in ("first", "second"):
            await told.imagine(prompt, size="2K")
        for count in range(1, PROBES + 1):
            await until(partial(refused, told, count))
            told.session.parts.database.shift += 61
        await until(lambda: became(told, [Status.DELIVERED] * 2, DONE))
        assert len(alerts(told)) == 2
        assert await booked(told) == [RESERVED, RESERVED, PAID, PAID]

    async def test_an_outage_is_told_after_three_refusals_and_ends_by_itself(
        self, told: Server
    ) -> None:
        behave(told, Fault(Route.SUBMIT, Mishap.STATUS, status=429, times=3))
        for prompt in ("first", "second"):
            await told.imagine(prompt, size="2K")
        for count in (1, 2):
            await until(partial(refused, told, count))
            assert not any("paused" in one.content for one in told.cards)
            assert alerts(told) == []
            told.session.parts.database.shift += 400
        await until(lambda: all_cards_say(told, 2, DOWN))
        told.session.parts.database.shift += 400
        await until(lambda: became(told, [Status.DELIVERED] * 2, DONE))
        assert alerts(told) == [
            DOWN_TOLD,
            "Segmind takes requests again; pictures are being made.",
        ]
        assert len(told.session.segmind.accepted) == 2
        assert await booked(told) == [RESERVED, RESERVED, PAID, PAID]
        await check_counters(told)


async def all_cards_say(server: Server, count: int, words: str) -> bool:
    return len(server.cards) == count and all(words in one.content for one in server.cards)


async def refused(server: Server, count: int) -> bool:
    """Whether so many submits were refused, and the queue knows."""
    waiting = [job.status for job in await server.jobs()] == [Status.QUEUED] * 2
    gate = await gate_row(server.session.parts.database)
    return asked(server, Route.SUBMIT) == count and waiting and gate.running == 0

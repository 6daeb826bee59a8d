"""The whole bot as whoever runs it sees it: logs, metrics, health, and a worker that breaks."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from io import StringIO
from typing import Any

import aiohttp
import pytest
from prometheus_client import generate_latest

from bot import supervisor
from bot.domain.errors import TransientError
from bot.domain.job import Deleter, Status
from bot.logs import configure
from bot.operations import health
from bot.operations.endpoint import Endpoint, open_endpoint
from bot.oversight import overseen, work
from bot.parts import Parts
from bot.sandbox.segmind import Fault, Mishap, Route
from bot.settings import SettingsError
from tests.discord.conftest import Server, until
from tests.discord.trouble import behave, hurry

PROMPT = "a secret wish"


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Log as LOG_FORMAT=json does, and give the root logger back afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    configure("INFO", "json", [])
    stream = StringIO()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    root.handlers[:], root.level = before


def lines(written: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


async def ended(server: Server, count: int = 1) -> str:
    """Wait until so many jobs are counted as ended; return the metrics."""

    async def counted() -> bool:
        return f"{count}.0" in totals(server, "seedream_jobs_ended_total").values()

    await until(counted)
    return metrics(server)


def metrics(server: Server) -> str:
    return generate_latest(server.session.parts.meter.registry).decode()


def totals(server: Server, name: str) -> dict[str, str]:
    """Read the samples of a counter by what is in their braces."""
    found = [line for line in metrics(server).splitlines() if line.startswith(name + "{")]
    return dict(line.removeprefix(name).rsplit(" ", 1) for line in found)


class TestLogs:
    async def test_a_job_ends_with_one_line_that_says_all_but_whose_it_is(
        self, server: Server, written: StringIO
    ) -> None:
        await server.imagine(PROMPT)
        (job,) = await server.settled()
        await ended(server)
        said = lines(written)
        (end,) = [line for line in said if line["message"] == "job ended"]
        assert end["job"] == job.id
        assert (end["status"], end["failure"], end["pictures"]) == ("delivered", None, 1)
        assert end["cost_usd"] == pytest.approx(0.035)
        assert 0 <= end["line_seconds"] < 2
        assert 0.3 <= end["run_seconds"] < 3
        assert 0 <= end["delivery_seconds"] < 3
        text = json.dumps(said)
        assert PROMPT not in text
        assert str(job.requester.id) not in text
        assert job.requester.name not in json.dumps(end)

    async def test_every_line_of_a_job_has_its_id(
        self,
        server: Server,
        written: StringIO,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Those of libraries and of lower layers too, which have never heard of jobs."""
        hurry(monkeypatch)
        behave(server, Fault(Route.DOWNLOAD, Mishap.STATUS, status=503, times=1))
        await server.imagine(PROMPT)
        (job,) = await server.settled()
        await ended(server)
        repeated = [line for line in lines(written) if line["message"].startswith("again in ")]
        assert [line["job"] for line in repeated] == [job.id]

    async def test_a_failed_job_and_a_cancelled_one_end_with_a_line_too(
        self, server: Server, written: StringIO
    ) -> None:
        behave(server, Fault(Route.SUBMIT, Mishap.STATUS, status=400, text="bad", times=1))
        await server.imagine(PROMPT)
        await server.settled()
        await ended(server)
        await server.session.stop_worker()
        await server.imagine("another")
        waiting = (await server.jobs())[1]
        await server.session.parts.store.cancel(waiting.id)
        await server.session.start_worker()
        jobs = await server.settled(2)

        async def both() -> bool:
            return len(totals(server, "seedream_jobs_ended_total")) == 2

        await until(both)
        ends = [line for line in lines(written) if line["message"] == "job ended"]
        assert [(line["job"], line["status"]) for line in ends] == [
            (jobs[0].id, "failed"),
            (jobs[1].id, "cancelled"),
        ]
        assert [(line["failure"], line["run_seconds"]) for line in ends][1] == (None, None)
        assert ends[0]["failure"]


async def test_news_of_a_job_that_ended_before_are_no_second_end(server: Server) -> None:
    await server.imagine()
    (job,) = await server.settled()
    await ended(server)
    store = server.session.parts.store
    await store.remove(job.id, Deleter.REQUESTER)

    async def gone() -> bool:
        left = await store.job(job.id)
        return left is not None and not left.delivery.message_ids and not server.results

    await until(gone)
    assert totals(server, "seedream_jobs_ended_total") == {'{failure="",status="delivered"}': "1.0"}


async def test_segminds_429s_are_counted(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)
    behave(server, Fault(Route.STATUS, Mishap.STATUS, status=429, times=2))
    await server.imagine()
    await server.settled()
    assert totals(server, "seedream_rate_limited_total")['{side="segmind"}'] == "2.0"


class TestHealth:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"port": 1}

    @pytest.fixture
    async def port(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
        """The endpoint of a running session, at a free port."""
        monkeypatch.setattr("bot.oversight.open_endpoint", _anywhere)
        async with overseen(server.session.parts, server.session.bot, with_worker=True) as port:
            assert port is not None
            yield port

    async def test_a_worker_that_stopped_is_told_and_one_that_came_back_too(
        self, server: Server, port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hurry(monkeypatch)
        monkeypatch.setattr(health, "WORKER_SECONDS", 1.5)
        await until(lambda: says(port, "ok\n"))
        await server.session.stop_worker()
        await until(lambda: says(port, "worker: no turn for 2 s\n"))
        await server.session.start_worker()
        await until(lambda: says(port, "ok\n"))

    async def test_a_worker_that_hangs_at_the_database_is_told(
        self, server: Server, port: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hurry(monkeypatch)
        monkeypatch.setattr(health, "WORKER_SECONDS", 1.5)
        released = asyncio.Event()

        async def hang() -> None:
            await released.wait()

        await server.session.stop_worker()
        monkeypatch.setattr(server.session.parts.store, "claim", hang)
        await server.session.start_worker()
        await until(lambda: says(port, "worker: no turn for 2 s\n"))
        released.set()
        await until(lambda: says(port, "ok\n"))


def _anywhere(endpoint: Endpoint, _: int) -> AbstractAsyncContextManager[int]:
    return open_endpoint(endpoint, 0)


async def says(port: int, wanted: str) -> bool:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/healthz") as answer,
    ):
        return await answer.text() == wanted


class TestWorker:
    @pytest.fixture(autouse=True)
    def soon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        hurry(monkeypatch)
        monkeypatch.setattr(supervisor, "FIRST_WAIT", 0.05)
        monkeypatch.setattr(supervisor, "STEADY_SECONDS", 1.0)

    def break_renewals(
        self, parts: Parts, monkeypatch: pytest.MonkeyPatch, *errors: Exception
    ) -> list[Exception]:
        """Let the next renewals of claims fail in ways nobody foresaw; return what is to come."""
        left = list(errors)
        renew = parts.store.renew

        async def broken(*held: Any) -> int:
            if left:
                raise left.pop(0)
            return await renew(*held)

        monkeypatch.setattr(parts.store, "renew", broken)
        return left

    async def test_one_that_breaks_off_is_begun_anew_and_the_owner_told_once(
        self, server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        session = server.session
        await session.stop_worker()
        self.break_renewals(
            session.parts, monkeypatch, RuntimeError("unforeseen"), KeyError("unforeseen")
        )
        await session.start_worker()
        await server.imagine()
        (job,) = await server.settled()
        assert job.status is Status.DELIVERED
        assert len(session.segmind.accepted) == 1

        def told() -> list[str]:
            said = [one.getMessage() for one in caplog.records if one.name == "bot.delivery.owner"]
            return [line for line in said if line.startswith("The worker ")]

        async def over() -> bool:
            return any("without a fault" in line for line in told())

        await until(over)
        assert [line[:25] for line in told()] == [
            "The worker broke off with",
            "The worker has been runni",
        ]
        breaks = [one for one in caplog.records if one.message.startswith("the worker broke off")]
        assert [one.message for one in breaks] == [
            "the worker broke off; again in 0 s",
            "the worker broke off; again in 0 s",
        ]
        assert all(one.exc_info for one in breaks)

    async def test_wrong_configuration_still_ends_it(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = server.session
        await session.stop_worker()
        group = ExceptionGroup("x", [SettingsError("X is not right")])
        self.break_renewals(session.parts, monkeypatch, group)
        with pytest.raises(SettingsError, match="X is not right"):
            async with asyncio.timeout(10):
                await work(session.parts, session.bot)

    async def test_it_stops_when_told_to_though_the_database_is_away(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = server.session

        async def away() -> None:
            raise TransientError("the database cannot be reached")

        monkeypatch.setattr(session.parts.store, "hand_over", away)
        working = asyncio.create_task(work(session.parts, session.bot))
        await asyncio.sleep(0)
        working.cancel()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(5):
                await working
        assert working.cancelled()

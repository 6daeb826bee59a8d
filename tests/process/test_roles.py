"""Roles as processes: what they need, how they stop."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import text

from bot.domain.job import Status
from bot.sandbox.segmind import LocalSegmind
from bot.storage.database import Database
from bot.storage.migrate import migrate
from bot.storage.store import Store
from tests.makers import OPEN_GATE, new_job, rules
from tests.storage_views import all_jobs

ROOT = Path(__file__).parents[2]
ME = {"id": "99", "username": "studio", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "99", "name": "studio", "icon": None, "description": "", "bot_public": False,
    "bot_require_code_grant": False, "verify_key": "x", "flags": 0,
    "owner": {"id": "1", "username": "o", "discriminator": "0", "avatar": None},
}  # fmt: skip


def _json(value: object) -> web.Response:
    """Answer as Discord does: discord.py reads no type but this one, without a charset."""
    return web.Response(body=json.dumps(value).encode(), content_type="application/json")


def _discord() -> web.Application:
    """A Discord that lets the bot log in."""

    async def me(_: web.Request) -> web.Response:
        return _json(ME)

    async def application(_: web.Request) -> web.Response:
        return _json(APPLICATION)

    app = web.Application()
    app.router.add_get("/api/v10/users/@me", me)
    app.router.add_get("/api/v10/oauth2/applications/@me", application)
    return app


@asynccontextmanager
async def started(role: str, folder: Path, base: str, **environment: str) -> AsyncIterator[Process]:
    program = (
        f"import sys, discord.http; discord.http.Route.BASE = {base!r};"
        f"from bot.__main__ import main; sys.argv = ['bot', {role!r}]; main()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": "x",
            "SEGMIND_API_KEY": "y",
            **environment,
        },
        stderr=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def empty_url(postgresql_url: str) -> str:
    """A PostgreSQL without tables."""
    database = Database(postgresql_url)
    await database.run(
        lambda tx: tx.connection.execute(text("drop schema public cascade; create schema public"))
    )
    await database.close()
    return postgresql_url


async def test_a_role_alone_needs_postgresql(tmp_path: Path) -> None:
    async with started("worker", tmp_path, "http://127.0.0.1:9") as process:
        _, said = await asyncio.wait_for(process.communicate(), 60)
    assert said.decode() == (
        "DATABASE_URL is not right: it should be postgresql://… where gateway and worker run "
        "apart\n"
    )
    assert process.returncode == 2


async def test_a_worker_stops_when_it_is_told_to(tmp_path: Path, empty_url: str) -> None:
    async with TestServer(_discord()) as discord:
        base = str(discord.make_url("/api/v10"))
        async with started("worker", tmp_path, base, DATABASE_URL=empty_url) as process:
            assert process.stderr is not None
            async with asyncio.timeout(60):
                while b"worker of" not in (line := await process.stderr.readline()):
                    assert line, "it ended by itself"
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                assert await process.wait() == 0


async def test_a_worker_answers_at_its_port_and_a_taken_port_is_wrong_configuration(
    tmp_path: Path, empty_url: str
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    async with TestServer(_discord()) as discord, aiohttp.ClientSession() as session:
        base = str(discord.make_url("/api/v10"))
        environment = {"DATABASE_URL": empty_url, "PORT": port, "LOG_FORMAT": "json"}
        async with started("worker", tmp_path, base, **environment) as process:
            assert process.stderr is not None
            async with asyncio.timeout(60):
                while b"worker of" not in (line := await process.stderr.readline()):
                    assert line, "it ended by itself"
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                assert (answer.status, await answer.text()) == (200, "ok\n")
            async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                assert 'seedream_jobs{status="queued"} 0.0' in await answer.text()
            async with started("worker", tmp_path, base, **environment) as other:
                _, said = await asyncio.wait_for(other.communicate(), 60)
            assert other.returncode == 2
            assert said.decode().splitlines()[-1].startswith("PORT is not right: ")
            process.send_signal(signal.SIGTERM)
            rest = await asyncio.wait_for(process.stderr.read(), 20)
            assert await process.wait() == 0
        assert b"GET /healthz" not in rest


async def test_a_worker_that_is_told_to_stop_hands_over_what_it_has_sent(
    tmp_path: Path, empty_url: str
) -> None:
    database = Database(empty_url)
    await migrate(database)
    store = Store(database, rules=rules(), gate=OPEN_GATE, worker="next")
    await store.submit(new_job())
    async with LocalSegmind(run_seconds=60) as segmind, TestServer(_discord()) as discord:
        base = str(discord.make_url("/api/v10"))
        places = {
            "DATABASE_URL": empty_url,
            "SEGMIND_API_KEY": segmind.key,
            "SEGMIND_API_URL": segmind.api_url,
            "SEGMIND_UPLOAD_URL": segmind.upload_url,
        }
        async with started("worker", tmp_path, base, **places) as process:
            async with asyncio.timeout(60):
                while [one.status for one in await all_jobs(database)] != [Status.SUBMITTED]:
                    await asyncio.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                assert await process.wait() == 0
        taken = await store.claim()
        assert taken is not None
        assert (taken.job.status, len(segmind.accepted)) == (Status.SUBMITTED, 1)
        assert taken.job.provider_id
    await database.close()


async def test_another_image_store_than_the_databases_own_is_wrong_configuration(
    tmp_path: Path, empty_url: str
) -> None:
    async with TestServer(_discord()) as discord:
        base = str(discord.make_url("/api/v10"))
        for store in ("file:one", "file:two"):
            async with started(
                "worker",
                tmp_path,
                base,
                DATABASE_URL=empty_url,
                IMAGE_STORE_URL=store,
            ) as process:
                assert process.stderr is not None
                async with asyncio.timeout(60):
                    while line := await process.stderr.readline():
                        if b"worker of" in line or b"IMAGE_STORE_URL" in line:
                            break
                said = line.decode()
    assert said.startswith("IMAGE_STORE_URL is not right: it should be the store this database")

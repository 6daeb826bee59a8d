"""`python -m bot doctor` as somebody types it: what it prints, where, and its exit status."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest

from bot.parts import open_parts
from bot.roles import make_bot
from bot.sandbox.segmind import LocalSegmind
from bot.sandbox.session import sandbox_settings
from tests.discord.real_http import TOKEN, Discord, served

ROOT = Path(__file__).parents[2]


@dataclass
class Said:
    status: int | None
    out: str
    err: str


@dataclass
class Machine:
    """A folder with a bot in it that was started once, and the environment it has."""

    folder: Path
    discord: Discord
    environment: dict[str, str]

    async def doctor(self, *words: str, **changes: str) -> Said:
        program = (
            f"import sys, discord.http; discord.http.Route.BASE = {self.discord.base!r};"
            f"from bot.__main__ import main; sys.argv = ['bot', 'doctor', *{words!r}]; main()"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            cwd=self.folder,
            env=self.environment | changes,
            stdout=PIPE,
            stderr=PIPE,
        )
        async with asyncio.timeout(60):
            out, err = await process.communicate()
        return Said(process.returncode, out.decode(), err.decode())


@pytest.fixture
async def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Machine]:
    async with served() as simulated, LocalSegmind() as segmind:
        monkeypatch.setattr(discord.http.Route, "BASE", simulated.base)
        settings = sandbox_settings(tmp_path, segmind, discord_token=TOKEN)
        async with open_parts(settings) as parts, make_bot(parts) as bot:
            await bot.login(TOKEN)
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONIOENCODING": "utf-8",
            "DISCORD_TOKEN": TOKEN,
            "SEGMIND_API_KEY": segmind.key,
            "SEGMIND_API_URL": segmind.api_url,
            "DATABASE_URL": settings.database_url,
            "IMAGE_STORE_URL": settings.image_store_url,
        }
        yield Machine(tmp_path, simulated, environment)


async def test_all_well_is_a_table_and_status_0(machine: Machine) -> None:
    said = await machine.doctor()
    assert said.status == 0, said.out + said.err
    assert said.err == ""
    *lines, _, last = said.out.splitlines()
    assert all(line.startswith("✓ ") for line in lines)
    assert last == "All is well."


async def test_something_broken_is_status_1_and_its_remedy(machine: Machine) -> None:
    machine.discord.application["bot_public"] = True
    said = await machine.doctor(DISCORD_TOKEN=TOKEN)
    assert said.status == 1
    lines = said.out.splitlines()
    crosses = [number for number, line in enumerate(lines) if line.startswith("✗ ")]
    assert [lines[number].split()[1] for number in crosses] == ["application"]
    assert lines[crosses[0] + 1].lstrip().startswith("→ Turn Public Bot off")


async def test_json_is_one_document_and_nothing_else(machine: Machine) -> None:
    well = await machine.doctor("--json")
    assert (well.status, json.loads(well.out)["ok"]) == (0, True)
    said = await machine.doctor("--json", SEGMIND_API_KEY="SG_another-key")
    assert said.status == 1
    read = json.loads(said.out)
    assert read["ok"] is False
    by_name = {check["name"]: check for check in read["checks"]}
    assert by_name["Segmind key"]["status"] == "broken"
    assert by_name["Segmind key"]["todo"]
    assert by_name["Segmind credit"]["status"] == "not checked"
    assert "another-key" not in said.out + said.err


@pytest.mark.parametrize("words", [(), ("--json",)])
async def test_no_secret_comes_out_even_at_debug(machine: Machine, words: tuple[str, ...]) -> None:
    said = await machine.doctor(
        *words,
        DISCORD_TOKEN="MTIz.another-token",
        LOG_LEVEL="DEBUG",
        DATABASE_URL="postgresql://me:the-password@127.0.0.1:1/bot",
        IMAGE_STORE_URL="s3://bucket/x",
        AWS_ENDPOINT_URL="http://127.0.0.1:1",
        AWS_REGION="us-east-1",
        AWS_ACCESS_KEY_ID="an-id",
        AWS_SECRET_ACCESS_KEY="the-aws-secret",
    )
    assert said.status == 1
    for secret in (
        "another-token",
        machine.environment["SEGMIND_API_KEY"],
        "the-password",
        "the-aws-secret",
    ):
        assert secret not in said.out + said.err


async def test_wrong_configuration_keeps_its_line_and_its_status(machine: Machine) -> None:
    said = await machine.doctor(GUILD_IDS="here")
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("GUILD_IDS is not right: ")
    assert said.err.count("\n") == 1

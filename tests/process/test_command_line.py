"""The command line as somebody types it."""

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from PIL import Image

from tests.pictures import jpeg

ROOT = Path(__file__).parents[2]
TOKEN = "MTIz.SECRET.token"


def run(
    *words: str, folder: Path, seconds: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot` in a folder of its own, with nothing of this environment but the path."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


def test_a_missing_token_ends_with_one_line_and_status_2(tmp_path: Path) -> None:
    done = run(folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(r"DISCORD_TOKEN is missing: it should be .*\n", done.stderr)


def test_a_malformed_setting_ends_with_one_line_without_secrets(tmp_path: Path) -> None:
    done = run(
        folder=tmp_path, DISCORD_TOKEN=TOKEN, SEGMIND_API_KEY="SG_x", SEGMIND_MAX_RUNNING="no"
    )
    assert done.returncode == 2
    assert done.stderr == (
        "SEGMIND_MAX_RUNNING is not right: it should be a whole number of 1 or more\n"
    )


def test_settings_are_read_from_a_file_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DISCORD_TOKEN=x\nSEGMIND_API_KEY=y\nLOG_LEVEL=loud\n")
    assert run(folder=tmp_path).stderr.startswith("LOG_LEVEL is not right")


def test_migrate_makes_the_database_and_may_be_repeated(tmp_path: Path) -> None:
    for _ in range(2):
        done = run("migrate", folder=tmp_path, DISCORD_TOKEN="x", SEGMIND_API_KEY="y")
        assert done.returncode == 0
    assert (tmp_path / "data" / "bot.db").exists()


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "my photo.jpg"
    path.write_bytes(jpeg(900, 600))
    return path


def page_of(done: subprocess.CompletedProcess[str]) -> Path:
    """Read the last line, where the page is."""
    assert done.returncode == 0, done.stderr
    last = done.stdout.strip().splitlines()[-1]
    assert last.startswith("file://")
    return Path(unquote(urlsplit(last).path))


def test_a_source_that_is_not_there_is_no_empty_installation(tmp_path: Path) -> None:
    done = run(
        "migrate", "--copy-from", "sqlite:///nope.db", folder=tmp_path,
        DISCORD_TOKEN=TOKEN, SEGMIND_API_KEY="SG_x",
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == "there is no file nope.db: is this the folder the bot runs in?\n"
    assert not (tmp_path / "nope.db").exists()


def test_whoever_is_erased_in_the_wrong_folder_or_by_a_wrong_id_is_told_so(tmp_path: Path) -> None:
    known: dict[str, Any] = {"DISCORD_TOKEN": TOKEN, "SEGMIND_API_KEY": "SG_x"}
    done = run("erase", "--yes", "12", folder=tmp_path, **known)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("there is no file data/bot.db")
    assert not (tmp_path / "data").exists()
    run("migrate", folder=tmp_path, **known)
    done = run("erase", "--yes", "12", folder=tmp_path, **known)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Nothing is kept of 12 (database sqlite:///data/bot.db")


def test_the_demo_leaves_pictures_and_a_page_behind(tmp_path: Path) -> None:
    page = page_of(run("demo", folder=tmp_path))
    html = page.read_text()
    for words in (
        "your picture is ready",
        "Reroll of Ana",
        "your pictures are ready",
        "This request was refused by the content rules.",
        "You have used 1 of 15 pictures for now",
        "your only result",
        "by <strong>Ana</strong>",
        "Simulated service",
    ):
        assert words in html
    assert re.search(r"Only (<[^>]*>)*Bob(<[^>]*>)* sees this", html)
    pictures = [path for path in page.parent.iterdir() if path.suffix != ".html"]
    assert Counter(map(size_of, pictures)) == {(3456, 2592): 2, (2848, 1600): 15}


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


@pytest.mark.soak
def test_the_demo_takes_a_picture_and_words_of_ones_own(tmp_path: Path, photo: Path) -> None:
    done = run("demo", "--image", str(photo), "--prompt", "<b>me</b> & @everyone", folder=tmp_path)
    html = page_of(done).read_text()
    assert "&lt;b&gt;me&lt;/b&gt; &amp; @everyone" in html
    assert "<b>me</b>" not in html


async def _unauthorized(_: web.Request) -> web.Response:
    return web.json_response({"message": "401: Unauthorized", "code": 0}, status=401)


async def test_a_wrong_token_ends_with_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    """A Discord of our own refuses the token, as the real one does."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", _unauthorized)
    async with TestServer(app) as refusing:
        program = (
            "import sys, discord.http;"
            f"discord.http.Route.BASE = {str(refusing.make_url('/api/v10'))!r};"
            "from bot.__main__ import main; sys.argv = ['bot']; main()"
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "DISCORD_TOKEN": TOKEN,
                "SEGMIND_API_KEY": "SG_x",
            },
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(60):
            _, said = await process.communicate()
    lines = [line for line in said.decode().splitlines() if not re.match(r"\d{4}-\d\d-\d\d ", line)]
    assert lines == [
        (
            "DISCORD_TOKEN was refused by Discord: copy it again from the Developer Portal "
            "under Bot → Reset Token"
        )
    ]
    assert TOKEN not in said.decode()
    assert process.returncode == 2

"""The child process: nothing a picture does to it reaches the bot, and it is always replaced."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.errors import TransientError
from bot.domain.pictures import Picture
from bot.domain.refusals import BadPicture, PictureFault
from bot.images.child import MEMORY
from bot.images.process import PictureProcess
from tests.pictures import jpeg

SMALL = jpeg(80, 60)
linux = pytest.mark.skipif(sys.platform != "linux", reason="seen through Linux's own means")


async def normalise(pictures: PictureProcess) -> Picture:
    return await pictures.normalise(SMALL, name="a.jpg", option="image1")


def is_gone(pid: int) -> bool:
    """Ended and reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@pytest_asyncio.fixture
async def pictures() -> AsyncIterator[PictureProcess]:
    """Impatient, and checked not to leave anything behind."""
    async with PictureProcess(timeout=2) as process:
        yield process
        last = process.pid
    assert last is None or is_gone(last)


def pause(pictures: PictureProcess) -> int:
    """Make the child as stuck as can be."""
    assert pictures.pid
    os.kill(pictures.pid, signal.SIGSTOP)
    return pictures.pid


async def test_a_stuck_child_is_killed_its_picture_refused_and_the_next_one_taken(
    pictures: PictureProcess,
) -> None:
    stuck = pause(pictures)
    stuck_over = asyncio.create_task(normalise(pictures))
    waiting = asyncio.create_task(normalise(pictures))
    with pytest.raises(BadPicture) as caught:
        await stuck_over
    assert caught.value.fault is PictureFault.UNDECODABLE
    assert is_gone(stuck)
    assert (await waiting).width == 80
    assert pictures.pid not in {stuck, None}


async def test_a_child_killed_while_idle_is_nobody_s_fault(pictures: PictureProcess) -> None:
    """As a machine short of memory does; the loop has not even heard of it yet."""
    assert pictures.pid
    os.kill(pictures.pid, signal.SIGKILL)
    assert (await normalise(pictures)).width == 80


async def test_a_child_killed_over_a_picture_gets_one_more_try(pictures: PictureProcess) -> None:
    task = asyncio.create_task(normalise(pictures))
    killed = pause(pictures)
    await asyncio.sleep(0)
    os.kill(killed, signal.SIGKILL)
    assert (await task).width == 80
    assert pictures.pid != killed


async def test_a_picture_that_kills_two_children_is_refused(pictures: PictureProcess) -> None:
    task = asyncio.create_task(pictures.normalise(jpeg(6000, 6000), name="a.jpg", option="image1"))
    killed = set()
    while not task.done():
        if (pid := pictures.pid) and pid not in killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
        await asyncio.sleep(0)
    with pytest.raises(BadPicture) as caught:
        await task
    assert caught.value.fault is PictureFault.UNDECODABLE
    assert len(killed) == 2
    assert (await normalise(pictures)).width == 80


async def test_a_result_over_which_the_child_dies_may_be_tried_again() -> None:
    async with PictureProcess(timeout=0.2) as pictures:
        pause(pictures)
        with pytest.raises(TransientError):
            await pictures.preview(SMALL)


async def test_a_cancelled_caller_leaves_no_answer_to_the_next(pictures: PictureProcess) -> None:
    paused = pause(pictures)
    task = asyncio.create_task(normalise(pictures))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert is_gone(paused)
    preview = await pictures.preview(jpeg(1024, 1024))
    assert preview.width == 512


async def test_closing_ends_the_child_and_what_waits_for_it() -> None:
    async with PictureProcess(timeout=60) as pictures:
        paused = pause(pictures)
        waiting = [asyncio.create_task(normalise(pictures)) for _ in range(3)]
        await asyncio.sleep(0)
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in ended] == [TransientError] * 3
    assert is_gone(paused)


async def test_ten_at_once_are_taken_one_after_the_other(pictures: PictureProcess) -> None:
    before = pictures.pid
    taken = await asyncio.gather(*(normalise(pictures) for _ in range(10)))
    assert {one.width for one in taken} == {80}
    assert pictures.pid == before


async def test_a_child_that_cannot_start_is_a_passing_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    with pytest.raises(TransientError):
        async with PictureProcess():
            pass


async def test_a_child_that_ends_at_once_is_a_passing_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(TransientError):
        async with PictureProcess():
            pass


@linux
async def test_the_child_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "a-very-secret-token")
    async with PictureProcess() as pictures:
        assert pictures.pid
        environment = environment_of(pictures.pid)
    assert b"PYTHONPATH=" in environment
    assert b"secret" not in environment


@linux
async def test_the_child_s_memory_is_limited(pictures: PictureProcess) -> None:
    assert pictures.pid
    assert resource.prlimit(pictures.pid, resource.RLIMIT_AS) == (MEMORY, MEMORY)


@linux
async def test_a_picture_that_needs_more_memory_is_refused_and_the_child_works_on(
    pictures: PictureProcess,
) -> None:
    assert pictures.pid
    before = pictures.pid
    resource.prlimit(before, resource.RLIMIT_AS, (200_000_000, MEMORY))
    with pytest.raises(BadPicture) as caught:
        await pictures.normalise(jpeg(8000, 8000), name="a.jpg", option="image1")
    assert caught.value.fault is PictureFault.TOO_MANY_PIXELS
    assert (caught.value.width, caught.value.height) == (8000, 8000)
    assert (await normalise(pictures)).width == 80
    assert pictures.pid == before


async def test_the_child_works_on_through_the_signals_of_a_stop(pictures: PictureProcess) -> None:
    """The bot finishes what it has begun; Ctrl-C and some hosts signal every process."""
    before = pictures.pid
    assert before
    assert os.getsid(before) == before
    os.kill(before, signal.SIGTERM)
    assert (await normalise(pictures)).width == 80
    assert pictures.pid == before


def test_the_child_ends_with_its_parent() -> None:
    """When the bot is killed, the child's standard input ends."""
    ended = subprocess.run(
        [sys.executable, "-m", "bot.images.child"],
        input=b"",
        capture_output=True,
        timeout=20,
        check=True,
    )
    assert ended.stderr == b""


def test_the_child_imports_nothing_of_weight() -> None:
    script = "import sys, bot.images.child; print(*{name.split('.')[0] for name in sys.modules})"
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True
    )
    heavy = {"aiohttp", "asyncio", "discord", "obstore", "pillow_heif", "pydantic", "sqlalchemy"}
    assert "PIL" in found.stdout.split()
    assert heavy & set(found.stdout.split()) == set()

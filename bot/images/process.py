"""Pixels are worked on in a child process, so that a hostile file can hurt nothing but that.

A child of our own rather than a process pool: pebble 5.2's pool is broken for good once its idle
worker is killed (as a machine short of memory does), polls twenty times a second, and unpickles
whatever its worker sends.
"""

import asyncio
import logging
import os
import sys
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from bot.domain.errors import Failure, PermanentError, TransientError
from bot.domain.pictures import Picture
from bot.domain.refusals import BadPicture, PictureFault
from bot.images.header import read_header
from bot.images.wire import LENGTHS, MAX_BODY, MAX_HEAD, Head, Refused, opening, read_head

_log = logging.getLogger(__name__)

_START_SECONDS = 30
_SLICE = 256 * 1024
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "SYSTEMROOT")


class _Died(Exception):
    """The child ended, got stuck or talked nonsense over a task."""


@dataclass(frozen=True, slots=True)
class _Child:
    """A running child, with one task at a time."""

    process: Process
    stdin: StreamWriter
    stdout: StreamReader

    @property
    def usable(self) -> bool:
        return self.process.returncode is None and not self.stdin.is_closing()

    async def ask(self, head: Head, data: bytes, seconds: float) -> tuple[Head, bytes]:
        """Have a task done; the child does not outlive a failure, nor a cancellation."""
        async with self.ended_on_failure(), asyncio.timeout(seconds):
            self.stdin.write(opening(head, len(data)))
            view = memoryview(data)
            for start in range(0, len(data), _SLICE):
                self.stdin.write(view[start : start + _SLICE])
                await self.stdin.drain()
            return await self.receive()

    async def receive(self) -> tuple[Head, bytes]:
        """Read one answer; ValueError when it is none."""
        lengths = LENGTHS.unpack(await self.stdout.readexactly(LENGTHS.size))
        head_length, byte_count = lengths
        if head_length > MAX_HEAD or byte_count > MAX_BODY:
            raise ValueError("an answer beyond all measure")
        head = read_head(await self.stdout.readexactly(head_length))
        return head, await self.stdout.readexactly(byte_count)

    async def end(self) -> None:
        """Kill it: it holds nothing that could be lost."""
        if self.process.returncode is None:
            self.process.kill()
        self.stdin.close()
        await self.process.wait()

    @asynccontextmanager
    async def ended_on_failure(self) -> AsyncIterator[None]:
        try:
            yield
        except BaseException:
            await self.end()
            raise


class PictureProcess:
    """The `Pictures` port: one child, one picture after the other, each within `timeout` seconds.

    A child that dies or gets stuck is replaced. TransientError when none can be started, and
    from `fit` and `preview` when the child does not survive the picture; PermanentError from
    these when the bytes are no usable picture.
    """

    def __init__(self, *, timeout: float = 30) -> None:
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._child: _Child | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return self._child.process.pid if self._child and self._child.usable else None

    async def __aenter__(self) -> Self:
        """Start the child, so that the first picture does not wait for it."""
        async with self._turn:
            await self._ready()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the child; what still runs or waits fails with TransientError."""
        self._closed = True
        if self._child:
            await self._child.end()
        async with self._turn:
            self._child = None

    async def normalise(self, data: bytes, *, name: str, option: str) -> Picture:
        """See `Pictures.normalise`."""
        try:
            return await self._work({"work": "normalise"}, data)
        except Refused as error:
            raise BadPicture(
                name=name,
                option=option,
                fault=error.fault,
                width=error.width,
                height=error.height,
            ) from error
        except _Died as error:
            _log.warning("The picture process did not survive a picture: %s", error)
            raise BadPicture(name=name, option=option, fault=PictureFault.UNDECODABLE) from error

    async def fit(self, data: bytes, *, byte_limit: int) -> Picture:
        """See `Pictures.fit`; a JPEG, PNG or WebP that fits is returned as it is."""
        if len(data) <= byte_limit and (as_it_is := _as_it_is(data)):
            return as_it_is
        return await self._work_on_result({"work": "fit", "byte_limit": byte_limit}, data)

    async def preview(self, data: bytes) -> Picture:
        """See `Pictures.preview`."""
        return await self._work_on_result({"work": "preview"}, data)

    async def sheet(self, previews: Sequence[bytes]) -> Picture:
        """See `Pictures.sheet`."""
        lengths = ",".join(str(len(data)) for data in previews)
        return await self._work_on_result({"work": "sheet", "lengths": lengths}, b"".join(previews))

    async def chart(self, figures: bytes) -> Picture:
        """Draw figures; this child is the larger for it from then on (see `bot.images.charts`)."""
        try:
            return await self._work({"work": "chart"}, figures)
        except (Refused, _Died) as error:
            raise TransientError(f"the chart could not be drawn: {error}") from error

    async def _work_on_result(self, head: Head, data: bytes) -> Picture:
        try:
            return await self._work(head, data)
        except Refused as error:
            message = f"a result cannot be used: {error.fault}"
            raise PermanentError(message, failure=Failure.NO_RESULT) from error
        except _Died as error:
            message = f"the picture process did not survive a result: {error}"
            raise TransientError(message) from error

    async def _work(self, head: Head, data: bytes) -> Picture:
        """Try twice where the child is gone: it may have been killed while it was idle."""
        async with self._turn:
            try:
                return await self._try(head, data)
            except (IncompleteReadError, ConnectionError):
                _log.warning("The picture process was gone; trying once more")
            try:
                return await self._try(head, data)
            except (IncompleteReadError, ConnectionError) as error:
                raise _Died("it ended twice") from error

    async def _try(self, head: Head, data: bytes) -> Picture:
        child = await self._ready()
        try:
            return _picture(*await child.ask(head, data, self._timeout))
        except TimeoutError as error:
            raise _Died("it got stuck") from error
        except (KeyError, TypeError, ValueError) as error:
            raise _Died("it answered nonsense") from error

    async def _ready(self) -> _Child:
        if self._closed:
            raise TransientError("the picture process is closed")
        if self._child is None or not self._child.usable:
            self._child = await _start()
        return self._child


async def _start() -> _Child:
    """Start a child without the environment: it needs no secrets, so it has none to lose."""
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "bot.images.child"),
            stdin=PIPE,
            stdout=PIPE,
            env=environment | {"PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # Ctrl-C is for the parent
        )
        return await _greeted(process)
    except (IncompleteReadError, OSError, ValueError) as error:
        raise TransientError("the picture process does not start") from error


async def _greeted(process: Process) -> _Child:
    if process.stdin is None or process.stdout is None:
        raise ValueError("a process without pipes")
    child = _Child(process, process.stdin, process.stdout)
    async with child.ended_on_failure(), asyncio.timeout(_START_SECONDS):
        await child.receive()
    return child


def _as_it_is(data: bytes) -> Picture | None:
    try:
        header = read_header(data)
    except ValueError:
        return None
    if header is None:
        return None
    return Picture(
        data=data,
        content_type=header.content_type,
        width=header.width,
        height=header.height,
    )


def _picture(head: Head, data: bytes) -> Picture:
    width, height = int(head["width"]), int(head["height"])
    if "fault" in head:
        raise Refused(PictureFault(str(head["fault"])), width, height)
    content_type = str(head["content_type"])
    return Picture(data=data, content_type=content_type, width=width, height=height)

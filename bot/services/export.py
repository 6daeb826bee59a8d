"""All that is kept of a member as zip files: first what the database has of them, then pictures.

Written to disk in threads, one picture at a time: neither loop nor memory feels its size.
"""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.exporting import pictures_of
from bot.domain.members import MemberStore
from bot.domain.ports import ImageStore
from bot.services.export_data import DataFiles

JOBS_AT_ONCE = 25
MOST_ZIPS = 10
ZIP_BYTES = 10_000_000
LISTED = 5000
LEFT_OUT = "not-included.txt"
_ROOM = 200_000  # of every zip, for that list
_HEADERS = 400  # bytes a file takes in a zip beside its own, at most


@dataclass(frozen=True, kw_only=True, slots=True)
class Parcel:
    """One zip of an export: a file that is there until the next one is asked for."""

    path: Path
    number: int
    total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A file of an export: on disk, or a picture by its key."""

    name: str
    source: Path | str
    byte_count: int


@dataclass(kw_only=True, slots=True)
class _Zips:
    """Up to `most` zips of `room` bytes, filled in order; `left_out` is what none takes."""

    room: int
    most: int
    zips: list[list[_File]] = field(default_factory=lambda: [[]])
    used: int = 0
    left_out: list[str] = field(default_factory=list)

    def add(self, file: _File) -> None:
        """Put a file into the last zip or the next one, else on the list."""
        needed = file.byte_count + _HEADERS
        if needed <= self.room < self.used + needed and len(self.zips) < self.most:
            self.zips.append([])
            self.used = 0
        if self.used + needed > self.room:
            self.left_out.append(file.name)
            return
        self.zips[-1].append(file)
        self.used += needed


class Export:
    """Makes exports. What the image store has no more is listed as left out."""

    def __init__(self, *, members: MemberStore, images: ImageStore) -> None:
        self._members = members
        self._images = images

    @asynccontextmanager
    async def begun(self, user_id: int, file_limit: int) -> AsyncIterator[AsyncIterator[Parcel]]:
        """Make a member's export: one zip of up to `file_limit` bytes, else several small ones.

        Raises ExportRunning, ExportLimit.
        """
        await self._members.begin_export(user_id)
        folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="export-")
        try:
            yield self._parcels(user_id, Path(folder.name), file_limit)
        finally:
            await asyncio.to_thread(folder.cleanup)
            await self._members.end_export(user_id)

    async def _parcels(self, user_id: int, folder: Path, file_limit: int) -> AsyncIterator[Parcel]:
        files = await self._files(user_id, folder)
        plan = _fill(files, room=file_limit - _ROOM, most=1)
        if plan.left_out:
            plan = _fill(files, room=ZIP_BYTES - _ROOM, most=MOST_ZIPS)
        total = len(plan.zips)
        for number, content in enumerate(plan.zips, start=1):
            path = folder / f"export-{number}-of-{total}.zip"
            await self._pack(path, content, plan, last=number == total)
            yield Parcel(path=path, number=number, total=total)
            await asyncio.to_thread(path.unlink)

    async def _files(self, user_id: int, folder: Path) -> list[_File]:
        """Write down what the database has, and list the pictures, newest first."""
        pictures: dict[str, _File] = {}
        data = DataFiles(folder, {"user_id": user_id, **await self._members.noted_of(user_id)})
        before: int | None = None
        while jobs := await self._members.jobs_of(user_id, before, JOBS_AT_ONCE):
            before = jobs[-1].number
            await asyncio.to_thread(data.add, jobs)
            for name, stored in (found for job in jobs for found in pictures_of(job)):
                one = _File(name=name, source=stored.key, byte_count=stored.byte_count)
                pictures.setdefault(stored.key, one)
        written = await asyncio.to_thread(data.close)
        return [
            *(_File(name=path.name, source=path, byte_count=size) for path, size in written),
            *pictures.values(),
        ]

    async def _pack(self, path: Path, content: Sequence[_File], plan: _Zips, *, last: bool) -> None:
        packing = await asyncio.to_thread(zipfile.ZipFile, path, "w")
        try:
            for file in content:
                await self._add(packing, file, plan)
            if last and plan.left_out:
                text = left_out_text(plan.left_out)
                await asyncio.to_thread(packing.writestr, LEFT_OUT, text, zipfile.ZIP_DEFLATED)
        finally:
            await asyncio.to_thread(packing.close)

    async def _add(self, packing: zipfile.ZipFile, file: _File, plan: _Zips) -> None:
        if isinstance(file.source, Path):
            await asyncio.to_thread(packing.write, file.source, file.name, zipfile.ZIP_DEFLATED)
            return
        try:
            data = await self._images.get(file.source)
        except KeyError:
            plan.left_out.append(file.name)
            return
        await asyncio.to_thread(packing.writestr, file.name, data)


def _fill(files: Sequence[_File], *, room: int, most: int) -> _Zips:
    plan = _Zips(room=room, most=most)
    for file in files:
        plan.add(file)
    return plan


def left_out_text(names: Sequence[str]) -> str:
    """List what is in no zip; the id that `/results` finds it by is in its name."""
    more = len(names) - LISTED
    lines = [
        "These pictures did not fit, or are no longer stored. Each name holds the day, then the id",
        "of the request: /results with that id shows its pictures as long as they are stored.",
        "",
        *names[:LISTED],
        *([f"… and {more} more: every request is in data.json"] if more > 0 else []),
    ]
    return "\n".join(lines) + "\n"

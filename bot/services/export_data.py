"""What the database has of a member, as JSON files that a zip of an export takes each."""

import json
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.domain.exporting import job_record
from bot.domain.job import Job

PACKED_BYTES = 8_000_000


class DataFiles:
    """`data.json`, and `data-2.json` … where it would be too large for one zip; used in threads."""

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        self._folder = folder
        self._done: list[tuple[Path, int]] = []
        self._between = ""
        self._begin(f"{json.dumps(about, ensure_ascii=False, indent=1)[:-2]},\n ")

    def add(self, jobs: Sequence[Job]) -> None:
        """Write some jobs."""
        for job in jobs:
            if self._packed >= PACKED_BYTES:
                self._end()
                self._begin("{")
            record = json.dumps(job_record(job), ensure_ascii=False)
            self._write(f"{self._between}{record}")
            self._between = ",\n"

    def close(self) -> list[tuple[Path, int]]:
        """End the last file; return all, each with its size once packed (bytes)."""
        self._end()
        return self._done

    def _begin(self, opening: str) -> None:
        number = len(self._done) + 1
        self._path = self._folder / ("data.json" if number == 1 else f"data-{number}.json")
        self._file = self._path.open("wb")
        self._packing = zlib.compressobj()
        self._packed = 0
        self._between = ""
        self._write(f'{opening}"jobs": [\n')

    def _end(self) -> None:
        self._write("\n]}\n")
        self._file.close()
        self._done.append((self._path, self._packed + len(self._packing.flush())))

    def _write(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        self._file.write(data)
        self._packed += len(self._packing.compress(data))

"""Pictures by key, in a folder or in an object store that speaks S3."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from bot.domain.errors import CutOff, Failure, PermanentError, TransientError
from bot.domain.job import StoredPicture
from bot.domain.pictures import EXTENSIONS, MAX_DECODED_PIXELS, MAX_RESULT_BYTES
from bot.images.header import TAIL, Header, read_header

if TYPE_CHECKING:
    from obstore import AsyncWritableFile

MARKER = "marker.txt"

_MAX_HEAD = 1_000_000  # a JPEG may carry long notes before its size
_LIST_BATCH = 1000
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")


@dataclass(frozen=True, kw_only=True, slots=True)
class Streaming:
    """How results are written while they arrive: bytes a part, results at once."""

    part_bytes: int
    at_once: int


_FOLDER = Streaming(part_bytes=512 * 1024, at_once=16)
_S3 = Streaming(part_bytes=5 * 1024 * 1024, at_once=2)  # S3's smallest part; one fills, one goes


def open_store(url: str) -> "PictureStore":
    """Open `file:folder` (made if need be) or `s3://bucket/prefix`; ValueError for anything else.

    The S3 endpoint, region and keys come from the usual AWS variables.
    """
    kind, _, rest = url.partition(":")
    if kind == "file" and rest:
        return _open_folder(Path.cwd() / rest.removeprefix("//"))
    if kind == "s3" and rest.startswith("//") and rest.strip("/"):
        return _open_bucket(rest.strip("/"))
    raise ValueError("an image store is file:folder or s3://bucket/prefix")


def _open_folder(folder: Path) -> "PictureStore":
    with _translated():
        store = LocalStore(folder, mkdir=True, automatic_cleanup=True)
    return PictureStore(store, _FOLDER)


def _open_bucket(place: str) -> "PictureStore":
    bucket, _, prefix = place.partition("/")
    endpoint = next((os.environ[name] for name in _ENDPOINTS if os.environ.get(name)), None)
    with _translated():
        store = S3Store(
            bucket,
            prefix=prefix or None,
            config={"endpoint": endpoint} if endpoint else None,
            client_options={
                "allow_http": bool(endpoint and endpoint.startswith("http://")),
                "connect_timeout": "5s",
                "timeout": "30s",
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        )
    return PictureStore(store, _S3)


class PictureStore:
    """The `ImageStore` port on obstore."""

    def __init__(self, store: LocalStore | S3Store, streaming: Streaming) -> None:
        self._store = store
        self._part_bytes = streaming.part_bytes
        self._results = asyncio.Semaphore(streaming.at_once)

    async def put(self, key: str, data: bytes) -> None:
        """See `ImageStore.put`."""
        with _translated():
            await obstore.put_async(self._store, key, data)

    async def put_result(self, key: str, chunks: AsyncIterator[bytes]) -> StoredPicture:
        """See `ImageStore.put_result`; the picture's name is the last part of its key."""
        async with self._results:
            head, header = await _read_head(chunks)
            key = f"{key}.{EXTENSIONS[header.content_type]}"
            async with self._writer(key) as writer:
                byte_count = await _write(writer, head, header, chunks)
        return StoredPicture(
            key=key,
            name=key.rpartition("/")[2],
            content_type=header.content_type,
            width=header.width,
            height=header.height,
            byte_count=byte_count,
        )

    async def get(self, key: str) -> bytes:
        """See `ImageStore.get`."""
        with _translated(key):
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())

    async def delete(self, keys: list[str]) -> None:
        """See `ImageStore.delete`; one by one, as not every S3 has the bulk call."""
        with _translated():
            for key in keys:
                with suppress(FileNotFoundError):
                    await obstore.delete_async(self._store, key)

    async def list_older_than(self, age_seconds: float) -> AsyncIterator[list[str]]:
        """Keys written longer ago than that, in batches; the marker is none of them."""
        limit = datetime.now(UTC) - timedelta(seconds=age_seconds)
        with _translated():
            async for batch in obstore.list(self._store, chunk_size=_LIST_BATCH):
                keys = [entry["path"] for entry in batch if entry["last_modified"] <= limit]
                if keys := [key for key in keys if key != MARKER]:
                    yield keys

    async def list_under(self, folder: str) -> AsyncIterator[list[str]]:
        """See `ImageStore.list_under`."""
        with _translated():
            async for batch in obstore.list(self._store, folder, chunk_size=_LIST_BATCH):
                yield [entry["path"] for entry in batch]

    async def read_marker(self) -> str | None:
        """What `write_marker` left here; None in a new store."""
        try:
            return (await self.get(MARKER)).decode()
        except KeyError:
            return None

    async def write_marker(self, text: str) -> None:
        """Mark this store as belonging to a database."""
        await self.put(MARKER, text.encode())

    @asynccontextmanager
    async def _writer(self, key: str) -> AsyncIterator["AsyncWritableFile"]:
        """Write in parts; a failure leaves nothing, neither parts (hence the close) nor object."""
        writer = obstore.open_writer_async(
            self._store, key, buffer_size=self._part_bytes, max_concurrency=1
        )
        with _translated():
            try:
                yield writer
                await writer.close()
            except BaseException:
                with suppress(BaseError, OSError, TransientError):
                    await writer.close()
                    await self.delete([key])
                raise


async def copy_pictures(source: PictureStore, target: PictureStore) -> int:
    """Copy every picture, and the marker last: a copy that breaks off is not taken for whole."""
    copied = 0
    async for keys in source.list_older_than(0):
        for key in keys:
            await target.put(key, await source.get(key))
        copied += len(keys)
    if marker := await source.read_marker():
        await target.write_marker(marker)
    return copied


async def _read_head(chunks: AsyncIterator[bytes]) -> tuple[bytes, Header]:
    """Read on until type and size are known."""
    head = b""
    async for chunk in chunks:
        head += chunk
        if header := _header(head):
            return head, header
    raise CutOff("a result was cut off before its size")


def _header(head: bytes) -> Header | None:
    try:
        header = read_header(head)
    except ValueError as error:
        raise PermanentError(str(error), failure=Failure.NO_RESULT) from error
    pixels = header.width * header.height if header else 0
    if pixels > MAX_DECODED_PIXELS or (header is None and len(head) > _MAX_HEAD):
        raise PermanentError("a result beyond all measure", failure=Failure.NO_RESULT)
    return header


async def _write(
    writer: "AsyncWritableFile", head: bytes, header: Header, chunks: AsyncIterator[bytes]
) -> int:
    """Write to the end and return the bytes written; TransientError when they are too few."""
    await writer.write(head)
    byte_count, tail = len(head), head[-TAIL:]
    async for chunk in chunks:
        byte_count += len(chunk)
        if byte_count > MAX_RESULT_BYTES:
            raise PermanentError("a result beyond all measure", failure=Failure.NO_RESULT)
        tail = (tail + chunk[-TAIL:])[-TAIL:]
        await writer.write(chunk)
    if not header.is_whole(tail, byte_count):
        raise CutOff("a result was cut off")
    return byte_count


@contextmanager
def _translated(key: str | None = None) -> Iterator[None]:
    """Turn obstore's errors into ours; with a `key`, one that is not there is a KeyError."""
    try:
        yield
    except (BaseError, OSError) as error:
        if key is not None and isinstance(error, FileNotFoundError):
            raise KeyError(key) from error
        summary = str(error).partition("\n")[0]
        raise TransientError(f"the image store failed: {summary}") from error

"""What every image store does."""

import asyncio
import struct
from collections.abc import AsyncIterator

import pytest
from PIL import Image

from bot.domain.errors import Failure, PermanentError, TransientError
from bot.domain.job import StoredPicture
from bot.images import store as store_module
from bot.images.store import PictureStore
from tests.contract.images.conftest import Place
from tests.pictures import encoded

NOISE = Image.effect_noise((640, 360), 90).convert("RGB")
FILES = {
    "jpg": ("image/jpeg", encoded(NOISE, "JPEG")),
    "png": ("image/png", encoded(NOISE, "PNG")),
    "webp": ("image/webp", encoded(NOISE, "WEBP")),
}


def large_webp(byte_count: int) -> bytes:
    """The header of a WebP of 640 x 360, and so many bytes in all."""
    canvas = struct.pack("<I", 0) + (639).to_bytes(3, "little") + (359).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas
    body += bytes(range(256)) * (1 + byte_count // 256)
    body = body[: byte_count - 8]
    return b"RIFF" + struct.pack("<I", len(body)) + body


async def arriving(data: bytes, size: int = 5000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def all_keys(store: PictureStore, age_seconds: float = 0) -> list[str]:
    return sorted([key async for keys in store.list_older_than(age_seconds) for key in keys])


async def test_what_was_put_is_got_back(store: PictureStore) -> None:
    await store.put("7/abc", b"some bytes")
    assert await store.get("7/abc") == b"some bytes"


async def test_the_same_key_again_replaces(store: PictureStore) -> None:
    await store.put("7/abc", b"some bytes")
    await store.put("7/abc", b"others")
    assert await store.get("7/abc") == b"others"


async def test_a_picture_larger_than_a_part_is_put_whole(store: PictureStore) -> None:
    data = large_webp(12_000_000)
    await store.put("7/abc", data)
    assert await store.get("7/abc") == data


async def test_a_key_that_is_gone_is_a_key_error(store: PictureStore) -> None:
    with pytest.raises(KeyError):
        await store.get("7/abc")


async def test_deleting_removes_what_is_there(store: PictureStore) -> None:
    for key in ("7/a", "7/b", "8/c"):
        await store.put(key, b"bytes")
    await store.delete(["7/gone", "7/a", "9/gone", "8/c"])
    assert await all_keys(store) == ["7/b"]
    await store.delete([])


@pytest.mark.parametrize("extension", FILES)
@pytest.mark.parametrize("size", [1000, 10_000_000], ids=["in chunks", "at once"])
async def test_a_result_is_stored_while_it_arrives_and_described(
    store: PictureStore, extension: str, size: int
) -> None:
    content_type, data = FILES[extension]
    picture = await store.put_result("results/k7f3q/picture-1", arriving(data, size))
    assert picture == StoredPicture(
        key=f"results/k7f3q/picture-1.{extension}",
        name=f"picture-1.{extension}",
        content_type=content_type,
        width=640,
        height=360,
        byte_count=len(data),
    )
    assert await store.get(picture.key) == data


async def test_a_result_larger_than_a_part_arrives_whole(place: Place) -> None:
    data = large_webp(17_000_000)
    picture = await place.store.put_result("results/a/picture-1", arriving(data, 70_001))
    assert picture.byte_count == 17_000_000
    assert await place.store.get(picture.key) == data
    assert len(place.leftovers()) == 1


async def test_a_result_again_replaces_the_first(store: PictureStore) -> None:
    """A worker that died before noting it fetches it once more."""
    data = FILES["jpg"][1]
    for _ in range(2):
        picture = await store.put_result("results/a/picture-1", arriving(data))
    assert await all_keys(store) == [picture.key]


async def test_fifteen_results_at_once_are_all_stored(store: PictureStore) -> None:
    data = FILES["png"][1]
    stored = await asyncio.gather(
        *(store.put_result(f"results/a/picture-{n}", arriving(data)) for n in range(15))
    )
    assert await all_keys(store) == sorted(picture.key for picture in stored)


@pytest.mark.parametrize("extension", FILES)
@pytest.mark.parametrize("part", [0.0, 0.0001, 0.5, 0.999])
async def test_a_result_that_is_cut_off_may_be_tried_again_and_leaves_nothing(
    place: Place, extension: str, part: float
) -> None:
    data = FILES[extension][1]
    cut = data[: int(len(data) * part)]
    with pytest.raises(TransientError):
        await place.store.put_result("results/a/picture-1", arriving(cut))
    assert place.leftovers() == []


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body>502 Bad Gateway</body></html>",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 50_000, 50_000),
        b"\xff\xd8" + (b"\xff\xe0\xff\xff" + b"\0" * 65_533) * 20,
    ],
    ids=["a page", "too many pixels", "no size"],
)
async def test_a_result_that_is_no_usable_picture_fails_for_good(place: Place, data: bytes) -> None:
    with pytest.raises(PermanentError) as caught:
        await place.store.put_result("results/a/picture-1", arriving(data))
    assert caught.value.failure is Failure.NO_RESULT
    assert place.leftovers() == []


async def test_a_result_beyond_all_measure_is_not_stored(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MAX_RESULT_BYTES", 7_000_000)
    with pytest.raises(PermanentError):
        await place.store.put_result("results/a/picture-1", arriving(large_webp(9_000_000), 65536))
    assert place.leftovers() == []


@pytest.mark.parametrize("after", [10_000, 11_000_000])
async def test_a_download_that_breaks_off_leaves_nothing(place: Place, after: int) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        async for chunk in arriving(large_webp(17_000_000)[:after]):
            yield chunk
        raise TransientError("the connection broke")

    with pytest.raises(TransientError, match="the connection broke"):
        await place.store.put_result("results/a/picture-1", breaking())
    assert place.leftovers() == []


async def test_a_cancelled_download_leaves_nothing(place: Place) -> None:
    begun = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        async for chunk in arriving(large_webp(17_000_000)[:11_000_000]):
            yield chunk
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(place.store.put_result("results/a/picture-1", stalling()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert place.leftovers() == []


async def test_keys_are_listed_by_age_in_batches(
    store: PictureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_LIST_BATCH", 2)
    keys = [f"7/{n}" for n in range(5)]
    for key in keys:
        await store.put(key, b"bytes")
    batches = [batch async for batch in store.list_older_than(0)]
    assert sorted(key for batch in batches for key in batch) == keys
    assert len(batches) >= 3
    assert await all_keys(store, age_seconds=3600) == []


async def test_a_new_store_has_no_marker_and_keeps_the_one_it_is_given(
    store: PictureStore,
) -> None:
    assert await store.read_marker() is None
    await store.write_marker("database 42")
    assert await store.read_marker() == "database 42"


async def test_the_marker_is_no_picture(store: PictureStore) -> None:
    await store.write_marker("database 42")
    await store.put("7/abc", b"bytes")
    assert await all_keys(store) == ["7/abc"]

"""Where stores are, and what becomes of their failures."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from bot.domain.errors import TransientError
from bot.images.store import open_store


async def test_a_relative_folder_is_made_where_the_bot_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("file:data/images")
    monkeypatch.chdir("/")
    await store.put("7/abc", b"bytes")
    assert read(tmp_path / "data/images/7/abc") == b"bytes"


@pytest.mark.parametrize("form", ["file:{}", "file://{}"])
async def test_an_absolute_folder_is_used_as_it_is(tmp_path: Path, form: str) -> None:
    await open_store(form.format(tmp_path / "a b#c/images")).put("7/abc", b"bytes")
    assert read(tmp_path / "a b#c/images/7/abc") == b"bytes"


async def test_a_folder_without_pictures_does_not_stay(tmp_path: Path) -> None:
    store = open_store(f"file:{tmp_path}")
    await store.put("results/a/picture-1.jpg", b"bytes")
    await store.delete(["results/a/picture-1.jpg"])
    assert list_of(tmp_path) == []


async def test_old_keys_of_a_folder_are_told_from_new_ones(tmp_path: Path) -> None:
    store = open_store(f"file:{tmp_path}")
    for key in ("7/new", "7/old"):
        await store.put(key, b"bytes")
    os.utime(tmp_path / "7/old", (1_000_000_000, 1_000_000_000))
    assert [keys async for keys in store.list_older_than(86400)] == [["7/old"]]


@pytest.mark.parametrize("url", ["", "file:", "data/images", "s3:bucket", "gs://bucket", "s3://"])
def test_another_kind_of_store_is_refused_in_words(url: str) -> None:
    with pytest.raises(ValueError, match="file:folder or s3://bucket/prefix"):
        open_store(url)


def test_a_folder_that_cannot_be_made_is_a_passing_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(TransientError):
        open_store(f"file:{tmp_path}/file/images")


async def test_a_folder_that_is_taken_away_is_a_passing_fault(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    store = open_store(f"file:{folder}")
    shutil.rmtree(folder)
    (tmp_path / "images").write_bytes(b"")
    with pytest.raises(TransientError) as caught:
        await store.put("7/abc", b"bytes")
    assert "\n" not in str(caught.value)


async def test_an_s3_that_cannot_be_reached_is_a_passing_fault_and_tells_no_secret(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    store = open_store(f"s3://{bucket}")
    with pytest.raises(TransientError) as caught:
        await store.get("7/abc")
    assert "secret" not in str(caught.value) + repr(store)


async def test_two_prefixes_of_a_bucket_are_two_stores(bucket: str) -> None:
    one, other = open_store(f"s3://{bucket}/one"), open_store(f"s3://{bucket}/other/")
    await one.put("7/abc", b"bytes")
    with pytest.raises(KeyError):
        await other.get("7/abc")
    assert [keys async for keys in one.list_older_than(0)] == [["7/abc"]]
    assert [keys async for keys in other.list_older_than(0)] == []


def read(path: Path) -> bytes:
    return path.read_bytes()


def list_of(folder: Path) -> list[Path]:
    return list(folder.iterdir())

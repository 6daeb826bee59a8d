"""The image store over a folder, and over a real S3 API."""

import http.client
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from bot.images.store import PictureStore, open_store


@dataclass(frozen=True)
class Place:
    """A store and what really is where it writes, unfinished writes included."""

    url: str
    store: PictureStore
    leftovers: Callable[[], list[str]]


@pytest.fixture(scope="session")
def s3() -> Iterator[tuple[str, int]]:
    """An S3 server of our own on a free port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


@pytest.fixture
def bucket(s3: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket, known by the usual AWS variables."""
    host, port = s3
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-very-secret-key")
    asked(s3, "POST", "/moto-api/reset")
    asked(s3, "PUT", "/pictures")
    return "pictures"


def asked(s3: tuple[str, int], method: str, path: str) -> str:
    connection = http.client.HTTPConnection(*s3, timeout=10)
    connection.request(method, path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == http.HTTPStatus.OK, text
    return text


def open_folder(folder: Path) -> Place:
    def leftovers() -> list[str]:
        return [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]

    url = f"file:{folder}"
    return Place(url, open_store(url), leftovers)


def open_bucket(s3: tuple[str, int], bucket: str) -> Place:
    def leftovers() -> list[str]:
        there = asked(s3, "GET", f"/{bucket}?list-type=2") + asked(s3, "GET", f"/{bucket}?uploads")
        return [part.partition("<")[0] for part in there.split("<Key>")[1:]]

    url = f"s3://{bucket}/of/our/bot"
    return Place(url, open_store(url), leftovers)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each test that asks for this runs once on either store."""
    if request.param == "folder":
        return open_folder(tmp_path / "images")
    return open_bucket(request.getfixturevalue("s3"), request.getfixturevalue("bucket"))


@pytest.fixture
def store(place: Place) -> PictureStore:
    return place.store

"""What is free: uploads, the balance, and looking in the history."""

import time
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from bot.domain.errors import TransientError
from bot.domain.model import SEEDREAM_5_LITE
from bot.sandbox.segmind import LocalSegmind, Route
from bot.segmind.client import SegmindClient
from tests.contract.segmind.conftest import Canned, accepted
from tests.makers import request
from tests.pictures import jpeg

URL = "https://storage.segmind.com/assets/a.png"
SINCE = 1_800_000_000.0
SENT = {
    "prompt": "a fox in the rain",
    "image_input": [URL],
    "aspect_ratio": "16:9",
    "size": "2K",
    "max_images": 1,
    "optimize_prompt": "fast",
    "watermark": False,
}


@pytest.mark.parametrize("key", ["file_urls", "urls"])
async def test_an_upload_gives_an_address_under_either_name(
    segmind: LocalSegmind, client: SegmindClient, key: Literal["file_urls", "urls"]
) -> None:
    segmind.behaviour.upload_key = key
    picture = jpeg(64, 48)
    url = await client.upload(picture, "image/jpeg")
    assert await segmind.read_input(url) == picture
    [asked] = segmind.requests
    assert len(asked.body["data_urls"]) == 1
    assert asked.body["data_urls"][0].startswith("data:image/jpeg;base64,")


async def test_a_large_upload_arrives_whole(segmind: LocalSegmind, client: SegmindClient) -> None:
    picture = jpeg(8, 8) + bytes(range(256)) * 30_000
    assert await segmind.read_input(await client.upload(picture, "image/jpeg")) == picture


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"file_urls": []},
        {"file_urls": [URL, URL + "2"]},
        {"urls": "https://storage.segmind.com/a.png"},
        {"file_urls": ["javascript:alert(1)"]},
        {"file_urls": [None]},
        {"message": "Files uploaded successfully"},
    ],
)
async def test_an_upload_without_one_address_is_tried_again(
    asking: SegmindClient, canned: Canned, body: object
) -> None:
    canned.says(body)
    with pytest.raises(TransientError):
        await asking.upload(b"picture", "image/png")


async def test_the_balance_is_read_in_micro_dollars(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.balance = 4_560_000
    assert await client.balance() == 4_560_000


@pytest.mark.parametrize(
    ("body", "balance"),
    [
        ({"credits": 0.0, "free-credits": 0.018}, 18_000),
        ({"credits": 1}, 1_000_000),
        ({"credits": "2.5", "free-credits": None}, 2_500_000),
    ],
)
async def test_free_credits_are_credits(
    asking: SegmindClient, canned: Canned, body: object, balance: int
) -> None:
    canned.says(body)
    assert await asking.balance() == balance


async def test_an_account_that_never_had_credits_has_none(
    asking: SegmindClient, canned: Canned
) -> None:
    canned.says({"error": "No credits found for the user"}, status=404)
    assert await asking.balance() == 0


@pytest.mark.parametrize("body", [{}, [], None, {"credits": "plenty"}, {"credits": -3}, "1"])
async def test_a_balance_that_is_none_is_no_news(
    asking: SegmindClient, canned: Canned, body: object
) -> None:
    canned.says(body)
    with pytest.raises(TransientError):
        await asking.balance()


async def test_a_request_whose_answer_was_lost_is_found(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    url = await client.upload(jpeg(40, 40), "image/jpeg")
    since = time.time()
    await client.submit(request(), [url])
    [wanted] = segmind.runs
    await accepted(client, prompt="another")
    await accepted(client)
    assert await client.find(request(), [url], since=since) == wanted


@pytest.mark.parametrize(
    ("changes", "urls"),
    [
        ({"prompt": "a dog"}, []),
        ({"size": "3K"}, []),
        ({"max_images": 2}, []),
        ({"aspect_ratio": "1:1"}, []),
        ({"watermark": True}, []),
        ({}, [URL]),
    ],
)
async def test_another_request_is_not_taken_for_ours(
    segmind: LocalSegmind, client: SegmindClient, changes: dict[str, Any], urls: list[str]
) -> None:
    await accepted(client)
    assert len(segmind.runs) == 1
    assert await client.find(request(**changes), urls, since=time.time()) is None


async def test_an_older_request_in_the_same_words_is_not_ours(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    await accepted(client)
    assert len(segmind.runs) == 1
    assert await client.find(request(), [], since=time.time() + 300) is None


async def test_of_two_in_the_same_words_the_one_nearest_in_time_is_ours(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    first, second = await accepted(client), await accepted(client)
    segmind.runs[second].accepted_at += 30
    at = segmind.runs[first].accepted_at
    assert await client.find(request(), [], since=at + 1) == first
    assert await client.find(request(), [], since=at + 29) == second


async def test_without_a_history_there_is_no_answer(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.history = False
    with pytest.raises(TransientError):
        await client.find(request(), [], since=time.time())


def row(**changes: Any) -> dict[str, Any]:
    when = datetime.fromtimestamp(SINCE + 1, UTC).isoformat()
    return {"request_id": "ours", "request_body": SENT, "created_at": when} | changes


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ([row()], "ours"),
        ({"data": [row()]}, "ours"),
        ({"data": {"items": [row()]}, "total": 1}, "ours"),
        (
            [row(request_body=f'{{"prompt": "a fox in the rain", "image_input": ["{URL}"]}}')],
            "ours",
        ),
        ([row(request_body={"prompt": SENT["prompt"], "image_input": [URL], "seed": 3})], "ours"),
        ([row(request_body="{broken")], None),
        ([row(request_body=None)], None),
        ([row(request_body={"prompt": SENT["prompt"], "image_input": 7})], None),
        ([row(created_at=None)], None),
        ([row(created_at="once upon a time")], None),
        ([row(created_at="2020-01-01T00:00:00Z")], None),
        ([row(request_id="../../../etc")], None),
        ([row(request_id=None)], None),
        ([row(request_id={"a": 1})], None),
        ({"error": "no"}, None),
        ("nothing", None),
        (None, None),
    ],
)
async def test_a_history_in_any_envelope_is_read(
    asking: SegmindClient, canned: Canned, body: object, found: str | None
) -> None:
    canned.says(body)
    assert await asking.find(request(), [URL], since=SINCE) == found


async def test_the_history_is_read_page_by_page_for_our_model_and_time(
    asking: SegmindClient, canned: Canned
) -> None:
    canned.says({"data": [row(request_id=f"r{number}", request_body={}) for number in range(100)]})
    canned.says({"data": [row()]})
    assert await asking.find(request(), [URL], since=SINCE) == "ours"
    queries = [dict(asked.query) for asked in canned.asked]
    assert [query["page"] for query in queries] == ["1", "2"]
    assert {query["model_name"] for query in queries} == {SEEDREAM_5_LITE.slug}
    assert {query["from_date"] for query in queries} == {"2027-01-15"}


async def test_each_question_goes_to_the_host_it_belongs_to(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    await client.upload(jpeg(20, 20), "image/jpeg")
    await client.balance()
    await client.find(request(), [], since=time.time())
    hosts = {one.route: f"http://{one.host}" for one in segmind.requests}
    assert hosts == {
        Route.UPLOAD: segmind.upload_url,
        Route.CREDITS: segmind.api_url,
        Route.HISTORY: segmind.history_url,
    }

"""The local Segmind's four hosts keep to themselves what the real ones do."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.errors import TransientError, UnknownOutcome
from bot.domain.provider import Made
from bot.sandbox.segmind import Behaviour, Fault, LocalSegmind, Mishap, Route
from bot.segmind.client import SegmindClient, open_segmind
from tests.contract.segmind.caller import BODY, SLUG, Caller
from tests.contract.segmind.conftest import Canned, fetched, finished, options
from tests.makers import request
from tests.pictures import jpeg

PAST = "inference-request/request-history"


@pytest.mark.parametrize("path", ["v2/requests/{}/status", "v2/requests/{}", "v1/requests/{}"])
async def test_asking_needs_the_key_too(caller: Caller, path: str) -> None:
    url = f"{caller.segmind.api_url}/{path.format(await caller.done(prompt=''))}"
    assert (await caller.ask("GET", url))[0] == 422
    for headers in ({}, {"x-api-key": "SG_0123456789abcdef"}, {"Authorization": "Bearer x"}):
        assert (await caller.ask("GET", url, headers=headers))[0] == 401


async def test_a_wrong_verb_gets_a_page(caller: Caller) -> None:
    url = f"{caller.segmind.api_url}/v2/{SLUG}"
    status, headers, body = await caller.ask("PUT", url, json=BODY)
    assert (status, headers["Content-Type"]) == (405, "text/html; charset=utf-8")
    assert body.startswith(b"<html>")


@pytest.mark.parametrize(
    "body", [{}, {"data_urls": "data:,x"}, {"data_urls": ["https://a.example"]}]
)
async def test_an_upload_without_data_is_refused(caller: Caller, body: dict[str, Any]) -> None:
    url = f"{caller.segmind.upload_url}/upload-asset"
    assert (await caller.ask("POST", url, json=body))[0] == 400
    assert caller.segmind.files == {}


async def test_inputs_come_over_http_from_its_own_file_host_only(
    client: SegmindClient, caller: Caller, canned: Canned
) -> None:
    url = await client.upload(jpeg(40, 40), "image/jpeg")
    states = []
    for one in (url, f"{canned.url}/a.jpg", url + ".gone/there"):
        _, body = await caller.status(await caller.done(image_input=[one]))
        states.append(body["status"])
    assert states == ["COMPLETED", "FAILED", "FAILED"]
    assert canned.asked == []


async def listing(caller: Caller, **query: str) -> list[dict[str, Any]]:
    url = f"{caller.segmind.history_url}/{PAST}"
    _, body = await caller.json("GET", url, params=query)
    return list(body["data"])


async def test_the_history_is_paged_newest_first(caller: Caller) -> None:
    names = [await caller.done(prompt="") for _ in range(5)]
    pages = [await listing(caller, page=page, per_page="2") for page in ("1", "2", "3", "4")]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [row["request_id"] for page in pages for row in page] == names[::-1]
    upwards = await listing(caller, sort_order="asc")
    assert [row["request_id"] for row in upwards] == names


async def test_the_history_is_filtered(caller: Caller, behaviour: Behaviour) -> None:
    await caller.done(prompt="")
    behaviour.run_seconds = 30
    await caller.submit()
    today, tomorrow = (f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (0, 1))
    found = {
        name: len(await listing(caller, **query))
        for name, query in {
            "failed": {"status": "FAILED"},
            "pending": {"status": "PENDING"},
            "made": {"status": "COMPLETED"},
            "since today": {"from_date": today},
            "since tomorrow": {"from_date": tomorrow},
            "this model": {"model_name": "seedream-v5-lite"},
            "another": {"model_name": "sdxl"},
        }.items()
    }
    assert found == {
        "failed": 1, "pending": 1, "made": 0, "since today": 2, "since tomorrow": 0,
        "this model": 2, "another": 0,
    }  # fmt: skip


async def test_a_redirected_poll_is_not_followed(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.faults.append(Fault(Route.STATUS, Mishap.REDIRECT))
    with pytest.raises(TransientError):
        await client.poll("id")
    assert [one.route for one in segmind.requests] == [Route.STATUS]


async def test_a_v1_picture_under_a_wrong_content_type_is_a_picture(
    segmind: LocalSegmind, v1: SegmindClient
) -> None:
    segmind.behaviour.faults.append(Fault(Route.SUBMIT, Mishap.WRONG_TYPE))
    answer = await v1.submit(request(), [])
    assert isinstance(answer, Made)
    assert answer.outputs == tuple(data for _, data in segmind.files.values())


@pytest.mark.parametrize(
    ("api", "mishap"),
    [
        ("v2", Mishap.DROP_AFTER),
        ("v2", Mishap.HTML_AFTER),
        ("v2", Mishap.NO_REQUEST_ID),
        ("v1", Mishap.DROP_AFTER),
        ("v1", Mishap.TRUNCATED),
        ("v1", Mishap.NOT_A_PICTURE),
    ],
)
async def test_what_was_paid_and_lost_on_the_way_is_found_and_fetched(
    segmind: LocalSegmind, api: str, mishap: Mishap
) -> None:
    """The whole detour: a lost answer, the history, the record, the file; one accepted submit."""
    segmind.behaviour.faults.append(Fault(Route.SUBMIT, mishap, status=502))
    async with open_segmind(options(segmind, api=api)) as client:
        since = time.time()
        with pytest.raises(UnknownOutcome):
            await client.submit(request(), [])
        found = await client.find(request(), [], since=since)
        assert found is not None
        made = await finished(client, found)
        pictures = [await fetched(client, str(url)) for url in made.outputs]
    assert pictures == [data for _, data in segmind.files.values()]
    assert (len(segmind.accepted), segmind.charged) == (1, made.cost)

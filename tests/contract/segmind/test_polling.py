"""Asking for a submitted request: every shape of an answer, in time and after it."""

from typing import Any, Literal

import pytest
from aiohttp import web

from bot.domain.errors import Failure, PermanentError, TransientError
from bot.domain.provider import Made, Running
from bot.sandbox.segmind import Fault, LocalSegmind, Mishap, Route
from bot.segmind.client import SegmindClient
from tests.contract.segmind.conftest import Canned, accepted, finished, made
from tests.makers import PRICE

A, B, C = (f"https://images.segmind.com/{name}.jpeg" for name in "abc")
DONE = {"status": "COMPLETED", "request_id": "id"}


async def test_it_is_running_until_it_is_made(segmind: LocalSegmind, client: SegmindClient) -> None:
    segmind.behaviour.queue_seconds = 30
    waiting = await accepted(client)
    assert await client.poll(waiting) == Running(state="QUEUED")
    segmind.behaviour.queue_seconds, segmind.behaviour.run_seconds = 0, 30
    working = await accepted(client)
    states = {(await client.poll(working)).state for _ in range(3)}  # type: ignore[union-attr] # running
    assert states <= {"QUEUED", "PROCESSING"}


@pytest.mark.parametrize("shape", ["str", "list", "json_str", "dict"])
@pytest.mark.parametrize("images", ["objects", "strings", "off"])
async def test_a_picture_is_found_in_every_shape_the_sources_know(
    segmind: LocalSegmind,
    client: SegmindClient,
    shape: Literal["str", "list", "json_str", "dict"],
    images: Literal["objects", "strings", "off"],
) -> None:
    segmind.behaviour.output_shape = shape
    segmind.behaviour.images_array = images
    answer = await made(client)
    assert answer.outputs == tuple(segmind.url_of(name) for name in segmind.files)


@pytest.mark.parametrize(
    ("body", "outputs"),
    [
        ({"images": [{"url": A}, {"url": B}], "output": A}, (A, B)),
        ({"images": [A, B], "output": C}, (A, B)),
        ({"images": [{"url": A}, {"url": A}, {"url": B}]}, (A, B)),
        ({"images": [], "output": A}, (A,)),
        ({"images": None, "output": A}, (A,)),
        ({"images": [{"url": A}, {"error": "OutputImageRiskDetection"}, None]}, (A,)),
        ({"output": A}, (A,)),
        ({"output": f" {A} "}, (A,)),
        ({"output": f'["{A}", "{B}"]'}, (A, B)),
        ({"output": f'{{"url": "{A}"}}'}, (A,)),
        ({"output": [A, {"url": B}, {"image_url": C}]}, (A, B, C)),
        ({"output": {"url": A}}, (A,)),
        ({"output": {"image_url": {"url": A}}}, (A,)),
        ({"image": A}, (A,)),
        ({"data": [{"url": A}, {"url": B}]}, (A, B)),
        ({"output": "ftp://images.segmind.com/a.jpeg"}, ()),
        ({"output": "no picture"}, ()),
        ({"output": 17, "images": {}}, ()),
    ],
)
async def test_pictures_are_read_in_their_order_and_once(
    asking: SegmindClient, canned: Canned, body: dict[str, Any], outputs: tuple[str, ...]
) -> None:
    canned.says(DONE)
    canned.says(DONE | body)
    canned.says({"error": "not found"}, status=404)  # the history, where there was no picture
    answer = await asking.poll("id")
    assert isinstance(answer, Made)
    assert answer.outputs == outputs


@pytest.mark.parametrize(
    ("metrics", "cost", "balance"),
    [
        ({"cost": 0.035, "remaining_credits": 12.3}, PRICE, 12_300_000),
        ({"cost": "0.07"}, 2 * PRICE, None),
        ({"cost": None, "remaining_credits": "plenty"}, None, None),
        ({"cost": -1, "remaining_credits": True}, None, None),
        ({"cost": 10**400}, None, None),
        ({}, None, None),
        ([], None, None),
    ],
)
async def test_the_bill_is_read_where_there_is_one(
    asking: SegmindClient, canned: Canned, metrics: object, cost: int | None, balance: int | None
) -> None:
    canned.says(DONE)
    canned.says(DONE | {"output": A, "metrics": metrics})
    assert await asking.poll("id") == Made(outputs=(A,), cost=cost, balance=balance)


@pytest.mark.parametrize(("count", "outputs"), [("fewer", 2), ("first_only", 1), ("all", 3)])
async def test_it_may_make_fewer_than_asked_and_charges_for_those(
    segmind: LocalSegmind,
    client: SegmindClient,
    count: Literal["fewer", "first_only", "all"],
    outputs: int,
) -> None:
    segmind.behaviour.multi_count = count
    answer = await made(client, max_images=3)
    assert (len(answer.outputs), answer.cost) == (outputs, outputs * PRICE)


async def test_one_refused_picture_of_a_group_does_not_lose_the_others(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.multi_count = "partial_error"
    answer = await made(client, max_images=3)
    assert (len(answer.outputs), answer.cost) == (2, 2 * PRICE)


@pytest.mark.parametrize("status", [200, 422])
@pytest.mark.parametrize(
    ("text", "failure"),
    [
        ("OutputImageSensitiveContentDetected", Failure.CONTENT_REFUSED),
        ("content_policy_violation", Failure.CONTENT_REFUSED),
        ("The image may contain a real person", Failure.CONTENT_REFUSED),
        ("Prompt is Mandatory and must be string", Failure.BAD_REQUEST),
        ("Validation error in size: 9K", Failure.BAD_REQUEST),
        ("CUDA out of memory", Failure.PROVIDER_ERROR),
    ],
)
async def test_a_failed_run_is_final_under_either_status(
    segmind: LocalSegmind, client: SegmindClient, status: int, text: str, failure: Failure
) -> None:
    segmind.behaviour.failed_http = status
    segmind.behaviour.faults.append(Fault(Route.RESULT, Mishap.FAIL_RUN, text=text))
    provider_id = await accepted(client)
    with pytest.raises(PermanentError) as caught:
        await finished(client, provider_id)
    assert caught.value.failure is failure
    assert segmind.charged == 0


async def test_a_run_may_fail_between_its_status_and_its_result(
    asking: SegmindClient, canned: Canned
) -> None:
    canned.says(DONE)
    canned.says({"status": "FAILED", "error": "risk detection"}, status=422)
    with pytest.raises(PermanentError) as caught:
        await asking.poll("id")
    assert caught.value.failure is Failure.CONTENT_REFUSED


@pytest.mark.parametrize("state", ["WARMING_UP", "CANCELLED", "ERROR", "x" * 500])
async def test_a_state_nobody_documents_is_running(
    asking: SegmindClient, canned: Canned, state: str
) -> None:
    canned.says({"status": state, "request_id": "id"})
    assert await asking.poll("id") == Running(state=state[:40].upper())


async def test_pictures_without_an_address_are_looked_for_in_the_history(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.faults.append(Fault(Route.RESULT, Mishap.NO_URL))
    answer = await made(client)
    assert answer.outputs == tuple(segmind.url_of(name) for name in segmind.files)


async def test_finished_without_a_picture_is_paid_all_the_same(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.history = False
    segmind.behaviour.faults.append(Fault(Route.RESULT, Mishap.NO_URL))
    answer = await made(client)
    assert (answer.outputs, answer.cost) == ((), PRICE)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 406, 429, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "body",
    ['{"error": "oops"}', '{"error": "oops", "status": 500}', "<html>oops</html>", "", "[", "null"],
)
async def test_a_failed_poll_says_nothing_of_the_job(
    asking: SegmindClient, canned: Canned, status: int, body: str
) -> None:
    canned.answers += [web.Response(text=body, status=status, content_type="text/html")] * 1
    canned.says({"error": "Not found"}, status=404)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which error is what is tested
        await asking.poll("id")
    assert not isinstance(caught.value, PermanentError)


async def test_an_error_word_in_a_server_error_does_not_end_the_job(
    asking: SegmindClient, canned: Canned
) -> None:
    canned.says({"status": "error", "message": "internal"}, status=500)
    with pytest.raises(TransientError):
        await asking.poll("id")


async def test_a_record_that_is_not_there_yet_is_asked_for_again(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.history = False
    segmind.behaviour.faults.append(Fault(Route.STATUS, Mishap.STATUS, status=404, times=2))
    provider_id = await accepted(client)
    for _ in range(2):
        with pytest.raises(TransientError):
            await client.poll(provider_id)
    assert len((await finished(client, provider_id)).outputs) == 1


async def test_the_history_still_has_what_is_off_the_record(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.faults.append(Fault(Route.RESULT, Mishap.FAIL_RUN, text="safety"))
    failed = await accepted(client)
    with pytest.raises(PermanentError):
        await finished(client, failed)
    good = await accepted(client, max_images=2)
    await finished(client, good)
    segmind.behaviour.record_seconds = 0
    recalled = await client.poll(good)
    assert isinstance(recalled, Made)
    assert (len(recalled.outputs), recalled.cost) == (2, 2 * PRICE)
    with pytest.raises(PermanentError) as caught:
        await client.poll(failed)
    assert caught.value.failure is Failure.CONTENT_REFUSED


async def test_off_the_record_and_unfinished_is_running(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.run_seconds = 30
    segmind.behaviour.record_seconds = 0
    assert await client.poll(await accepted(client)) == Running(state="PENDING")


async def test_off_the_record_and_out_of_the_history_is_no_verdict(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.record_seconds = 0
    segmind.behaviour.history = False
    with pytest.raises(TransientError):
        await client.poll(await accepted(client))

"""Buying: what is sent, and every shape a success comes in."""

import base64

import pytest
from aiohttp import web

from bot.domain.errors import PermanentError, UnknownOutcome
from bot.domain.provider import Accepted, Made
from bot.sandbox.segmind import Fault, LocalSegmind, Mishap, Route
from bot.segmind.client import SegmindClient, open_segmind
from tests.contract.segmind.conftest import Canned, accepted, fetched, made, options
from tests.makers import PRICE, request
from tests.pictures import jpeg, png

ALL_SEVEN = {
    "prompt": "a fox in the rain",
    "image_input": [],
    "aspect_ratio": "16:9",
    "size": "2K",
    "max_images": 1,
    "optimize_prompt": "fast",
    "watermark": False,
}
PICTURE = png(8, 8)


async def test_v2_takes_a_request_makes_it_and_says_what_it_cost(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    result = await made(client, max_images=2)
    assert [await fetched(client, str(url)) for url in result.outputs] == [
        data for _, data in segmind.files.values()
    ]
    assert (result.cost, result.balance) == (2 * PRICE, 12_300_000 - 2 * PRICE)


@pytest.mark.parametrize("api", ["v2", "v1"])
async def test_all_seven_parameters_are_sent_whatever_the_defaults(
    segmind: LocalSegmind, api: str
) -> None:
    async with open_segmind(options(segmind, api=api)) as client:
        await client.submit(request(), [])
    assert [one.body for one in segmind.accepted] == [ALL_SEVEN]


async def test_a_sent_picture_is_what_the_provider_works_on(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    url = await client.upload(jpeg(40, 40), "image/jpeg")
    await client.submit(request(watermark=True, optimize_prompt="standard"), [url])
    changed = {"image_input": [url], "watermark": True, "optimize_prompt": "standard"}
    assert segmind.accepted[0].body == ALL_SEVEN | changed
    assert await segmind.read_input(url) == jpeg(40, 40)


async def test_v1_answers_with_the_picture_itself(segmind: LocalSegmind, v1: SegmindClient) -> None:
    answer = await v1.submit(request(), [])
    [(_, picture)] = segmind.files.values()
    assert answer == Made(outputs=(picture,), cost=PRICE, balance=12_300_000 - PRICE)


async def test_v1_may_answer_with_addresses(segmind: LocalSegmind, v1: SegmindClient) -> None:
    segmind.behaviour.v1_body = "json"
    answer = await v1.submit(request(max_images=2), [])
    assert isinstance(answer, Made)
    assert answer.outputs == tuple(segmind.url_of(name) for name in segmind.files)
    assert answer.cost == 2 * PRICE


async def test_v1_may_answer_with_base64(segmind: LocalSegmind, v1: SegmindClient) -> None:
    segmind.behaviour.v1_body = "json_base64"
    answer = await v1.submit(request(), [])
    assert isinstance(answer, Made)
    assert answer.outputs == tuple(data for _, data in segmind.files.values())


async def test_one_v1_body_holds_one_of_several_pictures(v1: SegmindClient) -> None:
    answer = await v1.submit(request(max_images=2), [])
    assert isinstance(answer, Made)
    assert (len(answer.outputs), answer.cost) == (1, 2 * PRICE)


@pytest.mark.parametrize(
    ("body", "outputs"),
    [
        (["https://a.example/1.png", "https://a.example/2.png"], 2),
        ({"image": base64.b64encode(PICTURE).decode()}, 1),
        ({"image": "data:image/png;base64," + base64.b64encode(PICTURE).decode()}, 1),
        ({"data": [{"b64_json": base64.b64encode(PICTURE).decode()}]}, 1),
        ({"output": {"url": "https://a.example/1.png"}}, 1),
        ({"output": '["https://a.example/1.png"]'}, 1),
    ],
)
async def test_v1_json_is_read_by_what_it_holds(
    segmind: LocalSegmind, canned: Canned, body: object, outputs: int
) -> None:
    canned.says(body, headers={"x-cost": "0.035"})
    async with open_segmind(options(segmind, api="v1", api_url=canned.url)) as client:
        answer = await client.submit(request(), [])
    assert isinstance(answer, Made)
    assert (len(answer.outputs), answer.cost) == (outputs, PRICE)


@pytest.mark.parametrize("content_type", ["text/html", "application/json", "video/mp4"])
async def test_bytes_decide_what_a_v1_answer_is_not_its_content_type(
    segmind: LocalSegmind, canned: Canned, content_type: str
) -> None:
    canned.answers.append(web.Response(body=PICTURE, content_type=content_type))
    async with open_segmind(options(segmind, api="v1", api_url=canned.url)) as client:
        answer = await client.submit(request(), [])
    assert answer == Made(outputs=(PICTURE,), cost=None, balance=None)


async def test_a_v1_success_without_a_picture_is_never_taken_for_not_bought(
    segmind: LocalSegmind, canned: Canned
) -> None:
    canned.answers.append(web.Response(text="<html>hello</html>", content_type="text/html"))
    async with open_segmind(options(segmind, api="v1", api_url=canned.url)) as client:
        with pytest.raises(UnknownOutcome):
            await client.submit(request(), [])


@pytest.mark.parametrize("status", [404, 405, 410])
async def test_auto_turns_to_v1_where_v2_does_not_offer_the_model_and_remembers(
    segmind: LocalSegmind, client: SegmindClient, status: int
) -> None:
    segmind.behaviour.offered_on_v2 = False
    segmind.behaviour.not_offered_status = status
    for _ in range(2):
        assert isinstance(await client.submit(request(), []), Made)
    assert len(segmind.accepted) == 2
    assert [one.accepted for one in segmind.requests] == [False, True, True]


@pytest.mark.parametrize("status", [400, 403, 406, 415, 422, 500, 502, 503])
async def test_auto_stays_with_v2_after_any_other_refusal(
    segmind: LocalSegmind, client: SegmindClient, status: int
) -> None:
    segmind.behaviour.faults.append(Fault(Route.SUBMIT, Mishap.STATUS, status=status))
    with pytest.raises(Exception, match=f"v2 submit: {status}"):
        await client.submit(request(), [])
    assert len(segmind.requests) == 1
    assert isinstance(await client.submit(request(), []), Accepted)


async def test_v2_alone_never_turns_to_v1(segmind: LocalSegmind) -> None:
    segmind.behaviour.offered_on_v2 = False
    async with open_segmind(options(segmind, api="v2")) as client:
        with pytest.raises(PermanentError):
            await client.submit(request(), [])
    assert len(segmind.requests) == 1


async def test_a_success_without_a_request_id_may_have_been_paid(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.faults.append(Fault(Route.SUBMIT, Mishap.NO_REQUEST_ID))
    with pytest.raises(UnknownOutcome):
        await client.submit(request(), [])
    assert len(segmind.accepted) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "QUEUED",
        {"request_id": None, "status": "QUEUED"},
        {"request_id": 17, "status": "QUEUED"},
        {"request_id": "../v1/get-user-credits", "status": "QUEUED"},
        {"request_id": "a" * 101, "status": "QUEUED"},
        {"request_id": "", "status": "QUEUED"},
    ],
)
async def test_an_id_that_cannot_be_asked_for_is_none(
    asking: SegmindClient, canned: Canned, body: object
) -> None:
    canned.says(body)
    with pytest.raises(UnknownOutcome):
        await asking.submit(request(), [])


async def test_addresses_the_provider_names_are_not_followed(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    segmind.behaviour.faults.append(Fault(Route.SUBMIT, Mishap.HOSTILE_URLS))
    assert len((await made(client)).outputs) == 1
    assert all("evil" not in one.host for one in segmind.requests)


async def test_two_requests_are_two_and_nothing_is_sent_twice(
    segmind: LocalSegmind, client: SegmindClient
) -> None:
    assert await accepted(client) != await accepted(client)
    assert len(segmind.accepted) == len(segmind.requests) == 2

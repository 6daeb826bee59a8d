"""The local Segmind itself: it keeps the contract, and every switch does what it says."""

import asyncio
import base64
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image

from bot.domain.model import SEEDREAM_5_LITE
from bot.sandbox.segmind import Behaviour
from tests.contract.segmind.caller import BODY, SLUG, Caller
from tests.makers import PRICE
from tests.pictures import png


async def test_it_keeps_the_contract_from_submit_to_file(caller: Caller) -> None:
    status, body = await caller.submit()
    name, api = body["request_id"], caller.segmind.api_url
    assert (status, body) == (
        200,
        {
            "request_id": name,
            "status": "QUEUED",
            "poll_url": f"{api}/v1/requests/{name}",
            "status_url": f"{api}/v2/requests/{name}/status",
            "response_url": f"{api}/v2/requests/{name}",
        },
    )
    task = caller.segmind.runs[name].task
    assert task is not None
    await task
    assert (await caller.status(name))[1]["status"] == "COMPLETED"
    _, result = await caller.result(name)
    _, headers, data = await caller.ask("GET", result["output"], headers={})
    assert headers["Content-Type"] == "image/jpeg"
    assert Image.open(BytesIO(data)).size == SEEDREAM_5_LITE.pixels["2K"]["16:9"]
    assert await caller.json("GET", body["poll_url"]) == (200, result)


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "text"),
    [
        ("PUT", f"/v2/{SLUG}", {"json": BODY}, 405, ""),
        ("POST", f"/v2/{SLUG}", {"json": BODY, "headers": {}}, 401, "Missing Authorization"),
        ("POST", f"/v2/{SLUG}", {"json": BODY, "headers": {"x-api-key": "SG_x"}}, 401, "invalid"),
        ("POST", f"/v2/{SLUG}", {"data": b"{}"}, 406, "Invalid content type"),
        ("POST", f"/v2/{SLUG}", {"json": []}, 400, "Malformed"),
        ("POST", "/v2/another-model", {"json": BODY}, 404, "Model not found"),
        ("POST", "/v1/another-model", {"json": BODY}, 404, "Model not found"),
        ("GET", "/v2/requests/no-such-id/status", {}, 404, "Request no-such-id not found"),
        ("GET", "/v2/requests/no-such-id", {}, 404, "Request no-such-id not found"),
        ("GET", "/v1/get-user-credits", {"headers": {}}, 401, "Missing Authorization"),
    ],
)
async def test_it_refuses_as_the_real_one_does(
    caller: Caller, method: str, path: str, options: dict[str, Any], status: int, text: str
) -> None:
    got, _, body = await caller.ask(method, caller.segmind.api_url + path, **options)
    assert got == status
    assert text in body.decode()
    assert caller.segmind.accepted == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"prompt": " "}, "Prompt is Mandatory"),
        ({"prompt": 7}, "Prompt is Mandatory"),
        ({"image_input": "https://a.example"}, "wrong type"),
        ({"image_input": ["ftp://a.example"]}, "Reference media rejected"),
        ({"image_input": ["https://a.example/none.png"]}, "Reference media rejected"),
        ({"image_input": ["https://a.example"] * 11}, "at most 10"),
        ({"image_input": ["https://a.example"] * 10, "max_images": 6}, "exceed 15"),
        ({"size": "9K"}, "Invalid value for size"),
        ({"aspect_ratio": "5:4"}, "Invalid value for aspect_ratio"),
    ],
)
async def test_a_bad_body_is_taken_and_fails_later_for_nothing(
    caller: Caller, changes: dict[str, Any], text: str
) -> None:
    status, body = await caller.status(await caller.done(**changes))
    assert (status, body["status"]) == (422, "FAILED")
    assert text in body["error"]
    assert caller.segmind.charged == 0


async def test_a_file_that_is_no_picture_fails_the_run(caller: Caller) -> None:
    url = caller.segmind.url_of(caller.segmind.store(b"no picture"))
    _, body = await caller.status(await caller.done(image_input=[url]))
    assert body["status"] == "FAILED"


async def test_v1_waits_and_bills_in_its_headers(caller: Caller, behaviour: Behaviour) -> None:
    url = f"{caller.segmind.api_url}/v1/{SLUG}"
    _, headers, picture = await caller.ask("POST", url, json=BODY)
    assert Image.open(BytesIO(picture)).format == "JPEG"
    assert headers["x-cost"] == "0.035"
    assert float(headers["x-remaining-credits"]) == behaviour.balance / 1e6
    status, body = await caller.submit("v1", prompt="")
    assert (status, body) == (400, {"error": "Prompt is Mandatory and must be string"})


async def test_switch_v1_body(caller: Caller, behaviour: Behaviour) -> None:
    behaviour.v1_body = "json"
    assert (await caller.submit("v1"))[1]["output"].startswith(caller.segmind.files_url)
    behaviour.v1_body = "json_base64"
    assert (await caller.submit("v1"))[1]["image"][0].startswith("/9j/")


async def test_switches_output_shape_and_images_array(caller: Caller, behaviour: Behaviour) -> None:
    name = await caller.done()
    url = caller.segmind.url_of(next(iter(caller.segmind.files)))
    shapes: dict[Any, Any] = {
        "str": url,
        "list": [url],
        "json_str": f'["{url}"]',
        "dict": {"images": [{"url": url}]},
    }
    for behaviour.output_shape, output in shapes.items():
        assert (await caller.result(name))[1]["output"] == output
    arrays: dict[Any, Any] = {
        "objects": [{"url": url, "content_type": "image/jpeg"}],
        "strings": [url],
        "off": None,
    }
    for behaviour.images_array, images in arrays.items():
        assert (await caller.result(name))[1].get("images") == images


async def test_switch_failed_http(caller: Caller, behaviour: Behaviour) -> None:
    name = await caller.done(prompt="")
    for behaviour.failed_http in (422, 200):
        for answer in (await caller.status(name), await caller.result(name)):
            assert (answer[0], answer[1]["status"]) == (behaviour.failed_http, "FAILED")


async def test_switches_credits_http_price_and_balance(
    caller: Caller, behaviour: Behaviour
) -> None:
    behaviour.price, behaviour.balance = 50_000, 40_000
    for behaviour.credits_http in (402, 406):
        status, body = await caller.submit()
        assert (status, body) == (behaviour.credits_http, {"error": "Insufficient credits"})
    assert (await caller.submit("v1"))[0] == 406
    behaviour.balance = 60_000
    await caller.done()
    assert (behaviour.balance, caller.segmind.charged) == (10_000, 50_000)


@pytest.mark.parametrize(
    ("count", "made", "shown"),
    [("all", 3, 3), ("fewer", 2, 2), ("first_only", 1, 1), ("partial_error", 2, 3)],
)
async def test_switch_multi_count(
    caller: Caller,
    behaviour: Behaviour,
    count: Literal["all", "fewer", "first_only", "partial_error"],
    made: int,
    shown: int,
) -> None:
    behaviour.multi_count = count
    _, result = await caller.result(await caller.done(max_images=3))
    assert len(result["images"]) == shown
    assert len([image for image in result["images"] if "url" in image]) == made
    assert result["metrics"]["cost"] == made * PRICE / 1e6


@pytest.mark.parametrize(
    ("mode", "cost"), [("per_image", 0.07), ("per_request", 0.035), ("absent", None)]
)
async def test_switch_cost_mode(
    caller: Caller,
    behaviour: Behaviour,
    mode: Literal["per_image", "per_request", "absent"],
    cost: float | None,
) -> None:
    behaviour.cost_mode = mode
    _, result = await caller.result(await caller.done(max_images=2))
    assert result["metrics"].get("cost") == cost


async def test_switch_upload_key(caller: Caller, behaviour: Behaviour) -> None:
    uri = "data:image/png;base64,iVBORw0KGgo="
    names: tuple[Any, ...] = ("file_urls", "urls")
    for behaviour.upload_key in names:
        url = f"{caller.segmind.upload_url}/upload-asset"
        _, body = await caller.json("POST", url, json={"data_urls": [uri]})
        assert list(body) == [behaviour.upload_key]
        assert (await caller.ask("GET", body[behaviour.upload_key][0]))[2] == b"\x89PNG\r\n\x1a\n"


async def test_switch_enum_violation(caller: Caller, behaviour: Behaviour) -> None:
    behaviour.enum_violation = "at_once"
    assert await caller.submit(size="9K") == (406, {"error": "Invalid value for size"})
    assert caller.segmind.accepted == []


async def test_switch_data_uri(caller: Caller, behaviour: Behaviour) -> None:
    uri = "data:image/png;base64," + base64.b64encode(png(8, 8)).decode()
    states = []
    modes: tuple[Any, ...] = ("reject", "accept")
    for behaviour.data_uri in modes:
        states.append((await caller.status(await caller.done(image_input=[uri])))[1]["status"])
    assert states == ["FAILED", "COMPLETED"]


async def test_switches_requests_per_minute_and_polls_count_for_rate(
    caller: Caller, behaviour: Behaviour
) -> None:
    behaviour.requests_per_minute = 2
    name = await caller.done(prompt="")
    assert (await caller.status(name))[0] == 422
    behaviour.polls_count_for_rate = True
    assert (await caller.status(name))[0] == 422
    assert (await caller.status(name))[0] == 429
    url = f"{caller.segmind.api_url}/v2/{SLUG}"
    status, headers, _ = await caller.ask("POST", url, json=BODY)
    assert (status, headers["x-rate-limit-reset-at-utc"]) == (429, "2")
    assert "Retry-After" not in headers


@pytest.mark.parametrize("status", [404, 405, 410])
async def test_switches_offered_on_v2_and_not_offered_status(
    caller: Caller, behaviour: Behaviour, status: int
) -> None:
    behaviour.offered_on_v2 = False
    behaviour.not_offered_status = status
    assert (await caller.submit())[0] == status
    assert (await caller.submit("v1", prompt=""))[0] == 400


async def test_switches_queue_seconds_and_run_seconds(caller: Caller, behaviour: Behaviour) -> None:
    behaviour.queue_seconds = 30
    _, queued = await caller.submit()
    behaviour.queue_seconds = 0
    behaviour.run_seconds = lambda: 30
    _, running = await caller.submit()
    await asyncio.sleep(0)
    states = [(await caller.status(one["request_id"]))[1]["status"] for one in (queued, running)]
    assert states == ["QUEUED", "PROCESSING"]


async def test_switch_answer_seconds(caller: Caller, behaviour: Behaviour) -> None:
    behaviour.answer_seconds = 30
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.submit(), 0.2)
    assert len(caller.segmind.accepted) == 1


async def test_switches_record_seconds_file_seconds_and_history(
    caller: Caller, behaviour: Behaviour
) -> None:
    name = await caller.done(max_images=2)
    [row, other] = await rows(caller, name)
    assert (row["model_status"], row["credits_deduction"]) == ("COMPLETED", 0.07)
    assert row["generation_url"] != other["generation_url"]
    behaviour.record_seconds = 0
    assert (await caller.status(name))[0] == (await caller.result(name))[0] == 404
    assert len(await rows(caller, name)) == 2
    assert (await caller.ask("GET", row["generation_url"]))[0] == 200
    behaviour.file_seconds = 0
    assert (await caller.ask("GET", row["generation_url"]))[0] == 404
    behaviour.history = False
    url = f"{caller.segmind.history_url}/inference-request/request-history"
    assert (await caller.json("GET", url))[0] == 404


async def rows(caller: Caller, name: str) -> list[dict[str, Any]]:
    url = f"{caller.segmind.history_url}/inference-request/request-history"
    _, one = await caller.json("GET", f"{url}/{name}")
    _, listed = await caller.json("GET", url)
    assert listed == one
    return list(one["data"])


def test_every_switch_has_a_test() -> None:
    source = Path(__file__).read_text()
    faults = {"faults"}  # in test_mishaps
    names = {field.name for field in fields(Behaviour)} - faults
    assert {name for name in names if f"behaviour.{name}" not in source} == set()

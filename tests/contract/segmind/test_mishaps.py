"""The local Segmind's mishaps: each goes wrong as it says, as often as it says."""

import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox.segmind import Behaviour, Fault, Mishap, Route
from tests.contract.segmind.caller import BODY, SLUG, Caller
from tests.pictures import jpeg

URLS = {
    Route.SUBMIT: f"v2/{SLUG}",
    Route.STATUS: "v2/requests/id/status",
    Route.RESULT: "v2/requests/id",
    Route.CREDITS: "v1/get-user-credits",
}


@pytest.mark.parametrize("route", list(Route))
async def test_any_route_can_answer_any_status_as_often_as_wanted(
    caller: Caller, behaviour: Behaviour, file: str, route: Route
) -> None:
    segmind = caller.segmind
    hosts = {
        Route.DOWNLOAD: file,
        Route.UPLOAD: f"{segmind.upload_url}/upload-asset",
        Route.HISTORY: f"{segmind.history_url}/inference-request/request-history",
    }
    url = hosts.get(route) or f"{segmind.api_url}/{URLS[route]}"
    fault = Fault(route, Mishap.STATUS, status=418, text="tea", times=2, headers={"X-Tea": "green"})
    behaviour.faults.append(fault)
    method = "POST" if route in {Route.SUBMIT, Route.UPLOAD} else "GET"
    body: dict[str, Any] = {"json": {"data_urls": []}} if method == "POST" else {}
    for _ in range(2):
        status, headers, text = await caller.ask(method, url, **body)
        assert (status, headers["X-Tea"], text) == (418, "green", b'{"error": "tea"}')
    assert (await caller.ask(method, url, **body))[0] != 418
    assert [one.route for one in segmind.requests] == [route] * 3


async def submit_with(caller: Caller, mishap: Mishap, version: str) -> tuple[int, int]:
    """Submit into a mishap; the status (0: none) and the number of accepted submits."""
    fault = Fault(Route.SUBMIT, mishap, status=502, text="Bad gateway")
    caller.segmind.behaviour.faults.append(fault)
    url = f"{caller.segmind.api_url}/{version}/{SLUG}"
    try:
        status, _, _ = await caller.ask("POST", url, json=BODY)
    except aiohttp.ClientConnectionError:
        status = 0
    return status, len(caller.segmind.accepted)


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize(
    ("mishap", "seen"),
    [
        (Mishap.DROP, (0, 0)),
        (Mishap.DROP_AFTER, (0, 1)),
        (Mishap.STATUS, (502, 0)),
        (Mishap.STATUS_AFTER, (502, 1)),
        (Mishap.HTML, (502, 0)),
        (Mishap.HTML_AFTER, (502, 1)),
    ],
)
async def test_a_submit_goes_wrong_before_or_after_it_is_taken(
    caller: Caller, version: str, mishap: Mishap, seen: tuple[int, int]
) -> None:
    assert await submit_with(caller, mishap, version) == seen


async def test_mishap_html_is_a_page(caller: Caller, behaviour: Behaviour) -> None:
    behaviour.faults.append(Fault(Route.CREDITS, Mishap.HTML, status=502))
    url = f"{caller.segmind.api_url}/v1/get-user-credits"
    _, headers, body = await caller.ask("GET", url)
    assert headers["Content-Type"].startswith("text/html")
    assert body.startswith(b"<html>")


async def test_mishaps_no_request_id_and_hostile_urls(caller: Caller, behaviour: Behaviour) -> None:
    behaviour.faults.append(Fault(Route.SUBMIT, Mishap.NO_REQUEST_ID))
    behaviour.faults.append(Fault(Route.SUBMIT, Mishap.HOSTILE_URLS))
    assert "request_id" not in (await caller.submit())[1]
    assert "evil.example" in (await caller.submit())[1]["status_url"]
    assert len(caller.segmind.accepted) == 2


async def test_mishaps_of_asking(caller: Caller, behaviour: Behaviour) -> None:
    name = await caller.done()
    behaviour.faults += [
        Fault(Route.STATUS, Mishap.UNKNOWN_STATE),
        Fault(Route.RESULT, Mishap.NO_URL),
        Fault(Route.RESULT, Mishap.FOREIGN_URL),
    ]
    assert (await caller.status(name))[1]["status"] == "WARMING_UP"
    assert (await caller.result(name))[1]["images"] == []
    assert (await caller.result(name))[1]["output"] == "https://evil.example/x.jpg"
    assert (await caller.result(name))[1]["output"].startswith(caller.segmind.files_url)


async def test_mishap_fail_run_fails_one_run_and_no_request(
    caller: Caller, behaviour: Behaviour
) -> None:
    behaviour.faults.append(Fault(Route.RESULT, Mishap.NO_URL))
    behaviour.faults.append(Fault(Route.RESULT, Mishap.FAIL_RUN, text="safety"))
    first, second = await caller.done(), await caller.done()
    assert (await caller.status(first))[1]["error"] == "safety"
    assert (await caller.status(second))[1]["status"] == "COMPLETED"
    assert (await caller.result(second))[1]["images"] == []


@pytest.mark.parametrize(
    ("mishap", "status", "kind", "whole"),
    [
        (Mishap.SLOW_BODY, 200, "application/octet-stream", True),
        (Mishap.WRONG_TYPE, 200, "text/plain", True),
        (Mishap.CUT_SHORT, 200, "image/jpeg", False),
        (Mishap.NOT_A_PICTURE, 200, "image/jpeg", False),
    ],
)
async def test_a_file_is_spoiled(
    caller: Caller,
    behaviour: Behaviour,
    file: str,
    mishap: Mishap,
    status: int,
    kind: str,
    whole: bool,
) -> None:
    behaviour.faults.append(Fault(Route.DOWNLOAD, mishap))
    got, headers, body = await caller.ask("GET", file, headers={})
    assert (got, headers["Content-Type"].partition(";")[0]) == (status, kind)
    assert (body == jpeg(300, 300)) == whole
    if mishap is Mishap.CUT_SHORT:
        assert jpeg(300, 300).startswith(body)
        assert int(headers["Content-Length"]) == len(body) > 0
    if mishap is Mishap.SLOW_BODY:
        assert "Content-Length" not in headers


async def test_mishap_redirect_leads_elsewhere(
    caller: Caller, behaviour: Behaviour, file: str
) -> None:
    behaviour.faults.append(Fault(Route.DOWNLOAD, Mishap.REDIRECT))
    status, headers, _ = await caller.ask("GET", file)
    assert (status, headers["Location"]) == (302, "https://evil.example/")


async def test_mishap_truncated_ends_before_its_announced_length(
    caller: Caller, behaviour: Behaviour, file: str
) -> None:
    behaviour.faults.append(Fault(Route.DOWNLOAD, Mishap.TRUNCATED))
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.ask("GET", file)


def test_every_mishap_has_a_test() -> None:
    source = Path(__file__).read_text()
    assert {one for one in Mishap if f"Mishap.{one.name}" not in source} == set()


async def test_every_post_is_recorded_with_what_became_of_it(caller: Caller) -> None:
    before = time.time()
    await caller.submit(prompt="one")
    await caller.ask("POST", f"{caller.segmind.api_url}/v2/other", json=BODY)
    await caller.ask("POST", f"{caller.segmind.upload_url}/upload-asset", json={"data_urls": []})
    assert [(one.route, one.accepted) for one in caller.segmind.requests] == [
        (Route.SUBMIT, True),
        (Route.SUBMIT, False),
        (Route.UPLOAD, False),
    ]
    [run] = caller.segmind.runs.values()
    assert run.accepted_at >= before

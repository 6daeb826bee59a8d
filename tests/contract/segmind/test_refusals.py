"""Every error status the API may answer with, for every call, through real HTTP."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web

from bot.domain.errors import (
    BotError,
    Failure,
    Halt,
    HaltError,
    PermanentError,
    ProviderBusy,
    TransientError,
    UnknownOutcome,
)
from bot.sandbox.segmind import Fault, LocalSegmind, Mishap, Route
from bot.segmind.client import SegmindClient, open_segmind
from tests.contract.segmind.conftest import Canned, options
from tests.makers import request

Verdict = type[BotError] | Failure | Halt
CALLS = ("v2", "v1", "upload", "poll", "balance", "find")
BUYING = ("v2", "v1")

PASSING, UNKNOWN, BUSY = TransientError, UnknownOutcome, ProviderBusy
KEY, CREDITS = Halt.KEY, Halt.CREDITS
BAD, GONE, BROKEN = Failure.BAD_REQUEST, Failure.MODEL_GONE, Failure.PROVIDER_ERROR
CONTENT = Failure.CONTENT_REFUSED

# status, what it says, then the verdict on: v2 submit, v1 submit, upload, and a question
STATUSES: list[tuple[int, str, Verdict, Verdict, Verdict, Verdict]] = [
    (400, "Malformed body", BAD, BAD, BAD, PASSING),
    (400, "InputTextSensitiveContentDetected", CONTENT, CONTENT, BAD, PASSING),
    (401, "Missing Authorization or x-api-key in header", KEY, KEY, KEY, KEY),
    (401, "Unauthorized. API key is invalid or may have expired", KEY, KEY, KEY, KEY),
    (402, "Insufficient credits", CREDITS, CREDITS, CREDITS, CREDITS),
    (403, "Your team may not use this model", KEY, KEY, KEY, KEY),
    (403, "Your team's policy does not allow this model", KEY, KEY, KEY, KEY),
    (404, "Model not found", GONE, GONE, PASSING, PASSING),
    (405, "Method Not Allowed", GONE, GONE, PASSING, PASSING),
    (406, "Invalid content type", BROKEN, BROKEN, BROKEN, PASSING),
    (406, "Insufficient credits: 0.01 left, 0.035 needed", CREDITS, CREDITS, CREDITS, CREDITS),
    (406, "size must be one of 2K, 3K", BAD, BAD, BAD, PASSING),
    (406, "Team spend limit reached", CREDITS, CREDITS, CREDITS, CREDITS),
    (408, "Request timeout", UNKNOWN, UNKNOWN, PASSING, PASSING),
    (410, "This model was retired", GONE, GONE, PASSING, PASSING),
    (413, "Payload too large", BAD, BAD, BAD, PASSING),
    (415, "Unsupported media type", BAD, BAD, BAD, PASSING),
    (418, "I am a teapot", UNKNOWN, UNKNOWN, PASSING, PASSING),
    (429, "rate_limit_exceeded", BUSY, BUSY, BUSY, BUSY),
    (500, "Internal error", PASSING, UNKNOWN, PASSING, PASSING),
    (502, "Bad gateway", UNKNOWN, UNKNOWN, PASSING, PASSING),
    (503, "Service unavailable", PASSING, UNKNOWN, PASSING, PASSING),
    (504, "Gateway timeout", UNKNOWN, UNKNOWN, PASSING, PASSING),
]
CASES = [
    (call, status, text, verdicts[min(CALLS.index(call), 3)])
    for status, text, *verdicts in STATUSES
    for call in CALLS
    if not (status == 404 and call == "poll")  # asks the history: see test_polling
]


def call_of(client: SegmindClient, name: str) -> Callable[[], Awaitable[Any]]:
    return {
        "v2": lambda: client.submit(request(), []),
        "v1": lambda: client.submit(request(), []),
        "upload": lambda: client.upload(b"picture", "image/png"),
        "poll": lambda: client.poll("id"),
        "balance": client.balance,
        "find": lambda: client.find(request(), [], since=0),
    }[name]


async def refusal(segmind: LocalSegmind, canned: Canned, call: str) -> BotError:
    """Make a call of the canned server and return the error it ends in."""
    urls = dict.fromkeys(("api_url", "upload_url", "history_url"), canned.url)
    api = call if call in BUYING else "v2"
    async with open_segmind(options(segmind, api=api, **urls)) as client:
        with pytest.raises(BotError) as caught:
            await call_of(client, call)()
    return caught.value


def verdict_on(error: BotError) -> Verdict:
    if isinstance(error, PermanentError):
        return error.failure
    return error.reason if isinstance(error, HaltError) else type(error)


@pytest.mark.parametrize(("call", "status", "text", "verdict"), CASES)
async def test_a_status_means(
    segmind: LocalSegmind, canned: Canned, call: str, status: int, text: str, verdict: Verdict
) -> None:
    canned.says({"error": text}, status=status)
    error = await refusal(segmind, canned, call)
    assert verdict_on(error) == verdict
    assert len(canned.asked) == 1


@pytest.mark.parametrize(
    ("call", "text", "state", "verdict"),
    [
        ("v2", "Validation error in max_images: 16", {}, BAD),
        ("v2", "out of memory", {}, BROKEN),
        ("v2", "", {}, BAD),
        ("v2", "content_policy_violation", {}, CONTENT),
        ("v1", "content_policy_violation", {}, CONTENT),
        ("v1", "out of memory", {"status": "FAILED"}, BROKEN),
        ("poll", "out of memory", {}, BROKEN),
        ("poll", "out of memory", {"status": "FAILED"}, BROKEN),
        ("poll", "Validation error in size", {}, BAD),
        ("poll", "content_policy_violation", {}, CONTENT),
        ("upload", "too many", {}, BAD),
        ("balance", "whatever", {}, PASSING),
    ],
)
async def test_422_is_a_refusal_of_a_request_and_the_end_of_a_run(
    segmind: LocalSegmind,
    canned: Canned,
    call: str,
    text: str,
    state: dict[str, str],
    verdict: Verdict,
) -> None:
    canned.says({"error": text} | state, status=422)
    assert verdict_on(await refusal(segmind, canned, call)) == verdict


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(
    "body",
    [
        "<html><body>Bad gateway</body></html>",
        "",
        "{}",
        '{"error": ""}',
        '{"error": "Internal error", "request_id": "an-id"}',
        '["error"]',
    ],
)
async def test_a_server_error_that_does_not_say_refused_leaves_a_submit_open(
    segmind: LocalSegmind, canned: Canned, status: int, body: str
) -> None:
    canned.answers.append(web.Response(text=body, status=status))
    assert verdict_on(await refusal(segmind, canned, "v2")) is UNKNOWN


@pytest.mark.parametrize("call", BUYING)
@pytest.mark.parametrize(("status", "verdict"), [(405, GONE), (404, GONE), (302, UNKNOWN)])
async def test_a_page_instead_of_json_is_judged_by_its_status(
    segmind: LocalSegmind, canned: Canned, call: str, status: int, verdict: Verdict
) -> None:
    page = web.Response(text="<html>no</html>", status=status, content_type="text/html")
    page.headers["Location"] = "https://evil.example/"
    canned.answers.append(page)
    assert verdict_on(await refusal(segmind, canned, call)) == verdict


async def test_a_firewalls_page_does_not_stop_everybody(
    segmind: LocalSegmind, canned: Canned
) -> None:
    canned.answers.append(web.Response(text="<html>Sorry</html>", status=403))
    assert verdict_on(await refusal(segmind, canned, "v2")) is PASSING


@pytest.mark.parametrize(
    "body",
    [
        {"error": "invalid_token", "error_description": "expired", "status_code": 401},
        {"detail": "no"},
        {"message": "no"},
        {"status": "FAILED", "error": "no"} | {"request_id": None},
    ],
)
async def test_a_refused_key_is_known_in_every_wording(
    segmind: LocalSegmind, canned: Canned, body: dict[str, Any]
) -> None:
    canned.says(body, status=401)
    assert verdict_on(await refusal(segmind, canned, "balance")) is KEY


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({}, None, None),
        ({"x-rate-limit-reset-at-utc": "7"}, 7, 7),
        ({"x-rate-limit-reset-at-utc": "0"}, 1, 1),
        ({"x-rate-limit-reset-at-utc": "-30"}, 1, 1),
        ({"x-rate-limit-reset-at-utc": "9999"}, 120, 120),
        ({"x-rate-limit-reset-at-utc": "soon"}, None, None),
        ({"x-rate-limit-reset-at-utc": "inf"}, None, None),
        ({"x-rate-limit-reset-at-utc": "nan"}, None, None),
        ({"x-rate-limit-reset-at-utc": "1e999"}, None, None),
        ({"Retry-After": "9", "x-rate-limit-reset-at-utc": "7"}, 9, 9),
        ({"Retry-After": "soon", "x-rate-limit-reset-at-utc": "7"}, 7, 7),
    ],
)
async def test_the_wait_it_asks_for_is_read_within_reason(
    segmind: LocalSegmind,
    canned: Canned,
    headers: dict[str, str],
    low: float | None,
    high: float | None,
) -> None:
    canned.says({"error": "rate_limit_exceeded"}, status=429, headers=headers)
    error = await refusal(segmind, canned, "v2")
    assert isinstance(error, ProviderBusy)
    wait = error.retry_after
    assert wait == low if wait is None or high is None else low is not None and low <= wait <= high


@pytest.mark.parametrize(
    "write",
    [
        lambda when: when.isoformat(),
        lambda when: when.replace(tzinfo=None).isoformat(sep=" "),
        lambda when: when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        lambda when: format_datetime(when, usegmt=True),
        lambda when: str(int(when.timestamp())),
        lambda when: str(when.timestamp()),
        lambda when: str(int(when.timestamp() * 1000)),
        lambda when: when.astimezone().isoformat(),
    ],
    ids=["iso", "naive", "zulu", "http", "epoch", "fraction", "milliseconds", "zone"],
)
async def test_a_reset_time_is_read_in_every_usual_format(
    segmind: LocalSegmind, canned: Canned, write: Callable[[datetime], str]
) -> None:
    reset = write(datetime.now(UTC) + timedelta(seconds=60))
    canned.says({"error": "slow"}, status=429, headers={"x-rate-limit-reset-at-utc": reset})
    error = await refusal(segmind, canned, "v2")
    assert isinstance(error, ProviderBusy)
    assert 50 < (error.retry_after or 0) <= 60


async def test_a_passed_reset_time_means_at_once(segmind: LocalSegmind, canned: Canned) -> None:
    past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    canned.says({"error": "slow"}, status=429, headers={"x-rate-limit-reset-at-utc": past})
    error = await refusal(segmind, canned, "v2")
    assert isinstance(error, ProviderBusy)
    assert error.retry_after == 1


async def test_a_long_or_many_lined_complaint_is_a_short_line_in_the_log(
    segmind: LocalSegmind, canned: Canned
) -> None:
    canned.says({"error": "no\nINFO forged line\x1b[31m" + "x" * 5000}, status=400)
    message = str(await refusal(segmind, canned, "v2"))
    assert message.isprintable()
    assert len(message) < 300


async def test_a_refusal_is_not_a_purchase(segmind: LocalSegmind, client: SegmindClient) -> None:
    segmind.behaviour.faults.append(Fault(Route.SUBMIT, Mishap.STATUS, status=429))
    with pytest.raises(ProviderBusy):
        await client.submit(request(), [])
    assert segmind.accepted == []

"""Reading is total: whatever JSON the provider sends, a value or a named error comes out."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.errors import PermanentError, TransientError
from bot.domain.provider import Made, Running
from bot.segmind import history
from bot.segmind.errors import Call
from bot.segmind.http import read_json
from bot.segmind.payloads import (
    money,
    outcome,
    request_body,
    request_id,
    state_of,
    text_of,
    uploaded,
)
from tests.makers import request
from tests.pictures import png

URL = "https://images.segmind.com/generations/a.jpeg"
PICTURE = base64.b64encode(png(4, 4)).decode()
WORDS = (
    "status", "request_id", "images", "output", "image", "data", "url", "image_url", "b64_json",
    "metrics", "cost", "remaining_credits", "error", "detail", "message", "file_urls", "urls",
    "request_body", "prompt", "image_input", "model_status", "generation_url", "created_at",
    "credits_deduction",
)  # fmt: skip
TEXTS = (
    "COMPLETED", "FAILED", "QUEUED", "completed", URL, PICTURE, f'["{URL}"]', f'{{"url": "{URL}"}}',
    "data:image/png;base64," + PICTURE, "[" * 3000, '{"output":' * 3000, "1e999", "NaN", "id", "",
    "a fox in the rain", "2026-11-24T10:00:00Z", "0001-01-01T00:00:00+14:00",
)  # fmt: skip
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.just(10**400),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(TEXTS),
)
names = st.one_of(st.sampled_from(WORDS), st.text(max_size=5))
any_json = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=6)),
    max_leaves=25,
)
answers = st.one_of(any_json, st.dictionaries(st.sampled_from(WORDS), any_json, max_size=8))


def nested(depth: int, innermost: object, name: str | None = None) -> object:
    for _ in range(depth):
        innermost = [innermost] if name is None else {name: innermost}
    return innermost


@settings(max_examples=400)
@given(body=answers)
@example(body={"status": "COMPLETED", "metrics": {"cost": 10**400}})
def test_any_answer_is_running_made_or_failed(body: object) -> None:
    if state_of(body) == "FAILED":
        with pytest.raises(PermanentError):
            outcome(Call.POLL, body)
        return
    read = outcome(Call.POLL, body)
    assert isinstance(read, Running | Made)
    if isinstance(read, Made):
        assert state_of(body) in {"COMPLETED", ""}
        assert len(set(read.outputs)) == len(read.outputs)
        assert all(isinstance(one, bytes) or one.startswith("http") for one in read.outputs)
        assert all(sum_ is None or sum_ >= 0 for sum_ in (read.cost, read.balance))


@given(body=answers)
def test_any_answer_has_a_text_an_id_and_addresses_or_none(body: object) -> None:
    assert isinstance(text_of(body), str)
    found = request_id(body)
    assert found is None or found.replace("-", "a").replace("_", "a").isalnum()
    assert all(url.startswith("http") for url in uploaded(body))


@given(value=answers)
@example(value=10**400)
@example(value="1e400")
def test_any_amount_is_micro_dollars_or_none(value: object) -> None:
    amount = money(value)
    assert amount is None or 0 <= amount <= 10**12


@given(body=answers)
def test_any_history_is_read(body: object) -> None:
    sent = request_body(request(), [])
    for row in history.rows(body):
        away = history.distance(row, sent, 0.0)
        assert away is None or away >= 0
    with suppress(TransientError, PermanentError):
        assert isinstance(history.answer(body, "id"), Running | Made)


@pytest.mark.parametrize("depth", [3, 50, 900])
@pytest.mark.parametrize("name", [None, "output", "image_url", "error", "detail", "data"])
def test_no_depth_is_too_deep(depth: int, name: str | None) -> None:
    deep = nested(depth, {"request_id": "id", "url": URL}, name)
    outcome(Call.POLL, {"status": "COMPLETED", "output": deep})
    with pytest.raises(PermanentError):
        outcome(Call.POLL, {"status": "FAILED", "error": deep})
    list(history.rows(deep))
    read_json(json.dumps(deep).encode())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"error": "no"}, "no"),
        ({"error": {"code": "InputTextRiskDetection", "message": "no"}}, "no; InputTextRiskDetec"),
        ({"detail": [{"loc": ["body"], "msg": "field required"}]}, "field required"),
        ({"error": "invalid_token", "error_description": "expired"}, "invalid_token; expired"),
        ({"message": "no"}, "no"),
        ({"error": None, "detail": ""}, ""),
        ({"error": 7}, ""),
    ],
)
def test_a_complaint_is_read_in_every_wording(body: object, text: str) -> None:
    assert text_of(body).startswith(text)
    assert bool(text_of(body)) == bool(text)


@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"9" * 100_000)
@example(b'"\\ud800"')
@example(b"\xff\xfe[\x00")
def test_any_bytes_are_json_or_none(body: bytes) -> None:
    read = read_json(body)
    assert read is None or json.dumps(read)


@pytest.mark.parametrize("body", [{"status": "COMPLETED"}, {"status": "completed", "output": ""}])
def test_finished_without_a_picture_is_made_without_outputs(body: dict[str, str]) -> None:
    assert outcome(Call.POLL, body) == Made(outputs=(), cost=None, balance=None)


def test_inline_pictures_are_bytes() -> None:
    bodies: list[dict[str, Any]] = [
        {"image": PICTURE},
        {"image": "data:image/png;base64," + PICTURE},
        {"data": [{"b64_json": PICTURE}]},
        {"output": [PICTURE, PICTURE]},
    ]
    for body in bodies:
        read = outcome(Call.SUBMIT_V1, body)
        assert isinstance(read, Made)
        assert read.outputs == (png(4, 4),)

"""How long to wait, read from headers whose format nobody publishes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.segmind.times import LONGEST_WAIT, SHORTEST_WAIT, moment, retry_after

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)
RESET = "x-rate-limit-reset-at-utc"


@given(st.text(max_size=40))
@example("inf")
@example("1e400")
@example("nan")
@example("9" * 5000)
@example("Mon, 99 Abc 0000 99:99:99 +9999")
@example("0001-01-01T00:00:00+23:59")
def test_any_header_is_a_wait_within_reason_or_none(text: str) -> None:
    wait = retry_after({RESET: text}, NOW)
    assert wait is None or SHORTEST_WAIT <= wait <= LONGEST_WAIT


@given(st.integers(min_value=2, max_value=119))
def test_every_unit_of_an_epoch_gives_the_same_wait(seconds: int) -> None:
    reset = (NOW + timedelta(seconds=seconds)).timestamp()
    for unit in (1, 1_000, 1_000_000, 1_000_000_000):
        assert retry_after({RESET: str(int(reset * unit))}, NOW) == pytest.approx(seconds, abs=1e-3)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T12:00:30Z",
        "2026-11-24 12:00:30",
        "2026-11-24T13:00:30+01:00",
        "Tue, 24 Nov 2026 12:00:30 GMT",
        " 30 ",
    ],
)
def test_half_a_minute_is_half_a_minute_in_every_format(text: str) -> None:
    assert retry_after({RESET: text}, NOW) == 30


def test_a_time_without_a_zone_is_utc() -> None:
    assert moment("2026-11-24T12:00:00") == NOW

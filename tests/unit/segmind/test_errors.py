"""The table of troubles: complete, without dead rows, and the same in the documentation."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import (
    Failure,
    HaltError,
    PermanentError,
    ProviderBusy,
    TransientError,
    UnknownOutcome,
)
from bot.segmind.errors import (
    BUYING,
    CONTENT,
    CONTENT_403,
    CREDIT,
    INVALID,
    OUR_TYPE,
    SOMETHING,
    TABLE,
    Call,
    Event,
    Kind,
    Rule,
    Trouble,
    error_for,
    shortened,
)

DOCUMENT = Path(__file__).parents[3] / "docs" / "segmind-errors.md"
SAYS = {
    "": "",
    CONTENT: "content rules",
    CONTENT_403: "content rules, not policy",
    CREDIT: "credit or spend limit",
    INVALID: "wrong value",
    OUR_TYPE: "content type",
    SOMETHING: "anything",
}
BODY = {True: "JSON error, no id", False: "not a JSON error", None: ""}
MONEY = {
    Kind.TRANSIENT: "held, the step is repeated",
    Kind.BUSY: "held, the job waits",
    Kind.PERMANENT: "released",
    Kind.UNKNOWN: "kept until it is found or given up",
    Kind.HALT: "held, the job waits",
}
MEMBER = {Kind.TRANSIENT: "nothing", Kind.BUSY: "paused: down", Kind.UNKNOWN: "unknown"}

events = st.one_of(st.integers(200, 599), st.sampled_from(Trouble))


def calls_of(rule: Rule) -> str:
    return ", ".join(call for call in Call if call in rule.calls) or "any other"


def events_of(rule: Rule) -> str:
    parts = ["5xx" if isinstance(part, range) else str(part) for part in rule.on]
    return ", ".join(parts) or "anything else"


def says(rule: Rule) -> str:
    return "; ".join(part for part in (SAYS[rule.text], BODY[rule.json]) if part) or "–"


def member_reads(rule: Rule) -> str:
    if rule.halt:
        return f"paused: {rule.halt}"
    return rule.failure or MEMBER[rule.kind]


def money(rule: Rule) -> str:
    if rule.failure is Failure.NO_RESULT:
        return "settled: made and charged"
    return MONEY[rule.kind]


def row(rule: Rule) -> list[str]:
    told = member_reads(rule)
    return [
        calls_of(rule), events_of(rule), says(rule), rule.kind, told, rule.owner, money(rule),
    ]  # fmt: skip


def documented() -> list[list[str]]:
    """Read the rows of the document's first table, its head left out."""
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [cell for cell in cells[2:] if len(cell) == len(cells[0])]


def test_the_document_is_the_table() -> None:
    """Show what the document should hold: replace its rows by the left side."""
    assert [row(rule) for rule in TABLE] == documented()


@given(call=st.sampled_from(Call), event=events, text=st.text(), json=st.booleans())
def test_every_event_has_an_error_of_ours(
    call: Call, event: Event, text: str, *, json: bool
) -> None:
    error = error_for(call, event, text, json=json)
    assert isinstance(error, TransientError | PermanentError | UnknownOutcome | HaltError)


@given(call=st.sampled_from(sorted(set(Call) - BUYING)), event=events, text=st.text())
def test_only_a_paid_call_has_an_unknown_outcome(call: Call, event: Event, text: str) -> None:
    assert not isinstance(error_for(call, event, text), UnknownOutcome)


@given(event=events, text=st.text(), json=st.booleans())
def test_a_v1_submit_is_never_repeated_after_a_server_error(
    event: Event, text: str, *, json: bool
) -> None:
    error = error_for(Call.SUBMIT_V1, event, text, json=json)
    surely_not_sent = event is Trouble.NOT_SENT or event in {403, 429}
    assert surely_not_sent or not isinstance(error, TransientError)
    if isinstance(event, int) and event >= 500:
        assert isinstance(error, UnknownOutcome)


@given(event=events, text=st.text(), json=st.booleans())
def test_a_v2_submit_is_repeated_only_where_it_was_surely_not_taken(
    event: Event, text: str, *, json: bool
) -> None:
    error = error_for(Call.SUBMIT_V2, event, text, json=json)
    refused = event in {403, 429} or (json and event in {500, 503})
    assert event is Trouble.NOT_SENT or refused or not isinstance(error, TransientError)


@given(
    event=events.filter(lambda event: event not in {422, Trouble.FAILED}),
    text=st.text(),
    json=st.booleans(),
)
def test_a_poll_ends_a_job_only_when_the_run_failed(event: Event, text: str, *, json: bool) -> None:
    assert not isinstance(error_for(Call.POLL, event, text, json=json), PermanentError)


@pytest.mark.parametrize("number", range(len(TABLE)))
def test_no_row_is_shadowed_by_those_above_it(number: int) -> None:
    words = ("", "x", "sensitive", "validation error", "insufficient credits", "content type")
    statuses: list[Event] = [*range(200, 600), *Trouble]
    assert any(
        next(rule for rule in TABLE if rule.fits(call, event, text, json=json)) is TABLE[number]
        for call in Call
        for event in statuses
        for text in words
        for json in (True, False)
    )


def test_a_rate_limit_tells_how_long_to_wait() -> None:
    error = error_for(Call.SUBMIT_V2, 429, retry_after=7)
    assert isinstance(error, ProviderBusy)
    assert error.retry_after == 7


@given(st.text())
def test_foreign_words_become_one_short_line(text: str) -> None:
    line = shortened(text)
    assert line.isprintable()
    assert len(line) <= 200

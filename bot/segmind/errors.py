"""What Segmind's refusals mean: one table, first match wins.

Facts: docs.segmind.com (API reference, async inference), and what public clients met in the field.
There are no symbolic codes: HTTP status first, then the text. `docs/segmind-errors.md` is this
table for people; a test keeps them the same.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

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


class Call(StrEnum):
    """What was asked of the provider; a failed one is judged by what it may have bought."""

    SUBMIT_V2 = "v2 submit"
    SUBMIT_V1 = "v1 submit"
    UPLOAD = "upload"
    LOOK = "poll, balance, history"


class Kind(StrEnum):
    """The treatment; see `bot.domain.errors`."""

    TRANSIENT = "transient"
    BUSY = "busy"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    HALT = "halt"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Statuses with a text mean a kind, for some calls; what is empty fits all.

    `json_only` asks for a JSON body with an error and no request id: surely not accepted.
    """

    statuses: frozenset[int]
    kind: Kind
    owner: str
    text: str = ""
    calls: frozenset[Call] = frozenset()
    failure: Failure | None = None
    halt: Halt | None = None
    json_only: bool = False


BUYING = frozenset({Call.SUBMIT_V2, Call.SUBMIT_V1})
CONTENT = r"sensitive|policy|safety|moderat|risk ?detection|content.?filter|real person"
INVALID = r"validation error|mandatory|must be|reference media rejected|invalid"
CREDIT = r"insufficient credit|not enough credit|spend(ing)? limit|balance"


ANY: frozenset[int] = frozenset()


def _on(*statuses: int) -> frozenset[int]:
    return frozenset(statuses)


TABLE = (
    Rule(
        statuses=_on(400, 403, 406, 422),
        text=CONTENT,
        kind=Kind.PERMANENT,
        failure=Failure.CONTENT_REFUSED,
        owner="the content rules refused it",
    ),
    Rule(
        statuses=_on(401, 403),
        kind=Kind.HALT,
        halt=Halt.KEY,
        owner="the key is missing, wrong, expired, or not allowed this model",
    ),
    Rule(statuses=_on(402), kind=Kind.HALT, halt=Halt.CREDITS, owner="out of credit (v2 gateway)"),
    Rule(
        statuses=_on(406),
        text=CREDIT,
        kind=Kind.HALT,
        halt=Halt.CREDITS,
        owner="out of credit, or the team's spend limit is reached",
    ),
    Rule(
        statuses=_on(404, 405, 410),
        calls=BUYING,
        kind=Kind.PERMANENT,
        failure=Failure.MODEL_GONE,
        owner="the model is not offered here (v2 in auto: v1 is used from now on)",
    ),
    Rule(statuses=_on(429), kind=Kind.BUSY, owner="rate limited, not accepted"),
    Rule(
        statuses=_on(500, 503),
        calls=frozenset({Call.SUBMIT_V2}),
        kind=Kind.TRANSIENT,
        json_only=True,
        owner="refused with an error of its own: not accepted, asked once more",
    ),
    Rule(
        statuses=_on(408, 500, 502, 503, 504),
        calls=BUYING,
        kind=Kind.UNKNOWN,
        owner="no word whether it was accepted: looked up, never sent again",
    ),
    Rule(
        statuses=_on(400, 406, 413, 415, 422),
        calls=BUYING | {Call.UPLOAD},
        kind=Kind.PERMANENT,
        failure=Failure.BAD_REQUEST,
        owner="a value, a content type or a size it does not take",
    ),
    Rule(
        statuses=ANY,
        calls=BUYING,
        kind=Kind.UNKNOWN,
        owner="an answer nobody documents: taken as perhaps accepted",
    ),
    Rule(statuses=ANY, kind=Kind.TRANSIENT, owner="buys nothing, asked again"),
)


def error_for(
    call: Call, status: int, text: str, *, is_json: bool, retry_after: float | None = None
) -> BotError:
    """Make the error for an answer; `text` is the provider's, shortened, and goes to the log."""
    rule = next(rule for rule in TABLE if _fits(rule, call, status, text, is_json))
    return _raised(rule, f"{call}: {status} {text[:200]}".strip(), retry_after)


def _fits(rule: Rule, call: Call, status: int, text: str, is_json: bool) -> bool:
    return (
        (not rule.statuses or status in rule.statuses)
        and (not rule.calls or call in rule.calls)
        and (not rule.json_only or is_json)
        and re.search(rule.text, text, re.IGNORECASE) is not None
    )


def _raised(rule: Rule, message: str, retry_after: float | None) -> BotError:
    match rule.kind:
        case Kind.HALT:
            return HaltError(message, reason=rule.halt or Halt.KEY)
        case Kind.PERMANENT:
            return PermanentError(message, failure=rule.failure or Failure.BAD_REQUEST)
        case Kind.UNKNOWN:
            return UnknownOutcome(message)
        case Kind.BUSY:
            return ProviderBusy(message, retry_after=retry_after)
        case Kind.TRANSIENT:
            return TransientError(message, retry_after=retry_after)


def failed_run(text: str) -> PermanentError:
    """Make the error for a run that was accepted and FAILED: final, and not charged."""
    if re.search(CONTENT, text, re.IGNORECASE):
        failure = Failure.CONTENT_REFUSED
    elif re.search(INVALID, text, re.IGNORECASE):
        failure = Failure.BAD_REQUEST
    else:
        failure = Failure.PROVIDER_ERROR
    return PermanentError(f"run failed: {text[:200]}", failure=failure)

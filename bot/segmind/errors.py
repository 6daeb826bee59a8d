"""What goes wrong with Segmind and what that means: one table, first match wins.

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
    POLL = "poll"
    LOOK = "balance, history"
    DOWNLOAD = "download"


class Trouble(StrEnum):
    """What goes wrong beside an HTTP status."""

    NOT_SENT = "no connection"
    NO_ANSWER = "no whole answer"
    UNREADABLE = "success without what it should hold"
    FAILED = "state FAILED"
    FOREIGN = "address not allowed"
    TOO_LARGE = "too large"


class Kind(StrEnum):
    """The treatment; see `bot.domain.errors`."""

    TRANSIENT = "transient"
    BUSY = "busy"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    HALT = "halt"


Event = int | Trouble


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """For some calls and events (an HTTP status, a range of them, a trouble) a kind.

    No calls, no events: all of them. `text` must be found in the provider's words. `json` asks
    for a JSON error without a request id (True), or for anything else (False).
    """

    kind: Kind
    owner: str
    calls: frozenset[Call] = frozenset()
    on: tuple[Event | range, ...] = ()
    text: str = ""
    json: bool | None = None
    failure: Failure | None = None
    halt: Halt | None = None

    def fits(self, call: Call, event: Event, text: str, *, json: bool) -> bool:
        """Whether the rule speaks of this."""
        return (
            (not self.calls or call in self.calls)
            and (not self.on or any(_covers(part, event) for part in self.on))
            and (self.json is None or self.json is json)
            and re.search(self.text, text, re.IGNORECASE) is not None
        )


def _covers(part: Event | range, event: Event) -> bool:
    if isinstance(part, range):
        return isinstance(event, int) and event in part
    return part == event


BUYING = frozenset({Call.SUBMIT_V2, Call.SUBMIT_V1})
SENDING = BUYING | {Call.UPLOAD}
RUNNING = BUYING | {Call.POLL}
ASKING = SENDING | {Call.POLL, Call.LOOK}
V2 = frozenset({Call.SUBMIT_V2})
FETCHING = frozenset({Call.DOWNLOAD})
SERVER_ERRORS = range(500, 600)

CONTENT = r"sensitive|policy|safety|moderat|risk ?detection|content.?filter|real person"
CONTENT_403 = r"sensitive|safety|moderat|content"  # "policy" may be the account's
CREDIT = r"insufficient credit|not enough credit|spend(ing)? limit|balance"
INVALID = r"validation error|mandatory|must be|reference media rejected|invalid"
SOMETHING = r"\w"
OUR_TYPE = r"content.?type"

TABLE = (
    Rule(
        calls=SENDING,
        on=(Trouble.NOT_SENT,),
        kind=Kind.BUSY,
        owner="no connection (DNS, refused, TLS): surely not sent",
    ),
    Rule(
        calls=BUYING,
        on=(Trouble.NO_ANSWER, Trouble.UNREADABLE),
        kind=Kind.UNKNOWN,
        owner="sent, but no whole answer (timeout, reset) or none that can be read",
    ),
    Rule(
        calls=RUNNING,
        on=(Trouble.FAILED, 422),
        text=CONTENT,
        kind=Kind.PERMANENT,
        failure=Failure.CONTENT_REFUSED,
        owner="it ran and the content rules refused it",
    ),
    Rule(
        calls=RUNNING,
        on=(Trouble.FAILED, 422),
        text=INVALID,
        kind=Kind.PERMANENT,
        failure=Failure.BAD_REQUEST,
        owner="it ran and a value was not taken",
    ),
    Rule(
        calls=RUNNING,
        on=(422,),
        text=SOMETHING,
        kind=Kind.PERMANENT,
        failure=Failure.PROVIDER_ERROR,
        owner="it ran and failed",
    ),
    Rule(
        calls=RUNNING,
        on=(Trouble.FAILED,),
        kind=Kind.PERMANENT,
        failure=Failure.PROVIDER_ERROR,
        owner="it ran and failed",
    ),
    Rule(
        calls=FETCHING,
        on=(Trouble.FOREIGN, Trouble.TOO_LARGE, 410),
        kind=Kind.PERMANENT,
        failure=Failure.NO_RESULT,
        owner="a result that is gone, too large, or at a host not in SEGMIND_RESULT_HOSTS",
    ),
    Rule(
        calls=BUYING,
        on=(403,),
        text=CONTENT_403,
        kind=Kind.PERMANENT,
        failure=Failure.CONTENT_REFUSED,
        owner="the content rules refused it",
    ),
    Rule(
        calls=SENDING,
        on=(403,),
        json=False,
        kind=Kind.TRANSIENT,
        owner="a firewall's page, not the API: this request did not pass",
    ),
    Rule(
        calls=ASKING,
        on=(401, 403),
        kind=Kind.HALT,
        halt=Halt.KEY,
        owner="the key is missing, wrong, expired, or not allowed this model",
    ),
    Rule(
        calls=ASKING,
        on=(402,),
        kind=Kind.HALT,
        halt=Halt.CREDITS,
        owner="out of credit (the v2 gateway's word for it)",
    ),
    Rule(
        calls=ASKING,
        on=(406,),
        text=CREDIT,
        kind=Kind.HALT,
        halt=Halt.CREDITS,
        owner="out of credit, or the team's spend limit is reached",
    ),
    Rule(calls=ASKING, on=(429,), kind=Kind.BUSY, owner="rate limited, not accepted"),
    Rule(
        calls=BUYING,
        on=(400, 406),
        text=CONTENT,
        kind=Kind.PERMANENT,
        failure=Failure.CONTENT_REFUSED,
        owner="the content rules refused it",
    ),
    Rule(
        calls=BUYING,
        on=(404, 405, 410),
        kind=Kind.PERMANENT,
        failure=Failure.MODEL_GONE,
        owner="the model is not offered here (v2 in auto: v1 is used from now on)",
    ),
    Rule(
        calls=SENDING,
        on=(406, 415),
        text=OUR_TYPE,
        kind=Kind.PERMANENT,
        failure=Failure.PROVIDER_ERROR,
        owner="it does not take the content type this bot sends: a fault to report",
    ),
    Rule(
        calls=SENDING,
        on=(400, 406, 413, 415, 422),
        kind=Kind.PERMANENT,
        failure=Failure.BAD_REQUEST,
        owner="a value or a size it does not take",
    ),
    Rule(
        calls=V2,
        on=(500, 503),
        json=True,
        text=CONTENT,
        kind=Kind.PERMANENT,
        failure=Failure.CONTENT_REFUSED,
        owner="the content rules refused it",
    ),
    Rule(
        calls=V2,
        on=(500, 503),
        json=True,
        kind=Kind.TRANSIENT,
        owner="refused with an error of its own: not accepted, sent once more",
    ),
    Rule(
        calls=BUYING,
        on=(408, SERVER_ERRORS),
        kind=Kind.UNKNOWN,
        owner="no word whether it was accepted: looked up, never sent again",
    ),
    Rule(
        calls=BUYING,
        kind=Kind.UNKNOWN,
        owner="an answer nobody documents: taken as perhaps accepted",
    ),
    Rule(kind=Kind.TRANSIENT, owner="buys nothing, asked again"),
)


def error_for(
    call: Call,
    event: Event,
    text: str = "",
    *,
    json: bool = False,
    retry_after: float | None = None,
) -> BotError:
    """Make the error for an event; `text` is the provider's and goes, shortened, to the log."""
    rule = next(rule for rule in TABLE if rule.fits(call, event, text, json=json))
    message = f"{call}: {event} {shortened(text)}".strip()
    match rule.kind:
        case Kind.HALT:
            return HaltError(message, reason=rule.halt or Halt.KEY)
        case Kind.PERMANENT:
            return PermanentError(message, failure=rule.failure or Failure.PROVIDER_ERROR)
        case Kind.UNKNOWN:
            return UnknownOutcome(message)
        case Kind.BUSY:
            return ProviderBusy(message, retry_after=retry_after)
        case Kind.TRANSIENT:
            return TransientError(message, retry_after=retry_after)


def shortened(text: str) -> str:
    """Make foreign text fit for one line of a log."""
    line = " ".join(text.split())
    return "".join(letter for letter in line if letter.isprintable())[:200]

"""Every error this bot raises on purpose; the kind is the treatment.

BotError
├── UserError        shown to the member as it is; nothing is queued or charged
├── TransientError   the same step again later, capped
│   ├── CutOff           ... a picture that did not arrive whole
│   ├── BoardShut        ... a showcase that takes nothing: its manager is told once
│   └── ProviderBusy     ... and nobody else's request either until then: the gate closes
├── PermanentError   the job fails, its money is released, the member is told
├── UnknownOutcome   may have been paid: parked, never repeated by itself
└── HaltError        key or credits: the gate closes for all, the owner is told once

Foreign errors are translated into these once, where they enter.
"""

from enum import StrEnum


class BotError(Exception):
    """The root of the tree."""


class UserError(BotError):
    """What was asked cannot be done; `bot.domain.refusals` has the reasons."""


class TransientError(BotError):
    """A passing fault: the step may be repeated, nothing was bought by it.

    `retry_after` is in seconds, where the other side named a time.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class CutOff(TransientError):
    """A finished picture that ends before its end."""


class ProviderBusy(TransientError):
    """Rate limited or down: not accepted, and no other request would be."""


class BoardShut(TransientError):
    """A showcase that takes nothing at present; `gone`: it has been deleted."""

    def __init__(self, message: str, *, gone: bool) -> None:
        super().__init__(message)
        self.gone = gone


class Failure(StrEnum):
    """Why a job failed for good; the key of the sentence its requester reads."""

    CONTENT_REFUSED = "content_refused"
    BAD_REQUEST = "bad_request"
    PROVIDER_ERROR = "provider_error"
    MODEL_GONE = "model_gone"
    NO_RESULT = "no_result"
    TOO_SLOW = "too_slow"
    INPUT_LOST = "input_lost"
    NO_TRACE = "no_trace"


MAY_HELP = {Failure.PROVIDER_ERROR, Failure.NO_RESULT, Failure.NO_TRACE}
"""Failures after which the very same request may succeed."""


class PermanentError(BotError):
    """The job cannot succeed; `failure` says why, in the member's terms."""

    def __init__(self, message: str, *, failure: Failure) -> None:
        super().__init__(message)
        self.failure = failure


class UnknownOutcome(BotError):
    """A paid call was sent and its answer is missing."""


class Halt(StrEnum):
    """Why nothing can be bought at the moment."""

    KEY = "key"
    CREDITS = "credits"


class HaltError(BotError):
    """No request of anybody can succeed until the owner acts."""

    def __init__(self, message: str, *, reason: Halt) -> None:
        super().__init__(message)
        self.reason = reason


class CalledOff(BotError):
    """Its requester cancelled a job before it was sent."""


class LeaseLost(BotError):
    """Another worker took this job over: drop everything, write nothing."""

"""How the local Segmind behaves: what the sources disagree about, and what may go wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal


class Route(StrEnum):
    """What is asked of it."""

    SUBMIT = "submit"
    STATUS = "status"
    RESULT = "result"
    UPLOAD = "upload"
    DOWNLOAD = "download"
    CREDITS = "credits"
    HISTORY = "history"


class Mishap(StrEnum):
    """What goes wrong. For a submit, `_after` means that the job was accepted and runs."""

    DROP = "drop"
    DROP_AFTER = "drop_after"
    STATUS = "status"
    STATUS_AFTER = "status_after"
    HTML = "html"
    HTML_AFTER = "html_after"
    NO_REQUEST_ID = "no_request_id"
    HOSTILE_URLS = "hostile_urls"
    UNKNOWN_STATE = "unknown_state"
    NO_URL = "no_url"
    FOREIGN_URL = "foreign_url"
    FAIL_RUN = "fail_run"
    SLOW_BODY = "slow_body"
    TRUNCATED = "truncated"
    CUT_SHORT = "cut_short"
    WRONG_TYPE = "wrong_type"
    REDIRECT = "redirect"
    NOT_A_PICTURE = "not_a_picture"


RUN = Mishap.FAIL_RUN


@dataclass
class Fault:
    """A mishap for the next `times` requests of a route."""

    route: Route
    mishap: Mishap
    times: int = 1
    status: int = 500
    text: str = "Internal error"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Behaviour:
    """Change it between requests. Money is micro-dollars, times are seconds."""

    run_seconds: float | Callable[[], float] = 1.0
    queue_seconds: float = 0.0
    answer_seconds: float = 0.0  # between taking a request and saying so
    offered_on_v2: bool = True
    not_offered_status: int = 404
    v1_body: Literal["image", "json", "json_base64"] = "image"
    output_shape: Literal["str", "list", "json_str", "dict"] = "str"
    images_array: Literal["objects", "strings", "off"] = "objects"
    failed_http: int = 422
    credits_http: int = 402  # on v2; v1 answers 406
    multi_count: Literal["all", "fewer", "first_only", "partial_error"] = "all"
    upload_key: Literal["file_urls", "urls"] = "file_urls"
    cost_mode: Literal["per_image", "per_request", "absent"] = "per_image"
    price: int = 35_000
    balance: int = 12_300_000
    enum_violation: Literal["at_once", "later"] = "later"
    data_uri: Literal["reject", "accept"] = "reject"
    polls_count_for_rate: bool = False
    requests_per_minute: int = 100_000
    record_seconds: float = 3600.0
    file_seconds: float = 7 * 86400.0
    history: bool = True
    faults: list[Fault] = field(default_factory=list)

    def seconds(self) -> float:
        """Draw a run time."""
        return self.run_seconds() if callable(self.run_seconds) else self.run_seconds

    def take(self, route: Route) -> Fault | None:
        """Take the next fault of a route, once."""
        return self._take(lambda fault: fault.route is route and fault.mishap is not RUN)

    def take_failed_run(self) -> Fault | None:
        """Take the next fault that makes a run fail, whatever its route."""
        return self._take(lambda fault: fault.mishap is RUN)

    def _take(self, fits: Callable[[Fault], bool]) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fits(fault):
                fault.times -= 1
                return fault
        return None

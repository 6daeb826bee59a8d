"""Fault by moment, to the last micro-dollar: the calls, words and sums `test_faults` has not."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.domain.job import Status
from bot.sandbox.segmind import Fault, Mishap, Route
from tests.discord.conftest import Server, until
from tests.discord.trouble import (
    DONE,
    MAYBE_PAID,
    PAID,
    PRICE,
    RELEASED,
    RESERVED,
    UNSURE,
    became,
    behave,
    booked,
    check_counters,
    hurry,
)

REFUSED = "This request was refused by the content rules. Change the words or the pictures."
SORRY = "The picture could not be made: the service reported an error. You were not charged"
CHARGED = (
    "The service finished, but sent no usable picture. The service charged $0.035 all the same."
)
POLICY = "Output blocked by the content policy"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@dataclass(frozen=True, kw_only=True)
class Case:
    """Faults, and all that must come of them."""

    name: str
    faults: list[Fault]
    status: Status
    card: str
    ledger: list[tuple[str, int]]
    accepted: int
    behaviour: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


BEFORE = [
    Case(
        name="a firewall's page, once: passes the next time",
        faults=[Fault(Route.SUBMIT, Mishap.HTML, status=403)],
        status=Status.DELIVERED, card=DONE, ledger=[RESERVED, PAID], accepted=1,
    ),
    Case(
        name="400 that says it is the content",
        faults=[Fault(Route.SUBMIT, Mishap.STATUS, status=400, text=POLICY)],
        status=Status.FAILED, card=REFUSED, ledger=[RESERVED, RELEASED], accepted=0,
    ),
    Case(
        name="500 that says it is the content: not sent again",
        faults=[Fault(Route.SUBMIT, Mishap.STATUS, status=500, text=POLICY)],
        status=Status.FAILED, card=REFUSED, ledger=[RESERVED, RELEASED], accepted=0,
    ),
    *(
        Case(
            name=f"{status}, which does not say whether it was accepted: unknown",
            faults=[Fault(Route.SUBMIT, Mishap.STATUS, status=status)],
            status=Status.UNKNOWN, card=MAYBE_PAID, ledger=[RESERVED, UNSURE], accepted=0,
        )
        for status in (408, 502, 504, 599, 302)
    ),
    Case(
        name="v1: 500 never says that it was not accepted",
        faults=[
            Fault(Route.SUBMIT, Mishap.STATUS, status=404),
            Fault(Route.SUBMIT, Mishap.STATUS, status=500),
        ],
        status=Status.UNKNOWN, card=MAYBE_PAID, ledger=[RESERVED, UNSURE], accepted=0,
    ),
]  # fmt: skip

AFTER = [
    Case(
        name="a gateway's page after it is accepted: found and delivered",
        faults=[Fault(Route.SUBMIT, Mishap.HTML_AFTER, status=502)],
        status=Status.DELIVERED, card=DONE, ledger=[RESERVED, UNSURE, PAID], accepted=1,
    ),
    Case(
        name="an answer lost, and the run fails: found and released",
        faults=[
            Fault(Route.SUBMIT, Mishap.DROP_AFTER),
            Fault(Route.RESULT, Mishap.FAIL_RUN, text="CUDA error"),
        ],
        status=Status.FAILED, card=SORRY, ledger=[RESERVED, UNSURE, RELEASED], accepted=1,
    ),
    *(
        Case(
            name=f"v1: an answer that is {mishap}: found and delivered",
            faults=[
                Fault(Route.SUBMIT, Mishap.STATUS, status=404),
                Fault(Route.SUBMIT, mishap, status=504),
            ],
            status=Status.DELIVERED, card=DONE, ledger=[RESERVED, UNSURE, PAID], accepted=1,
        )
        for mishap in (
            Mishap.DROP_AFTER, Mishap.STATUS_AFTER, Mishap.HTML_AFTER, Mishap.TRUNCATED,
            Mishap.NOT_A_PICTURE,
        )
    ),
    Case(
        name="v1: the content rules refuse",
        faults=[
            Fault(Route.SUBMIT, Mishap.STATUS, status=404),
            Fault(Route.RESULT, Mishap.FAIL_RUN, text=POLICY),
        ],
        status=Status.FAILED, card=REFUSED, ledger=[RESERVED, RELEASED], accepted=1,
    ),
]  # fmt: skip

POLLING = [
    Case(
        name="polls that find nobody let in, and a firewall's page",
        faults=[
            Fault(Route.STATUS, Mishap.STATUS, status=402),
            Fault(Route.STATUS, Mishap.HTML, status=403),
        ],
        status=Status.DELIVERED, card=DONE, ledger=[RESERVED, PAID], accepted=1,
    ),
    Case(
        name="a result that is dropped, then a page, then there",
        faults=[
            Fault(Route.RESULT, Mishap.DROP),
            Fault(Route.RESULT, Mishap.HTML, status=502),
        ],
        status=Status.DELIVERED, card=DONE, ledger=[RESERVED, PAID], accepted=1,
    ),
    Case(
        name="a record that is gone: its history has the picture",
        faults=[],
        behaviour={"record_seconds": 0.0},
        status=Status.DELIVERED, card=DONE, ledger=[RESERVED, PAID], accepted=1,
    ),
    Case(
        name="one picture of four made, the rest refused: paid for what there is",
        faults=[],
        behaviour={"multi_count": "partial_error"},
        options={"max_images": 4},
        status=Status.DELIVERED, card="Done in ", accepted=1,
        ledger=[("reserve", 4 * PRICE), ("settle", 3 * PRICE)],
    ),
    Case(
        name="a cost for the whole request settles below the reserve",
        faults=[],
        behaviour={"cost_mode": "per_request"},
        options={"max_images": 3},
        status=Status.DELIVERED, card="3 pictures", accepted=1,
        ledger=[("reserve", 3 * PRICE), PAID],
    ),
]  # fmt: skip

DOWNLOADING = [
    *(
        Case(
            name=f"a download that never stops being {mishap}: paid all the same",
            faults=[Fault(Route.DOWNLOAD, mishap, status=503, times=40)],
            status=Status.FAILED, card=CHARGED, ledger=[RESERVED, PAID], accepted=1,
        )
        for mishap in (Mishap.STATUS, Mishap.CUT_SHORT)
    ),
    Case(
        name="a file that is gone for good",
        faults=[Fault(Route.DOWNLOAD, Mishap.STATUS, status=410)],
        status=Status.FAILED, card=CHARGED, ledger=[RESERVED, PAID], accepted=1,
    ),
    Case(
        name="one of three is broken: the others are delivered, all are paid",
        faults=[Fault(Route.DOWNLOAD, Mishap.NOT_A_PICTURE)],
        options={"max_images": 3},
        status=Status.DELIVERED, card="2 pictures", accepted=1,
        ledger=[("reserve", 3 * PRICE), ("settle", 3 * PRICE)],
    ),
    Case(
        name="one of two is cut off at first: both are delivered",
        faults=[Fault(Route.DOWNLOAD, Mishap.TRUNCATED)],
        options={"max_images": 2},
        status=Status.DELIVERED, card="2 pictures", accepted=1,
        ledger=[("reserve", 2 * PRICE), ("settle", 2 * PRICE)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    "case", [*BEFORE, *AFTER, *POLLING, *DOWNLOADING], ids=lambda case: case.name
)
async def test_each_fault_at_each_moment(server: Server, case: Case) -> None:
    behave(server, *case.faults, **case.behaviour)
    await server.imagine("a fox", **{"size": "2K"} | case.options)
    await until(lambda: became(server, [case.status], case.card))
    assert await booked(server) == case.ledger
    assert len(server.session.segmind.accepted) == case.accepted
    assert [one.mishap for one in case.faults if one.times] == []
    await check_counters(server, reserved=PRICE if case.status is Status.UNKNOWN else 0)

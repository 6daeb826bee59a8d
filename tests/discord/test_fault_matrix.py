"""Fault by moment, to the last micro-dollar: the calls, words and sums `test_faults` has not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.domain import pacing
from bot.domain.job import Status
from bot.sandbox.segmind import Fault, Mishap, Route
from tests.discord.conftest import Server, said, until
from tests.pictures import jpeg
from tests.storage_views import budget_rows, gate_row, lane_rows, ledger_rows

PRICE = 35_000
RESERVED = ("reserve", PRICE)
UNSURE = ("unknown", PRICE)
PAID = ("settle", PRICE)
RELEASED = ("release", PRICE)
DONE = "Done in "
REFUSED = "This request was refused by the content rules. Change the words or the pictures."
SORRY = "The picture could not be made: the service reported an error. You were not charged"
CHARGED = (
    "The service finished, but sent no usable picture. The service charged $0.035 all the same."
)
MAYBE_PAID = "so it may have been paid. I am checking and will not send it twice."
DOWN = (
    "Pictures are paused: the service is down. Your request keeps its place and is not charged; "
    "it goes on by itself."
)
V1 = {"offered_on_v2": False}
POLICY = "Output blocked by the content policy"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a step that is repeated be repeated soon."""
    monkeypatch.setattr(pacing, "RETRY_SECONDS", (0.01,))


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
        for mishap in (Mishap.STATUS, Mishap.DROP, Mishap.CUT_SHORT)
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


def behave(server: Server, *faults: Fault, **changes: Any) -> None:
    behaviour = server.session.segmind.behaviour
    behaviour.faults += faults
    for name, value in changes.items():
        setattr(behaviour, name, value)


async def became(server: Server, statuses: list[Status], card: str) -> bool:
    """Whether the jobs are there and somebody's card says so."""
    there = [job.status for job in await server.jobs()] == statuses
    return there and any(card in one.content for one in server.cards)


async def booked(server: Server) -> list[tuple[str, int]]:
    return [(row.event, row.amount) for row in await ledger_rows(server.session.parts.database)]


async def check_counters(server: Server, *, reserved: int = 0) -> None:
    """Hold the lane, the gate and every budget to what the ledger says."""
    database = server.session.parts.database
    assert [(row.queued, row.running) for row in await lane_rows(database)] == [(0, 0)]
    assert (await gate_row(database)).running == 0
    spent = sum(amount for event, amount in await booked(server) if event == "settle")
    rows = await budget_rows(database)
    assert [(row.reserved, row.spent) for row in rows] == [(reserved, spent)] * 4


async def test_a_history_that_is_away_is_asked_again(server: Server) -> None:
    behave(
        server,
        Fault(Route.SUBMIT, Mishap.DROP_AFTER),
        Fault(Route.HISTORY, Mishap.STATUS, status=503),
    )
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, [Status.UNKNOWN], MAYBE_PAID))
    server.session.parts.database.shift = 46
    await until(lambda: became(server, [Status.DELIVERED], DONE))
    assert await booked(server) == [RESERVED, UNSURE, PAID]
    assert len(server.session.segmind.accepted) == 1
    assert "your picture is ready" in server.results[-1].content


async def test_what_is_given_up_is_sent_again_once_and_paid_once(server: Server) -> None:
    behave(server, Fault(Route.SUBMIT, Mishap.DROP))
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, [Status.UNKNOWN], MAYBE_PAID))
    server.session.parts.database.shift = 901
    await until(lambda: became(server, [Status.FAILED], "No trace of it was found."))
    for _ in range(2):
        assert said(await server.ana.click(server.cards[0], label="Send again"))
    await until(lambda: became(server, [Status.FAILED, Status.DELIVERED], DONE))
    assert await booked(server) == [RESERVED, UNSURE, RELEASED, RESERVED, PAID]
    assert len(server.session.segmind.accepted) == 1
    await check_counters(server)


async def test_an_upload_that_keeps_failing_sends_nothing_and_waits(server: Server) -> None:
    behave(server, Fault(Route.UPLOAD, Mishap.STATUS, status=503, times=4))
    await server.imagine("a fox", image1=("a.jpg", jpeg(300, 200)), size="2K")
    await until(lambda: became(server, [Status.QUEUED], "In line"))
    assert server.session.segmind.accepted == []
    server.session.parts.database.shift = 61
    await until(lambda: became(server, [Status.DELIVERED], DONE))
    assert await booked(server) == [RESERVED, PAID]
    await check_counters(server)


class TestDeadline:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"segmind_deadline_seconds": 30}

    async def test_a_run_past_the_deadline_is_still_delivered_when_it_ends(
        self, server: Server
    ) -> None:
        behave(server, run_seconds=1.2)
        await server.imagine("a fox", size="2K")
        await until(lambda: polled(server))
        await server.session.stop_worker()
        server.session.parts.database.shift = 31
        await server.session.start_worker()
        await until(lambda: became(server, [Status.DELIVERED], DONE))
        assert len(server.session.segmind.accepted) == 1
        ledger = await booked(server)
        assert (ledger[0], ledger[-1]) == (RESERVED, PAID)
        assert ledger.count(UNSURE) <= 2


async def polled(server: Server) -> bool:
    return any(one.route is Route.STATUS for one in server.session.segmind.requests)


@pytest.fixture
async def told(server: Server) -> AsyncIterator[Server]:
    """The same server, where the owner is told of trouble in #showcase."""
    session = server.session
    await session.stop_worker()
    settings = session.parts.settings.model_copy(update={"alert_channel_id": server.board.id})
    session.parts = replace(session.parts, settings=settings)
    await session.start_worker()
    yield server


def alerts(server: Server) -> list[str]:
    return [one.content for one in server.board.history()]


class TestTheOwner:
    """One member, one job at a time: whoever waits behind the first sees the pause too."""

    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_max_running": 1}

    @pytest.mark.parametrize(
        ("fault", "why", "begun", "over"),
        [
            (
                Fault(Route.SUBMIT, Mishap.STATUS, status=status, text=text, times=2),
                why,
                begun,
                over,
            )
            for status, text, why, begun, over in [
                (401, "Unauthorized", "the service does not let the bot in",
                 "Segmind refuses the key.", "Segmind accepts the key again"),
                (403, "Forbidden", "the service does not let the bot in",
                 "Segmind refuses the key.", "Segmind accepts the key again"),
                (402, "empty", "the bot's account is out of credit",
                 "Segmind says the credit is used up.", "There is credit again"),
                (406, "Insufficient credits", "the bot's account is out of credit",
                 "Segmind says the credit is used up.", "There is credit again"),
            ]
        ],
        ids=["401", "403", "402", "406"],
    )  # fmt: skip
    async def test_is_told_once_and_once_when_it_is_over(
        self, told: Server, fault: Fault, why: str, begun: str, over: str
    ) -> None:
        behave(told, replace(fault))
        for prompt in ("first", "second"):
            await told.imagine(prompt, size="2K")
        paused = f"Pictures are paused: {why}. Your request keeps its place and is not charged"
        await until(lambda: all_cards_say(told, 2, paused))
        assert told.session.segmind.accepted == []
        told.session.parts.database.shift = 61
        await until(lambda: refused(told, 2))
        told.session.parts.database.shift = 122
        await until(lambda: became(told, [Status.DELIVERED] * 2, DONE))
        assert [line.startswith(said) for line, said in zip(alerts(told), (begun, over))] == [
            True
        ] * 2
        assert len(alerts(told)) == 2
        assert await booked(told) == [RESERVED, RESERVED, PAID, PAID]
        await check_counters(told)

    async def test_an_outage_is_told_after_three_refusals_and_ends_by_itself(
        self, told: Server
    ) -> None:
        behave(told, Fault(Route.SUBMIT, Mishap.STATUS, status=429, times=3))
        for prompt in ("first", "second"):
            await told.imagine(prompt, size="2K")
        for count in (1, 2):
            await until(lambda count=count: refused(told, count))
            assert not any("paused" in one.content for one in told.cards)
            assert alerts(told) == []
            told.session.parts.database.shift += 400
        await until(lambda: all_cards_say(told, 2, DOWN))
        told.session.parts.database.shift += 400
        await until(lambda: became(told, [Status.DELIVERED] * 2, DONE))
        assert alerts(told) == [
            "Segmind does not take requests at the moment. Waiting requests keep their places "
            "and go on by themselves.",
            "Segmind takes requests again; pictures are being made.",
        ]
        assert len(told.session.segmind.accepted) == 2
        assert await booked(told) == [RESERVED, RESERVED, PAID, PAID]
        await check_counters(told)


async def all_cards_say(server: Server, count: int, words: str) -> bool:
    return len(server.cards) == count and all(words in one.content for one in server.cards)


async def refused(server: Server, count: int) -> bool:
    """Whether so many submits were refused, and the queue knows."""
    sent = [one for one in server.session.segmind.requests if one.route is Route.SUBMIT]
    waiting = [job.status for job in await server.jobs()] == [Status.QUEUED] * 2
    return (
        len(sent) == count
        and waiting
        and bool((await gate_row(server.session.parts.database)).closed_until)
    )

"""Segmind in trouble: what the member reads, what the job becomes, what is paid."""

from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from bot.delivery.owner import DiscordOwner
from bot.domain.alerts import Alert, Condition
from bot.domain.job import Status
from bot.sandbox.segmind import Fault, Mishap, Route
from tests.discord.conftest import Server, said, until
from tests.pictures import jpeg
from tests.storage_views import budget_rows, gate_row, job_rows, lane_rows, ledger_rows

NOT_LET_IN = "the service does not let the bot in"
NO_CREDIT = "the bot's account is out of credit"
REFUNDED = ["reserve", "release"]
PAID = ["reserve", "settle"]
OPEN = ["reserve", "unknown"]
SORRY = "The picture could not be made: the service reported an error. "
REFUND = "You were not charged and your allowance is back."
UNSURE = "The service stopped answering after it took your request, so it may have been paid."
REFUSED = "This request was refused by the content rules. Change the words or the pictures."


@dataclass(frozen=True, kw_only=True)
class Case:
    """A fault, and all that must come of it."""

    name: str
    fault: Fault
    status: Status
    card: str
    events: list[str]
    accepted: int
    behaviour: dict[str, Any] = field(default_factory=dict)


def fault(route: Route, mishap: Mishap, **options: Any) -> Fault:
    return Fault(route, mishap, **options)


DONE = "Done in "
CASES = [
    # before it is accepted
    Case(
        name="500 with an error of its own, once: asked once more",
        fault=fault(Route.SUBMIT, Mishap.STATUS, status=500),
        status=Status.DELIVERED, card=DONE, events=PAID, accepted=1,
    ),
    Case(
        name="500 with an error of its own, twice: failed",
        fault=fault(Route.SUBMIT, Mishap.STATUS, status=500, times=2),
        status=Status.FAILED, card=SORRY + REFUND, events=REFUNDED, accepted=0,
    ),
    Case(
        name="400: a bad request",
        fault=fault(Route.SUBMIT, Mishap.STATUS, status=400, text="bad"),
        status=Status.FAILED,
        card="The picture could not be made: the service refused this request. " + REFUND,
        events=REFUNDED, accepted=0,
    ),
    Case(
        name="406 with a value it does not take",
        fault=fault(Route.SUBMIT, Mishap.STATUS, status=406, text="Invalid value for size"),
        status=Status.FAILED,
        card="The picture could not be made: the service refused this request. " + REFUND,
        events=REFUNDED, accepted=0,
    ),
    Case(
        name="410 where v1 does not help",
        fault=fault(Route.SUBMIT, Mishap.STATUS, status=410, text="retired", times=2),
        status=Status.FAILED,
        card="The picture could not be made: the service no longer offers this model. " + REFUND,
        events=REFUNDED, accepted=0,
    ),
    Case(
        name="dropped before it is accepted: unknown, nothing found",
        fault=fault(Route.SUBMIT, Mishap.DROP),
        status=Status.UNKNOWN, card=UNSURE, events=OPEN, accepted=0,
    ),
    Case(
        name="an HTML page of a gateway: unknown",
        fault=fault(Route.SUBMIT, Mishap.HTML, status=502),
        status=Status.UNKNOWN, card=UNSURE, events=OPEN, accepted=0,
    ),
    # after it is accepted
    Case(
        name="dropped after it is accepted: found in the history and delivered",
        fault=fault(Route.SUBMIT, Mishap.DROP_AFTER),
        status=Status.DELIVERED, card=DONE, events=["reserve", "unknown", "settle"], accepted=1,
    ),
    Case(
        name="504 after it is accepted: found in the history and delivered",
        fault=fault(Route.SUBMIT, Mishap.STATUS_AFTER, status=504),
        status=Status.DELIVERED, card=DONE, events=["reserve", "unknown", "settle"], accepted=1,
    ),
    Case(
        name="accepted without a request id: found in the history and delivered",
        fault=fault(Route.SUBMIT, Mishap.NO_REQUEST_ID),
        status=Status.DELIVERED, card=DONE, events=["reserve", "unknown", "settle"], accepted=1,
    ),
    Case(
        name="addresses of somebody else in the answer: not followed",
        fault=fault(Route.SUBMIT, Mishap.HOSTILE_URLS),
        status=Status.DELIVERED, card=DONE, events=PAID, accepted=1,
    ),
    Case(
        name="the run fails",
        fault=fault(Route.RESULT, Mishap.FAIL_RUN, text="CUDA error"),
        status=Status.FAILED, card=SORRY + REFUND, events=REFUNDED, accepted=1,
    ),
    Case(
        name="the run fails under 200",
        fault=fault(Route.RESULT, Mishap.FAIL_RUN, text="CUDA error"),
        behaviour={"failed_http": 200},
        status=Status.FAILED, card=SORRY + REFUND, events=REFUNDED, accepted=1,
    ),
    Case(
        name="the content rules refuse",
        fault=fault(Route.RESULT, Mishap.FAIL_RUN, text="InputTextSensitiveContentDetected"),
        status=Status.FAILED, card=REFUSED, events=REFUNDED, accepted=1,
    ),
    # while it is polled
    *(
        Case(
            name=f"polls that end in {mishap} {status}",
            fault=fault(Route.STATUS, mishap, status=status, times=2),
            status=Status.DELIVERED, card=DONE, events=PAID, accepted=1,
        )
        for mishap, status in [
            (Mishap.STATUS, 429), (Mishap.STATUS, 500), (Mishap.STATUS, 503), (Mishap.STATUS, 404),
            (Mishap.STATUS, 401), (Mishap.HTML, 502), (Mishap.DROP, 0), (Mishap.UNKNOWN_STATE, 200),
        ]
    ),
    Case(
        name="a result that cannot be had at first",
        fault=fault(Route.RESULT, Mishap.STATUS, status=503),
        status=Status.DELIVERED, card=DONE, events=PAID, accepted=1,
    ),
    Case(
        name="completed without a picture: paid all the same",
        fault=fault(Route.RESULT, Mishap.NO_URL),
        behaviour={"history": False},
        status=Status.FAILED,
        card="The service finished, but sent no usable picture. The service charged $0.035",
        events=PAID, accepted=1,
    ),
    Case(
        name="a picture at a foreign host is not fetched",
        fault=fault(Route.RESULT, Mishap.FOREIGN_URL),
        status=Status.FAILED,
        card="The service finished, but sent no usable picture. The service charged $0.035",
        events=PAID, accepted=1,
    ),
    Case(
        name="completed without a picture, but the history has it",
        fault=fault(Route.RESULT, Mishap.NO_URL),
        status=Status.DELIVERED,
        card=DONE,
        events=PAID,
        accepted=1,
    ),
    # while it is downloaded
    *(
        Case(
            name=f"a download that is {mishap}",
            fault=fault(Route.DOWNLOAD, mishap, status=503),
            status=Status.DELIVERED, card=DONE, events=PAID, accepted=1,
        )
        for mishap in (
            Mishap.STATUS, Mishap.DROP, Mishap.TRUNCATED, Mishap.CUT_SHORT, Mishap.SLOW_BODY,
            Mishap.WRONG_TYPE, Mishap.REDIRECT,
        )
    ),
    Case(
        name="a download that is no picture: paid all the same",
        fault=fault(Route.DOWNLOAD, Mishap.NOT_A_PICTURE),
        status=Status.FAILED,
        card="The service finished, but sent no usable picture. The service charged $0.035",
        events=PAID, accepted=1,
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_trouble_comes_to_what_it_should(server: Server, case: Case) -> None:
    behaviour = server.session.segmind.behaviour
    for name, value in case.behaviour.items():
        setattr(behaviour, name, value)
    behaviour.faults.append(case.fault)
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, case.status, case.card))
    rows = await ledger_rows(server.session.parts.database)
    assert [row.event for row in rows] == case.events
    assert len(server.session.segmind.accepted) == case.accepted
    await check_counters(server, held=case.status is Status.UNKNOWN)
    assert case.fault.times == 0


async def looked_up_once(server: Server) -> bool:
    (row,) = await job_rows(server.session.parts.database)
    return row.attempt > 1 and row.worker is None


async def says(server: Server, card: int, words: str) -> bool:
    return words in server.cards[card].content


async def became(server: Server, status: Status, card: str) -> bool:
    statuses = [job.status for job in await server.jobs()]
    return statuses == [status] and any(card in one.content for one in server.cards)


async def check_counters(server: Server, *, held: bool) -> None:
    """Hold lanes, gate and budgets to what the job came to."""
    database = server.session.parts.database
    assert [(row.queued, row.running) for row in await lane_rows(database)] == [(0, 0)]
    assert (await gate_row(database)).running == 0
    reserved = {row.reserved for row in await budget_rows(database)}
    assert reserved == ({35_000} if held else {0})


async def test_an_unknown_outcome_without_a_trace_is_given_up_and_may_be_sent_again_once(
    server: Server,
) -> None:
    server.session.segmind.behaviour.faults.append(fault(Route.SUBMIT, Mishap.DROP))
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, Status.UNKNOWN, UNSURE))
    await until(lambda: looked_up_once(server))
    server.session.parts.database.shift = 1000
    lost = "No trace of it was found. Sending it again could cost a second $0.035."
    await until(lambda: became(server, Status.FAILED, lost))
    await check_counters(server, held=False)
    answers = [await server.ana.click(server.cards[0], label="Send again") for _ in range(2)]
    jobs = await server.settled(2)
    assert [said(answer).startswith(f"Sent again as #{jobs[1].id}") for answer in answers] == [
        True,
        True,
    ]
    assert len(server.session.segmind.accepted) == 1


async def test_only_the_requester_may_send_again(server: Server) -> None:
    behaviour = server.session.segmind.behaviour
    behaviour.faults.append(fault(Route.SUBMIT, Mishap.STATUS, status=500, times=2))
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, Status.FAILED, SORRY))
    told = said(await server.bob.click(server.cards[0], label="Try again"))
    assert told.startswith("Only Ana can do that.")


async def test_three_content_refusals_are_an_hours_pause_for_that_member(server: Server) -> None:
    behaviour = server.session.segmind.behaviour
    behaviour.faults.append(
        fault(Route.RESULT, Mishap.FAIL_RUN, text="content_policy_violation", times=3)
    )
    for number in range(1, 4):
        await server.imagine(f"fox {number}", size="2K")
        await server.settled(number)
    await until(lambda: says(server, 0, "After 2 more refusals this hour"))
    await until(lambda: says(server, 2, "please wait an hour"))
    told = await server.imagine("a fourth", size="2K")
    assert told.startswith("The content rules refused 3 of your requests within an hour.")
    assert said(await server.bob.slash(server.art, "imagine", prompt="mine", size="2K")).startswith(
        "In line"
    )


async def test_fewer_pictures_than_asked_are_delivered_and_owned_up_to(server: Server) -> None:
    server.session.segmind.behaviour.multi_count = "fewer"
    await server.imagine("four foxes", max_images=4, size="2K")
    (job,) = await server.settled()
    assert "Model made 2 of 4; you pay for 2." in server.results[-1].content
    assert job.cost == 70_000
    assert {row.reserved for row in await budget_rows(server.session.parts.database)} == {0}


async def test_one_broken_picture_of_several_does_not_cost_the_others(server: Server) -> None:
    behaviour = server.session.segmind.behaviour
    behaviour.faults.append(fault(Route.DOWNLOAD, Mishap.NOT_A_PICTURE))
    await server.imagine("three foxes", max_images=3, size="2K")
    (job,) = await server.settled()
    assert len(job.results) == 2
    assert len(server.results[-1].attachments) == 2


async def test_a_cost_that_is_not_reported_is_booked_and_flagged(server: Server) -> None:
    server.session.segmind.behaviour.cost_mode = "absent"
    await server.imagine("a fox", size="2K")
    await server.settled()
    row = (await ledger_rows(server.session.parts.database))[-1]
    assert (row.event, row.amount, row.reported) == ("settle", 35_000, False)


@pytest.mark.parametrize("body", ["image", "json", "json_base64"])
async def test_where_v2_does_not_offer_the_model_v1_is_used_and_remembered(
    server: Server, body: Literal["image", "json", "json_base64"]
) -> None:
    behaviour = server.session.segmind.behaviour
    behaviour.offered_on_v2 = False
    behaviour.v1_body = body
    for number in range(1, 3):
        await server.imagine(f"fox {number}", size="2K")
        await server.settled(number)
    submits = [one for one in server.session.segmind.requests if one.route is Route.SUBMIT]
    assert [one.accepted for one in submits] == [False, True, True]
    assert len(server.results) == 2


class TestHalts:
    @pytest.fixture
    def changes(self) -> dict[str, Any]:
        return {"user_max_running": 1}

    @pytest.mark.parametrize(
        ("status", "text", "why", "alert", "over"),
        [
            (401, "Unauthorized", NOT_LET_IN, "Segmind refuses the key.", "accepts the key again"),
            (402, "empty", NO_CREDIT, "the credit is used up.", "There is credit again"),
            (406, "Insufficient credits", NO_CREDIT, "the credit is", "There is credit again"),
        ],
    )
    async def test_nothing_is_lost_while_the_owner_mends_it(
        self,
        server: Server,
        caplog: pytest.LogCaptureFixture,
        status: int,
        text: str,
        why: str,
        alert: str,
        over: str,
    ) -> None:
        behaviour = server.session.segmind.behaviour
        behaviour.faults.append(fault(Route.SUBMIT, Mishap.STATUS, status=status, text=text))
        await server.imagine("a fox", size="2K")
        await until(lambda: became(server, Status.QUEUED, f"Pictures are paused: {why}."))
        server.session.parts.database.shift = 61
        (job,) = await server.settled()
        assert job.status is Status.DELIVERED
        assert len(server.session.segmind.accepted) == 1
        told = [one.getMessage() for one in caplog.records if one.name == "bot.delivery.owner"]
        assert [line for line in told if alert in line] != []
        assert [line for line in told if over in line] != []


async def test_the_owner_is_told_in_the_alert_channel(server: Server) -> None:
    owner = DiscordOwner(client=server.session.bot, channel_id=server.board.id)
    await owner.tell(Alert(condition=Condition.LOW_CREDIT, balance=350_000, pictures=10))
    assert [one.content for one in server.board.history()] == [
        "Segmind credit is low: $0.35, about 10 pictures."
    ]


async def test_an_upload_that_fails_for_a_moment_is_repeated(server: Server) -> None:
    server.session.segmind.behaviour.faults.append(fault(Route.UPLOAD, Mishap.STATUS, status=503))
    await server.imagine("a fox", image1=("a.jpg", jpeg(300, 200)), size="2K")
    (job,) = await server.settled()
    assert job.status is Status.DELIVERED


async def test_a_rate_limit_closes_the_gate_until_the_time_it_names(server: Server) -> None:
    behaviour = server.session.segmind.behaviour
    behaviour.faults.append(
        fault(Route.SUBMIT, Mishap.STATUS, status=429, headers={"x-rate-limit-reset-at-utc": "100"})
    )
    await server.imagine("a fox", size="2K")
    await until(lambda: became(server, Status.QUEUED, "In line"))
    row = await gate_row(server.session.parts.database)
    assert row.reason == "outage"
    server.session.parts.database.shift = 101
    (job,) = await server.settled()
    assert job.status is Status.DELIVERED
    assert (await gate_row(server.session.parts.database)).reason is None


async def test_the_key_is_seen_only_where_it_belongs(server: Server) -> None:
    await server.imagine("a fox", size="2K")
    await server.settled()
    segmind = server.session.segmind
    for request in segmind.requests:
        has_key = "x-api-key" in request.headers
        assert has_key is (request.route is not Route.DOWNLOAD)

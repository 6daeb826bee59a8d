"""The sentences members read, word for word where the contract has them."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from bot.domain import refusals, server_refusals
from bot.domain.errors import Failure, UserError
from bot.domain.forecast import Forecast
from bot.domain.job import Delivery, Job, Place, PlaceKind, Requester, Stage, Status
from bot.domain.money import dollars, micros
from bot.domain.refusals import (
    BadPicture,
    BudgetScope,
    BudgetUsedUp,
    LimitReached,
    MissingPermissions,
    Period,
    PictureFault,
    TooManyPictures,
    WaitingFull,
    Window,
)
from bot.ui.texts import cards, results
from bot.ui.texts.refusals import refusal
from bot.ui.texts.server_reasons import reason
from bot.ui.texts.words import duration
from tests.makers import ANA, picture, place, request


def job(**changes: object) -> Job:
    values = {
        "id": "k7f3q",
        "number": 1,
        "requester": ANA,
        "place": place(),
        "request": request(),
        "status": Status.GENERATED,
        "parent_id": None,
        "weight": 1,
        "created_at": 1000.0,
        "started_at": 1000.0,
        "submitted_at": 1001.0,
        "ended_at": 1048.0,
        "provider_id": "p",
        "sent_urls": (),
        "price": 35_000,
        "reserved": 35_000,
        "cost": 35_000,
        "failure": None,
        "cancel_asked": False,
        "pictures_gone": False,
        "delivery": Delivery(channel_id=77),
        "results": (picture(),),
    }
    return Job(**values | changes)  # type: ignore[arg-type]  # any field may be changed


def forecast(**changes: float) -> Forecast:
    values: dict[str, float] = {"now": 2000, "before": 3, "starts_in": 120, "usual_seconds": 48}
    return Forecast(**values | changes)  # type: ignore[arg-type]  # any field may be changed


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            LimitReached(window=Window.HOUR, used=20, allowed=20, asked=4, one_at=99, asked_at=199),
            (
                "You have used 20 of 20 pictures for now. "
                "One more <t:100:R>; 4 at once <t:200:R>. Nothing was charged."
            ),
        ),
        (
            LimitReached(window=Window.DAY, used=40, allowed=40, asked=1, one_at=99, asked_at=99),
            "You have used 40 of 40 pictures for today. One more <t:100:R>. Nothing was charged.",
        ),
        (
            WaitingFull(waiting=10, allowed=10, next_at=99),
            (
                "You have 10 requests waiting, the most allowed. Cancel one in /queue, or "
                "try again <t:100:R>. "
                "Nothing was charged."
            ),
        ),
        (
            BudgetUsedUp(
                scope=BudgetScope.GUILD,
                period=Period.DAY,
                used=micros(5),
                allowed=micros(5),
                opens_at=99,
            ),
            (
                "This server has used today's picture budget ($5.00 of $5.00). "
                "It opens <t:100:R>. Nothing was charged."
            ),
        ),
        (
            BudgetUsedUp(scope=BudgetScope.ALL, period=Period.DAY, used=1, allowed=1, opens_at=99),
            "The bot's budget for today is used up. It opens <t:100:R>. Nothing was charged.",
        ),
        (
            TooManyPictures(inputs=10, outputs=8, together=15),
            (
                "10 pictures in and 8 out are more than the model takes (15 together). "
                "Ask for 5 or fewer, or send fewer pictures. Nothing was charged."
            ),
        ),
        (
            BadPicture(name="beach.heic", option="image2", fault=PictureFault.HEIC_UNSUPPORTED),
            (
                "`beach.heic` (image2) cannot be used: it is HEIC, which this bot cannot open; "
                "save it as JPEG. Nothing was charged."
            ),
        ),
        (
            BadPicture(
                name="x.png",
                option="image1",
                fault=PictureFault.TOO_MANY_PIXELS,
                width=50_000,
                height=50_000,
            ),
            "`x.png` (image1) cannot be used: 50,000 × 50,000 is too large. Nothing was charged.",
        ),
        (
            MissingPermissions(place="#art", names=("Attach Files",)),
            (
                "I cannot post in #art: **Attach Files** is missing. A moderator can allow it "
                "under Edit Channel → Permissions. Nothing was charged."
            ),
        ),
    ],
)
def test_a_refusal_reads_as_the_contract_says(error: UserError, words: str) -> None:
    assert refusal(error) == words


def test_a_refusal_gives_the_prompt_back() -> None:
    assert refusal(refusals.EmptyPrompt(), "a fox").endswith("Your prompt:\n```\na fox\n```")


def test_every_refusal_has_words() -> None:
    kinds = [
        kind
        for module in (refusals, server_refusals)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, UserError) and kind is not UserError
    ]
    assert len(kinds) > 10
    unworded = [kind for kind in kinds if reason.dispatch(kind) is reason.dispatch(UserError)]
    assert unworded == []


@pytest.mark.parametrize(
    "failure", sorted(set(Failure) - {Failure.CONTENT_REFUSED, Failure.NO_TRACE})
)
def test_every_failure_says_that_it_cost_nothing(failure: Failure) -> None:
    text = cards.failure(job(status=Status.FAILED, failure=failure, cost=None), 0)
    assert text.endswith("You were not charged and your allowance is back.")


@pytest.mark.parametrize(
    ("strikes", "words"),
    [
        (1, "After 2 more refusals this hour you would have to wait an hour."),
        (2, "After 1 more refusal this hour you would have to wait an hour."),
        (3, "That was one too many within an hour: please wait an hour before the next request."),
    ],
)
def test_a_content_refusal_says_what_more_of_them_lead_to(strikes: int, words: str) -> None:
    refused = job(status=Status.FAILED, failure=Failure.CONTENT_REFUSED, cost=None)
    assert cards.failure(refused, strikes) == (
        "This request was refused by the content rules. Change the words or the pictures. "
        f"{words} Nothing was charged."
    )


def test_the_card_goes_from_line_to_done() -> None:
    waiting = job(status=Status.QUEUED, started_at=None, results=())
    assert cards.card(waiting, forecast(), Stage.IN_LINE) == (
        "**Ana**: `a fox in the rain`\nIn line: starts <t:2121:R>, about 3 before you."
    )
    made = job(status=Status.SUBMITTED, started_at=1990.0)
    assert "Being made: ready <t:2039:R>." in cards.card(made, forecast(), Stage.BEING_MADE)
    assert "Longer than usual: 1 min 50 s so far, usually 48 s. Still running." in cards.card(
        job(status=Status.SUBMITTED, started_at=1890.0), forecast(), Stage.SLOW
    )
    done = job(status=Status.DELIVERED, delivery=Delivery(channel_id=77, card_id=77))
    assert cards.card(done, forecast(), Stage.DONE).endswith("Done in 48 s, 1 picture → <#77>")
    assert cards.card(job(), forecast(), Stage.DONE).endswith(
        "Done in 48 s, but I could not post it. Your pictures are safe in /results."
    )


def test_the_card_says_which_picture_is_which_for_the_model() -> None:
    two = job(request=request(images=(picture("beach"), picture("hat"))))
    assert "1 = `beach.jpg`, 2 = `hat.jpg`" in cards.card(two, forecast(), Stage.IN_LINE)


def test_a_result_mentions_the_requester_and_its_small_print_is_complete() -> None:
    made = job(request=request(images=(picture("a"), picture("b")), size="3K"))
    assert results.ready(made, None) == "<@100> your picture is ready."
    assert results.footer(made) == (
        "-# 16:9 · 3K · from 2 pictures · 48 s · $0.035 · #k7f3q · made with AI"
    )


def test_fewer_pictures_than_asked_are_owned_up_to() -> None:
    few = job(request=request(max_images=4))
    assert results.footer(few).endswith("Model made 1 of 4; you pay for 1.")


def test_what_is_paid_for_pictures_that_did_not_arrive_is_said_as_it_is() -> None:
    """Three were made and charged; one of them could not be used."""
    short = job(request=request(max_images=3), results=(picture("a"), picture("b")), cost=105_000)
    assert results.footer(short).endswith("2 of 3 pictures could be used; you pay $0.105.")


def test_a_reroll_names_what_was_rerolled() -> None:
    bobs = job(requester=Requester(id=200, name="Bob"))
    assert results.ready(bobs, job()) == ("<@200> your picture is ready. Reroll of Ana's #k7f3q.")


def test_alt_text_has_the_prompt_and_fits() -> None:
    assert results.alt(job(), 1) == "Picture 1 of 1: a fox in the rain"
    assert len(results.alt(job(request=request(prompt="x" * 4000)), 1)) == 1024


def test_a_thread_is_named_by_the_prompts_beginning_on_one_line() -> None:
    named = results.thread_name(job(request=request(prompt="a\nfox " * 50)))
    assert len(named) <= 60
    assert "\n" not in named


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(47.6, "48 s"), (60, "1 min"), (125, "2 min 5 s"), (725, "12 min")],
)
def test_spans_read_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [(35_000, "$0.035"), (5_000_000, "$5.00"), (105_000, "$0.105"), (0, "$0.00")],
)
def test_money_reads_as_people_write_it(amount: int, words: str) -> None:
    assert dollars(amount) == words


def test_a_private_request_is_answered_as_such() -> None:
    private: Place = place(private=True, kind=PlaceKind.CHANNEL)
    text = cards.accepted(job(place=private))
    assert "Only you will see it" in text
    assert re.match(r"In line as #k7f3q: 1 picture, up to \$0\.035\.", text)


def test_a_run_that_never_ended_is_not_said_to_be_untraced() -> None:
    late = job(status=Status.FAILED, failure=Failure.TOO_SLOW, cost=35_000)
    assert cards.failure(late, 0) == (
        "The picture could not be made in time. "
        "The service took the request, so $0.035 is booked for it."
    )


def test_an_unknown_outcome_is_owned_up_to_and_then_left_to_the_member() -> None:
    unknown = job(status=Status.UNKNOWN, submitted_at=1000.0, results=())
    assert cards.card(unknown, forecast(), Stage.UNKNOWN).endswith(
        "The service stopped answering after it took your request, so it may have been paid. "
        "I am checking and will not send it twice. You will hear by <t:1901:R>."
    )
    lost = job(status=Status.FAILED, failure=Failure.NO_TRACE, cost=None)
    assert cards.failure(lost, 0) == (
        "No trace of it was found. Sending it again could cost a second $0.035."
    )


def test_a_pause_says_why_and_that_the_place_is_kept() -> None:
    paused = Forecast(now=1, before=0, starts_in=0, usual_seconds=48, paused="credits")
    waiting = job(status=Status.QUEUED, started_at=None, results=())
    assert cards.card(waiting, paused, Stage.PAUSED).endswith(
        "Pictures are paused: the bot's account is out of credit. Your request keeps its place "
        "and is not charged; it goes on by itself."
    )


DOCUMENT = Path(__file__).parents[2] / "docs" / "segmind-errors.md"
CHARGED = {Failure.NO_RESULT, Failure.TOO_SLOW}
SENTENCES = [
    *(
        (
            failure.value,
            {"failure": failure, "cost": 35_000 if failure in CHARGED else None},
            Stage.FAILED,
            None,
        )
        for failure in Failure
        if failure is not Failure.INPUT_LOST
    ),
    ("unknown", {"status": Status.UNKNOWN}, Stage.UNKNOWN, None),
    *(
        (f"paused: {key}", {"status": Status.QUEUED}, Stage.PAUSED, reason)
        for key, reason in (("down", "outage"), ("key", "key"), ("credits", "credits"))
    ),
]


@pytest.mark.parametrize(("key", "changes", "stage", "paused"), SENTENCES)
def test_the_documentation_has_every_sentence_about_the_provider(
    key: str, changes: dict[str, Any], stage: Stage, paused: str | None
) -> None:
    told = Forecast(now=2000, before=0, starts_in=0, usual_seconds=48, strikes=1, paused=paused)
    sentence = cards.card(job(**changes), told, stage).partition("\n")[2]
    sentence = re.sub(r"<t:\d+:R>", "{when}", sentence)
    assert f"| {key} | {sentence} |\n" in DOCUMENT.read_text()

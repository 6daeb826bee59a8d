"""What members and moderators read of reports."""

import inspect

import pytest

from bot.domain import reports
from bot.domain.errors import UserError
from bot.domain.job import Deleter, Status
from bot.ui.buttons import report_buttons
from bot.ui.texts import report
from bot.ui.texts.server_reasons import reason
from tests.unit.test_texts import job


def test_every_reason_not_to_take_a_report_has_words() -> None:
    kinds = [
        kind
        for _, kind in inspect.getmembers(reports, inspect.isclass)
        if issubclass(kind, UserError) and kind is not UserError
    ]
    assert len(kinds) == 4
    unworded = [kind for kind in kinds if reason.dispatch(kind) is reason.dispatch(UserError)]
    assert unworded == []


def test_a_refused_report_gives_its_words_back_and_speaks_of_no_money() -> None:
    told = report.refused(reports.ReportedAlready(job_id="k7f3q"), "it ```breaks``` out")
    assert told == (
        "You have reported #k7f3q already; the moderators know.\n"
        "Your words:\n```\nit ˋˋˋbreaksˋˋˋ out\n```"
    )


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ({"status": Status.DELIVERED}, ["Delete", "Block for 24 hours"]),
        ({"status": Status.QUEUED}, ["Delete", "Block for 24 hours"]),
        ({"status": Status.FAILED}, ["Block for 24 hours"]),
        ({"deleted_by": Deleter.REQUESTER}, ["Block for 24 hours"]),
    ],
)
def test_delete_is_offered_where_something_is_or_may_come(
    changes: dict[str, object], labels: list[str]
) -> None:
    buttons = report_buttons(job(**changes)).children
    assert [getattr(one, "label", None) for one in buttons] == labels

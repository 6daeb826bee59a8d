"""Our commands against Discord's list of them, which has them in its own way."""

from typing import Any

import pytest

from bot.registered import differing

OURS: dict[str, Any] = {
    "name": "showcase",
    "type": 1,
    "description": "The board",
    "nsfw": False,
    "dm_permission": True,
    "default_member_permissions": 32,
    "contexts": [0],
    "integration_types": [0],
    "options": [
        {
            "type": 4,
            "name": "threshold",
            "description": "Stars",
            "required": False,
            "min_value": 1,
            "choices": [],
        }
    ],
}
THEIRS: dict[str, Any] = {
    "id": "7",
    "application_id": "9",
    "version": "11",
    "name": "showcase",
    "name_localizations": None,
    "type": 1,
    "description": "The board",
    "nsfw": False,
    "default_member_permissions": "32",
    "contexts": [0],
    "integration_types": [0],
    "options": [{"type": 4, "name": "threshold", "description": "Stars", "min_value": 1.0}],
}
OPTION = THEIRS["options"][0]


def test_defaults_left_out_and_figures_as_text_are_the_same() -> None:
    assert differing([OURS], [THEIRS]) == []


def test_a_list_of_numbers_has_no_order_and_what_was_not_chosen_is_discords() -> None:
    everywhere = OURS | {"contexts": [0, 1, 2], "integration_types": None}
    theirs = THEIRS | {"contexts": [2, 0, 1], "integration_types": [0, 1]}
    assert differing([everywhere], [theirs]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"description": "Another"},
        {"default_member_permissions": None},
        {"default_member_permissions": "0"},
        {"nsfw": True},
        {"contexts": [0, 1]},
        {"options": []},
        {"options": [OPTION | {"required": True}]},
        {"options": [OPTION | {"min_value": 2}]},
        {"options": [OPTION | {"choices": [{"name": "3", "value": 3}]}]},
        {"options": [OPTION | {"max_value": 9}]},
    ],
    ids=str,
)
def test_a_difference_that_counts_is_named(change: dict[str, Any]) -> None:
    assert differing([OURS], [THEIRS | change]) == ["showcase"]


def test_options_have_an_order() -> None:
    first, second = OPTION | {"name": "a"}, OPTION | {"name": "b"}
    ours, theirs = OURS | {"options": [first, second]}, THEIRS | {"options": [second, first]}
    assert differing([ours], [theirs]) == ["showcase"]


def test_what_either_side_lacks_is_named() -> None:
    menu = {"name": "Restyle", "type": 3}
    assert differing([OURS, menu], [THEIRS, THEIRS | {"name": "old"}]) == ["Restyle", "old"]

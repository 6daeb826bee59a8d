"""Which of our commands Discord has otherwise than we do."""

from collections.abc import Mapping, Sequence
from typing import Any

# what Discord adds by itself (ids, versions, permissions of old) is not among them
MEANT = (
    "name", "type", "description", "options", "choices", "value", "required", "autocomplete",
    "min_value", "max_value", "min_length", "max_length", "channel_types", "nsfw",
    "default_member_permissions", "contexts", "integration_types",
)  # fmt: skip
CHAT_INPUT = 1

Payload = Mapping[str, Any]


def differing(ours: Sequence[Payload], theirs: Sequence[Payload]) -> list[str]:
    """Name the commands that one side lacks, or has otherwise; none: they are in step.

    `ours` is what a sync would send, `theirs` what Discord lists: there defaults are left out
    and permissions are text.
    """
    mine, known = _by_name(ours), _by_name(theirs)
    return sorted(
        {name for name, _ in mine.keys() ^ known.keys()}
        | {key[0] for key in mine.keys() & known.keys() if not _same(mine[key], known[key])}
    )


def _by_name(commands: Sequence[Payload]) -> dict[tuple[str, int], Payload]:
    return {(one["name"], one.get("type", CHAT_INPUT)): one for one in commands}


def _same(ours: object, theirs: object) -> bool:
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return all(_agree(key, ours, theirs) for key in MEANT)
    if isinstance(ours, list) and isinstance(theirs, list):
        pairs = zip(_ordered(ours), _ordered(theirs), strict=False)
        return len(ours) == len(theirs) and all(_same(one, other) for one, other in pairs)
    return ours == theirs


def _agree(key: str, ours: Payload, theirs: Payload) -> bool:
    one, other = ours.get(key), theirs.get(key)
    if key in {"contexts", "integration_types"} and (one is None or other is None):
        return True  # not chosen: Discord fills in its own default
    if key == "default_member_permissions":
        return str(one) == str(other)  # 0 is a choice: nobody but administrators
    if key == "type":
        return str(one or CHAT_INPUT) == str(other or CHAT_INPUT)
    return (not one and not other) or _same(one, other)


def _ordered(values: list[Any]) -> list[Any]:
    """Sort plain numbers, which Discord may list in any order; options stay as they are."""
    return sorted(values) if all(isinstance(value, int) for value in values) else values
